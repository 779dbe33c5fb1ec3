"""Redis itself dies: with its data it is as if nothing was, without them everybody is told so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from client_sim.client import RoomClient
from client_sim.nodes import Site
from client_sim.replica import Replica
from tests.faults.breaking import gets_stale, running, site_of, tried
from tests.stories.hall import Hall, ended_with, left, open_hall, sees
from tests.support.nodes import Cluster, Node, http_status
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until

pytestmark = pytest.mark.faults


@pytest.fixture
def lasting_redis() -> Iterator[RedisServer]:
    """A server that has every answered write on disk."""
    with RedisServer(appendonly=True) as server:
        yield server


async def test_killed_and_back_with_its_data_nobody_left_and_everything_goes_on(lasting_redis):
    async with running(lasting_redis.url) as (_, site), open_hall(site) as hall:
        maya, iris, vito = await hall.owner(), await hall.member("iris", node=1), await hall.member("vito")
        await sees(maya, iris, vito)
        await maya.command("room.lock")
        dora = await hall.member("dora", node=1)
        lasting_redis.kill()
        for tab in (maya, iris, dora):
            await gets_stale(tab, True)
        assert await tried(iris, "hand.raise") == "store_unavailable"
        lasting_redis.restart()
        for tab in (maya, iris, dora):
            await gets_stale(tab, False)
        await iris.command("hand.raise")
        await maya.command("lobby.admit_all")
        for tab in (maya, vito):
            await sees(tab, iris, dora)
            assert left(tab) == []


async def test_killed_for_a_moment_nobody_notices_more_than_a_late_answer(lasting_redis):
    async with running(lasting_redis.url) as (_, site), open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        lasting_redis.kill()
        lasting_redis.restart()
        await wait_until(lambda: is_done(iris, "hand.raise"), what="an answer")
        await maya.wait_until(lambda replica: hand_of(replica, iris) is not None, what="the hand")
        assert left(maya) == []


async def test_back_without_its_data_every_tab_is_told_that_the_room_is_gone(redis_server):
    async with running(redis_server.url) as (cluster, site):
        async with open_hall(site, checks=False) as hall:
            tabs = await everybody_in_and_before(hall)
            redis_server.restart(keep_data=False)
            assert [await ended_with(tab) for tab in tabs] == ["room_unknown"] * len(tabs)
        await goes_on_with_new_rooms(cluster, site)


async def test_flushed_under_the_nodes_every_tab_is_told_that_the_room_is_gone(redis_server):
    async with running(redis_server.url) as (cluster, site):
        async with open_hall(site, checks=False) as hall:
            tabs = await everybody_in_and_before(hall)
            redis_server.flush()
            assert [await ended_with(tab) for tab in tabs] == ["room_unknown"] * len(tabs)
        await goes_on_with_new_rooms(cluster, site)


async def test_a_node_that_starts_without_its_store_waits_for_it(redis_server):
    async with running(redis_server.url, nodes=1) as (cluster, _):
        redis_server.kill()
        starting = asyncio.create_task(cluster.add_node())
        await wait_until(lambda: len(cluster.nodes) == 2, what="the second node")
        node = cluster.nodes[1]
        await wait_until(lambda: answers(node, "/healthz", 200), 10, what="health")
        assert await http_status(node.port, "/readyz") == 503
        redis_server.restart()
        await starting
        await goes_on_with_new_rooms(cluster, site_of(cluster))


async def test_connections_that_are_killed_again_and_again_lose_no_command(redis_server):
    async with running(redis_server.url) as (_, site), open_hall(site) as hall:
        maya = await hall.owner()
        tabs = [await hall.member(f"p{number}", node=number) for number in range(4)]
        acting = asyncio.gather(*(raise_and_lower(tab, times=8) for tab in tabs))
        while not acting.done():
            redis_server.command("CLIENT", "KILL", "TYPE", "normal")
            await asyncio.sleep(0.15)  # how often connections are cut, and nothing that is waited for
        await acting
        for tab in tabs:
            await maya.wait_until(lambda replica, tab=tab: hand_of(replica, tab) is not None, what="the last hand")
        assert left(maya) == []


async def test_scripts_that_are_flushed_in_the_middle_of_it_are_loaded_again(redis_server):
    async with running(redis_server.url) as (_, site), open_hall(site, locked=True) as hall:
        maya = await hall.owner()
        for number in range(6):
            redis_server.command("SCRIPT", "FLUSH")
            waiter = await hall.member(f"waiter{number}", node=number)
            redis_server.command("SCRIPT", "FLUSH")
            await maya.command("lobby.admit", participant_ids=[waiter.participant_id])
            await sees(maya, waiter)


async def everybody_in_and_before(hall: Hall) -> list[RoomClient]:
    """Tabs of every kind: a manager, a viewer on the other node, a waiter, and a link's page."""
    tabs = [await hall.owner(), await hall.guest("iris", node=1)]
    await tabs[0].command("room.lock")
    tabs.append(await hall.member("vito", node=1))
    await hall.invite("dora")
    return [*tabs, await hall.link_page("dora", node=1)]


async def goes_on_with_new_rooms(cluster: Cluster, site: Site) -> None:
    for node in cluster.nodes:
        await wait_until(lambda node=node: answers(node, "/readyz", 200), 10, what="readiness")
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await sees(maya, iris)
        await iris.command("hand.raise")


async def answers(node: Node, path: str, status: int) -> bool:
    return await http_status(node.port, path) == status


async def is_done(tab: RoomClient, command: str) -> bool:
    return await tried(tab, command) == "done"


async def raise_and_lower(tab: RoomClient, times: int) -> None:
    """Each in its turn, and again where the store could not be reached just then."""
    for command in ("hand.raise", "hand.lower") * times + ("hand.raise",):
        await wait_until(lambda command=command: is_done(tab, command), 20, command)


def hand_of(replica: Replica, tab: RoomClient) -> int | None:
    return (replica.participants.get(tab.participant_id) or {}).get("hand_raised_at_ms")
