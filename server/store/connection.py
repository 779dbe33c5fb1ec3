"""Connections to Redis — one server, behind Sentinels, a Cluster, embedded — and what counts as not reaching it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import redis.exceptions as errors
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff

from server.domain.refusals import StoreUnavailable
from server.redis_url import StoreAddress, StoreKind
from server.store.sentinels import MasterPool, NewestWord

if TYPE_CHECKING:
    import fakeredis

POOL_SIZE = 64
EMBEDDED_POOL_SIZE = 100_000
SOCKET_TIMEOUT_S = 2.0
# A call in all: waiting for its turn, asking Sentinels for the master, connecting, following a slot, and repeating what was lost.
CALL_TIMEOUT_S = 3.0
# Whoever asks a Sentinel has others to ask.
SENTINEL_TIMEOUT_S = 0.8
# An XREAD blocks for less than the socket may be silent; otherwise a quiet log looks like a lost connection.
BLOCK_MS = 1_000

# What Redis, or the way to it, cannot do just now: to be answered with store_unavailable, and tried again.
UNREACHABLE = (
    errors.ConnectionError,
    errors.TimeoutError,
    errors.BusyLoadingError,
    errors.ReadOnlyError,
    errors.OutOfMemoryError,
    errors.ClusterError,  # down, or a slot that went from server to server too often
    errors.TryAgainError,
    errors.AskError,
    errors.SlotNotCoveredError,
    errors.MaxConnectionsError,
    OSError,
)

_UNREACHABLE_ANSWERS = ("NOREPLICAS", "MISCONF", "CLUSTERDOWN", "MASTERDOWN", "UNKILLABLE", "BUSY ")
# redis-py has one class for a Cluster that it cannot reach and for keys that make no sense together.
_UNREACHABLE_CLUSTER = ("Redis Cluster cannot be connected", "All slots are not covered", "startup_nodes could not agree")


def is_unreachable(error: BaseException) -> bool:
    """Whether `error` says that the store cannot be used now, and not that we asked for nonsense."""
    if isinstance(error, UNREACHABLE):
        return True
    if isinstance(error, errors.RedisClusterException):
        return str(error).startswith(_UNREACHABLE_CLUSTER)
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


class _Bounded:
    """Every command ends within `call_timeout_s`, whatever becomes of the server meanwhile, and only so many are under way.

    A call that is cut off leaves no answer behind for the next one: redis-py gives its connection up.
    """

    call_timeout_s = CALL_TIMEOUT_S
    turns: asyncio.Semaphore

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        async with asyncio.timeout(self.call_timeout_s), self.turns:
            return await super().execute_command(*args, **options)  # type: ignore[misc]


class ServerClient(_Bounded, Redis):  # type: ignore[misc]  # redis-py's own bases disagree
    """One server, or whichever is the master by what its Sentinels say."""

    sentinels: NewestWord | None = None

    async def follow_master(self) -> None:
        """Ask the Sentinels, and leave a server that is the master no more; it may not know yet, and take writes for long."""
        if isinstance(self.connection_pool, MasterPool):
            await self.connection_pool.get_master_address()

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        try:
            await super().aclose(close_connection_pool)
        finally:
            if self.sentinels is not None:
                await self.sentinels.aclose()


class ClusterClient(_Bounded, RedisCluster):  # type: ignore[misc]  # as above
    """A Cluster, whose slots may move and whose servers may change their roles."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            return await super().execute_command(*args, **options)
        except AttributeError as error:
            # Where it cannot reach the Cluster, redis-py closes every connection, also under those who are using one.
            raise errors.ConnectionError("The connection was closed while it was used.") from error

    async def _determine_slot(self, command: str, *args: Any) -> int:
        """redis-py asks a server where the keys of these are, before each of them: always the same one, also when it is dead."""
        if command in ("XREAD", "XREADGROUP"):
            return self.keyslot(args[args.index(b"STREAMS") + 1])
        return await super()._determine_slot(command, *args)

    def get_node(self, host: str | None = None, port: int | None = None, node_name: str | None = None) -> ClusterNode | None:
        """A server without a slot yet is in no table: we are sent to it when its first slot arrives."""
        node = super().get_node(host, port, node_name)
        if node is None and node_name is not None:
            new_host, _, new_port = node_name.rpartition(":")
            node = ClusterNode(new_host, int(new_port), "primary", **self.connection_kwargs)
            self.nodes_manager.set_nodes(self.nodes_manager.nodes_cache, {node.name: node})
        return node


def new_embedded() -> fakeredis.FakeServer:
    """A server within this process, with nothing in it."""
    import fakeredis  # it takes a while to load, and who has a Redis does without

    return fakeredis.FakeServer()


def connect(
    address: StoreAddress,
    *,
    embedded: fakeredis.FakeServer | None = None,
    sentinels: NewestWord | None = None,
    most_at_once: int = POOL_SIZE,
    waits_s: float = 0.0,
) -> Redis:
    """A client with connections of its own. To those who call it a Cluster is a Redis as well.

    Args:
        embedded: the in-process server that `memory://` means.
        sentinels: what `sentinels_of` made of the address. Clients that share them never believe in different masters for long.
        waits_s: how long the server itself may wait before it answers.
    """
    if address.kind is StoreKind.EMBEDDED:
        import fakeredis

        # In the same process a connection costs nothing, and the default of a hundred would be an error to the next call.
        return fakeredis.FakeAsyncRedis(server=embedded or new_embedded(), max_connections=EMBEDDED_POOL_SIZE)
    common = {
        "username": address.username, "password": address.password, "socket_timeout": SOCKET_TIMEOUT_S + waits_s,
        "socket_connect_timeout": SOCKET_TIMEOUT_S, **dict(address.options),
    }
    if address.kind is StoreKind.SENTINEL:
        client = _behind_sentinels(address, common, most_at_once, sentinels or sentinels_of(address))
    else:
        client = (_cluster if address.kind is StoreKind.CLUSTER else _server)(address, common, most_at_once)
    client.turns = asyncio.Semaphore(most_at_once)
    client.call_timeout_s = CALL_TIMEOUT_S + waits_s
    return cast(Redis, client)


def _retry() -> Retry:
    """A lost answer is asked for again: every mutating script takes a request id or is harmless when repeated. A server that has
    become a replica is left, since its name may lead to another by now."""
    again = (errors.ConnectionError, errors.TimeoutError, errors.ReadOnlyError)
    return Retry(ExponentialBackoff(cap=0.2, base=0.02), 2, supported_errors=again)


def _server(address: StoreAddress, common: dict[str, Any], most_at_once: int) -> Any:
    kwargs = {**common, "db": address.db, "retry": _retry(), "max_connections": most_at_once, "timeout": SOCKET_TIMEOUT_S}
    if address.socket_path:
        kwargs |= {"connection_class": UnixDomainSocketConnection, "path": address.socket_path}
    else:
        kwargs["host"], kwargs["port"] = address.hosts[0]
        kwargs |= {"connection_class": SSLConnection} if address.tls else {}
    return ServerClient.from_pool(BlockingConnectionPool(**kwargs))


def sentinels_of(address: StoreAddress) -> NewestWord:
    """The Sentinels of an address that names some."""
    asked = {
        "username": address.sentinel_username, "password": address.sentinel_password, "ssl": address.tls,
        **dict(address.options), "socket_timeout": SENTINEL_TIMEOUT_S, "socket_connect_timeout": SENTINEL_TIMEOUT_S,
        "retry": Retry(NoBackoff(), 0),
    }
    return NewestWord(address.hosts, sentinel_kwargs=asked)


def _behind_sentinels(address: StoreAddress, common: dict[str, Any], most_at_once: int, sentinels: NewestWord) -> Any:
    client = sentinels.master_for(
        # A call that was cut off may hold its connection a little longer than its turn.
        address.service, redis_class=ServerClient, connection_pool_class=MasterPool, retry=_retry(),
        max_connections=2 * most_at_once, **common, db=address.db, ssl=address.tls,
    )
    client.sentinels = sentinels
    return client


def _cluster(address: StoreAddress, common: dict[str, Any], most_at_once: int) -> Any:
    return ClusterClient(
        startup_nodes=[ClusterNode(host, port) for host, port in address.hosts], ssl=address.tls, **common,
        retry=Retry(NoBackoff(), 3), max_connections=2 * most_at_once,
        # Each moved slot is put right by itself; now and then redis-py would close every connection besides, those in use too.
        reinitialize_steps=0,
    )
