"""Where the stories are played: every one on a single node with its store inside, and on two nodes that share a server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from client_sim.nodes import Site
from tests.support.nodes import Cluster
from tests.support.redis_server import RedisServer

# Short enough to watch them run out, long enough that coming back in time is no race, also where the machine stands still for a
# while; batches that a small line fills; and no node that freezes meanwhile.
SETTINGS = {
    "PARTICIPANT_GRACE_MS": "4000", "WAITER_GRACE_MS": "1000", "SEAT_HOLD_S": "4", "BATCH_SIZE": "3", "LOG_SHARDS": "2",
    "LEASE_TTL_MS": "30000",
}


@pytest.fixture(scope="session", params=["one_node", "two_nodes"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The nodes of all stories of this worker; each story makes a room of its own."""
    if request.param == "one_node":
        yield from _site(None, nodes=1)
        return
    with RedisServer() as server:
        yield from _site(server.url, nodes=2)


def _site(redis_url: str | None, *, nodes: int) -> Iterator[Site]:
    cluster = Cluster(redis_url, **SETTINGS)
    asyncio.run(cluster.__aenter__())
    try:
        for _ in range(nodes):
            asyncio.run(cluster.add_node())
        yield Site(tuple(node.url for node in cluster.nodes), cluster.admin_api_key, f"{nodes} nodes")
    finally:
        asyncio.run(cluster.__aexit__(None, None, None))
