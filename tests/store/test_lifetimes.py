"""Every key has an end, except the few that a shard keeps."""

from __future__ import annotations

import pytest

from server.domain.roles import Role
from server.store.keys import RoomKeys
from tests.actions.stage import BOSS, CASES, set_stage
from tests.support.lifetimes import keys_without_end
from tests.support.rooms import HOUR_MS, ROOM, open_site

RETENTION_S = 3_600


@pytest.mark.parametrize("name", CASES)
async def test_no_command_leaves_a_key_without_an_end(store_url, name):
    async with open_site(store_url) as site:
        stage = await set_stage(site, CASES[name])
        assert await keys_without_end(site.store) == []
        await stage.run(CASES[name], BOSS)
        assert await keys_without_end(site.store) == []


async def test_a_wrong_key_would_be_found(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        people = site.store.keyspace.room(ROOM).people
        await site.meet("vic")
        await site.store.redis.persist(people)
        assert await keys_without_end(site.store) == [people]
        await site.store.redis.delete(people)


async def test_the_whole_room_goes_a_retention_after_its_last_change(store_url):
    async with open_site(store_url, room_retention_s=RETENTION_S) as site:
        await set_stage(site)
        lifetimes_ms = [await site.store.redis.pttl(key) for key in await _keys_of_room(site.store)]
        assert all(RETENTION_S * 1000 - 60_000 < lifetime_ms <= RETENTION_S * 1000 for lifetime_ms in lifetimes_ms)


async def test_a_room_far_ahead_lives_until_after_its_planned_end(store_url):
    async with open_site(store_url, room_retention_s=RETENTION_S) as site:
        ends_at_ms = await site.now_ms() + 48 * HOUR_MS
        await site.create_room(starts_at_ms=ends_at_ms - HOUR_MS, ends_at_ms=ends_at_ms)
        await site.bring_in("boss", Role.MANAGER)
        for key in await _keys_of_room(site.store):
            assert await site.store.redis.pttl(key) > 48 * HOUR_MS


async def test_an_answer_is_kept_for_two_minutes(store_url):
    async with open_site(store_url) as site:
        stage = await set_stage(site)
        await stage.run(CASES["room.edit"], BOSS, "r1")
        assert 110_000 < await site.store.redis.pttl(site.store.keyspace.room(ROOM).result("r1")) <= 120_000


async def _keys_of_room(store) -> list[str]:
    """The keys that there are of the room itself; answers and counts of tries are not."""
    keys: RoomKeys = store.keyspace.room(ROOM)
    named = [
        keys.room, keys.people, keys.identities, keys.tabs, keys.line, keys.invitations, keys.links, keys.addresses,
        keys.applications, keys.log,
    ]
    there = [key for key in named if await store.redis.exists(key)]
    assert there
    return there
