"""A node begins when its store can be used, and until then says what it waits for."""

from __future__ import annotations

import asyncio
import json

import pytest

from client_sim.http_request import request
from server.background.beginning import StoreGate
from server.domain.refusals import StoreUnavailable
from server.store.store import Store
from tests.support.nodes import Cluster
from tests.support.ports import HOST, free_port
from tests.support.redis_server import RedisServer
from tests.support.rooms import make_settings
from tests.support.waiting import wait_until

TRIES = 5


async def test_a_store_that_is_fit_is_passed_at_once(store_url):
    store = Store(make_settings(store_url))
    await StoreGate(store).passed()
    await store.close()


async def test_a_store_out_of_reach_is_named_once_and_not_at_every_try(caplog):
    store = Store(make_settings(f"redis://:very-private@{HOST}:{free_port()}"))
    gate = StoreGate(store)
    for _ in range(TRIES):
        with pytest.raises(StoreUnavailable):
            await gate.passed()
    (line,) = caplog.messages
    assert f"{HOST}:" in line
    assert "cannot be reached yet" in line
    assert "very-private" not in caplog.text
    assert gate.why == "store_unavailable"
    await store.close()


async def test_a_wrong_password_is_said_to_be_one(redis_server, caplog):
    redis_server.command("CONFIG", "SET", "requirepass", "another")
    store = Store(make_settings(redis_server.url.replace("redis://", "redis://:very-private@")))
    with pytest.raises(StoreUnavailable):
        await StoreGate(store).passed()
    assert "password" in caplog.messages[0]
    assert "very-private" not in caplog.text
    await store.close()


async def test_a_store_that_is_not_fit_is_passed_once_it_has_been_put_right(redis_server, caplog):
    forgetful(redis_server)
    store = Store(make_settings(redis_server.url))
    gate = StoreGate(store)
    for _ in range(TRIES):
        with pytest.raises(StoreUnavailable):
            await gate.passed()
    (line,) = caplog.messages
    assert "noeviction" in line
    assert gate.why == "store_unfit"
    redis_server.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
    await gate.passed()
    await store.close()


async def test_what_may_go_wrong_is_said_and_passed(redis_server, caplog):
    store = Store(make_settings(redis_server.url, confirm_replicas=1))
    await StoreGate(store).passed()
    assert "CONFIRM_REPLICAS is 1" in caplog.messages[0]
    await store.close()


async def test_a_node_waits_for_a_store_that_is_not_fit_and_says_so(redis_server):
    forgetful(redis_server)
    async with Cluster(redis_server.url) as cluster:
        starting = asyncio.create_task(cluster.add_node())
        await wait_until(lambda: says(cluster, "store_unfit"), 20, "what it waits for")
        redis_server.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
        await starting


def forgetful(server: RedisServer) -> None:
    server.command("CONFIG", "SET", "maxmemory", "100mb")
    server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")


async def says(cluster: Cluster, status: str) -> bool:
    if not cluster.nodes:
        return False
    try:
        answer = await request("GET", f"{cluster.nodes[0].url}/readyz")
    except OSError:
        return False
    return answer.status == 503 and json.loads(answer.body)["status"] == status
