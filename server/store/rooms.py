"""Rooms and sessions in Redis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from server.domain.application import Application
from server.domain.contents import RoomContents
from server.domain.crowd import Crowd
from server.domain.events import Entry, HostsWanted, ParticipantsJoined, RoomChanged, RoomCreated, SessionBegun
from server.domain.guests import GuestLink
from server.domain.invitation import Invitation
from server.domain.mail import MailKind
from server.domain.person import Person
from server.domain.refusals import RoomUnknown
from server.domain.roles import Role
from server.domain.room import Room, check_room_id
from server.store.connection import reaching_store
from server.store.mail import new_mail_id
from server.store.people import standing_events
from server.store.records import decode_as, decode_entry, new_epoch, record_fields
from server.store.scripting import Scripts


class RoomStore:
    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    async def create(self, room: Room, *, request_id: str | None) -> dict[str, Any]:
        """Answers `room` as it was made, `seq` and `now_ms`. Raises: RoomExists."""
        args = {"room": record_fields(room)}
        made = await self._scripts.run("room_create", room.room_id, args, RoomCreated(), request_id=request_id)
        return {**made, "room": decode_as(Room, made["room"])}

    async def put(
        self,
        room: Room,
        *,
        what: str,
        by: str | None,
        seen: dict[str, Any],
        request_id: str | None,
        moved_users: Sequence[str] = (),
        widened: Sequence[Role] = (),
    ) -> dict[str, Any]:
        """Put `room` in the place of the record that it was made from. With it go the roles of `moved_users`, whose standing is
        another one, and the refresh of those whose roles, `widened`, may do more or less now.

        Raises:
            FactsMoved
        """
        args = {
            "room": record_fields(room), "seen": seen, "by": by, "moved_users": list(moved_users), "widened": list(widened),
        }
        return await self._scripts.run(
            "room_put", room.room_id, args, RoomChanged(what=what, by=by), *standing_events(by), request_id=request_id
        )

    async def reopen(self, room_id: str, *, by: str | None, seen: dict[str, Any], request_id: str | None) -> dict[str, Any]:
        """Raises: AlreadyLive, SessionEnded, FactsMoved."""
        return await self._scripts.run(
            "session_reopen", room_id, {"seen": seen}, RoomChanged(what="reopened", by=by), ParticipantsJoined(),
            request_id=request_id,
        )

    async def begin_next(
        self, room: Room, *, by: str | None, seen: dict[str, Any], max_past_links: int, request_id: str | None
    ) -> dict[str, Any]:
        """Begin the session that `room` says, and forget the one before. Raises: FactsMoved."""
        args = {"room": record_fields(room), "max_past_links": max_past_links, "seen": seen}
        return await self._scripts.run("session_next", room.room_id, args, SessionBegun(by=by), request_id=request_id)

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

    async def end_by_absence(self, room_id: str) -> None:
        """The hosts have been gone for as long as they may. Raises: NotYet, RoomUnknown."""
        await self._scripts.run("session_absent", room_id, {}, RoomChanged(what="ended"))

    async def ping_hosts(self, room_id: str, mail_to: list[str], *, waiting: int, looked_at_ms: int) -> bool:
        """Call the absent hosts because so many wait for them, or note that nobody does: that was so at `looked_at_ms`.
        `mail_to`: the participants to be written to. Returns whether they were called.

        Raises:
            FactsMoved, NotYet, RoomUnknown
        """
        mails = [
            {"mail_id": new_mail_id(), "kind": MailKind.HOSTS_WANTED, "participant_id": who, "counter": waiting}
            for who in mail_to
        ]
        args = {"wanted": waiting > 0, "looked_at_ms": looked_at_ms, "mails": mails}
        return "seq" in await self._scripts.run("hosts_ping", room_id, args, HostsWanted())

    async def load(self, room_id: str) -> RoomContents:
        """Raises: RoomUnknown, StoreUnavailable."""
        return (await self.load_in_epoch(room_id))[0]

    async def load_in_epoch(self, room_id: str) -> tuple[RoomContents, str]:
        """A room whole, and the epoch of its shard in which it was so. Raises: RoomUnknown, StoreUnavailable."""
        check_room_id(room_id)
        reply = await self._scripts.read("room_load", room_id, {"epoch_offer": new_epoch()})
        now_ms, seq, room, people, invitations, applications, epoch, crowd, resized_seq, guest_links = reply
        if room is None:
            raise RoomUnknown
        contents = RoomContents(
            now_ms=int(now_ms),
            seq=int(seq),
            room=decode_as(Room, room),
            people={key: decode_as(Person, text) for key, text in _pairs(people)},
            invitations={key: decode_as(Invitation, text) for key, text in _pairs(invitations)},
            applications={key: decode_as(Application, text) for key, text in _pairs(applications)},
            guest_links={key: decode_as(GuestLink, text) for key, text in _pairs(guest_links)},
            crowd=Crowd.of((crowd or b"").decode()),
            resized_seq=int(resized_seq or 0),
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
    seq = int(entry_id.split(b"-")[0])
    return decode_entry(room_id, seq, named[b"event"], named[b"changes"], named.get(b"crowd", b""))


def _pairs(flat: list[bytes]) -> list[tuple[str, bytes]]:
    return [(flat[i].decode(), flat[i + 1]) for i in range(0, len(flat), 2)]
