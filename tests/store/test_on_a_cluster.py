"""What goes over all shards, where they lie in several slots of several masters; and slots that move."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AbstractAsyncContextManager

import pytest
from redis.crc import key_slot

from server.actions import roles
from server.domain.refusals import StoreUnavailable
from server.domain.roles import Role
from server.domain.site import Site as SiteDocument
from server.store.keys import Keyspace, shard_of
from server.store.room_list import list_rooms
from server.store.store import Store
from tests.support.ports import HOST
from tests.support.replicated import ClusterGroup
from tests.support.rooms import ROOM, Site, make_settings, open_site, shard_of_room

ROOMS = [f"room-{number}" for number in range(12)]


@pytest.mark.parametrize("masters", [1, 2, 3, 4, 5, 8, 16])
@pytest.mark.parametrize("shards", [16, 64])
def test_shards_spread_evenly_over_masters_and_each_lies_in_one_slot(masters, shards):
    keyspace = Keyspace(shards)
    slots = [key_slot(keys.log.encode()) for keys in keyspace.by_shard]
    assert [key_slot(keys.mails.encode()) for keys in keyspace.by_shard] == slots
    on_master = Counter(slot * masters // 16_384 for slot in slots)
    assert max(on_master.values()) - min(on_master.get(master, 0) for master in range(masters)) <= 1


async def test_everything_that_goes_over_all_shards_goes_over_all_masters():
    async with ClusterGroup() as group, cluster_site(group) as site:
        await asyncio.gather(*(site.create_room(name) for name in ROOMS))
        found = await list_rooms(site.store.scripts, None, 100)
        assert sorted(room.room_id for room in found.rooms) == sorted(ROOMS)
        document = SiteDocument(rev=1, invite_to_media=False)
        await site.store.site.write(document)
        assert await site.store.site.level() == document
        assert await site.store.mail.read(10) == []  # makes the groups
        for shard in range(site.store.shards.count):
            assert await site.store.shards.dead_nodes(shard) == []
            assert await site.store.mail.claim(5, []) == []
        assert (await site.store.dead_mail.counts()).waiting == 0
        assert site.store.log.groups() == [[shard] for shard in range(site.store.shards.count)]
        for shards in site.store.log.groups():
            entries = await site.store.log.read(dict.fromkeys(shards, 0))
            assert sorted(entry.room_id for entry in entries) == [
                name for name in sorted(ROOMS) if shard_of(name, site.store.shards.count) in shards
            ]


async def test_no_read_of_a_log_asks_another_server_first_which_may_be_dead():
    async with ClusterGroup() as group, cluster_site(group) as site:
        await site.create_room()
        await site.store.log.read({shard_of_room(site.services): 0})
        await site.store.mail.read(10)
        told = [await server.command("INFO", "commandstats") for server in group.servers]
        assert any("cmdstat_xread:" in stats for stats in told)
        assert not any("getkeys" in stats for stats in told)


async def test_a_slot_that_moves_to_a_master_that_had_none_takes_its_rooms_along():
    async with ClusterGroup() as group, cluster_site(group) as site:
        await hall(site)
        before = await site.seq()
        spare = await group.add_master()
        await group.move_slot(site.store.keyspace.room(ROOM).room, spare)
        await roles.change_role(site.services, site.by("maya"), site.ids["vito"], Role.SPEAKER)
        shard = shard_of_room(site.services)
        assert [entry.seq for entry in await site.store.log.read({shard: before})] == [before + 1]
        assert len(await site.entries()) == before + 1, "the room's log is whole"


async def test_a_key_is_read_while_its_slot_is_on_its_way_to_a_master_that_nobody_knew():
    async with ClusterGroup() as group, cluster_site(group) as site:
        await site.create_room()
        key, spare = site.store.keyspace.room(ROOM).room, await group.add_master()
        source = await group.master_of(key)
        await group.begin_move(key, source, spare)
        assert await site.store.redis.hexists(key, "doc")
        with pytest.raises(StoreUnavailable):  # a script's keys have to be in one place, those too that are not there
            await roles.clear_hands(site.services, site.by(None))
        await group.end_move(key, source, spare)
        await roles.clear_hands(site.services, site.by(None))


async def test_the_epoch_is_another_where_a_slot_has_moved():
    async with ClusterGroup() as group, cluster_site(group) as site:
        await site.create_room()
        before = (await site.store.shards.renew_lease(shard_of_room(site.services))).epoch
        key = site.store.keyspace.room(ROOM).room
        source = await group.master_of(key)
        await group.move_slot(key, next(master for master in await group.masters() if master is not source))
        assert (await site.store.shards.renew_lease(shard_of_room(site.services))).epoch != before


async def test_a_change_is_confirmed_where_its_slot_is_by_now():
    async with ClusterGroup() as group, cluster_site(group, confirm_replicas=1, confirm_timeout_ms=10_000) as site:
        await hall(site)
        key = site.store.keyspace.room(ROOM).room
        for role in (Role.SPEAKER, Role.VIEWER):
            source = await group.master_of(key)
            await group.move_slot(key, next(master for master in await group.masters() if master is not source))
            await roles.change_role(site.services, site.by("maya"), site.ids["vito"], role)


async def test_a_cluster_that_is_named_as_one_server_is_found_out():
    async with ClusterGroup() as group:
        store = Store(make_settings(f"redis://{HOST}:{group.servers[0].port}"))
        assert any("redis+cluster://" in why for why in (await store.check_fitness()).unfit)
        await store.close()


async def test_one_server_that_is_named_as_a_cluster_is_out_of_reach(redis_url):
    store = Store(make_settings(redis_url.replace("redis://", "redis+cluster://")))
    with pytest.raises(StoreUnavailable) as caught:
        await store.check_fitness()
    assert "Cluster mode is not enabled" in str(caught.value.__cause__)
    await store.close()


def cluster_site(group: ClusterGroup, **settings: int) -> AbstractAsyncContextManager[Site]:
    return open_site(group.url, log_shards=8, **settings)


async def hall(site: Site) -> None:
    await site.create_room()
    await site.bring_in("maya", Role.MANAGER)
    await site.bring_in("vito")
