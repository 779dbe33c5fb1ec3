"""A node that stands still beyond its lease, and goes on: others took its tabs for gone, and now they are there again."""

from __future__ import annotations

import asyncio

import pytest

from client_sim.client import RoomClient
from client_sim.refused import Refused
from client_sim.replica import Replica
from tests.faults.breaking import LEASE_TTL_S, gets_stale, running
from tests.stories.hall import comes_in, joined, left, line_of, misses, open_hall, sees, sees_line

pytestmark = pytest.mark.faults


async def test_a_stalled_node_registers_its_tabs_again_and_nothing_is_done_twice(redis_url):
    async with running(redis_url) as (cluster, site), open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        vito = await hall.guest("vito", "moderator", node=1)
        await sees(maya, iris, vito)
        cluster.nodes[1].pause()
        raising = asyncio.create_task(iris.command("hand.raise", timeout_s=30))
        for tab in (iris, vito):
            await misses(maya, tab.participant_id, LEASE_TTL_S + 3)
        await maya.command("room.lock")
        await maya.command("role.change", participant_id=iris.participant_id, role="speaker")
        cluster.nodes[1].resume()
        outcome = (await asyncio.gather(raising, return_exceptions=True))[0]
        if isinstance(outcome, Refused):
            # The node noticed first that it had stood still, and says so until its lease is renewed.
            assert outcome.code == "store_unavailable"
            await gets_stale(iris, False)
            await iris.command("hand.raise")
        await sees(maya, iris, vito)
        await iris.wait_until(lambda replica: replica.role == "speaker" and replica.room["locked"], what="what happened")
        await maya.wait_until(lambda replica: hand_of(replica, iris) is not None, what="the hand")
        for tab in (iris, vito):
            assert joined(maya).count(tab.participant_id) == 2, "there, gone, there again"
            assert left(maya).count(tab.participant_id) == 1
            assert tab.ended is None
            await gets_stale(tab, False)
        await vito.command("hand.lower", participant_id=iris.participant_id)
        await maya.wait_until(lambda replica: hand_of(replica, iris) is None, what="lowered hand")


async def test_a_stalled_node_finds_its_waiters_in_the_line_again(redis_url):
    async with running(redis_url) as (cluster, site), open_hall(site, locked=True) as hall:
        maya, iris, vito = await hall.owner(), await hall.member("iris", node=1), await hall.member("vito")
        await sees_line(maya, iris, vito)
        cluster.nodes[1].pause()
        await sees_line(maya, vito, timeout_s=LEASE_TTL_S + 3)
        cluster.nodes[1].resume()
        await sees_line(maya, vito, iris)
        await maya.command("lobby.admit_all")
        await asyncio.gather(comes_in(iris), comes_in(vito))
        assert line_of(maya) == []


async def test_what_was_decided_while_the_node_stood_still_holds_when_it_goes_on(redis_url):
    async with running(redis_url) as (cluster, site), open_hall(site) as hall:
        maya, mona, iris = await hall.owner(), await hall.guest("mona", "moderator", node=1), await hall.member("iris", node=1)
        cluster.nodes[1].pause()
        late = asyncio.create_task(mona.command("participant.remove", participant_id=maya.participant_id, timeout_s=30))
        await maya.command("participant.ban", participant_id=iris.participant_id)
        await maya.command("role.change", participant_id=mona.participant_id, role="viewer")
        cluster.nodes[1].resume()
        outcome, ended = await asyncio.gather(late, iris.wait_until_ended(), return_exceptions=True)
        assert outcome.code in ("role_forbidden", "store_unavailable")
        assert ended.code == "banned"
        await mona.wait_until(lambda replica: replica.role == "viewer" and replica.waiters is None, what="demotion")


def hand_of(replica: Replica, tab: RoomClient) -> int | None:
    return (replica.participants.get(tab.participant_id) or {}).get("hand_raised_at_ms")
