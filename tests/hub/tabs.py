"""A room's log made by hand, and tabs that keep what they are sent, with a replica as a client would keep it."""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from client_sim.codec import Message, decode
from client_sim.reducer import apply
from client_sim.replica import Replica
from server.domain.application import Application
from server.domain.contents import RoomContents
from server.domain.crowd import FEW, Crowd
from server.domain.events import Entry, Event, Record, RoleChanged
from server.domain.person import Person, PersonState
from server.domain.roles import Role
from server.domain.room import Room
from server.hub.connection import Connection, Identity
from server.hub.hub import Hub
from server.hub.room import HubRoom
from server.hub.welcome import Greeting
from server.wire.audiences import audience_of
from server.wire.codec import Encoding
from server.wire.messages import ResumeAt
from server.wire.views import Limits
from tests.support.verifying import replica_of
from tests.support.waiting import wait_until
from tests.wire.people import a_person, a_room, an_entry

GREETING = Greeting(
    heartbeat_ms=30_000, limits=Limits(max_frame_bytes=1, commands_per_s=1, commands_burst=1, tabs_per_person=1)
)
ROOM = "room-1"


class KeptOutbox:
    """Keeps what it is offered; `on_offer` lets a test look at the way out."""

    def __init__(self) -> None:
        self.payloads: list[bytes] = []
        self.frames: list[bytes] = []
        self.aborted = False
        self.is_gone = False

    def offer(self, payload: bytes, frame: bytes) -> bool:
        self.payloads.append(payload)
        self.frames.append(frame)
        return True

    def abort(self) -> None:
        self.aborted = True

    async def drain(self) -> None:
        pass


class Tab:
    """One tab of a person (or of a link's page) and all that it was sent."""

    def __init__(self, name: str | None, number: int, encoding: Encoding = Encoding.JSON, **identity: str) -> None:
        self.outbox = KeptOutbox()
        who = Identity(room_id=ROOM, participant_id=f"p-{name}" if name else None, **identity)
        self.connection = Connection(f"c-{name}-{number}", who, encoding, self.outbox, lambda: ("token", 1))
        self._encoding = encoding

    @property
    def messages(self) -> list[Message]:
        return [decode(p.decode() if self._encoding.is_text else p) for p in self.outbox.payloads]

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.messages]

    @property
    def last(self) -> Message:
        return self.messages[-1]

    @property
    def replica(self) -> Replica:
        """As a client keeps it; it fails on a hole."""
        held = Replica()
        for message in self.messages:
            held = apply(held, message)
        return held

    def frames(self) -> list[Message]:
        return [message for message in self.messages if message["type"] == "events"]

    def heard(self) -> list[str]:
        """The types of all events that came."""
        return [event["type"] for frame in self.frames() for event in frame["events"]]


@dataclass
class Item:
    """An entry as the log's reader hands it on."""

    entry: Entry

    @property
    def room_id(self) -> str:
        return self.entry.room_id

    @property
    def seq(self) -> int:
        return self.entry.seq

    def decode(self) -> Entry:
        return self.entry


class World:
    """The truth of one room and its log; the hub under test gets copies. `crowd`: as the script finds it from now on."""

    def __init__(self, *people: Person, room: Room | None = None, crowd: Crowd = FEW) -> None:
        self.truth = RoomContents(now_ms=0, seq=10, room=room or a_room(), people={p.participant_id: p for p in people})
        self.crowd = self.truth.crowd = crowd
        self.log: list[Entry] = []
        self.epoch = "e1"
        self.loading: Callable[[], Awaitable[None]] | None = None
        self.hub = Hub(
            load_room=self._load, read_log=self._read, now_ms=lambda: 0, greeting=GREETING
        )
        self._numbers = itertools.count(1)

    async def _load(self, room_id: str) -> tuple[RoomContents, str]:
        if self.loading is not None:
            await self.loading()
        return copy.deepcopy(self.truth), self.epoch

    async def _read(self, room_id: str, epoch: str, after: int, upto: int) -> list[Entry] | None:
        if epoch != self.epoch:
            return None
        found = [entry for entry in self.log if after < entry.seq <= upto]
        return found if len(found) == upto - after else None

    @property
    def room(self) -> HubRoom:
        return self.hub.rooms[ROOM]

    async def tab(
        self, name: str | None, *, resume: ResumeAt | None = None, encoding: Encoding = Encoding.JSON, **identity: str
    ) -> Tab:
        """A tab connects and is welcomed."""
        tab = Tab(name, next(self._numbers), encoding, **identity)
        await self.hub.attach(tab.connection, seq=0, resume=resume)
        return tab

    async def reload(self, reason: str) -> None:
        """The hub loads the room anew."""
        self.hub.reload(ROOM, reason)
        await wait_until(lambda: ROOM not in self.hub._loading, what="the end of the loading")

    # ── What happens ─────────────────────────────────────────────────────────────────────────────────────────────

    def write(self, event: Event, *records: Record) -> Entry:
        """Log what happens, not delivered yet."""
        entry = an_entry(event, *records, seq=self.truth.seq + 1, crowd=self.crowd)
        self.truth.apply(copy.deepcopy(entry))
        self.log.append(entry)
        return entry

    def happen(self, event: Event, *records: Record, flush: bool = True) -> Entry:
        """Log what happens and hand it to the hub."""
        entry = self.write(event, *records)
        self.hub.deliver(Item(copy.deepcopy(entry)))
        if flush and ROOM in self.hub.rooms:
            self.room.flush()
        return entry

    def give_role(self, name: str, role: Role, *, by: str | None = None, flush: bool = True, tabs: tuple[str, ...] = ()) -> Entry:
        before = self.truth.people[f"p-{name}"]
        after = replace(before, role=role, role_rev=before.role_rev + 1, rev=before.rev + 1)
        waited_for = dict.fromkeys(tabs, False)
        application = Application(
            participant_id=after.participant_id, role_rev=after.role_rev, by=by, tabs=waited_for, rev=after.role_rev
        )
        return self.happen(RoleChanged(old=before.role, new=role, by=by), after, application, flush=flush)

    def change(self, name: str, **fields: Any) -> Person:
        """The person's record with other fields."""
        before = self.truth.people[f"p-{name}"]
        return replace(before, rev=before.rev + 1, **fields)

    # ── What is so ───────────────────────────────────────────────────────────────────────────────────────────────

    def check(self, *tabs: Tab) -> None:
        """Each tab holds what a fresh snapshot would show it."""
        for tab in tabs:
            person = self.truth.people[tab.connection.participant_id or ""]
            audience = audience_of(person)
            assert audience is not None
            fresh, held = replica_of(self.truth, audience, Encoding.JSON).as_snapshot(), tab.replica.as_snapshot()
            assert {**held, "seq": None} == {**fresh, "seq": None}

    async def close(self) -> None:
        await self.hub.close()
        await asyncio.sleep(0)


def inside(name: str, role: Role = Role.VIEWER, **fields: Any) -> Person:
    return a_person(name, PersonState.INSIDE, role, **fields)


def waiting(name: str, **fields: Any) -> Person:
    return a_person(name, PersonState.WAITING, **fields)
