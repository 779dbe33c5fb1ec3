"""How often a room is told the time, and that all nodes tell it together."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.background.ticker import HEARTBEAT_S, Ticker, tick_every_s
from server.domain.room import Phase, Room

START_MS = 10_000_000_000


def a_room(**fields: Any) -> Room:
    return Room(**{"room_id": "r1", "title": "T", "starts_at_ms": START_MS, **fields})


@pytest.mark.parametrize(
    ("to_start_s", "every_s"),
    [
        (86_400, 15), (3_601, 15), (3_600.001, 15), (3_600, 5), (1_800, 5), (121, 5), (120.001, 5), (120, 1), (60, 1), (0.001, 1),
        (0, 1), (-1, 1), (-3_600, 1),
    ],
)
def test_ticks_come_closer_as_the_start_does(to_start_s, every_s):
    assert tick_every_s(a_room(), START_MS - round(to_start_s * 1000)) == every_s


@pytest.mark.parametrize("phase", [Phase.OPENING, Phase.OPEN, Phase.ENDED, Phase.DELETED])
def test_after_the_start_a_tick_is_the_heartbeat_only(phase):
    assert tick_every_s(a_room(phase=phase), START_MS - 10_000) == HEARTBEAT_S


def test_without_a_start_a_tick_is_the_heartbeat_only():
    assert tick_every_s(a_room(starts_at_ms=None), START_MS) == HEARTBEAT_S


class HeardRoom:
    """A room that notes when it was told the time."""

    def __init__(self, room: Room) -> None:
        self.contents = type("Contents", (), {"room": room})
        self.told_ms: list[int] = []

    def tick(self, now_ms: int) -> None:
        self.told_ms.append(now_ms)


class Clockwork:
    """A hub whose clock a test moves; a whole second is always a millisecond away, so that no step waits for long."""

    def __init__(self, *rooms: HeardRoom) -> None:
        self.rooms = dict(enumerate(rooms))
        self.at_ms = 0

    def now_ms(self) -> int:
        return self.at_ms


async def ticks(room: Room, from_ms: int, seconds: int) -> list[int]:
    """When `room` is told the time, in seconds from the beginning, looked at each second."""
    heard = HeardRoom(room)
    hub: Any = Clockwork(heard)
    ticker = Ticker(hub)
    for second in range(seconds):
        hub.at_ms = from_ms + second * 1000 + 999
        await ticker.step()
    return [(told - from_ms) // 1000 for told in heard.told_ms]


async def test_near_the_start_every_second_is_told():
    assert await ticks(a_room(), START_MS - 60_000, 5) == [0, 1, 2, 3, 4]


async def test_within_the_hour_every_fifth_second_is_told():
    assert await ticks(a_room(), START_MS - 1_800_000, 12) == [0, 5, 10]


async def test_far_from_the_start_every_fifteenth_second_is_told():
    assert await ticks(a_room(), START_MS - 86_400_000, 32) == [0, 15, 30]


async def test_the_pace_changes_on_the_way():
    told = await ticks(a_room(), START_MS - 125_000, 10)
    assert told == [0, 5, 6, 7, 8, 9]


async def test_a_start_that_is_moved_nearer_changes_the_pace_at_once():
    room = a_room(starts_at_ms=START_MS + 86_400_000)
    heard = HeardRoom(room)
    hub: Any = Clockwork(heard)
    ticker = Ticker(hub)
    for second in range(8):
        hub.at_ms = START_MS + second * 1000 + 999
        if second == 4:
            room.starts_at_ms = START_MS + 60_000
        await ticker.step()
    assert [(told - START_MS) // 1000 for told in heard.told_ms] == [0, 4, 5, 6, 7]


async def test_one_room_that_breaks_off_meanwhile_does_not_keep_the_others_from_ticking():
    first, second = HeardRoom(a_room()), HeardRoom(a_room())
    hub: Any = Clockwork(first, second)
    hub.at_ms = START_MS - 1
    first.tick = lambda now_ms: hub.rooms.clear()  # type: ignore[method-assign]
    await Ticker(hub).step()
    assert second.told_ms == [START_MS - 1]


async def test_between_two_rooms_others_have_their_turn():
    first, second = HeardRoom(a_room()), HeardRoom(a_room())
    clock = Clockwork(first, second)
    clock.at_ms = START_MS
    stepping = asyncio.create_task(Ticker(clock).step())
    await asyncio.sleep(0)
    assert (first.told_ms, second.told_ms) == ([START_MS], [])
    await stepping
    assert second.told_ms == [START_MS]
