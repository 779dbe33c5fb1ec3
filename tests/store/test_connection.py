"""Every call ends in time whatever the server does, and one that was cut off leaves nobody with another's answer."""

from __future__ import annotations

import asyncio
import random

import pytest
import redis.exceptions as errors

from server.domain.refusals import StoreUnavailable
from server.redis_url import parse_redis_url
from server.store.connection import connect, is_unreachable, reaching_store
from tests.support.ports import HOST, free_port
from tests.support.proxy import TcpProxy
from tests.support.replicated import SERVICE

CALLS = 400


def client_of(url: str, *, timeout_s: float = 3.0, most_at_once: int = 8):
    client = connect(parse_redis_url(url), most_at_once=most_at_once)
    client.call_timeout_s = timeout_s
    return client


DEAD_ENDS = {
    "server": "redis://{}",
    "sentinel": f"redis+sentinel://{{0}},{{0}},{{0}}/{SERVICE}",
    "cluster": "redis+cluster://{0},{0}",
}


@pytest.mark.parametrize("kind", DEAD_ENDS)
async def test_a_network_that_swallows_everything_is_an_answer_as_well(redis_url, shared_redis, kind):
    async with TcpProxy(HOST, shared_redis.port) as proxy:
        proxy.black_hole()
        client = client_of(DEAD_ENDS[kind].format(f"{HOST}:{proxy.port}"), timeout_s=0.2)
        calls = [_get(client, "any") for _ in range(20)]  # more than have a turn at once
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(answer) for answer in answers} == {StoreUnavailable}
        await client.aclose()


@pytest.mark.parametrize("kind", DEAD_ENDS)
async def test_a_port_that_nobody_listens_on_is_an_answer_as_well(kind):
    client = client_of(DEAD_ENDS[kind].format(f"{HOST}:{free_port()}"))
    with pytest.raises(StoreUnavailable):
        await _get(client, "any")
    await client.aclose()


async def test_calls_that_are_cut_off_leave_nobody_with_anothers_answer(redis_url, shared_redis):
    async with TcpProxy(HOST, shared_redis.port) as proxy:
        client = client_of(f"redis://{HOST}:{proxy.port}", timeout_s=30)
        await asyncio.gather(*(client.set(f"key-{number}", f"value-{number}") for number in range(CALLS)))
        proxy.delay(3)
        tasks = [asyncio.create_task(_get(client, f"key-{number}")) for number in range(CALLS)]
        for task in random.sample(tasks, CALLS // 2):
            await asyncio.sleep(0.001)  # at whatever point of a call this happens to be
            task.cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        wrong = [
            answer for number, answer in enumerate(answers)
            if not isinstance(answer, asyncio.CancelledError) and answer != f"value-{number}".encode()
        ]
        assert wrong == []
        assert await client.get("key-0") == b"value-0"
        await client.aclose()


async def test_calls_that_run_out_of_time_leave_nobody_with_anothers_answer(redis_url, shared_redis):
    async with TcpProxy(HOST, shared_redis.port) as proxy:
        client = client_of(f"redis://{HOST}:{proxy.port}", timeout_s=0.05)
        proxy.delay(20)
        tasks = [asyncio.create_task(_set_and_get(client, number)) for number in range(CALLS)]
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        proxy.delay(0)
        assert any(isinstance(answer, StoreUnavailable) for answer in answers), "some did run out of time"
        wrong = [a for n, a in enumerate(answers) if not isinstance(a, StoreUnavailable) and a != f"value-{n}".encode()]
        assert wrong == []
        await client.aclose()


async def test_only_so_many_calls_are_under_way(redis_url, shared_redis):
    async with TcpProxy(HOST, shared_redis.port) as proxy:
        client = client_of(f"redis://{HOST}:{proxy.port}", timeout_s=30, most_at_once=5)
        proxy.delay(2)
        await asyncio.gather(*(client.get("any") for _ in range(200)))
        assert proxy.open_connections <= 5
        await client.aclose()


async def test_a_server_that_has_become_a_replica_is_left_for_whoever_has_its_name_by_now(redis_server):
    async with TcpProxy(HOST, redis_server.port) as proxy:
        client = client_of(f"redis://{HOST}:{proxy.port}")
        await client.set("any", "1")
        redis_server.command("REPLICAOF", HOST, "1")
        with pytest.raises(StoreUnavailable), reaching_store():
            await client.set("any", "2")
        assert proxy.accepted > 1, "it connects anew, and may come out elsewhere"
        redis_server.command("REPLICAOF", "NO", "ONE")
        await client.set("any", "3")
        await client.aclose()


@pytest.mark.parametrize(
    ("error", "unreachable"),
    [
        (errors.ClusterDownError("CLUSTERDOWN The cluster is down"), True),
        (errors.TryAgainError("Multiple keys request during rehashing of slot"), True),
        (errors.AskError("1 127.0.0.1:1"), True),
        (errors.ClusterError("TTL exhausted."), True),
        (errors.SlotNotCoveredError("Slot 1 not covered"), True),
        (errors.RedisClusterException("Redis Cluster cannot be connected. Please provide …"), True),
        (errors.RedisClusterException("All slots are not covered after query all startup_nodes."), True),
        (errors.ResponseError("NOREPLICAS Not enough good replicas to write."), True),
        (errors.AuthenticationError("WRONGPASS"), True),
        (errors.RedisClusterException("EVAL - all keys must map to the same key slot"), False),
        (errors.ClusterCrossSlotError("Keys in request don't hash to the same slot"), False),
        (errors.ResponseError("ERR wrong number of arguments"), False),
        (errors.NoPermissionError("NOPERM"), False),
    ],
)
def test_trouble_and_nonsense_are_told_apart(error, unreachable):
    assert is_unreachable(error) is unreachable


async def _get(client, key: str):
    with reaching_store():
        return await client.get(key)


async def _set_and_get(client, number: int):
    with reaching_store():
        await client.set(f"key-{number}", f"value-{number}")
        return await client.get(f"key-{number}")
