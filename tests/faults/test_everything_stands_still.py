"""All of it stalls and goes on: a store that swaps, a laptop that slept. Nobody was away, so nobody leaves."""

from __future__ import annotations

import asyncio

import pytest

from client_sim.client import RoomClient
from tests.faults.breaking import gets_stale, running, tried
from tests.stories.hall import joined, left, open_hall, sees, sees_line
from tests.support.waiting import wait_until

pytestmark = pytest.mark.faults

LEASE_TTL_S = 1.5
LEASE = {"LEASE_TTL_MS": "1500", "LEASE_RENEW_MS": "300"}
BEYOND_THE_LEASE_S = LEASE_TTL_S + 0.5
# By then whoever was to be swept would be.
SWEPT_BY_S = LEASE_TTL_S + 1


async def test_a_store_that_stalls_beyond_every_lease_takes_nobody_out(redis_server):
    async with running(redis_server.url, **LEASE) as (_, site), open_hall(site, starts_in_s=100) as hall:
        maya, mona = await hall.owner(), await hall.guest("mona", "moderator", node=1)
        waiting = [await hall.guest("iris"), await hall.guest("vito", node=1)]
        everybody = [maya, mona, *waiting]
        await sees(maya, mona)
        await sees_line(mona, *waiting)
        redis_server.stop()
        await asyncio.gather(*(gets_stale(tab, True) for tab in everybody))
        await by_the_tick(maya, BEYOND_THE_LEASE_S)
        redis_server.cont()
        await asyncio.gather(*(gets_stale(tab, False) for tab in everybody))
        await maya.command("hand.raise")
        await by_the_tick(mona, SWEPT_BY_S)
        for tab in (maya, mona):
            assert left(tab) == []
            await sees_line(tab, *waiting)
        assert joined(maya) == [mona.participant_id]


async def test_nodes_that_all_slept_beyond_their_leases_find_everybody_where_they_were(redis_url):
    async with running(redis_url, **LEASE) as (cluster, site), open_hall(site, starts_in_s=100) as hall:
        maya, mona = await hall.owner(), await hall.guest("mona", "moderator", node=1)
        iris = await hall.guest("iris", node=1)
        await sees(maya, mona)
        for node in cluster.nodes:
            node.pause()
        await asyncio.sleep(BEYOND_THE_LEASE_S)  # nothing tells the time while everything sleeps
        for node in cluster.nodes:
            node.resume()
        await wait_until(lambda: is_done(mona, "hand.raise"), what="an answer")
        await by_the_tick(maya, SWEPT_BY_S)
        for tab in (maya, mona):
            assert left(tab) == []
            await sees_line(tab, iris)


async def test_a_node_alone_that_slept_finds_its_own_tabs_where_they_were(redis_url):
    async with running(redis_url, nodes=1, **LEASE) as (cluster, site), open_hall(site, starts_in_s=100) as hall:
        maya, mona = await hall.owner(), await hall.guest("mona", "moderator")
        cluster.nodes[0].pause()
        await asyncio.sleep(BEYOND_THE_LEASE_S)
        cluster.nodes[0].resume()
        await wait_until(lambda: is_done(mona, "hand.raise"), what="an answer")
        await by_the_tick(maya, SWEPT_BY_S)
        assert (left(maya), joined(maya)) == ([], [mona.participant_id])


async def is_done(tab: RoomClient, command: str) -> bool:
    return await tried(tab, command) == "done"


async def by_the_tick(tab: RoomClient, seconds: float) -> None:
    """Wait for so long by the ticks that the tab is told."""
    until_ms = tab.clock.now_ms() + seconds * 1000
    await tab.wait_until(lambda replica: (replica.tick or {"now_ms": 0})["now_ms"] >= until_ms, 30, "tick")
