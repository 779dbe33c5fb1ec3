"""What tabs of this node did and the store has yet to hear: acknowledged roles, and tabs that went. Stored in batches, so
that a burst is one script a room; kept until it is stored."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass
class RoomOutgoing:
    """`acks`: (participant_id, connection_id) → role_rev. `departed`: (participant_id, connection_id) → at once."""

    acks: dict[tuple[str, str], int] = field(default_factory=dict)
    departed: dict[tuple[str, str], bool] = field(default_factory=dict)


class Outgoing:
    """Bounded by the tabs of this node: one item a tab and kind."""

    def __init__(self) -> None:
        self.waiting = asyncio.Event()
        self._rooms: dict[str, RoomOutgoing] = {}

    def acknowledge(self, room_id: str, participant_id: str, connection_id: str, role_rev: int) -> None:
        acks, tab = self._room(room_id).acks, (participant_id, connection_id)
        acks[tab] = max(role_rev, acks.get(tab, 0))

    def depart(self, room_id: str, participant_id: str, connection_id: str, at_once: bool) -> None:
        self._room(room_id).departed[participant_id, connection_id] = at_once

    def take(self) -> dict[str, RoomOutgoing]:
        rooms, self._rooms = self._rooms, {}
        self.waiting.clear()
        return rooms

    def put_back(self, room_id: str, items: RoomOutgoing) -> None:
        """The store did not hear it: keep it, behind what came since."""
        room = self._room(room_id)
        for tab, role_rev in items.acks.items():
            room.acks[tab] = max(role_rev, room.acks.get(tab, 0))
        room.departed = items.departed | room.departed

    def _room(self, room_id: str) -> RoomOutgoing:
        self.waiting.set()
        return self._rooms.setdefault(room_id, RoomOutgoing())
