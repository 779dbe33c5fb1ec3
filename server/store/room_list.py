"""The rooms of the whole site, shard after shard, in pages."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from server.domain.room import Room
from server.store.connection import reaching_store
from server.store.records import decode_as
from server.store.scripting import Scripts

Place = tuple[int, str]  # shard, room id


@dataclass(frozen=True, kw_only=True)
class RoomsFound:
    """`last`: where the next page begins; None where nothing comes after."""

    rooms: list[Room]
    last: Place | None


async def list_rooms(scripts: Scripts, after: Place | None, limit: int) -> RoomsFound:
    """The first `limit` rooms after a place, by shard and id; those whose keys have run out are passed over and forgotten.

    Raises:
        StoreUnavailable
    """
    first_shard, after_id = after or (0, "")
    found: list[Room] = []
    for shard in range(first_shard, scripts.keyspace.shards):
        ids = await _ids_of(scripts, shard)
        start = bisect_right(ids, after_id) if shard == first_shard else 0
        while start < len(ids):
            batch = ids[start : start + limit - len(found)]
            found += await _load(scripts, batch)
            start += len(batch)
            if len(found) == limit:
                is_last = start == len(ids) and shard == scripts.keyspace.shards - 1
                return RoomsFound(rooms=found, last=None if is_last else (shard, batch[-1]))
    return RoomsFound(rooms=found, last=None)


async def _ids_of(scripts: Scripts, shard: int) -> list[str]:
    with reaching_store():
        members: Any = await scripts.redis.smembers(scripts.keyspace.by_shard[shard].rooms)
    return sorted(member.decode() for member in members)


async def _load(scripts: Scripts, room_ids: list[str]) -> list[Room]:
    """The records of rooms of one shard."""
    keys = [scripts.keyspace.room(room_id).room for room_id in room_ids]
    with reaching_store():
        texts: list[Any] = await asyncio.gather(*(scripts.redis.hget(key, "doc") for key in keys))
    await _forget(scripts, [room_id for room_id, text in zip(room_ids, texts, strict=True) if text is None])
    return [decode_as(Room, text) for text in texts if text is not None]


async def _forget(scripts: Scripts, room_ids: list[str]) -> None:
    """Nobody is told when a key runs out, so the list is put right where that is noticed."""
    if not room_ids:
        return
    keys = [scripts.keyspace.shard(room_ids[0]).rooms, *(scripts.keyspace.room(room_id).room for room_id in room_ids)]
    await scripts.run_on_shard("rooms_forget", keys, [*room_ids])
