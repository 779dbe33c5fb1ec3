"""kill -9 of a node: who comes back elsewhere was never away, who does not is gone once, and what was answered stays."""

from __future__ import annotations

import asyncio
import time

import pytest

from client_sim.client import RoomClient
from tests.faults.breaking import LEASE_TTL_S, SETTINGS, comes_back, running
from tests.stories.hall import comes_in, joined, left, line_of, misses, open_hall, sees, sees_line

pytestmark = pytest.mark.faults

RENEW_S = int(SETTINGS["LEASE_RENEW_MS"]) / 1000
GONE_WITHIN_S = LEASE_TTL_S + 2


async def test_people_of_a_killed_node_stay_for_a_lease_and_those_who_come_back_were_never_away(redis_url):
    async with running(redis_url) as (cluster, site), open_hall(site) as hall:
        maya = await hall.owner()
        back = [await hall.member(name, node=1) for name in ("iris", "vito")]
        lost = [await hall.member(name, node=1, reconnects=False) for name in ("dora", "nils")]
        await sees(maya, *back, *lost)
        before = [tab.replica.connection_id for tab in back]
        for tab in back:
            tab.url = site.url(0)
        cluster.nodes[1].kill()
        killed_at_s = time.monotonic()
        for tab, connection_id in zip(back, before, strict=True):
            await comes_back(tab, connection_id)
        assert len(maya.replica.participants) == 5, "during the lease nobody is gone"
        for tab in lost:
            await misses(maya, tab.participant_id, GONE_WITHIN_S)
        gone_after_s = time.monotonic() - killed_at_s
        assert LEASE_TTL_S - RENEW_S - 0.2 < gone_after_s < GONE_WITHIN_S
        for tab in (maya, *back):
            assert sorted(left(tab)) == sorted(other.participant_id for other in lost)
        assert len(joined(maya)) == 4


async def test_the_line_of_a_killed_node_keeps_its_order_for_those_who_come_back(redis_url):
    async with running(redis_url) as (cluster, site), open_hall(site, locked=True) as hall:
        maya = await hall.owner()
        waiters = [await hall.member(f"waiter{number}", node=1) for number in range(4)]
        gone = waiters.pop(1)
        gone.reconnects = False
        for tab in waiters:
            tab.url = site.url(0)
        cluster.nodes[1].kill()
        await sees_line(maya, *waiters, timeout_s=GONE_WITHIN_S + 2)
        await maya.command("lobby.admit_all")
        for tab in waiters:
            await comes_in(tab)
        await sees(maya, *waiters)
        assert joined(maya) == [tab.participant_id for tab in waiters]
        assert line_of(maya) == []


async def test_what_a_killed_node_had_answered_stays_and_what_it_had_not_is_done_once(redis_url):
    async with running(redis_url) as (cluster, site), open_hall(site, locked=True) as hall:
        maya, mona = await hall.owner(), await hall.guest("mona", "moderator", node=1)
        waiters = [await hall.member(f"waiter{number}") for number in range(16)]
        await sees_line(mona, *waiters)
        mona.url = site.url(0)
        admissions = asyncio.create_task(_admit_one_by_one(mona, waiters))
        await maya.wait_until(lambda replica: len(replica.participants) >= 6, what="some admitted")
        cluster.nodes[1].kill()
        assert await admissions == len(waiters), "asked again elsewhere, each command had its one answer"
        for tab in waiters:
            await comes_in(tab)
        await sees(maya, *waiters)
        assert joined(maya) == [mona.participant_id, *(tab.participant_id for tab in waiters)]


async def test_a_promotion_that_was_answered_outlives_both_the_node_and_the_tab(redis_url):
    async with running(redis_url) as (cluster, site), open_hall(site) as hall:
        mona, iris = await hall.guest("mona", "moderator", node=1), await hall.member("iris", node=1)
        iris.url = mona.url = site.url(0)
        before = iris.replica.connection_id
        await mona.command("role.change", participant_id=iris.participant_id, role="speaker")
        cluster.nodes[1].kill()
        await comes_back(iris, before)
        await iris.wait_until(lambda replica: replica.role == "speaker", what="role")
        await mona.wait_until(
            lambda replica: replica.applied.get(iris.participant_id, {}).get("status") in ("applied", "offline"),
            GONE_WITHIN_S, "applied",
        )  # fmt: skip


async def test_a_killed_node_that_is_started_again_under_its_name_is_a_new_one(redis_url):
    async with running(redis_url) as (cluster, site), open_hall(site) as hall:
        maya = await hall.owner()
        iris, lost = await hall.member("iris", node=1), await hall.member("lost", node=1, reconnects=False)
        await sees(maya, iris, lost)
        await cluster.nodes[1].restart()
        await misses(maya, lost.participant_id, GONE_WITHIN_S + 2)
        assert left(maya).count(lost.participant_id) == 1
        # How long a start takes is the machine's doing; where it outlasts the lease she is gone, and there again.
        await sees(maya, iris)


async def _admit_one_by_one(host: RoomClient, waiters: list[RoomClient]) -> int:
    answers = [await host.command("lobby.admit", participant_ids=[tab.participant_id]) for tab in waiters]
    return sum(len(answer["admitted"]) for answer in answers)
