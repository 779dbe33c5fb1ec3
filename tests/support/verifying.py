"""The equation that everything leans on: a snapshot and the events since are a fresh snapshot, for every audience."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from client_sim.codec import decode
from client_sim.reducer import apply
from client_sim.replica import Replica
from server.domain.contents import RoomContents
from server.domain.events import Entry, Event, SessionBegun
from server.wire.audiences import AUDIENCES, Audience
from server.wire.codec import Encoding, encode
from server.wire.messages import Events, Resync, ServerMessage
from server.wire.showing import UNPROVEN, show_snapshot
from server.wire.telling import tell
from server.wire.views import Position
from tests.support.rooms import ROOM, Site


@dataclass
class Caused:
    """What an action put on the log, once it is done."""

    entries: list[Entry] = field(default_factory=list)

    @property
    def events(self) -> list[Event]:
        return [entry.event for entry in self.entries]

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events]

    def told(self, audience: Audience) -> list[str]:
        """The types of what an audience hears of it."""
        return [str(type(event).__struct_config__.tag) for entry in self.entries for event in tell(entry, audience)]


@asynccontextmanager
async def verify_action(site: Site, room_id: str = ROOM) -> AsyncIterator[Caused]:
    """Check what happens inside: old contents and the entries caused are the new contents, and so it is in every tab."""
    before = await site.contents(room_id)
    caused = Caused()
    yield caused
    after = await site.contents(room_id)
    caused.entries += await site.entries(before.seq, room_id)
    check_equation(before, caused.entries, after)


def check_equation(before: RoomContents, entries: list[Entry], after: RoomContents) -> None:
    """`before` with `entries` is `after`: for a node's replica, and for a tab of every audience in both encodings."""
    for audience in AUDIENCES:
        for encoding in Encoding:
            _check_tab(before, entries, after, audience, encoding)
    grown = copy.deepcopy(before)
    for entry in entries:
        grown.apply(entry)
    assert _comparable(grown) == _comparable(after)


def replica_of(contents: RoomContents, audience: Audience, encoding: Encoding) -> Replica:
    """A tab that has just got the room whole."""
    position, snapshot = Position(epoch="e", seq=contents.seq), show_snapshot(contents, audience)
    return _take(Replica(), Resync(reason="sync", position=position, you=UNPROVEN, snapshot=snapshot), encoding)


def _check_tab(
    before: RoomContents, entries: list[Entry], after: RoomContents, audience: Audience, encoding: Encoding
) -> None:
    tab, room = replica_of(before, audience, encoding), copy.deepcopy(before)
    for entry in entries:
        room.apply(entry)
        if isinstance(entry.event, SessionBegun):
            tab = replica_of(room, audience, encoding)  # no tab outlives it: this is one of the session that begins
            continue
        tab = _take(tab, Events(after=entry.seq - 1, upto=entry.seq, events=tell(entry, audience)), encoding)
    assert tab.as_snapshot() == replica_of(after, audience, encoding).as_snapshot(), f"{audience}, {encoding}"


def _take(tab: Replica, message: ServerMessage, encoding: Encoding) -> Replica:
    payload = encode(message, encoding)
    return apply(tab, decode(payload.decode() if encoding.is_text else payload))


def _comparable(contents: RoomContents) -> dict[str, Any]:
    return {name: value for name, value in asdict(contents).items() if name != "now_ms"}
