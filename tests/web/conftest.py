"""Nodes that are attacked: each test ends by looking at whether the node still lives and has logged no traceback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.support.nodes import CALM, Cluster, Node, http_status
from tests.support.redis_server import RedisServer

# Thousands of tests call from one network; how often one may is tested on nodes of its own. These nodes live as long as the
# run: each shard costs them a script a second, which the embedded store takes its time for.
UNHURRIED = {**CALM, "LOG_SHARDS": "2", "HTTP_PER_S": "100000", "HTTP_BURST": "1000000"}
SITE_SECRET = "site-secret-0123456789abcdefghijklm"


@pytest.fixture(scope="session")
def embedded_node() -> Iterator[Node]:
    """Everything in one process, behind a proxy on this machine that is trusted."""
    yield from _run(Cluster(**UNHURRIED, TRUSTED_PROXIES="127.0.0.1"))


@pytest.fixture(scope="session")
def redis_node() -> Iterator[Node]:
    """A node on a real store of its own."""
    with RedisServer() as server:
        yield from _run(Cluster(server.url, **UNHURRIED))


@pytest.fixture(scope="session")
def https_node() -> Iterator[Node]:
    """A node as it is in earnest: a site with a sign-in of its own, https, and an embedder."""
    settings = {
        "PUBLIC_URL": "https://rooms.example.com",
        "SITE_JWT_SECRET": SITE_SECRET,
        "ALLOWED_EMBEDDERS": "https://app.example.com,https://other.example.com",
        "ALLOWED_ORIGINS": "https://app.example.com",
    }
    yield from _run(Cluster(**UNHURRIED, **settings))


@pytest.fixture
def node(embedded_node: Node) -> Iterator[Node]:
    yield from _unharmed(embedded_node)


@pytest.fixture(params=["embedded", "redis"])
def any_node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """The same attack on a node with the store inside and on one with a real store."""
    yield from _unharmed(request.getfixturevalue(f"{request.param}_node"))


@pytest.fixture
def site_node(https_node: Node) -> Iterator[Node]:
    yield from _unharmed(https_node)


def _run(cluster: Cluster) -> Iterator[Node]:
    try:
        yield asyncio.run(cluster.add_node())
    finally:
        asyncio.run(cluster.__aexit__(None, None, None))


def _unharmed(node: Node) -> Iterator[Node]:
    before = len(node.tracebacks())
    yield node
    assert asyncio.run(http_status(node.port, "/readyz")) == 200
    assert node.tracebacks()[before:] == [], node.output()[-4000:]
