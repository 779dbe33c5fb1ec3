"""A tab that no longer reads is cut off; nobody waits for it, and it may come back."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.typing import Data

from server.hub.resuming import MAX_MISSED
from tests.faults.breaking import deaf_tab, read_frames, running
from tests.stories.hall import Hall, left, open_hall, told

pytestmark = pytest.mark.faults

MAX_QUEUE_BYTES = 65_536
LONG_TEXT = "\N{GRINNING FACE}" * 2_000  # 8,000 bytes
# What the kernel takes off the server's hands before anything queues up there comes on top.
MOST_EDITS = 1_500
# Far less than is let wait for a tab that reads; and read so slowly that it takes longer than a tab may stand still.
EDITS_THAT_WAIT = 40
SLOW_S = 0.2


async def test_it_is_cut_off_the_others_hear_everything_as_ever_and_it_may_come_back(redis_url):
    async with running(redis_url, nodes=1, MAX_QUEUE_BYTES=str(MAX_QUEUE_BYTES)) as (_, site), open_hall(site) as hall:
        maya, iris, session = await hall.owner(), await hall.member("iris"), await hall.sign_in("vito")
        vito = session["participant_id"]
        async with deaf_tab(site.url(0), session["session_token"]) as (_, welcome):
            assert welcome["you"]["participant_id"] == vito
            edits = await edit_until(hall, lambda: vito in left(maya))
        titles = [f"edit {number}" for number in range(edits)]
        for tab in (maya, iris):
            await tab.wait_until(lambda replica: replica.room["title"] == titles[-1], what="last edit")
            assert [event["room"]["title"] for event in told(tab, "room.changed")] == titles
            assert not told(tab, "resync")
        async with deaf_tab(site.url(0), session["session_token"], resume=welcome["position"]) as (socket, again):
            # How much it missed is the kernel's doing: what it missed, or the room whole, and never something in between.
            if again["resumed"]:
                missed = await read_frames(socket, again["position"]["seq"])
                assert [event["room"]["title"] for event in missed if event["type"] == "room.changed"] == titles
            else:
                assert again["position"]["seq"] - welcome["position"]["seq"] > MAX_MISSED
                assert again["snapshot"]["room"]["title"] == titles[-1]


async def test_it_is_cut_off_after_a_while_though_little_waits_for_it_and_one_that_reads_slowly_is_not(redis_url):
    async with running(redis_url, nodes=1) as (_, site), open_hall(site) as hall:
        maya, deaf, slow = await hall.owner(), await hall.sign_in("vito"), await hall.sign_in("iris")
        async with (
            deaf_tab(site.url(0), deaf["session_token"]),
            deaf_tab(site.url(0), slow["session_token"]) as (socket, welcome),
        ):
            for number in range(EDITS_THAT_WAIT):
                await hall.api().edit_room(hall.room_id, title=f"edit {number}", description=LONG_TEXT)
            reading = asyncio.create_task(read_slowly(socket, EDITS_THAT_WAIT))
            await maya.wait_until(lambda _: bool(left(maya)), 20, "departure")
            titles = await reading
            assert left(maya) == [deaf["participant_id"]]
        assert titles == [f"edit {number}" for number in range(EDITS_THAT_WAIT)]
        assert welcome["you"]["participant_id"] == slow["participant_id"]


async def test_one_that_reads_slowly_hears_to_the_end_why_it_has_to_go(redis_url):
    async with running(redis_url, nodes=1, STALL_MS="1000") as (_, site), open_hall(site) as hall:
        await hall.owner()
        slow = await hall.sign_in("iris")
        async with deaf_tab(site.url(0), slow["session_token"]) as (socket, _):
            for number in range(EDITS_THAT_WAIT):
                await hall.api().edit_room(hall.room_id, title=f"edit {number}", description=LONG_TEXT)
            await hall.api().delete_room(hall.room_id)
            heard = [json.loads(message) async for message in read_to_the_end(socket)]
        assert (heard[-1]["type"], heard[-1]["code"]) == ("bye", "room_deleted")
        assert socket.close_code == 4521


async def read_to_the_end(socket: ClientConnection) -> AsyncIterator[Data]:
    with contextlib.suppress(ConnectionClosed):
        while True:
            yield await socket.recv()
            await asyncio.sleep(SLOW_S)  # how slow the line is, and nothing that is waited for


async def read_slowly(socket: ClientConnection, edits: int) -> list[str]:
    """The titles that a tab hears of, on a line that takes a message now and then."""
    titles: list[str] = []
    while len(titles) < edits:
        message = json.loads(await socket.recv())
        titles += [event["room"]["title"] for event in message.get("events", ()) if event["type"] == "room.changed"]
        await asyncio.sleep(SLOW_S)  # how slow the line is, and nothing that is waited for
    return titles


async def edit_until(hall: Hall, is_over: Callable[[], bool]) -> int:
    """Change the room's title and long description again and again; answers how often."""
    for number in range(MOST_EDITS):
        if is_over():
            return number
        await hall.api().edit_room(hall.room_id, title=f"edit {number}", description=LONG_TEXT)
        await asyncio.sleep(0)
    raise AssertionError(f"It was not cut off within {MOST_EDITS} long messages.")
