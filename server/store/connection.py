"""Connections to Redis, real or embedded, and what counts as not reaching it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import fakeredis
import redis.exceptions as errors
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from server.domain.refusals import StoreUnavailable
from server.settings import EMBEDDED_URL

POOL_SIZE = 64
SOCKET_TIMEOUT_S = 2.0
# An XREAD blocks for less than the socket may be silent; otherwise a quiet log looks like a lost connection.
BLOCK_MS = 1_000

# What Redis, or the way to it, cannot do just now: to be answered with store_unavailable, and tried again.
UNREACHABLE = (
    errors.ConnectionError,
    errors.TimeoutError,
    errors.BusyLoadingError,
    errors.ReadOnlyError,
    errors.OutOfMemoryError,
    errors.ClusterDownError,
    errors.TryAgainError,
    errors.MaxConnectionsError,
    OSError,
)


_UNREACHABLE_ANSWERS = ("NOREPLICAS", "MISCONF", "CLUSTERDOWN", "MASTERDOWN", "UNKILLABLE", "BUSY ")


def is_unreachable(error: BaseException) -> bool:
    """Whether `error` says that the store cannot be used now, and not that we asked for nonsense."""
    if isinstance(error, UNREACHABLE):
        return True
    return isinstance(error, errors.ResponseError) and str(error).startswith(_UNREACHABLE_ANSWERS)


@contextmanager
def reaching_store() -> Iterator[None]:
    """What cannot be reached inside is StoreUnavailable; every call to Redis is made in here."""
    try:
        yield
    except Exception as error:
        if is_unreachable(error):
            raise StoreUnavailable from error
        raise


def connect(url: str, *, embedded: fakeredis.FakeServer | None = None) -> Redis:
    """A client on a pool of its own, which waits for a free connection rather than failing at a hundred and first call.

    Args:
        embedded: the in-process server that `memory://` means.
    """
    if url == EMBEDDED_URL:
        return fakeredis.FakeAsyncRedis(server=embedded or fakeredis.FakeServer())
    pool: Any = BlockingConnectionPool.from_url(
        url,
        max_connections=POOL_SIZE,
        timeout=SOCKET_TIMEOUT_S,
        socket_timeout=SOCKET_TIMEOUT_S,
        socket_connect_timeout=SOCKET_TIMEOUT_S,
        # A lost answer is asked for again: every mutating script takes a request id or is harmless when repeated.
        retry=Retry(ExponentialBackoff(cap=0.2, base=0.02), 2),
    )
    return Redis.from_pool(pool)
