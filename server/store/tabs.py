"""Tabs in Redis: presence is a lease of their node, and a short grace of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from server.domain.admission import Door
from server.domain.events import CameAfterEnd, ParticipantsJoined, PeopleLeft, RoleApplied, TabReplaced, WaitersAdded
from server.store.scripting import Scripts


class TabStore:
    def __init__(
        self,
        scripts: Scripts,
        *,
        incarnation: str,
        tabs_per_person: int,
        max_waiters: int,
        participant_grace_ms: int,
        waiter_grace_ms: int,
    ) -> None:
        self._scripts = scripts
        self._incarnation = incarnation
        self._tabs_per_person = tabs_per_person
        self._max_waiters = max_waiters
        self._graces = {"participant_grace_ms": participant_grace_ms, "waiter_grace_ms": waiter_grace_ms}

    async def enter(
        self,
        room_id: str,
        participant_id: str,
        connection_id: str,
        *,
        door: Door,
        waits_for_host: bool = False,
        replaces: str | None,
        device_marks: Iterable[str] = (),
        seen: dict[str, Any],
    ) -> int:
        """Note a tab on this node and bring its person where the door says, into the line where there is no seat; returns the
        seq that its view must reach.

        Repeating it changes nothing.

        Raises:
            Banned: somebody was, on the device with these marks. FactsMoved, NodeFenced, TooManyTabs, LineFull
        """
        args = {
            "participant_id": participant_id, "connection_id": connection_id, "node_id": self._scripts.node_id,
            "incarnation": self._incarnation, "door": door, "waits_for_host": waits_for_host,
            "max_tabs": self._tabs_per_person, "max_waiters": self._max_waiters, "replaces": replaces,
            "device_marks": list(device_marks), "seen": seen,
        }
        answer = await self._scripts.run(
            "tab_enter", room_id, args,
            ParticipantsJoined(), ParticipantsJoined(admitted=True), WaitersAdded(),
            TabReplaced(by=participant_id, connection_id=replaces or ""),
            CameAfterEnd(by=participant_id), CameAfterEnd(by=participant_id, from_line=True),
        )
        return int(answer["seq"])

    async def leave(self, room_id: str, tabs: list[tuple[str, str]], *, at_once: bool = False) -> None:
        """Tabs of this node are gone: (participant_id, connection_id)."""
        await self._leave(room_id, tabs, at_once=at_once, swept=False, node_id=None)

    async def sweep(self, room_id: str, tabs: list[tuple[str, str]], *, dead_node_id: str) -> None:
        """Tabs of a dead node are gone. Raises: NodeAlive."""
        await self._leave(room_id, tabs, at_once=True, swept=True, node_id=dead_node_id)

    async def _leave(
        self, room_id: str, tabs: list[tuple[str, str]], *, at_once: bool, swept: bool, node_id: str | None
    ) -> None:
        args = {"tabs": tabs, "at_once": at_once, "swept": swept, **self._graces}
        await self._scripts.run("tabs_leave", room_id, args, PeopleLeft(), RoleApplied(), node_id=node_id)

    async def gone(self, room_id: str, participant_id: str) -> None:
        """The grace after somebody's last tab is over. Raises: NotYet."""
        await self._scripts.run("person_gone", room_id, {"participant_id": participant_id}, PeopleLeft())
