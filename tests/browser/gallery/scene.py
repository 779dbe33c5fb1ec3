"""What a state is made of: rooms, links, and tabs at them, each in a profile of its own."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from client_sim.api import Api, Link
from client_sim.client import RoomClient
from client_sim.device import Device
from tests.browser.people import House, Person, expect

EMAIL = "grace@example.org"
FAR_MS = (int(time.time() / 60) + 74 * 60) * 60_000  # days ahead, so that every part of a countdown is there

# So that a test can break a tab's connection under it.
KEEP_SOCKETS = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(...how) { super(...how); window.sockets.push(this); }
};
"""

# No way back either: what a tab opens from now on ends at once.
LOSE_CONNECTION = """() => {
  window.WebSocket = class {
    constructor() { setTimeout(() => this.onclose?.({ code: 1006 })); }
    send() {}
    close() {}
  };
  for (const socket of window.sockets) socket.close();
}"""

Reach = Callable[["Scene"], Awaitable[Person]]


class Scene:
    """Makes rooms by the API and opens tabs; `language` is what the tabs' browsers wish for."""

    def __init__(self, house: House, language: str = "en") -> None:
        self.house = house
        self.language = language
        self._people: list[Person] = []
        self._programs: list[RoomClient] = []

    @property
    def api(self) -> Api:
        return self.house.api

    async def room(self, **fields: Any) -> str:
        """A room of Maya's; answers its id."""
        made = await self.api.create_room(**{"title": "Chemistry for beginners", "standings": {"maya": "owner"}, **fields})
        return str(made["room_id"])

    async def invite(
        self, room_id: str, *, email: str = EMAIL, role: str = "viewer", first_name: str = "Grace"
    ) -> dict[str, Any]:
        return await self.api.invite(room_id, email=email, first_name=first_name, last_name="Hopper", role=role)

    async def claim_elsewhere(self, link: str, email: str = EMAIL) -> dict[str, Any]:
        """Somebody uses the link on a device that is not in this browser."""
        return await self.api.look_and_claim(Link(link), email, Device())

    async def person(self) -> Person:
        context = await self.house.browser.new_context(locale=self.language, viewport={"width": 1280, "height": 800})
        await context.add_init_script(KEEP_SOCKETS)
        person = await self.house.person(node=0, context=context)
        self._people.append(person)
        return person

    async def close(self) -> None:
        """End the tabs that were opened here, after a look at whether their scripts broke."""
        for person in self._people:
            assert person.errors == []
            await person.context.close()
        self._people.clear()
        for program in self._programs:
            await program.close()
        self._programs.clear()

    async def opens(self, address: str, *states: str) -> Person:
        """Somebody new opens `address`, and comes by these states."""
        person = await self.person()
        await person.goes_to(address)
        for state in states:
            await person.is_shown(state)
        return person

    async def proves(self, link: str, *states: str, email: str = EMAIL) -> Person:
        """Somebody opens the link and gives the address, and comes by these states after it."""
        person = await self.opens(link)
        await expect(person.page.locator("#email")).to_be_visible()
        await person.gives(email)
        for state in states:
            await person.is_shown(state)
        return person

    async def enters(self, room_id: str, user_id: str, *states: str) -> Person:
        """One of the demo's people goes to the room."""
        return await self.opens(f"/room/{room_id}#as={user_id}", *states)

    async def joins(self, room_id: str, user_id: str, name: str = "") -> None:
        """Somebody at whose own screen nobody looks: a program in place of a browser, at a fraction of its price."""
        session = await self.api.demo_sign_in(room_id, user_id, name or user_id.title())
        program = RoomClient(self.house.origin(0), session["session_token"])
        self._programs.append(program)
        await program.connect()

    async def waiter_in(self, room_id: str) -> str:
        """The first in the line."""
        return str((await self.api.line(room_id))["waiters"][0]["participant_id"])


async def lose_connection(person: Person) -> None:
    await person.context.set_offline(True)
    await person.page.evaluate(LOSE_CONNECTION)
