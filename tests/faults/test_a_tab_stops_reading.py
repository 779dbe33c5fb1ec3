"""A tab that no longer reads is cut off; nobody waits for it, and it may come back."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.breaking import deaf_tab, read_frames, running
from tests.stories.hall import Hall, left, misses, open_hall, told

pytestmark = pytest.mark.faults

MAX_QUEUE_BYTES = 65_536
LONG_TEXT = "x" * 1_900
# What the kernel takes off the server's hands before anything queues up there is some hundred kilobytes on top.
MOST_EDITS = 3_000


async def test_it_is_cut_off_and_the_others_hear_everything_as_ever(redis_url):
    async with (
        running(redis_url, nodes=1, MAX_QUEUE_BYTES=str(MAX_QUEUE_BYTES)) as (_, site),
        open_hall(site) as hall,
    ):
        maya, iris = await hall.owner(), await hall.member("iris")
        session = await hall.sign_in("vito")
        async with deaf_tab(site.url(0), session["session_token"]) as (_, welcome):
            assert welcome["you"]["participant_id"] == session["participant_id"]
            edits = await edit_until(hall, lambda: session["participant_id"] in left(maya))
        await misses(iris, session["participant_id"])
        for tab in (maya, iris):
            await tab.wait_until(lambda replica: replica.room["title"] == f"edit {edits}", what="last edit")
            assert [event["room"]["title"] for event in told(tab, "room.changed")] == [f"edit {n + 1}" for n in range(edits)]


async def test_it_may_come_back_and_is_told_what_it_had_not_read(redis_url):
    async with (
        running(redis_url, nodes=1, MAX_QUEUE_BYTES=str(MAX_QUEUE_BYTES)) as (_, site),
        open_hall(site) as hall,
    ):
        maya, session = await hall.owner(), await hall.sign_in("vito")
        async with deaf_tab(site.url(0), session["session_token"]) as (_, welcome):
            edits = await edit_until(hall, lambda: session["participant_id"] in left(maya))
        position = welcome["position"]
        async with deaf_tab(site.url(0), session["session_token"], resume=position) as (socket, again):
            if again["resumed"]:
                events = await read_frames(socket, again["position"]["seq"])
                titles = [event["room"]["title"] for event in events if event["type"] == "room.changed"]
                assert titles == [f"edit {number + 1}" for number in range(edits)]
            else:  # more was missed than the room's log holds
                assert again["snapshot"]["room"]["title"] == f"edit {edits}"


async def edit_until(hall: Hall, is_over) -> int:
    """Change the room's title and long description again and again; answers how often."""
    for number in range(1, MOST_EDITS):
        await hall.api().edit_room(hall.room_id, title=f"edit {number}", description=LONG_TEXT)
        await asyncio.sleep(0)
        if is_over():
            return number
    raise AssertionError(f"It was not cut off within {MOST_EDITS * len(LONG_TEXT)} bytes.")
