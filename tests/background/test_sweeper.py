"""Taking out the tabs of dead nodes: at once, only of the dead, and only by a node that is itself in good order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.actions.services import Services
from server.background.sweeper import Sweeper
from tests.background.parts import FakeTime, Parts, node_of
from tests.support.rooms import ROOM, Site, open_site

pytestmark = pytest.mark.usefixtures("short_silence")

TTL_S = 60.0


async def sweep(parts: Parts) -> None:
    services = replace(parts.services, settings=replace(parts.services.settings, lease_renew_ms=0))
    await Sweeper(services, parts.lease).step()


async def in_good_order(parts: Parts, fake_time: FakeTime) -> None:
    """A whole lease passes, renewed in time."""
    for _ in range(4):
        fake_time.now_s += TTL_S / 3
        await parts.lease.renew()


async def die(site: Site, node: Services) -> None:
    for shard in range(node.store.shards.count):
        await node.store.shards.drop_lease(shard)


async def test_the_people_of_a_dead_node_leave_at_once_and_those_of_a_living_one_stay(store_url, fake_time):
    async with open_site(store_url) as site, node_of(site) as parts:
        dead, living = await site.add_node(), await site.add_node()
        await site.create_room()
        for name, node in (("vic", dead), ("vera", living)):
            await site.meet(name)
            await site.open_tab(name, on=node)
        await in_good_order(parts, fake_time)
        await die(site, dead)
        await sweep(parts)
        assert not (await site.person("vic")).present
        assert (await site.person("vera")).present
        names = [entry.event.name for entry in await site.entries()]
        assert names.count("people_left") == 1
        assert dead.store.scripts.node_id not in await site.store.shards.dead_nodes(parts.shard())


async def test_somebody_with_a_tab_on_a_living_node_as_well_stays(store_url, fake_time):
    async with open_site(store_url) as site, node_of(site) as parts:
        dead, living = await site.add_node(), await site.add_node()
        await site.create_room()
        await site.meet("vic")
        await site.open_tab("vic", "1", on=dead)
        await site.open_tab("vic", "2", on=living)
        await in_good_order(parts, fake_time)
        await die(site, dead)
        before = await site.seq()
        await sweep(parts)
        assert (await site.person("vic")).present
        assert await site.seq() == before


async def test_nobody_is_swept_before_the_sweeper_has_seen_a_whole_lease_of_good_order(store_url, fake_time):
    async with open_site(store_url) as site, node_of(site) as parts:
        dead = await site.add_node()
        await site.create_room()
        await site.meet("vic")
        await site.open_tab("vic", on=dead)
        await die(site, dead)
        for _ in range(2):
            fake_time.now_s += TTL_S / 3
            await parts.lease.renew()
            await sweep(parts)
        assert (await site.person("vic")).present
        await in_good_order(parts, fake_time)
        await sweep(parts)
        assert not (await site.person("vic")).present


async def test_a_node_that_comes_back_while_it_is_swept_keeps_its_tabs(store_url, fake_time, monkeypatch):
    async with open_site(store_url) as site, node_of(site) as parts:
        node = await site.add_node()
        await site.create_room()
        await site.meet("vic")
        await site.open_tab("vic", on=node)
        await in_good_order(parts, fake_time)

        async def looks_dead(shard: int) -> list[str]:
            return [node.store.scripts.node_id] if shard == parts.shard() else []

        monkeypatch.setattr(parts.services.store.shards, "dead_nodes", looks_dead)
        await sweep(parts)
        assert (await site.person("vic")).present
        assert ROOM in await site.store.shards.tabs_of(parts.shard(), node.store.scripts.node_id)


async def test_many_tabs_of_a_dead_node_are_all_swept(store_url, fake_time):
    async with open_site(store_url, tabs_per_person=200) as site, node_of(site) as parts:
        dead = await site.add_node()
        await site.create_room()
        await site.meet("vic")
        for number in range(120):
            await site.open_tab("vic", str(number), on=dead)
        await in_good_order(parts, fake_time)
        await die(site, dead)
        await sweep(parts)
        assert not (await site.person("vic")).present
        assert await site.store.shards.tabs_of(parts.shard(), dead.store.scripts.node_id) == {}
