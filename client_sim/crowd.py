"""One room full of simulated people: how they come, what they do, and how they go."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from client_sim.api import Api, Link
from client_sim.client import RoomClient
from client_sim.codec import JSON, MSGPACK
from client_sim.comparing import compare_at_rest
from client_sim.device import Device
from client_sim.history import History
from client_sim.nodes import Site
from client_sim.refused import Refused, Unanswered

ACTIONS_PER_S = 12.0
MANAGERS = 2
RUSH = 4
AT_ONCE = 8  # people who enter, or are compared, at the same time
BY_LINK = 0.3
MOST_AWAY_S = 1.0
SETTLE_S = 20.0


@dataclass(frozen=True)
class Person:
    """Somebody with one tab. `history` outlives the tab."""

    name: str
    tab: RoomClient

    @property
    def can_act(self) -> bool:
        return self.tab.is_connected and self.tab.replica.is_inside


class Crowd:
    """A room and its people. `done` counts actions by name, `refused` refusals by code, `failed` everything else."""

    def __init__(self, site: Site, number: int, seed: int) -> None:
        self.histories: list[History] = []
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self._site = site
        self._number = number
        self._rng = random.Random(f"{seed}/{number}")
        self._room_id = ""
        self._managers: list[Person] = []
        self._people: list[Person] = []
        self._opened: list[RoomClient] = []
        self._come = 0
        self._gate = asyncio.Semaphore(AT_ONCE)

    @property
    def events_seen(self) -> int:
        return sum(history.events_seen for history in self.histories)

    @property
    def size(self) -> int:
        return len(self._managers) + len(self._people)

    async def fill(self, people: int) -> None:
        """Make the room and let `people` in, two of them managers."""
        names = [f"m{number}" for number in range(MANAGERS)]
        standings = dict(zip(names, ("owner", "co_owner"), strict=True))
        made = await self._api().create_room(title=f"Hall {self._number}", standings=standings)
        self._room_id = made["room_id"]
        self._managers = [await self._open(name, await self._sign_in(name), None) for name in names]
        await asyncio.gather(*(self._attempt("arrive", self._arrive) for _ in range(people - MANAGERS)))

    async def act(self, seconds: float) -> None:
        """Let things happen at a steady rate for so long."""
        kinds, weights = zip(*self._repertoire(), strict=True)
        began_s = due_s = time.monotonic()
        while (now_s := time.monotonic()) < began_s + seconds:
            await asyncio.sleep(max(0.0, due_s - now_s))
            due_s = max(due_s + 1 / ACTIONS_PER_S, now_s - 1.0)
            kind: Callable[[], Awaitable[None]] = self._rng.choices(kinds, weights)[0]
            await self._attempt(kind.__name__.strip("_"), kind)

    async def settle(self) -> None:
        """Wait until everybody is back, and compare each replica with the room as it is now."""
        everybody = [person for person in self._managers + self._people if person.tab.ended is None]
        await asyncio.gather(*(self._attempt("settle", partial(self._compare, person)) for person in everybody))

    async def close(self) -> None:
        """Close every tab that was ever opened, whatever became of its person, and take the room away."""
        await asyncio.gather(*(tab.close() for tab in self._opened), return_exceptions=True)
        if self._room_id:
            await self._attempt("delete", lambda: self._api().delete_room(self._room_id))

    # ── What happens ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _repertoire(self) -> list[tuple[Callable[[], Awaitable[None]], int]]:
        return [
            (self._hand, 56), (self._role, 14), (self._drop, 10), (self._depart, 10), (self._arrive, 6), (self._rush, 1),
            (self._clear_hands, 3),
        ]  # fmt: skip

    async def _hand(self) -> None:
        person = self._anybody()
        own = person.tab.replica.own_row or {}
        await person.tab.command("hand.lower" if own.get("hand_raised_at_ms") else "hand.raise")

    async def _clear_hands(self) -> None:
        await self._host().tab.command("hands.clear")

    async def _role(self) -> None:
        target = self._anybody()
        role = self._rng.choice(["viewer", "viewer", "speaker", "speaker", "moderator"])
        await self._host().tab.command("role.change", participant_id=target.tab.participant_id, role=role)

    async def _drop(self) -> None:
        """A network that fails for a moment; they come back by themselves and go on where they were."""
        self._anybody().tab.abort(away_s=self._rng.uniform(0, MOST_AWAY_S))

    async def _depart(self) -> None:
        """Half say that they leave, half just go."""
        person = self._anybody()
        self._people.remove(person)
        try:
            if self._rng.random() < 0.5:
                await person.tab.command("leave")
        finally:
            person.tab.reconnects = False
            person.tab.abort()
            await person.tab.close()

    async def _arrive(self) -> None:
        async with self._gate:
            person = await self._enter()
        self._people.append(person)

    async def _rush(self) -> None:
        """The door is locked, people gather before it, one is declined and knocks again, then all are let in."""
        host = self._host().tab
        await host.command("room.lock")
        try:
            async with asyncio.timeout(SETTLE_S):
                waiters = await asyncio.gather(*(self._enter() for _ in range(RUSH)))
                self._people += waiters
                first = waiters[0].tab
                await host.command("lobby.decline", participant_id=first.participant_id, message="Not yet.")
                await first.wait_until(lambda replica: replica.lobby_state == "declined", what="declined")
                await first.command("lobby.knock")
                await host.command("lobby.admit_all")
                for person in waiters:
                    await person.tab.wait_until(lambda replica: replica.is_inside, what="entry")
        finally:
            await host.command("room.unlock")

    # ── People ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _enter(self) -> Person:
        """Somebody new: by the site's sign-in, or by a link that a manager makes for them."""
        self._come += 1
        name = f"p{self._number}-{self._come}"
        if self._rng.random() >= BY_LINK:
            return await self._open(name, await self._sign_in(name), None)
        device, email = Device(), f"{name}@example.org"
        role = self._rng.choice(["viewer", "speaker"])
        made = await self._host().tab.command(
            "invitation.create", email=email, first_name="Pat", last_name=name, role=role
        )
        session = await self._api().look_and_claim(Link(made["link"]), email, device)
        return await self._open(name, session["session_token"], device)

    async def _open(self, name: str, token: str, device: Device | None) -> Person:
        history = History(f"{self._room_id}/{name}")
        self.histories.append(history)
        tab = RoomClient(
            self._site.url(len(self.histories)), token, device=device, history=history,
            encoding=self._rng.choice([JSON, MSGPACK]),
        )  # fmt: skip
        self._opened.append(tab)
        await tab.connect()
        return Person(name, tab)

    async def _sign_in(self, name: str) -> str:
        session = await self._api().demo_sign_in(self._room_id, name, name)
        return str(session["session_token"])

    async def _compare(self, person: Person) -> None:
        async with self._gate:
            await person.tab.wait_until(lambda replica: replica.is_inside, SETTLE_S, "entry")
            await compare_at_rest(person.tab)

    def _anybody(self) -> Person:
        return self._rng.choice([person for person in self._people if person.can_act])

    def _host(self) -> Person:
        able = [person for person in self._managers if person.can_act]
        return self._rng.choice(able or self._managers)

    def _api(self) -> Api:
        return Api(self._site.url(self._rng.randrange(2)), self._site.api_key)

    async def _attempt(self, name: str, action: Callable[[], Awaitable[object]]) -> None:
        """Do one thing and count how it went: people who act at once are refused now and then, rightly."""
        try:
            await action()
            self.done[name] += 1
        except Refused as refused:
            self.refused[refused.code] += 1
        except (Unanswered, TimeoutError, OSError, IndexError) as error:
            self.failed[f"{name}: {type(error).__name__} {error}"[:120]] += 1
