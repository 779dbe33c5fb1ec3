"""Rooms and sessions in Redis."""

from __future__ import annotations

from typing import Any

from server.domain.application import Application
from server.domain.contents import RoomContents
from server.domain.events import Entry, RoomChanged, RoomCreated
from server.domain.invitation import Invitation
from server.domain.person import Person
from server.domain.refusals import RoomUnknown
from server.domain.room import Room, check_room_id
from server.store.connection import reaching_store
from server.store.records import decode_as, decode_entry, new_epoch, record_fields
from server.store.scripting import Scripts


class RoomStore:
    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    async def create(self, room: Room, *, request_id: str | None) -> dict[str, Any]:
        """Raises: RoomExists."""
        args = {"room": record_fields(room)}
        return await self._scripts.run("room_create", room.room_id, args, RoomCreated(), request_id=request_id)

    async def put(
        self, room: Room, *, what: str, by: str | None, seen: dict[str, Any], request_id: str | None
    ) -> dict[str, Any]:
        """Put `room` in the place of the record that it was made from. Raises: FactsMoved."""
        args = {"room": record_fields(room), "seen": seen}
        return await self._scripts.run("room_put", room.room_id, args, RoomChanged(what=what, by=by), request_id=request_id)

    async def open_session(
        self,
        room_id: str,
        *,
        by_time: bool,
        by: str | None = None,
        seen: dict[str, Any] | None = None,
        request_id: str | None = None,
    ) -> dict[str, Any]:
        """Raises: AlreadyLive, NotYet, FactsMoved, RoomUnknown."""
        return await self._scripts.run(
            "session_open", room_id, {"by_time": by_time, "seen": seen},
            RoomChanged(what="opening", by=by), RoomChanged(what="start_reached"), request_id=request_id,
        )

    async def load(self, room_id: str) -> RoomContents:
        """Raises: RoomUnknown, StoreUnavailable."""
        return (await self.load_in_epoch(room_id))[0]

    async def load_in_epoch(self, room_id: str) -> tuple[RoomContents, str]:
        """A room whole, and the epoch of its shard in which it was so. Raises: RoomUnknown, StoreUnavailable."""
        check_room_id(room_id)
        reply = await self._scripts.read("room_load", room_id, {"epoch_offer": new_epoch()})
        now_ms, seq, room, people, invitations, applications, epoch = reply
        if room is None:
            raise RoomUnknown
        contents = RoomContents(
            now_ms=int(now_ms),
            seq=int(seq),
            room=decode_as(Room, room),
            people={key: decode_as(Person, text) for key, text in _pairs(people)},
            invitations={key: decode_as(Invitation, text) for key, text in _pairs(invitations)},
            applications={key: decode_as(Application, text) for key, text in _pairs(applications)},
        )
        return contents, epoch.decode()

    async def read_log(self, room_id: str, epoch: str, after: int, upto: int) -> list[Entry] | None:
        """A room's entries with after < seq <= upto; None where its log no longer holds all of them, or is of another epoch.

        Raises:
            StoreUnavailable
        """
        args = {"after": after, "upto": upto, "epoch_offer": new_epoch()}
        now_epoch, found = await self._scripts.read("room_log", room_id, args)
        if now_epoch.decode() != epoch or len(found) != upto - after:
            return None
        return [_entry(room_id, entry_id, fields) for entry_id, fields in found]

    async def forget_due(self, room_id: str, member: str) -> None:
        """Take an instant out that names a room which no longer is."""
        with reaching_store():
            await self._scripts.redis.zrem(self._scripts.keyspace.shard(room_id).due, member)


def _entry(room_id: str, entry_id: bytes, fields: list[bytes]) -> Entry:
    named = dict(zip(fields[::2], fields[1::2], strict=True))
    return decode_entry(room_id, int(entry_id.split(b"-")[0]), named[b"event"], named[b"changes"])


def _pairs(flat: list[bytes]) -> list[tuple[str, bytes]]:
    return [(flat[i].decode(), flat[i + 1]) for i in range(0, len(flat), 2)]
