"""Redis comes back with older data, as after a crash without fsync: everybody is told openly, and nobody resumes a past
that never was."""

from __future__ import annotations

import pytest

from tests.faults.breaking import deaf_tab, running
from tests.stories.hall import Hall, messages, open_hall, sees

pytestmark = pytest.mark.faults

BACK_WITHIN_S = 15
EDITS = 8


async def test_every_tab_shows_the_older_room_and_goes_on_from_there(redis_server):
    async with running(redis_server.url) as (_, site), open_hall(site, checks=False) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await sees(maya, iris)
        redis_server.command("SAVE")
        await edit(hall, "lost")
        for tab in (maya, iris):
            await tab.wait_until(lambda replica: replica.room["title"] == f"lost {EDITS - 1}", what="what will be lost")
        redis_server.kill()
        redis_server.restart()
        for tab in (maya, iris):
            await tab.wait_until(lambda replica: replica.room["title"] == "Chemistry", BACK_WITHIN_S, "the older room")
            assert messages(tab, "resync"), "openly"
        await maya.wait_until(lambda replica: not replica.stale, what="the end of the outage")
        await edit(hall, "new")
        for tab in (maya, iris):
            await tab.wait_until(lambda replica: replica.room["title"] == f"new {EDITS - 1}", what="what is new")
            compared = await tab.compare()
            assert not compared.different


async def test_a_position_of_the_lost_past_is_not_resumed_even_when_the_room_has_come_as_far_again(redis_server):
    async with running(redis_server.url) as (_, site), open_hall(site, checks=False) as hall:
        maya, session = await hall.owner(), await hall.sign_in("vito")
        redis_server.command("SAVE")
        await edit(hall, "lost")
        async with deaf_tab(site.url(1), session["session_token"]) as (_, welcome):
            position = welcome["position"]
        redis_server.kill()
        redis_server.restart()
        await maya.wait_until(lambda replica: replica.room["title"] == "Chemistry", BACK_WITHIN_S, "the older room")
        await maya.wait_until(lambda replica: not replica.stale, what="the end of the outage")
        await edit(hall, "new", 2 * EDITS)
        await maya.wait_until(lambda replica: replica.last > position["seq"] + 2, what="as far again")
        async with deaf_tab(site.url(1), session["session_token"], resume=position) as (_, again):
            assert not again["resumed"]
            assert again["snapshot"]["room"]["title"] == f"new {2 * EDITS - 1}"
            assert again["position"]["epoch"] != position["epoch"]


async def edit(hall: Hall, word: str, times: int = EDITS) -> None:
    for number in range(times):
        await hall.api(number).edit_room(hall.room_id, title=f"{word} {number}")
