"""The site's document: the same on every shard, whoever writes it and wherever a write stops."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from server.domain.refusals import StoreUnavailable
from server.domain.site import Site
from server.store.scripting import FactsMoved
from tests.support.rooms import open_site

SHARDS = 5


def a_site(rev: int, **fields: object) -> Site:
    return Site(rev=rev, change_ids=[f"change-{rev}"], **fields)  # type: ignore[arg-type]


async def revs(store) -> list[int]:
    texts = [await store.redis.get(keys.site) for keys in store.keyspace.by_shard]
    return [msgspec.json.decode(text, type=Site).rev if text else 0 for text in texts]


def failing_after(store, writes: int):
    """The store as it is when a node dies after so many writes."""
    run, left = store.scripts.run_on_shard, [writes]

    async def run_some(name, keys, argv):
        if name == "site_put":
            if not left[0]:
                raise StoreUnavailable
            left[0] -= 1
        return await run(name, keys, argv)

    return run_some


async def test_a_change_is_on_every_shard_when_it_is_done(store_url):
    async with open_site(store_url, log_shards=SHARDS) as site:
        assert await site.store.site.load() is None
        await site.store.site.write(a_site(1, guest_access=False))
        assert await revs(site.store) == [1] * SHARDS
        assert await (await site.add_node()).store.site.load() == a_site(1, guest_access=False)


@pytest.mark.parametrize("writes", range(SHARDS))
async def test_a_change_that_stopped_half_way_is_completed_by_another_node_or_never_was(store_url, writes, monkeypatch):
    async with open_site(store_url, log_shards=SHARDS) as site:
        other = await site.add_node()
        await site.store.site.write(a_site(1))
        with monkeypatch.context() as patch:
            patch.setattr(site.store.scripts, "run_on_shard", failing_after(site.store, writes))
            with pytest.raises(StoreUnavailable):
                await site.store.site.write(a_site(2))
        assert await revs(site.store) == [2] * writes + [1] * (SHARDS - writes)
        levelled = await other.store.site.level()
        expected = 2 if writes else 1
        assert levelled == a_site(expected)
        assert await revs(site.store) == [expected] * SHARDS


async def test_of_two_changes_at_once_one_is_first_and_the_other_hears_so(store_url):
    async with open_site(store_url, log_shards=SHARDS) as site:
        nodes = [site.services, *[await site.add_node() for _ in range(3)]]
        await site.store.site.write(a_site(1))
        wanted = [Site(rev=2, change_ids=[f"by-{number}"]) for number in range(len(nodes))]
        found = await asyncio.gather(
            *(node.store.site.write(one) for node, one in zip(nodes, wanted, strict=True)), return_exceptions=True
        )
        assert sorted(isinstance(one, FactsMoved) for one in found) == [False, True, True, True]
        winner = wanted[found.index(None)]
        texts = {await site.store.redis.get(keys.site) for keys in site.store.keyspace.by_shard}
        assert [msgspec.json.decode(text, type=Site) for text in texts] == [winner]


async def test_the_same_change_asked_for_again_is_done_once(store_url):
    async with open_site(store_url, log_shards=SHARDS) as site:
        for _ in range(2):
            await site.store.site.write(a_site(1))
        assert await revs(site.store) == [1] * SHARDS


async def test_an_older_document_never_takes_the_place_of_a_newer(store_url):
    async with open_site(store_url, log_shards=SHARDS) as site:
        await site.store.site.write(a_site(1))
        await site.store.site.write(a_site(2))
        with pytest.raises(FactsMoved):
            await site.store.site.write(a_site(1))
        assert await revs(site.store) == [2] * SHARDS


async def test_a_shard_that_has_lost_it_gets_it_back(store_url):
    async with open_site(store_url, log_shards=SHARDS) as site:
        await site.store.site.write(a_site(1))
        await site.store.redis.delete(site.store.keyspace.by_shard[0].site, site.store.keyspace.by_shard[3].site)
        await site.store.site.write(a_site(2))
        assert await revs(site.store) == [2] * SHARDS
