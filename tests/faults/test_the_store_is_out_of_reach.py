"""Redis black-holed for ten seconds: tabs say that what they show may be old, and nothing is lost when it is back."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from itertools import pairwise

import pytest

from client_sim.client import RoomClient
from tests.faults.breaking import LEASE_TTL_S, SETTINGS, gets_stale, proxied, site_of, tried
from tests.stories.hall import joined, left, messages, misses, open_hall, sees
from tests.support.nodes import Cluster, http_status
from tests.support.ports import HOST
from tests.support.proxy import TcpProxy
from tests.support.waiting import wait_until

pytestmark = pytest.mark.faults

DARK_MS = 10_000
HEALED_WITHIN_S = 10


async def test_one_node_without_its_store_freezes_its_tabs_and_makes_up_for_all_it_missed(redis_server):
    async with TcpProxy(HOST, redis_server.port) as proxy, Cluster(redis_server.url, **SETTINGS) as cluster:
        await cluster.add_node()
        await cluster.add_node(**proxied(proxy))
        async with open_hall(site_of(cluster), starts_in_s=100) as hall:
            maya, mona = await hall.owner(), await hall.guest("mona", "moderator", node=1)
            iris = await hall.guest("iris", node=1)
            proxy.black_hole()
            began_ms = maya.clock.now_ms()
            for tab in (mona, iris):
                await gets_stale(tab, True)
            frozen_after_ms = maya.clock.now_ms() - began_ms
            assert frozen_after_ms < LEASE_TTL_S * 1000, "before others may take the node for dead"
            assert await tried(mona, "hand.raise") == "store_unavailable"
            assert await http_status(cluster.nodes[1].port, "/readyz") == 503
            assert await http_status(cluster.nodes[0].port, "/readyz") == 200
            await misses(maya, mona.participant_id)
            late_start_ms = hall.starts_at_ms + 60_000
            await maya.command("room.edit", title="Physics", starts_at_ms=late_start_ms)
            await maya.command("hand.raise")
            await ticks_on([mona, iris], began_ms + DARK_MS)
            assert mona.replica.room["title"] == "Chemistry", "it cannot know"
            await proxy.heal()
            for tab in (mona, iris):
                await gets_stale(tab, False, HEALED_WITHIN_S)
            await mona.wait_until(lambda replica: replica.room["title"] == "Physics", what="what happened meanwhile")
            await iris.wait_until(lambda replica: replica.lobby["enter_at_ms"] == late_start_ms, what="later start")
            assert mona.replica.participants[maya.participant_id]["hand_raised_at_ms"] is not None
            await sees(maya, mona)
            assert (joined(maya).count(mona.participant_id), left(maya)) == (2, [mona.participant_id])
            assert await tried(mona, "hand.raise") == "done"


async def test_when_no_node_has_its_store_nobody_leaves_and_everything_goes_on_afterwards(redis_server):
    async with AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(TcpProxy(HOST, redis_server.port)) for _ in range(2)]
        cluster = await stack.enter_async_context(Cluster(redis_server.url, **SETTINGS))
        for proxy in proxies:
            await cluster.add_node(**proxied(proxy))
        hall = await stack.enter_async_context(open_hall(site_of(cluster), starts_in_s=100))
        maya, mona = await hall.owner(), await hall.guest("mona", "moderator", node=1)
        waiting = [await hall.guest("iris"), await hall.guest("vito", node=1)]
        everybody = [maya, mona, *waiting]
        await sees(maya, mona)
        for proxy in proxies:
            proxy.black_hole()
        began_ms = maya.clock.now_ms()
        await asyncio.gather(*(gets_stale(tab, True) for tab in everybody))
        assert await tried(maya, "room.lock") == "store_unavailable"
        await ticks_on(everybody, began_ms + DARK_MS)
        for proxy in proxies:
            await proxy.heal()
        await asyncio.gather(*(gets_stale(tab, False, HEALED_WITHIN_S) for tab in everybody))
        assert await tried(maya, "hand.raise") == "done"
        await mona.wait_until(
            lambda replica: replica.participants[maya.participant_id]["hand_raised_at_ms"] is not None, what="the hand"
        )
        # A whole lease later: whoever was to be swept would be by now.
        healed_ms = maya.clock.now_ms()
        await ticks_on(everybody, healed_ms + round(LEASE_TTL_S * 1000) + 1000)
        for tab in (maya, mona):
            assert left(tab) == []
            assert set(tab.replica.participants) == {maya.participant_id, mona.participant_id}
        assert {row["participant_id"] for row in maya.replica.waiters.values()} == {tab.participant_id for tab in waiting}


async def test_a_tab_that_comes_during_the_outage_is_sent_away_to_come_back(redis_server):
    async with TcpProxy(HOST, redis_server.port) as proxy, Cluster(redis_server.url, **SETTINGS) as cluster:
        await cluster.add_node()
        await cluster.add_node(**proxied(proxy))
        async with open_hall(site_of(cluster)) as hall:
            maya, iris = await hall.owner(), await hall.member("iris", node=1)
            proxy.black_hole()
            await gets_stale(iris, True)
            iris.abort()
            # It dials the same node until that one can serve again.
            await iris.wait_until(lambda _: bool(messages(iris, "bye")), what="goodbye")
            assert messages(iris, "bye")[0]["code"] == "store_unavailable"
            assert messages(iris, "bye")[0]["retry_after_ms"] is not None
            await proxy.heal()
            await wait_until(lambda: iris.is_connected, HEALED_WITHIN_S, "back")
            await sees(maya, iris)


async def test_after_a_long_outage_tabs_are_closed_with_an_invitation_to_come_back(redis_server):
    async with TcpProxy(HOST, redis_server.port) as proxy, Cluster(redis_server.url, **SETTINGS) as cluster:
        await cluster.add_node()
        await cluster.add_node(**proxied(proxy), FREEZE_CLOSE_MS="1000")
        async with open_hall(site_of(cluster)) as hall:
            maya, iris = await hall.owner(), await hall.member("iris", node=1)
            iris.url = hall.site.url(0)
            proxy.black_hole()
            await iris.wait_until(lambda _: bool(messages(iris, "bye")), what="goodbye")
            (bye,) = messages(iris, "bye")
            assert (bye["code"], bye["retry_after_ms"] is not None) == ("store_unavailable", True)
            await iris.wait_until(lambda replica: replica.stale is False and iris.is_connected, what="the other node")
            await iris.command("hand.raise")
            await sees(maya, iris)
            await proxy.heal()


async def ticks_on(tabs: list[RoomClient], until_ms: int) -> None:
    """Every tab is told the time, once a second or so, until it is `until_ms`."""
    for tab in tabs:
        await tab.wait_until(lambda replica: (replica.tick or {"now_ms": 0})["now_ms"] >= until_ms, 30, "tick")
        told_ms = [message["now_ms"] for message in messages(tab, "tick")]
        longest_ms = max(later - earlier for earlier, later in pairwise(told_ms))
        assert longest_ms < 3_000, f"{tab.history.who} was without a tick for {longest_ms} ms"
