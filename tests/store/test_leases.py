"""Leases fence nodes, the sweep spares the living, epochs name a life of the data, and what is due waits for its time."""

from __future__ import annotations

import asyncio

import pytest

from server.domain.admission import Door
from server.domain.refusals import Refusal
from server.store.scripting import NodeAlive, NodeFenced, NotYet
from tests.support.rooms import HOUR_MS, ROOM, Site, open_site, renew_lease, shard_of_room, tab_id
from tests.support.waiting import wait_until


async def enter(site: Site, services, name: str) -> int:
    facts = await services.store.facts(ROOM, site.ids[name])
    return await services.store.tabs.enter(
        ROOM, site.ids[name], tab_id(name), door=Door.ENTER, replaces=None, seen=facts.seen(site.ids[name])
    )


async def test_a_node_without_a_lease_is_fenced(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.meet("vic")
        await site.store.shards.drop_lease(shard_of_room(site.services))
        with pytest.raises(NodeFenced):
            await enter(site, site.services, "vic")


async def test_a_lease_runs_out_by_itself(store_url):
    async with open_site(store_url, lease_ttl_ms=5_000) as site:
        await site.create_room()
        await site.meet("vic")
        shard = shard_of_room(site.services)
        lease = site.store.keyspace.by_shard[shard].lease(site.store.scripts.node_id)
        await renew_lease(site.services, shard)
        assert 0 < await site.store.redis.pttl(lease) <= 5_000
        await site.store.redis.pexpire(lease, 1)  # all that is left of it
        await wait_until(lambda: _is_gone(site, lease), what="the end of the lease")
        with pytest.raises(NodeFenced):
            await enter(site, site.services, "vic")
        assert not (await renew_lease(site.services, shard)).held
        await enter(site, site.services, "vic")


async def _is_gone(site: Site, key: str) -> bool:
    return not await site.store.redis.exists(key)


async def test_a_lease_is_held_as_long_as_it_is_renewed(store_url):
    async with open_site(store_url) as site:
        assert [(await renew_lease(site.services, 0)).held for _ in range(3)] == [True] * 3


async def test_the_tabs_of_a_living_node_are_not_swept(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.arrive("vic")
        node_id = site.store.scripts.node_id
        with pytest.raises(NodeAlive):
            await site.store.tabs.sweep(ROOM, [(site.ids["vic"], tab_id("vic"))], dead_node_id=node_id)
        assert (await site.person("vic")).is_participant


async def test_only_nodes_without_a_lease_are_dead(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        shard = shard_of_room(site.services)
        other = await site.add_node()
        for name, node in (("ann", site.services), ("bob", other)):
            await site.meet(name)
            await site.open_tab(name, on=node)
        assert await site.store.shards.dead_nodes(shard) == []
        await other.store.shards.drop_lease(shard)
        assert await site.store.shards.dead_nodes(shard) == [other.store.scripts.node_id]


async def test_a_node_is_forgotten_only_when_its_tabs_are_swept(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        shard, shards = shard_of_room(site.services), site.store.shards
        other = await site.add_node()
        await site.meet("bob")
        await site.open_tab("bob", on=other)
        await other.store.shards.drop_lease(shard)
        node_id = other.store.scripts.node_id
        await shards.forget_node(shard, node_id)
        assert await shards.dead_nodes(shard) == [node_id]
        assert await shards.tabs_of(shard, node_id) == {ROOM: [(site.ids["bob"], tab_id("bob"))]}
        await site.store.tabs.sweep(ROOM, [(site.ids["bob"], tab_id("bob"))], dead_node_id=node_id)
        await shards.forget_node(shard, node_id)
        assert await shards.dead_nodes(shard) == []


async def test_a_node_that_restarts_under_its_name_is_another_node(store_url):
    async with open_site(store_url, node_id="n1") as site:
        await site.create_room()
        await site.arrive("vic")
        shard, earlier = shard_of_room(site.services), site.store
        again = await site.add_node()
        assert again.settings.node_id == site.services.settings.node_id
        await earlier.shards.drop_lease(shard)  # it was killed, and its lease ran out
        assert await again.store.shards.dead_nodes(shard) == [earlier.scripts.node_id]
        assert (await renew_lease(again, shard)).held


async def test_an_epoch_is_the_first_that_was_offered(store_url):
    async with open_site(store_url) as site:
        first = (await renew_lease(site.services, 0)).epoch
        other = await site.add_node()
        assert (await renew_lease(other, 0)).epoch == first


async def test_lost_data_are_another_epoch(store_url):
    async with open_site(store_url) as site:
        before = await renew_lease(site.services, 0)
        await site.store.redis.flushall()
        after = await renew_lease(site.services, 0)
        assert after.epoch != before.epoch
        assert not after.held


async def test_nothing_is_due_before_its_instant(store_url):
    async with open_site(store_url) as site:
        shard = shard_of_room(site.services)
        assert (await site.store.shards.due(shard)).next_in_ms is None
        await site.create_room(starts_at_ms=await site.now_ms() + HOUR_MS, early_entry_s=600)
        due = await site.store.shards.due(shard)
        assert due.members == []
        assert 0 < (due.next_in_ms or 0) <= HOUR_MS - 600_000
        site.store.scripts.skew_ms = HOUR_MS + 1
        assert sorted((await site.store.shards.due(shard)).members) == [f"early|{ROOM}|", f"open|{ROOM}|"]


async def test_who_asks_too_early_is_told_not_yet(store_url):
    async with open_site(store_url, participant_grace_ms=60_000) as site:
        await site.create_room(starts_at_ms=await site.now_ms() + HOUR_MS)
        with pytest.raises(NotYet):
            await site.store.rooms.open_session(ROOM, by_time=True)
        await site.meet("vic")
        await site.open_tab("vic")
        await site.close_tab("vic", at_once=False)
        with pytest.raises(NotYet):
            await site.store.tabs.gone(ROOM, site.ids["vic"])


async def test_a_start_that_was_moved_is_due_at_its_new_instant(store_url):
    async with open_site(store_url) as site:
        now_ms, shard = await site.now_ms(), shard_of_room(site.services)
        await site.create_room(starts_at_ms=now_ms + HOUR_MS, early_entry_s=0)
        room = (await site.contents()).room
        room.starts_at_ms = now_ms + 3 * HOUR_MS
        await site.store.rooms.put(room, what="edited", by=None, seen={}, request_id=None)
        site.store.scripts.skew_ms = 2 * HOUR_MS
        assert (await site.store.shards.due(shard)).members == []
        site.store.scripts.skew_ms = 4 * HOUR_MS
        assert f"open|{ROOM}|" in (await site.store.shards.due(shard)).members


async def test_a_room_that_is_no_more_is_taken_off_the_list(store_url):
    async with open_site(store_url) as site:
        shard = shard_of_room(site.services)
        await site.create_room(starts_at_ms=await site.now_ms() - 1)
        await site.store.redis.delete(site.store.keyspace.room(ROOM).room)
        with pytest.raises(Refusal):
            await site.store.rooms.open_session(ROOM, by_time=True)
        await site.store.line.let_in(ROOM)
        assert (await site.store.shards.due(shard)).members == []


async def test_many_tabs_that_enter_and_leave_at_once_leave_nothing_behind(store_url):
    async with open_site(store_url, tabs_per_person=50) as site:
        await site.create_room()
        await site.meet("vic")
        await asyncio.gather(*(site.open_tab("vic", str(number)) for number in range(20)))
        await asyncio.gather(*(site.close_tab("vic", str(number)) for number in range(20)))
        assert not (await site.person("vic")).present
        assert await site.store.shards.tabs_of(shard_of_room(site.services), site.store.scripts.node_id) == {}
