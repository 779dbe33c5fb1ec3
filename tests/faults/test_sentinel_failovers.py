"""The master dies, hangs, or is relieved by its Sentinels, under load: what was acknowledged stays, and everybody is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.faults.breaking import site_of
from tests.faults.failing_over import SETTINGS, Load, add_lost, goes_on, is_ready, judged, under_load
from tests.faults.figures import LONG, AddFigure, counts
from tests.stories.hall import open_hall
from tests.support.nodes import Cluster, http_status
from tests.support.replicated import SentinelGroup
from tests.support.waiting import wait_until

ROUNDS = counts(short=2, long=20)
BACK_S = 40
NOTICED_MS = 4_000
# A call to the store ends within three seconds, waiting for replicas included within four; a claim makes a few.
ANSWERED_MS = 10_000


@asynccontextmanager
async def loaded(group: SentinelGroup) -> AsyncIterator[tuple[Cluster, Load]]:
    """Two nodes under load; leaving it, everything has been put right again, and everybody was told the truth."""
    async with group, Cluster(group.url, **SETTINGS) as cluster:
        await asyncio.gather(*(cluster.add_node() for _ in range(2)))
        async with open_hall(site_of(cluster), locked=True, checks=False) as hall:
            async with under_load(hall) as load:
                await goes_on(load)
                yield cluster, load
            await wait_until(lambda: is_ready(cluster), BACK_S, "readiness")
            await load.check()
            load.deliveries = (await judged(hall)).deliveries


async def is_back(group: SentinelGroup, load: Load) -> None:
    await wait_until(group.is_whole, BACK_S, "the whole group")
    await goes_on(load)


@pytest.mark.timeout(counts(short=150, long=1500))
async def test_the_master_is_killed(figure: AddFigure):
    group = SentinelGroup(is_quick=not LONG)
    async with loaded(group) as (_, load):
        for _ in range(ROUNDS):
            old = await group.master()
            old.kill()
            await group.fails_over(old)
            await group.restart(old)
            await is_back(group, load)
    add_lost(figure, "sentinel_killed_lost", load, ROUNDS)


@pytest.mark.timeout(counts(short=150, long=1500))
async def test_the_master_hangs_and_comes_back_as_if_it_were_still_the_master(figure: AddFigure):
    group, noticed_ms = SentinelGroup(is_quick=not LONG), []
    async with loaded(group) as (cluster, load):
        for _ in range(ROUNDS):
            old = await group.master()
            old.stop()
            stopped_at_s = time.monotonic()
            for node in cluster.nodes:
                await wait_until(lambda node=node: _is_red(node.port), BACK_S, "a node that says that it cannot serve")
                noticed_ms.append((time.monotonic() - stopped_at_s) * 1000)
            await group.fails_over(old)
            old.cont()
            await is_back(group, load)
    add_lost(figure, "sentinel_hung_lost", load, ROUNDS)
    figure(
        "sentinel_hung_noticed_ms", round(max(noticed_ms)), unit="ms", must=f"<= {NOTICED_MS}",
        holds=max(noticed_ms) <= NOTICED_MS, n=len(noticed_ms), raw={"least_ms": round(min(noticed_ms))},
    )
    figure(
        "sentinel_hung_answered_ms", round(load.slowest_ms), unit="ms", must=f"<= {ANSWERED_MS}",
        holds=load.slowest_ms <= ANSWERED_MS, n=load.acknowledged.total() + load.told.total(), raw={"told": dict(load.told)},
    )


@pytest.mark.timeout(counts(short=150, long=1500))
async def test_the_master_is_relieved_and_takes_writes_for_a_while_that_nobody_will_have(figure: AddFigure):
    group = SentinelGroup(is_quick=not LONG)
    async with loaded(group) as (_, load):
        for _ in range(ROUNDS):
            await group.ask_for_failover()
            await is_back(group, load)
    add_lost(figure, "sentinel_relieved_lost", load, ROUNDS)


async def _is_red(port: int) -> bool:
    return await http_status(port, "/readyz") == 503
