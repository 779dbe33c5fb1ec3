"""A node's leases, what is due, and the dead nodes of each shard."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from server.domain.refusals import StoreUnavailable
from server.store.connection import reaching_store
from server.store.records import new_epoch
from server.store.scripting import Scripts


@dataclass(frozen=True, kw_only=True)
class ShardPulse:
    """What renewing a lease tells of a shard: `held`: it never lapsed; `log_n`: the last entry of the shard's log."""

    held: bool
    now_ms: int
    epoch: str
    log_n: int


@dataclass(frozen=True, kw_only=True)
class Due:
    """`next_in_ms`: until the next thing is due, None where there is none."""

    members: list[str]
    next_in_ms: float | None


class ShardStore:
    """`for_leases`: the same scripts where nothing else is asked for."""

    def __init__(self, scripts: Scripts, for_leases: Scripts, *, incarnation: str, lease_ttl_ms: int) -> None:
        self._scripts = scripts
        self._for_leases = for_leases
        self._incarnation = incarnation
        self._lease_ttl_ms = lease_ttl_ms

    @property
    def count(self) -> int:
        return self._scripts.keyspace.shards

    async def renew_lease(self, shard: int) -> ShardPulse:
        """Raises: StoreUnavailable."""
        keys = self._scripts.keyspace.by_shard[shard]
        held, now_ms, epoch, log_n = await self._for_leases.run_on_shard(
            "lease_renew",
            [keys.lease(self._scripts.node_id), keys.epoch, keys.log_n],
            [self._incarnation, self._lease_ttl_ms, new_epoch(), self._scripts.skew_ms],
        )
        return ShardPulse(held=bool(held), now_ms=int(now_ms), epoch=epoch.decode(), log_n=int(log_n))

    async def drop_lease(self, shard: int) -> None:
        """This node stops: its leases need not run out."""
        with reaching_store():
            await self._scripts.redis.delete(self._scripts.keyspace.by_shard[shard].lease(self._scripts.node_id))

    async def due(self, shard: int, limit: int = 50) -> Due:
        """Raises: StoreUnavailable."""
        keys = self._scripts.keyspace.by_shard[shard]
        members, next_in_ms = await self._scripts.run_on_shard("due_peek", [keys.due], [limit, self._scripts.skew_ms])
        return Due(members=[member.decode() for member in members], next_in_ms=None if next_in_ms < 0 else next_in_ms)

    async def dead_nodes(self, shard: int) -> list[str]:
        """Nodes that have, or had, tabs on the shard and hold no lease. Raises: StoreUnavailable."""
        keys = self._scripts.keyspace.by_shard[shard]
        with reaching_store():
            members: Any = await self._scripts.redis.smembers(keys.nodes)
            nodes = [member.decode() for member in members]
            return [node for node in nodes if not await self._scripts.redis.exists(keys.lease(node))]

    async def tabs_of(self, shard: int, node_id: str) -> dict[str, list[tuple[str, str]]]:
        """A node's tabs on the shard by room: (participant_id, connection_id). Raises: StoreUnavailable."""
        keys = self._scripts.keyspace.by_shard[shard]
        by_room: dict[str, list[tuple[str, str]]] = defaultdict(list)
        with reaching_store():
            members: Any = await self._scripts.redis.smembers(keys.node_tabs(node_id))
        for member in members:
            room_id, participant_id, connection_id = member.decode().split("|")
            by_room[room_id].append((participant_id, connection_id))
        return by_room

    async def forget_node(self, shard: int, node_id: str) -> None:
        keys = self._scripts.keyspace.by_shard[shard]
        await self._scripts.run_on_shard("node_forget", [keys.lease(node_id), keys.nodes, keys.node_tabs(node_id)], [node_id])


class StoreClock:
    """Redis's clock as this node knows it: measured at each renewal, read without asking."""

    def __init__(self) -> None:
        self._offset_ms: float | None = None
        self._best_rtt_ms = math.inf

    def measured(self, redis_now_ms: int, sent_s: float, received_s: float) -> None:
        """Take a reading; the tightest of late wins, and old ones fade."""
        rtt_ms = (received_s - sent_s) * 1000
        self._best_rtt_ms += 0.5
        if rtt_ms <= self._best_rtt_ms:
            self._best_rtt_ms = rtt_ms
            self._offset_ms = redis_now_ms - (sent_s + received_s) / 2 * 1000

    def now_ms(self) -> int:
        """Raises: StoreUnavailable: the store has not answered yet."""
        if self._offset_ms is None:
            raise StoreUnavailable
        return int(time.monotonic() * 1000 + self._offset_ms)
