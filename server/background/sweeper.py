"""Takes out the tabs of nodes that have died: their lease was the grace."""

from __future__ import annotations

import asyncio
import logging

from server.actions.services import Services
from server.background.lease import LeaseKeeper
from server.store.scripting import NodeAlive

logger = logging.getLogger(__name__)

TABS_PER_SCRIPT = 100


class Sweeper:
    def __init__(self, services: Services, lease: LeaseKeeper) -> None:
        self._services = services
        self._lease = lease

    async def step(self) -> None:
        """One round over the shards. Raises: StoreUnavailable."""
        for shard in range(self._services.store.shards.count):
            if self._lease.may_sweep(shard):
                await self._sweep_shard(shard)
        await asyncio.sleep(self._services.settings.lease_renew_ms / 1000)

    async def _sweep_shard(self, shard: int) -> None:
        for node_id in await self._services.store.shards.dead_nodes(shard):
            # Asked again: everything may have stood still meanwhile, and with it whoever looks dead.
            if not self._lease.may_sweep(shard):
                return
            logger.warning("node %s is gone; sweeping its tabs on shard %d", node_id, shard)
            try:
                await self._sweep_node(shard, node_id)
            except NodeAlive:
                logger.info("node %s is back", node_id)

    async def _sweep_node(self, shard: int, node_id: str) -> None:
        store = self._services.store
        for room_id, tabs in (await store.shards.tabs_of(shard, node_id)).items():
            for start in range(0, len(tabs), TABS_PER_SCRIPT):
                await store.tabs.sweep(room_id, tabs[start : start + TABS_PER_SCRIPT], dead_node_id=node_id)
        await store.shards.forget_node(shard, node_id)
