"""People come, go and lose their connections for a long time: what the nodes need is afterwards what it was before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from client_sim.nodes import Site
from tests.faults.breaking import running
from tests.faults.churn import STEADY, Churn
from tests.faults.figures import AddFigure, counts
from tests.faults.needs import needs_at_rest
from tests.support.redis_server import RedisServer

TABS = 100
SOAK_S = counts(short=120.0, long=1_800.0)
CHURN_A_MINUTE = 0.05
ACTS_PER_S = 1.0
# What the allocator keeps of the busiest moment differs a little from one time to the next.
MOST_GROWTH_BYTES = counts(short=4, long=8) * 1_048_576
AT_REST_S = 20.0
SETTINGS = {
    "LEASE_TTL_MS": "10000", "LEASE_RENEW_MS": "1000", "PARTICIPANT_GRACE_MS": "1000", "HTTP_PER_S": "1000",
    "LOG_SHARDS": "1",  # a shard has its keys from its first room on
}  # fmt: skip
# Connections to the store are kept, as many as were ever needed at once.
MOST_OF_THE_POOL = 3


@pytest.mark.timeout(SOAK_S + 600)
async def test_after_a_long_time_of_coming_and_going_a_node_needs_what_it_needed_before(
    redis_server: RedisServer, figure: AddFigure
) -> None:
    async with running(redis_server.url, nodes=2, **SETTINGS) as (cluster, site):
        # Once beforehand: pools, caches and the allocator grow to what so many people take.
        await play(site, warm_up)
        before = await needs_at_rest(cluster.nodes, redis_server, cluster.admin_api_key, timeout_s=AT_REST_S)
        cuts, replaced = await play(site, soak)
        after = await needs_at_rest(
            cluster.nodes, redis_server, cluster.admin_api_key, back_to=before, timeout_s=AT_REST_S
        )
    raw = {"before": before, "after": after, "seconds": SOAK_S, "tabs": TABS, "cuts": cuts, "replaced": replaced}
    for name, most in (("descriptors", MOST_OF_THE_POOL), ("tasks", 0), ("redis_keys", 0), ("rss_bytes", MOST_GROWTH_BYTES)):
        more = max(now[name] - then[name] for now, then in zip(after, before, strict=True))
        figure(f"soak_{name}", more, unit="more a node", must=f"<= {most}", holds=more <= most, n=len(after), raw=raw)


async def play(site: Site, drive: Callable[[Churn], Awaitable[None]]) -> tuple[int, int]:
    """Fill a room, drive it, and let everybody go home; answers how many were cut and replaced."""
    async with Churn(site, acts=STEADY) as churn:
        await churn.fill(TABS)
        await drive(churn)
        return churn.cuts.total(), len(churn.histories) - TABS


async def warm_up(churn: Churn) -> None:
    for number in range(10):
        await churn.replace_one(says_goodbye=number % 2 == 0)
        await churn.cut_one()


async def soak(churn: Churn) -> None:
    began_s = time.monotonic()
    every_s = 60 / (TABS * CHURN_A_MINUTE)
    async with asyncio.TaskGroup() as group:
        group.create_task(churn.act(lambda: time.monotonic() > began_s + SOAK_S, ACTS_PER_S))
        for number in range(1, int(SOAK_S / every_s)):
            await asyncio.sleep(max(0.0, began_s + number * every_s - time.monotonic()))
            await churn.replace_one(says_goodbye=number % 2 == 0)
            await churn.cut_one()
    await churn.settle()
