"""The farthest instant that anybody may name comes out of the store as it went in."""

from __future__ import annotations

import typing

from server.actions import rooms
from server.wire.messages import Instant
from tests.support.rooms import ROOM, Site, open_site, shard_of_room
from tests.support.verifying import verify_action

FARTHEST_MS: int = typing.get_args(Instant)[1].le


def due_key(site: Site) -> str:
    return site.store.keyspace.by_shard[shard_of_room(site.services)].due


async def test_a_room_made_for_the_farthest_instant_is_read_as_it_was_made(store_url):
    async with open_site(store_url) as site:
        await site.create_room(starts_at_ms=FARTHEST_MS - 1, ends_at_ms=FARTHEST_MS)
        room = (await site.contents()).room
        assert (room.starts_at_ms, room.ends_at_ms) == (FARTHEST_MS - 1, FARTHEST_MS)
        assert await site.store.redis.zscore(due_key(site), f"open|{ROOM}|") == FARTHEST_MS - 1


async def test_a_room_moved_to_the_farthest_instant_is_read_told_and_moved_again_as_ever(store_url):
    async with open_site(store_url) as site:
        near_ms = await site.now_ms() + 3_600_000
        await site.create_room(starts_at_ms=near_ms)
        for starts_at_ms in (FARTHEST_MS, FARTHEST_MS - 1, near_ms):
            async with verify_action(site):
                await rooms.edit_room(site.services, site.by(None), {"starts_at_ms": starts_at_ms})
                await rooms.write_lobby_message(site.services, site.by(None), f"At {starts_at_ms}")  # written once more, by Lua
            assert (await site.contents()).room.starts_at_ms == starts_at_ms


def test_the_farthest_instant_has_thirteen_digits():
    assert len(str(FARTHEST_MS)) == 13
