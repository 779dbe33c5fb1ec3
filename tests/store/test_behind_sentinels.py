"""A master that its Sentinels have relieved is left at once, also by the connections that were in use just then."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from redis.asyncio.sentinel import MasterNotFoundError

from server.domain.refusals import StoreUnavailable
from server.redis_url import parse_redis_url
from server.store.connection import connect, reaching_store
from tests.support.replicated import SentinelGroup
from tests.support.waiting import wait_until

BUSY = 20


async def test_no_connection_stays_with_a_master_that_was_relieved():
    async with SentinelGroup(is_quick=False) as group:
        client = connect(parse_redis_url(group.url))
        old, known = await group.master(), asyncio.Event()
        try:
            using = [asyncio.create_task(_use(client, known)) for _ in range(BUSY)]
            new = await group.ask_for_failover()
            await wait_until(lambda: _knows(client, new.port), timeout_s=20, what="the new master")
            known.set()
            await asyncio.gather(*using)
            assert await old.is_master(), "it does not know yet that it was relieved"
            ports = await asyncio.gather(*(_port_of(client) for _ in range(2 * BUSY)))
            assert set(ports) == {new.port}
        finally:
            known.set()
            await client.aclose()


async def test_without_a_sentinel_that_answers_there_is_no_master():
    async with SentinelGroup() as group:
        client = connect(parse_redis_url(group.url))
        for sentinel in group.sentinels:
            sentinel.kill()
        with pytest.raises(StoreUnavailable), reaching_store():
            await client.follow_master()
        await client.aclose()


async def test_one_sentinel_that_answers_is_enough():
    async with SentinelGroup() as group:
        client = connect(parse_redis_url(group.url))
        for sentinel in group.sentinels[:2]:
            sentinel.kill()
        await client.set("any", "1")
        await client.aclose()


async def _use(client, known: asyncio.Event) -> None:
    """Wait for what never comes, again and again: the connection is in use whenever the master changes."""
    while not known.is_set():
        with contextlib.suppress(MasterNotFoundError):  # between two masters there is none
            await client.blpop(["nothing"], timeout=0.5)


async def _knows(client, port: int) -> bool:
    with contextlib.suppress(MasterNotFoundError):
        await client.follow_master()
    return client.connection_pool.master_address[1] == port


async def _port_of(client) -> int:
    return int((await client.config_get("port"))["port"])
