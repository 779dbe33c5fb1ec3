"""Slots of a Cluster move from master to master, and masters die, under load: what was acknowledged stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.store.keys import Keyspace
from tests.faults.breaking import site_of
from tests.faults.failing_over import SETTINGS, Load, add_lost, goes_on, is_ready, judged, under_load
from tests.faults.figures import AddFigure, counts
from tests.stories.hall import open_hall
from tests.support.nodes import Cluster
from tests.support.replicated import ClusterGroup
from tests.support.waiting import wait_until

ROUNDS = counts(short=2, long=20)
BACK_S = 40


@asynccontextmanager
async def loaded(group: ClusterGroup) -> AsyncIterator[tuple[str, Load]]:
    """Two nodes under load; yields a key of the room. Leaving it, everything has been put right again, and everybody was told
    the truth."""
    async with group, Cluster(group.url, **SETTINGS) as cluster:
        await asyncio.gather(*(cluster.add_node() for _ in range(2)))
        async with open_hall(site_of(cluster), locked=True, checks=False) as hall:
            async with under_load(hall) as load:
                await goes_on(load)
                yield Keyspace(16).room(hall.room_id).room, load
            await wait_until(lambda: is_ready(cluster), BACK_S, "readiness")
            await load.check()
            load.deliveries = (await judged(hall)).deliveries


@pytest.mark.timeout(counts(short=150, long=1500))
async def test_the_slot_of_a_room_moves_to_another_master(figure: AddFigure):
    group = ClusterGroup()
    async with loaded(group) as (key, load):
        for _ in range(ROUNDS):
            source = await group.master_of(key)
            target = next(master for master in await group.masters() if master is not source)
            await group.move_slot(key, target)
            await goes_on(load)
    add_lost(figure, "cluster_slots_moved_lost", load, ROUNDS)


@pytest.mark.timeout(counts(short=150, long=1500))
async def test_the_master_of_a_room_is_killed(figure: AddFigure):
    group = ClusterGroup()
    async with loaded(group) as (key, load):
        for _ in range(ROUNDS):
            old = await group.master_of(key)
            old.kill()
            await wait_until(lambda: _is_served(group, key), BACK_S, "another master of the slot")
            await old.start()
            await wait_until(group.is_whole, BACK_S, "the whole Cluster")
            await goes_on(load)
    add_lost(figure, "cluster_master_killed_lost", load, ROUNDS)


async def _is_served(group: ClusterGroup, key: str) -> bool:
    try:
        await group.master_of(key)
    except LookupError:
        return False
    return True
