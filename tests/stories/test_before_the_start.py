"""A scheduled room: who may come in early, what moves the countdown, and rooms that wait for a host."""

from __future__ import annotations

import asyncio
import time

from tests.stories.hall import comes_in, joined, messages, open_hall, refused, sees, sees_line, shows


async def test_a_new_start_moves_everybodys_countdown_at_once(site):
    async with open_hall(site, starts_in_s=60) as hall:
        maya, iris = await hall.owner(), await hall.guest("iris", node=1)
        await hall.invite("vito")
        page = await hall.link_page("vito", node=1)
        later_ms = hall.starts_at_ms + 600_000
        await maya.command("room.edit", starts_at_ms=later_ms)
        for tab in (iris, page):
            await tab.wait_until(lambda replica: replica.lobby["enter_at_ms"] == later_ms, what="later start")
        await maya.wait_until(lambda replica: replica.room["starts_at_ms"] == later_ms, what="later start")
        for tab in (maya, iris, page):
            await tab.wait_until(lambda replica: (replica.tick or {}).get("starts_at_ms") == later_ms, what="tick")


async def test_an_earlier_start_lets_people_in_earlier(site):
    async with open_hall(site, starts_in_s=600) as hall:
        await hall.owner()
        iris = await hall.guest("iris", node=1)
        await hall.api(1).edit_room(hall.room_id, starts_at_ms=time.time_ns() // 1_000_000 + 300)
        await comes_in(iris)
        assert len(messages(iris, "entered")) == 1


async def test_a_start_that_was_put_off_is_not_kept_at_the_old_time(site):
    async with open_hall(site, starts_in_s=600) as hall:
        maya, iris = await hall.owner(), await hall.guest("iris", node=1)
        await hall.move_start(3)
        await maya.command("room.edit", starts_at_ms=hall.starts_at_ms + 60_000)
        await iris.wait_until(lambda replica: replica.tick and iris.clock.now_ms() > hall.starts_at_ms + 300, what="old time")
        assert iris.replica.lobby_state == "countdown"
        assert maya.replica.room["phase"] == "scheduled"


async def test_speakers_and_moderators_come_in_early_and_viewers_do_not(site):
    async with open_hall(site, starts_in_s=60, early_entry_s=900) as hall:
        maya = await hall.owner()
        vito, mona = await hall.guest("vito", "speaker", node=1), await hall.guest("mona", "moderator", node=1)
        iris = await hall.guest("iris")
        assert vito.replica.is_inside
        assert mona.replica.is_inside
        assert iris.replica.lobby_state == "countdown"
        await sees(maya, vito, mona)
        assert iris.participant_id not in maya.replica.participants


async def test_a_speaker_who_waits_is_let_in_at_their_own_instant(site):
    async with open_hall(site, starts_in_s=3_600, early_entry_s=900) as hall:
        maya, vito, iris = await hall.owner(), await hall.guest("vito", "speaker", node=1), await hall.guest("iris")
        assert vito.replica.lobby["enter_at_ms"] == hall.starts_at_ms - 900_000
        await hall.move_start(900.5)
        await comes_in(vito)
        assert vito.clock.now_ms() >= hall.starts_at_ms - 900_000 - 20
        await sees(maya, vito)
        assert (iris.replica.lobby_state, maya.replica.room["phase"]) == ("countdown", "scheduled")


async def test_a_viewer_who_is_made_speaker_in_time_comes_in_early(site):
    async with open_hall(site, starts_in_s=60) as hall:
        maya, iris = await hall.owner(), await hall.guest("iris", node=1)
        await maya.command("role.change", participant_id=iris.participant_id, role="speaker")
        await comes_in(iris)


async def test_a_room_that_a_host_opens_waits_for_them_at_zero(site):
    async with open_hall(site, starts_in_s=600, opens="by_host") as hall:
        iris, vito = await hall.guest("iris", node=1), await hall.guest("vito")
        assert iris.replica.lobby_state == "countdown"
        await hall.move_start(0.5)
        assert not (await shows(iris, "waiting_for_host"))["can_be_admitted"]
        maya = await hall.owner()
        await iris.wait_until(lambda replica: replica.lobby["can_be_admitted"], what="a host")
        assert iris.replica.lobby_state == "waiting_for_host", "a host who is there has not begun yet"
        await maya.command("session.start")
        await asyncio.gather(comes_in(iris), comes_in(vito))
        await sees(maya, iris, vito)
        assert joined(maya) == [iris.participant_id, vito.participant_id]
        with refused("already_live"):
            await maya.command("session.start")


async def test_a_host_may_begin_before_the_time(site):
    async with open_hall(site, starts_in_s=600) as hall:
        mona, iris = await hall.guest("mona", "moderator"), await hall.guest("iris", node=1)
        await mona.command("session.start")
        await comes_in(iris)
        await mona.wait_until(lambda replica: replica.room["phase"] == "open", what="open room")


async def test_a_locked_room_opens_and_keeps_its_line(site):
    async with open_hall(site, starts_in_s=0.8, locked=True) as hall:
        maya, iris = await hall.owner(), await hall.guest("iris", node=1)
        await maya.wait_until(lambda replica: replica.room["phase"] == "open", what="open room")
        assert (await shows(iris, "waiting_in_line"))["position"] == 1
        await sees_line(maya, iris)
        assert joined(maya) == []
