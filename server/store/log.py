"""Reading the log: what nodes follow, and what a returning tab resumes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from server.domain.events import Entry
from server.store.connection import BLOCK_MS, reaching_store
from server.store.keys import Keyspace
from server.store.records import decode_entry

ENTRIES_PER_READ = 500


@dataclass(frozen=True, kw_only=True)
class RawEntry:
    """An entry of a shard's log, not decoded yet: most are of rooms that this node has no tab in."""

    shard: int
    n: int
    room_id: str
    seq: int
    event: bytes
    changes: bytes
    crowd: bytes = b""

    def decode(self) -> Entry:
        return decode_entry(self.room_id, self.seq, self.event, self.changes, self.crowd)


class LogReader:
    """Follows the shards on connections of its own, always from explicit positions."""

    def __init__(self, redis: Redis, keyspace: Keyspace, *, one_by_one: bool) -> None:
        self._redis = redis
        self._one_by_one = one_by_one
        self._shards = {keys.log.encode(): shard for shard, keys in enumerate(keyspace.by_shard)}

    def groups(self) -> list[list[int]]:
        """Shards that one read can wait for together: all, but on a Cluster each by itself, since they lie in several slots."""
        shards = sorted(self._shards.values())
        return [[shard] for shard in shards] if self._one_by_one else [shards]

    async def read(self, cursors: Mapping[int, int]) -> list[RawEntry]:
        """Entries after `cursors` (shard → n), as soon as there are some; none after about a second of silence.

        Raises:
            StoreUnavailable
        """
        streams: Any = {key: f"{cursors[shard]}-0" for key, shard in self._shards.items() if shard in cursors}
        with reaching_store():
            reply: Any = await self._redis.xread(streams, count=ENTRIES_PER_READ, block=BLOCK_MS)
        pairs = reply.items() if isinstance(reply, dict) else reply or []
        found: list[RawEntry] = []
        for key, entries in pairs:
            found += [self._entry(self._shards[key], entry_id, fields) for entry_id, fields in _flat(entries)]
        return found

    @staticmethod
    def _entry(shard: int, entry_id: bytes, fields: dict[bytes, bytes]) -> RawEntry:
        return RawEntry(
            shard=shard,
            n=int(entry_id.split(b"-")[0]),
            room_id=fields[b"room"].decode(),
            seq=int(fields[b"seq"]),
            event=fields[b"event"],
            changes=fields[b"changes"],
            crowd=fields.get(b"crowd", b""),
        )


def _flat(entries: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """RESP3 wraps a stream's entries in one more list."""
    if entries and isinstance(entries[0], list) and entries[0] and isinstance(entries[0][0], tuple):
        return list(entries[0])
    return list(entries)

