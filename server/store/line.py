"""The line in front of a room, in Redis."""

from __future__ import annotations

from typing import Any

from server.domain.events import ParticipantsJoined, PeopleLeft, RoomChanged, WaiterDeclined, WaitersAdded
from server.domain.person import Hold
from server.store.scripting import Scripts


class LineStore:
    def __init__(self, scripts: Scripts, *, max_waiters: int, batch_size: int) -> None:
        self._scripts = scripts
        self._max_waiters = max_waiters
        self._batch_size = batch_size

    async def admit(
        self, room_id: str, participant_ids: list[str], *, by: str | None, seen: dict[str, Any], request_id: str | None
    ) -> dict[str, Any]:
        """Raises: AlreadyDecided, RoomFull, FactsMoved."""
        args = {"participant_ids": participant_ids, "seen": seen}
        joined = ParticipantsJoined(admitted=True, by=by)
        return await self._scripts.run("line_admit", room_id, args, joined, request_id=request_id)

    async def let_in(
        self,
        room_id: str,
        *,
        upto: int | None = None,
        by: str | None = None,
        seen: dict[str, Any] | None = None,
        request_id: str | None = None,
    ) -> dict[str, Any]:
        """One batch of those who may walk in by now or, with `upto`, of everybody up to that place (0: the last of now)."""
        args = {"batch_size": self._batch_size, "upto": upto, "seen": seen}
        joined, opened = ParticipantsJoined(admitted=True, by=by), RoomChanged(what="opened")
        return await self._scripts.run("line_let_in", room_id, args, joined, opened, request_id=request_id)

    async def decline(
        self,
        room_id: str,
        participant_id: str,
        message: str | None,
        *,
        by: str | None,
        seen: dict[str, Any],
        request_id: str | None,
    ) -> dict[str, Any]:
        """Raises: AlreadyDecided, FactsMoved."""
        args = {"participant_id": participant_id, "message": message, "seen": seen}
        return await self._scripts.run("line_decline", room_id, args, WaiterDeclined(by=by), request_id=request_id)

    async def knock(
        self,
        room_id: str,
        participant_id: str,
        hold: Hold | None,
        *,
        waits_for_host: bool,
        seen: dict[str, Any],
        request_id: str | None,
    ) -> dict[str, Any]:
        """Raises: LineFull, FactsMoved."""
        args = {
            "participant_id": participant_id, "hold": hold, "waits_for_host": waits_for_host,
            "max_waiters": self._max_waiters, "seen": seen,
        }
        return await self._scripts.run("line_knock", room_id, args, WaitersAdded(), request_id=request_id)

    async def withdraw(
        self, room_id: str, participant_id: str, *, seen: dict[str, Any], request_id: str | None
    ) -> dict[str, Any]:
        """Raises: NotWaiting, FactsMoved."""
        args = {"participant_id": participant_id, "seen": seen}
        left = PeopleLeft(reason="left", by=participant_id)
        return await self._scripts.run("line_withdraw", room_id, args, left, request_id=request_id)
