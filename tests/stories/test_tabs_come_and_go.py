"""People have tabs: several at once, reloaded, closed, and cut off for a while."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from client_sim.client import RoomClient
from client_sim.codec import MSGPACK
from tests.stories.hall import Row, joined, left, messages, misses, open_hall, sees


async def test_three_tabs_of_one_person_are_one_row(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        second, third = await hall.tab("iris"), await hall.tab("iris", node=1, encoding=MSGPACK)
        await sees(maya, iris)
        assert len(maya.replica.participants) == 2
        await second.close()
        await third.close()
        vito = await hall.member("vito", node=1)
        await sees(maya, vito)
        assert joined(maya) == [iris.participant_id, vito.participant_id]
        assert left(maya) == []


async def test_the_last_tab_that_is_closed_takes_the_row_along_after_a_moment(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        second = await hall.tab("iris")
        await iris.close()
        await second.close()
        await misses(maya, iris.participant_id)
        assert left(maya) == [iris.participant_id]


async def test_a_reload_is_seen_by_nobody_else(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await sees(maya, iris)
        for node in (0, 1, 1):
            await iris.close()
            iris = await hall.tab("iris", node=node)
        vito = await hall.member("vito")
        await asyncio.sleep(0)
        await vito.close()
        await misses(maya, vito.participant_id)  # a whole grace later
        assert joined(maya) == [iris.participant_id, vito.participant_id]
        assert left(maya) == [vito.participant_id]


async def test_leaving_on_purpose_is_told_at_once(site):
    async with open_hall(site) as hall:
        maya, iris, vito = await hall.owner(), await hall.member("iris", node=1), await hall.member("vito")
        await sees(maya, iris, vito)
        await vito.close()
        await iris.command("leave")
        for tab in (iris, vito):
            await misses(maya, tab.participant_id)
        assert left(maya) == [iris.participant_id, vito.participant_id], "no grace: who went before her had one"


async def test_a_tab_that_comes_back_is_told_exactly_what_it_missed(site):
    async with open_hall(site) as hall:
        maya, iris, vito = await hall.owner(), await hall.member("iris", node=1), await hall.member("vito")
        known, had = iris.replica.connection_id, len(messages(iris, "events"))
        await iris.wait_until(lambda replica: vito.participant_id in replica.participants, what="vito")
        before = iris.replica.last
        iris.abort(away_s=0.4)
        for command in ("hand.raise", "hand.lower", "hand.raise"):
            await vito.command(command)
        await maya.command("room.lock")
        await iris.wait_until(lambda replica: replica.connection_id != known and replica.room["locked"], what="what it missed")
        welcome = messages(iris, "welcome")[-1]
        assert (welcome["resumed"], welcome["snapshot"]) == (True, None)
        missed = [event for frame in messages(iris, "events")[had:] for event in frame["events"] if event["seq"] > before]
        kinds = [event["type"] for event in missed]
        assert kinds == ["participants.updated"] * 3 + ["room.changed"]
        assert left(maya) == []


async def test_a_tab_may_come_back_on_the_other_node_and_miss_nothing(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await sees(maya, iris)
        known = iris.replica.connection_id
        iris.url = hall.site.url(0)
        iris.abort(away_s=0.2)
        await maya.command("hand.raise")
        await iris.wait_until(
            lambda replica: replica.connection_id != known
            and replica.participants[maya.participant_id]["hand_raised_at_ms"] is not None,
            what="the hand",
        )
        assert messages(iris, "welcome")[-1]["resumed"]
        assert left(maya) == []


async def test_a_tab_whose_own_role_moved_meanwhile_gets_the_room_whole(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        known = iris.replica.connection_id
        iris.abort(away_s=0.3)
        await maya.command("role.change", participant_id=iris.participant_id, role="moderator")
        await iris.wait_until(lambda replica: replica.connection_id != known, what="return")
        welcome = messages(iris, "welcome")[-1]
        assert not welcome["resumed"]
        assert welcome["snapshot"]["waiters"] == []
        assert iris.replica.role == "moderator"


async def test_a_position_that_the_room_never_reached_gets_the_room_whole(site):
    async with open_hall(site) as hall, open_hall(site) as other:
        iris, elsewhere = await hall.member("iris", node=1), await other.member("vito", node=1)
        for position in ({"epoch": iris.replica.epoch, "seq": 10_000}, {"epoch": "another", "seq": iris.replica.last}):
            known = iris.replica.connection_id
            await _come_back_with(iris, position)
            await iris.wait_until(lambda replica, known=known: replica.connection_id != known, what="return")
            welcome = messages(iris, "welcome")[-1]
            assert not welcome["resumed"]
            assert welcome["snapshot"] is not None
        assert elsewhere.ended is None


async def test_what_a_tab_asked_before_it_was_cut_off_is_answered_once_it_is_back(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        asked = asyncio.create_task(iris.command("hand.raise"))
        await asyncio.sleep(0)
        iris.abort(away_s=0.1)
        await asked
        await maya.wait_until(
            lambda replica: replica.participants.get(iris.participant_id, {}).get("hand_raised_at_ms") is not None,
            what="the hand",
        )


async def _come_back_with(tab: RoomClient, position: Row) -> None:
    """Lose the connection and claim another place in the log on return."""
    tab._tab.replica = replace(tab.replica, epoch=position["epoch"], last=position["seq"])
    tab.abort()
