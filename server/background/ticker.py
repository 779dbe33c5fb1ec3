"""The countdown's ticks: from the node's own reading of the store's clock, without asking the store."""

from __future__ import annotations

import asyncio
import weakref

from server.domain.reopening import reopenable_until_ms
from server.domain.room import Phase, Room
from server.hub.hub import Hub
from server.hub.room import HubRoom

HEARTBEAT_S = 15
# (to go at most, a tick every), seconds.
_CADENCE = ((120, 1), (3_600, 5))


def tick_every_s(room: Room, now_ms: int) -> int:
    """How often a room is told the time: every second near the start, and near the moment from which an ended session is over
    for good; sparser far from them, else as a heartbeat."""
    awaited_at_ms = room.starts_at_ms if room.phase is Phase.SCHEDULED else reopenable_until_ms(room)
    if awaited_at_ms is None:
        return HEARTBEAT_S
    to_go_s = (awaited_at_ms - now_ms) / 1000
    return next((every for most, every in _CADENCE if to_go_s <= most), HEARTBEAT_S)


class Ticker:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._ticked_at_ms: weakref.WeakKeyDictionary[HubRoom, int] = weakref.WeakKeyDictionary()

    async def step(self) -> None:
        for room in list(self._hub.rooms.values()):
            now_ms = self._hub.now_ms()
            every_ms = tick_every_s(room.contents.room, now_ms) * 1000
            # Ticks are told on the whole second, so that all nodes tell them together.
            if now_ms // 1000 * 1000 - self._ticked_at_ms.get(room, 0) >= every_ms:
                self._ticked_at_ms[room] = now_ms // 1000 * 1000
                room.tick(now_ms)
                # One room's tabs are told in some milliseconds; those of all rooms would keep everybody else waiting.
                await asyncio.sleep(0)
        await asyncio.sleep(1 - self._hub.now_ms() % 1000 / 1000 + 0.001)
