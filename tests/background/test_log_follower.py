"""Following the log: what is missing or was taken back is noticed, and the tabs are told openly."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from server.actions import rooms
from server.domain.roles import Role
from tests.background.parts import Parts, node_of, reasons
from tests.support.rooms import ROOM, Site, open_site
from tests.support.waiting import wait_until

pytestmark = pytest.mark.usefixtures("short_silence")


async def lock(site: Site, locked: bool) -> None:
    await (rooms.lock_room if locked else rooms.unlock_room)(site.services, site.by(None))


def shard_keys(parts: Parts):
    return parts.services.store.keyspace.by_shard[parts.shard()]


async def last_n(parts: Parts) -> int:
    return int(await parts.services.store.redis.get(shard_keys(parts).log_n))


async def settle(parts: Parts) -> None:
    """A renewal and a silence, as they come about by themselves."""
    for _ in range(2):
        await parts.lease.renew()
        renewing = asyncio.create_task(parts.lease.renew())
        await parts.catch_up()
        await renewing
    await parts.catch_up()


async def test_what_happens_reaches_the_tabs_in_its_order_and_without_a_resync(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        await lock(site, True)
        await parts.join("boss", Role.MANAGER)
        await lock(site, False)
        await settle(parts)
        assert tab.heard() == ["room.changed", "participants.joined", "room.changed", "room.changed"], "a host is there"
        assert reasons(tab) == []
        await parts.check_whole(tab)


async def test_an_entry_missing_in_the_middle_is_noticed_at_the_next(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        await lock(site, True)
        await site.store.redis.xdel(shard_keys(parts).log, f"{await last_n(parts)}-0")
        await site.arrive("boss", Role.MANAGER)
        await parts.catch_up()
        assert reasons(tab)
        assert set(reasons(tab)) == {"gap"}
        await parts.check_whole(tab)


async def test_an_entry_missing_in_front_of_another_rooms_is_noticed_by_the_shards_own_numbers(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        neighbour = next(f"r{n}" for n in range(10_000) if f"r{n}" != ROOM and parts.shard(f"r{n}") == parts.shard())
        await lock(site, True)
        await site.store.redis.xdel(shard_keys(parts).log, f"{await last_n(parts)}-0")
        await site.create_room(neighbour)
        await parts.catch_up()
        assert set(reasons(tab)) == {"gap"}
        await parts.check_whole(tab)


async def test_an_entry_missing_at_the_end_is_noticed_in_the_silence_after_it(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        await lock(site, True)
        await site.store.redis.xdel(shard_keys(parts).log, f"{await last_n(parts)}-0")
        await settle(parts)
        assert reasons(tab)
        await parts.check_whole(tab)


async def test_a_log_trimmed_beyond_where_a_node_stands_is_noticed(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        for turn in range(6):
            await lock(site, turn % 2 == 0)
        await site.store.redis.xtrim(shard_keys(parts).log, maxlen=2, approximate=False)
        await settle(parts)
        assert "gap" in reasons(tab)
        await parts.check_whole(tab)


async def roll_back(parts: Parts, to_n: int) -> None:
    """As a store that comes back with older data: the counter stands lower and the entries beyond are gone."""
    redis, keys = parts.services.store.redis, shard_keys(parts)
    for entry_id, _ in await redis.xrange(keys.log, min=f"{to_n + 1}-0"):
        await redis.xdel(keys.log, entry_id)
    await redis.set(keys.log_n, to_n)


async def test_a_log_that_went_back_is_noticed_in_a_silence_and_followed_from_there(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        for turn in range(6):
            await lock(site, turn % 2 == 0)
        await settle(parts)
        assert reasons(tab) == []
        await roll_back(parts, 2)
        await settle(parts)
        assert "gap" in reasons(tab)


async def test_a_stream_made_anew_after_a_rollback_is_followed(redis_url):
    """Its ids begin again; only a cursor that was set back sees them."""
    async with open_site(redis_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        for turn in range(6):
            await lock(site, turn % 2 == 0)
        await settle(parts)
        await site.store.redis.delete(shard_keys(parts).log, shard_keys(parts).log_n)
        await settle(parts)
        assert "gap" in reasons(tab)
        await lock(site, True)
        await settle(parts)
        assert tab.replica.room is not None
        assert tab.replica.room["locked"] is True
        await parts.check_whole(tab)


async def test_a_rollback_shows_also_while_another_shard_is_never_silent(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        busy = next(f"busy-{n}" for n in range(50) if parts.shard(f"busy-{n}") != parts.shard())
        await site.create_room(busy)
        await settle(parts)
        await roll_back(parts, 1)
        for turn in range(6):
            request = replace(site.by(None), room_id=busy)
            await (rooms.lock_room if turn % 2 == 0 else rooms.unlock_room)(site.services, request)
            renewing = asyncio.create_task(parts.lease.renew())
            await asyncio.sleep(0)
            await parts.follower.step()
            await renewing
        await wait_until(lambda: "gap" in reasons(tab), what="a resync while the other shard goes on")


async def test_a_server_that_was_restarted_is_another_epoch_to_every_tab_though_its_data_are_all_there(redis_server):
    """Whether it lost the end of the log nobody could tell from what it has."""
    async with open_site(redis_server.url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        before = tab.messages[0]["position"]["epoch"]
        redis_server.restart()
        await settle(parts)
        assert "epoch" in reasons(tab)
        last = next(message for message in reversed(tab.messages) if message["type"] == "resync")
        assert last["position"]["epoch"] != before


async def test_a_quiet_log_raises_no_alarm(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        for _ in range(3):
            await settle(parts)
        assert reasons(tab) == []
        assert (await site.contents()).room.room_id == ROOM
