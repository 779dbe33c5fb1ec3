"""Sites that are there to be broken: nodes of a test's own, and tabs that do not behave."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from client_sim.client import RoomClient
from client_sim.codec import JSON
from client_sim.connection import ws_url
from client_sim.nodes import Site
from client_sim.refused import Refused
from tests.support.nodes import Cluster
from tests.support.proxy import TcpProxy

LEASE_TTL_S = 2.0
SETTINGS = {
    "LEASE_TTL_MS": str(round(LEASE_TTL_S * 1000)),
    "LEASE_RENEW_MS": "400",
    "PARTICIPANT_GRACE_MS": "700",
    "WAITER_GRACE_MS": "700",
}


@asynccontextmanager
async def running(redis_url: str, nodes: int = 2, **settings: str) -> AsyncIterator[tuple[Cluster, Site]]:
    """So many nodes on one Redis. Leaving it fails when one of them met a bug; see `Cluster`."""
    async with Cluster(redis_url, **{**SETTINGS, **settings}) as cluster:
        for _ in range(nodes):
            await cluster.add_node()
        yield cluster, site_of(cluster)


def site_of(cluster: Cluster) -> Site:
    return Site(tuple(node.url for node in cluster.nodes), cluster.admin_api_key, f"{len(cluster.nodes)} nodes")


def proxied(proxy: TcpProxy) -> dict[str, str]:
    """The setting of a node that reaches its Redis through `proxy`."""
    return {"REDIS_URL": f"redis://127.0.0.1:{proxy.port}"}


# ── Tabs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def gets_stale(tab: RoomClient, stale: bool, timeout_s: float = 10) -> None:
    """Wait until the tab is told that what it sees may be old, or that it is true again."""
    await tab.wait_until(lambda replica: replica.stale is stale, timeout_s, f"stale: {stale}")


async def comes_back(tab: RoomClient, before: str | None, timeout_s: float = 10) -> None:
    """Wait until the tab has another connection than `before`."""
    await tab.wait_until(lambda replica: replica.connection_id != before, timeout_s, "new connection")


async def tried(tab: RoomClient, command: str, **fields: Any) -> str:
    """How the command went: `done`, or the code of its refusal."""
    try:
        await tab.command(command, **fields)
    except Refused as refused:
        return refused.code
    return "done"


@asynccontextmanager
async def deaf_tab(
    url: str, token: str, resume: dict[str, Any] | None = None
) -> AsyncIterator[tuple[ClientConnection, dict[str, Any]]]:
    """A tab with hardly any room for what it does not read; yields its websocket and its welcome."""
    parts = urlsplit(url)
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect((parts.hostname, parts.port))
    narrow.setblocking(False)
    socket_ = await connect(
        ws_url(url), sock=narrow, subprotocols=[Subprotocol(JSON)], compression=None, ping_interval=None, max_queue=1,
        max_size=None, close_timeout=0.1,
    )  # fmt: skip
    try:
        assert json.loads(await socket_.recv())["type"] == "challenge"
        await socket_.send(json.dumps({"type": "hello", "token": token} | ({"resume": resume} if resume else {})))
        yield socket_, json.loads(await socket_.recv())
    finally:
        socket_.transport.abort()
        await socket_.wait_closed()


async def read_frames(socket_: ClientConnection, upto: int) -> list[dict[str, Any]]:
    """The events that a tab is told until it holds everything up to that seq."""
    events, last = [], -1
    while last < upto:
        message = json.loads(await socket_.recv())
        if message["type"] == "events":
            events += message["events"]
            last = message["upto"]
    return events
