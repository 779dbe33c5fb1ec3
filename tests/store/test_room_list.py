"""The list of the site's rooms holds those that there are, and forgets the others when it meets them."""

from __future__ import annotations

import asyncio

from server.store import room_list
from tests.support.rooms import Site, open_site

IDS = [f"r{number}" for number in range(12)]


async def listed(site: Site, limit: int) -> list[str]:
    found, after = [], None
    while True:
        page = await room_list.list_rooms(site.store.scripts, after, limit)
        assert len(page.rooms) <= limit
        found += [room.room_id for room in page.rooms]
        if page.last is None:
            return found
        after = page.last


async def kept_ids(site: Site) -> set[str]:
    members = [await site.store.redis.smembers(shard.rooms) for shard in site.store.keyspace.by_shard]
    return {member.decode() for of_shard in members for member in of_shard}


async def run_out(site: Site, *room_ids: str) -> None:
    for room_id in room_ids:
        prefix = site.store.keyspace.room(room_id).room.removesuffix("room")
        async for key in site.store.redis.scan_iter(f"{prefix}*"):
            await site.store.redis.delete(key)


async def test_every_room_is_on_one_page(store_url):
    async with open_site(store_url) as site:
        for room_id in IDS:
            await site.create_room(room_id)
        for limit in (1, 5, 12, 50):
            assert sorted(await listed(site, limit)) == sorted(IDS)


async def test_a_room_whose_keys_have_run_out_is_passed_over_and_forgotten(store_url):
    async with open_site(store_url) as site:
        for room_id in IDS:
            await site.create_room(room_id)
        await run_out(site, *IDS[::2])
        assert sorted(await listed(site, 2)) == sorted(IDS[1::2])
        assert await kept_ids(site) == set(IDS[1::2])


async def test_a_room_that_is_made_anew_while_it_is_being_forgotten_stays(store_url, monkeypatch):
    async with open_site(store_url) as site:
        for room_id in IDS:
            await site.create_room(room_id)
        await run_out(site, *IDS)
        forget = room_list._forget

        async def make_anew_and_forget(scripts, room_ids):
            for room_id in room_ids:
                await site.create_room(room_id)
            await forget(scripts, room_ids)

        monkeypatch.setattr(room_list, "_forget", make_anew_and_forget)
        assert await listed(site, 50) == []
        assert await kept_ids(site) == set(IDS)


async def test_rooms_that_come_and_go_between_the_pages_move_no_other(store_url):
    async with open_site(store_url) as site:
        for room_id in IDS:
            await site.create_room(room_id)
        first = await room_list.list_rooms(site.store.scripts, None, 4)
        await run_out(site, *(room.room_id for room in first.rooms))
        await asyncio.gather(*(site.create_room(f"new{number}") for number in range(3)))
        rest = await room_list.list_rooms(site.store.scripts, first.last, 50)
        assert set(IDS) <= {room.room_id for page in (first, rest) for room in page.rooms}
