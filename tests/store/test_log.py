"""The log: ids are the counters themselves, without holes, whoever writes and however many at once."""

from __future__ import annotations

import asyncio

import pytest

from server.actions import roles, rooms
from server.domain.roles import Role
from server.store.keys import shard_of
from server.store.scripting import FactsMoved
from tests.support.rooms import ROOM, open_site, renew_lease, room_log, shard_of_room

WRITERS, CHANGES = 8, 12


async def test_seqs_have_no_hole_under_many_writers(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        nodes = [site.services, await site.add_node()]
        for writer in range(WRITERS):
            await site.bring_in(f"v{writer}", Role.SPEAKER)
        before = await site.seq()

        async def wave(writer: int) -> None:
            services = nodes[writer % 2]
            for number in range(CHANGES):
                hand = roles.raise_hand if number % 2 == 0 else _lower
                await hand(services, site.by(f"v{writer}"))

        await asyncio.gather(*(wave(writer) for writer in range(WRITERS)))
        entries = await site.entries()
        assert [entry.seq for entry in entries] == list(range(1, before + WRITERS * CHANGES + 1))


async def _lower(services, request) -> None:
    await roles.lower_hand(services, request, None)


async def test_the_shards_log_counts_through_the_rooms_on_it(store_url):
    async with open_site(store_url) as site:
        names = [f"room-{number}" for number in range(6)]
        await asyncio.gather(*(site.create_room(name) for name in names))
        for shard in range(site.store.shards.count):
            on_it = [name for name in names if shard_of(name, site.store.shards.count) == shard]
            entries = await site.store.log.read({shard: 0}) if on_it else []
            assert [entry.n for entry in entries] == list(range(1, len(on_it) + 1))
            assert sorted(entry.room_id for entry in entries) == sorted(on_it)
            assert (await renew_lease(site.services, shard)).log_n == len(on_it)


async def test_nodes_read_the_same_entries_as_a_returning_tab(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("vic")
        followed = [entry.decode() for entry in await site.store.log.read({shard_of_room(site.services): 0})]
        assert followed == await site.entries()


async def test_reading_starts_after_the_cursor(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("vic")
        shard = shard_of_room(site.services)
        assert [entry.n for entry in await site.store.log.read({shard: 2})] == [3]


async def test_a_read_wakes_for_what_is_written_meanwhile(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        shard = shard_of_room(site.services)
        reading = asyncio.create_task(site.store.log.read({shard: 1}))
        await asyncio.sleep(0)
        await site.meet("vic")
        assert [entry.seq for entry in await reading] == [2]


@pytest.mark.parametrize("missing", ["the first", "in the middle", "the last"])
async def test_a_log_with_a_hole_is_not_handed_out(store_url, missing):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("vic")
        seq = {"the first": 1, "in the middle": 2, "the last": 3}[missing]
        await site.store.redis.xdel(site.store.keyspace.room(ROOM).log, f"{seq}-0")
        assert await room_log(site.store, ROOM, 0, 3) is None


async def test_a_log_is_empty_where_nothing_is_asked_for(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        assert await room_log(site.store, ROOM, 1, 1) == []


async def test_old_entries_are_trimmed_and_said_to_be_missing(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("vic", Role.SPEAKER)
        for number in range(1_250):
            await site.store.people.change_hands(
                ROOM, site.ids["vic"], raised=number % 2 == 0, by=site.ids["vic"], seen={}, request_id=None
            )
        seq = await site.seq()
        assert await room_log(site.store, ROOM, 0, seq) is None
        assert len(await room_log(site.store, ROOM, seq - 900, seq) or []) == 900


async def test_a_change_on_facts_that_moved_writes_and_logs_nothing(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        facts = await site.store.facts(ROOM, site.ids["boss"])
        await rooms.edit_room(site.services, site.by("boss"), {"title": "Moved on"})
        before = await site.seq()
        with pytest.raises(FactsMoved):
            await site.store.rooms.put(facts.room, what="edited", by=None, seen=facts.seen(), request_id="r")
        assert await site.seq() == before
        assert (await site.contents()).room.title == "Moved on"
