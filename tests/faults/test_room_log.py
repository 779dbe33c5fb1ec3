"""The truth that a test reads beside the nodes: it holds for what they told, through other lives of the store too, and a lie
stands out against it."""

from __future__ import annotations

import pytest

from client_sim.checker import judge
from client_sim.history import Frame, History
from client_sim.verdict import FAILURES
from tests.faults.breaking import running
from tests.faults.room_log import open_room_log
from tests.stories.hall import Hall, open_hall, sees

BACK_WITHIN_S = 15
EDITS = 5


async def test_what_the_tabs_of_a_room_were_told_is_what_its_log_says(redis_url):
    async with running(redis_url) as (_, site), open_hall(site) as hall, open_room_log(redis_url, hall.room_id) as log:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await sees(maya, iris)
        await maya.command("role.change", participant_id=iris.participant_id, role="moderator")
        await iris.command("hand.raise")
        await maya.wait_until(lambda replica: replica.participants[iris.participant_id]["hand_raised_at_ms"], what="hand")
        await iris.command("hand.lower")
        await hall.check()
        present = [maya.participant_id, iris.participant_id]
        verdict = judge([maya.history, iris.history], await log.settled(hall.tabs), present=present)
        assert verdict.holds, verdict.findings
        assert (verdict.promotions, verdict.acknowledged, verdict.compared) == (1, 3, 2)


async def test_an_event_that_reached_nobody_is_missed(redis_url):
    async with running(redis_url) as (_, site), open_hall(site) as hall, open_room_log(redis_url, hall.room_id) as log:
        maya = await hall.owner()
        await edit(hall, "told")
        await maya.wait_until(lambda replica: replica.room["title"] == f"told {EDITS - 1}", what="the last edit")
        truth = await log.settled(hall.tabs)
        silent = [
            Frame(entry.after, entry.upto, ()) if isinstance(entry, Frame) else entry for entry in maya.history.entries
        ]
        history = History("maya")
        history.entries = silent
        assert judge([history]).lost == 0, "nobody else was there to hear it"
        assert judge([history], truth).lost == EDITS


@pytest.mark.timeout(90)
async def test_lives_of_the_store_are_judged_apart_and_what_was_answered_by_the_one_that_survived(redis_server):
    async with (
        running(redis_server.url) as (_, site), open_hall(site, checks=False) as hall,
        open_room_log(redis_server.url, hall.room_id) as log,
    ):  # fmt: skip
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await sees(maya, iris)
        redis_server.command("SAVE")
        await iris.command("hand.raise")
        await edit(hall, "lost")
        for tab in (maya, iris):
            await tab.wait_until(lambda replica: replica.room["title"] == f"lost {EDITS - 1}", what="what will be lost")
        await log.settled(hall.tabs)
        redis_server.kill()
        redis_server.restart()
        for tab in (maya, iris):
            await tab.wait_until(lambda replica: replica.room["title"] == "Chemistry", BACK_WITHIN_S, "the older room")
            await tab.wait_until(lambda replica: not replica.stale, BACK_WITHIN_S, "the end of the outage")
        await edit(hall, "new")
        for tab in (maya, iris):
            await tab.wait_until(lambda replica: replica.room["title"] == f"new {EDITS - 1}", BACK_WITHIN_S, "what is new")
        verdict = judge([tab.history for tab in hall.tabs], await log.settled(hall.tabs))
        assert log.lives == 2
        counts = verdict.counts()
        assert {name: counts[name] for name in FAILURES if counts[name]} == {"acknowledged_lost": 1}, verdict.findings
        assert verdict.findings[0].startswith("iris"), "her hand was up, by its answer, and is not"


async def edit(hall: Hall, word: str) -> None:
    for number in range(EDITS):
        await hall.api(number).edit_room(hall.room_id, title=f"{word} {number}")
