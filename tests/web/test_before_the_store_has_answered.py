"""A node that has not reached its store yet knows no time: it says come back, and takes nobody's token for run out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.settings import Keyring, Secret
from server.store.shards import StoreClock
from server.trust.tokens import SessionClaims, Tokens
from tests.support.nodes import QUICK, Cluster, Node, http_status
from tests.support.ports import HOST, free_port
from tests.support.refusing import refused
from tests.support.waiting import wait_until
from tests.web.asking import ask, check_problem
from tests.web.tab import open_tab

FAR_MS = 4_000_000_000_000


@asynccontextmanager
async def a_node_alone() -> AsyncIterator[Node]:
    """Up and not ready: nothing listens where its store should be."""
    async with Cluster(f"redis://{HOST}:{free_port()}", **QUICK) as cluster:
        starting = asyncio.create_task(cluster.add_node())
        try:
            await wait_until(lambda: bool(cluster.nodes), what="the node")
            await wait_until(lambda: is_up(cluster.nodes[0]), 20, what="health")
            yield cluster.nodes[0]
        finally:
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await starting


async def is_up(node: Node) -> bool:
    return await http_status(node.port, "/healthz") == 200


def token() -> str:
    key_id, _, key = Cluster.session_keys.partition(":")
    made = Tokens(Keyring({key_id: Secret(key)}), session_ttl_s=900)
    return made.mint_session(SessionClaims(room_id="r1", participant_id="p1"), FAR_MS)[0]


async def test_a_hello_and_a_sign_in_are_told_to_come_back():
    async with a_node_alone() as node:
        assert await http_status(node.port, "/readyz") == 503
        async with open_tab(node) as tab:
            with contextlib.suppress(Exception):  # it is told before it has said anything
                await tab.send({"type": "hello", "token": token()})
            bye, close_code = await tab.end()
        assert bye is not None
        assert (bye["code"], close_code, bye["retry_after_ms"]) == ("store_unavailable", 4409, 2_000)
        assert [message["type"] for message in tab.heard] == ["bye"]
        signed = await ask(node, "POST", "/v1/rooms/r1/sign-in", {}, headers={"Authorization": "Bearer t"})
        check_problem(signed, 503, "store_unavailable")
        demo = await ask(node, "POST", "/v1/demo/sign-in", {"user_id": "u", "name": "N", "email": "n@example.com"})
        check_problem(demo, 503, "store_unavailable")


@pytest.mark.parametrize("answered", [False, True])
def test_the_stores_clock_is_not_guessed(answered):
    clock = StoreClock()
    if answered:
        clock.measured(FAR_MS, 0.0, 0.0)
        assert clock.now_ms() >= FAR_MS
    else:
        with refused("store_unavailable"):
            clock.now_ms()
