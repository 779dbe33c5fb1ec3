"""What the acts of the story share: the site, the people and their tabs, and what was found out on the way."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import Any

from client_sim.api import Api, Body, Link
from client_sim.client import RoomClient
from client_sim.codec import JSON, Message
from client_sim.device import Device
from client_sim.history import History
from client_sim.nodes import Site
from client_sim.refused import Refused

OWNER_ID = "maya"
EMAIL_OF = {"iris": "iris@example.org", "vito": "vito@example.org"}
# What somebody in the lobby may be sent.
LOBBY_MESSAGES = frozenset({"challenge", "welcome", "lobby", "tick", "stale", "result", "refused", "bye"})


class Disproved(Exception):
    """A claim of the story that turned out to be false."""


def prove(is_so: bool, claim: str) -> None:
    """Go on only where the claim holds.

    Raises:
        Disproved: it does not.
    """
    if not is_so:
        raise Disproved(claim)


@dataclass
class Stage:
    """`tabs` are by name: a person's first tab has the person's name. `starts_at_ms` is the room's, once it is there."""

    site: Site
    room_id: str = ""
    starts_at_ms: int = 0
    tabs: dict[str, RoomClient] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    sessions: dict[str, Body] = field(default_factory=dict)
    histories: list[History] = field(default_factory=list)

    def api(self, node: int = 0) -> Api:
        return Api(self.site.url(node), self.site.api_key)

    def device(self, name: str) -> Device:
        """The device of that name; made when it is first asked for."""
        return self.devices.setdefault(name, Device())

    async def open_tab(
        self, name: str, token: str, *, node: int = 0, device: Device | None = None, encoding: str = JSON
    ) -> RoomClient:
        """Connect a tab and keep it under `name`."""
        history = History(name, keeps_messages=True)
        tab = RoomClient(self.site.url(node), token, device=device, encoding=encoding, history=history)
        self.histories.append(history)
        await tab.connect()
        self.tabs[name] = tab
        return tab

    async def open_member_tab(self, user_id: str, *, node: int = 0, encoding: str = JSON) -> RoomClient:
        """Enter with the site's sign-in."""
        session = await self.api(node).demo_sign_in(self.room_id, user_id, user_id.title())
        return await self.open_tab(user_id, session["session_token"], node=node, encoding=encoding)

    async def close_tab(self, name: str) -> None:
        await self.tabs.pop(name).close()

    async def close(self) -> None:
        """Close every tab, and take the room away."""
        await asyncio.gather(*(tab.close() for tab in self.tabs.values()), return_exceptions=True)
        if self.room_id:
            with contextlib.suppress(Refused, OSError, TimeoutError):
                await self.api().delete_room(self.room_id)


async def expect_refusal(code: str, attempt: Any, claim: str) -> Refused:
    """Await `attempt`, which must be refused with `code`.

    Raises:
        Disproved: it was not refused, or with another code.
    """
    try:
        await attempt
    except Refused as refused:
        prove(refused.code == code, f"{claim}: expected {code}, was refused with {refused.code}")
        return refused
    raise Disproved(f"{claim}: expected {code}, but it was accepted")


async def expect_end(tab: RoomClient, code: str) -> Refused:
    """Wait until the server ends this tab for good, which must be with `code`.

    Raises:
        Disproved: it ended otherwise.
    """
    ended = await tab.wait_until_ended()
    if not isinstance(ended, Refused) or ended.code != code:
        raise Disproved(f"{tab.history.who} is told {code}, not {ended}")
    return ended


def prove_nothing_learnt(received: list[Message], secret_words: list[str]) -> None:
    """Nothing that reached the lobby says anything about the people inside.

    Raises:
        Disproved: a message of a kind that does not belong there, or one with a word that it must not hold.
    """
    for message in received:
        kind = message["type"]
        prove(kind in LOBBY_MESSAGES, f"the lobby was sent a {kind} message")
        prove(message.get("snapshot") is None, f"the lobby was sent a snapshot in {kind}")
        prove(message.get("position") is None, f"the lobby was told the room's position in {kind}")
        text = json.dumps(message, ensure_ascii=False).lower()
        for word in secret_words:
            prove(word.lower() not in text, f"the lobby was told {word!r} in {kind}")
