"""What Sentinels say of the master: believed where it is newest, and followed by every connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from redis.asyncio.connection import AbstractConnection, SSLConnection
from redis.asyncio.sentinel import MasterNotFoundError, Sentinel, SentinelConnectionPool, SentinelManagedConnection
from redis.exceptions import ConnectionError, TimeoutError

# Sentinels tell each other of a failover every two seconds. After this long the only one that can be asked is believed, whatever
# it says: all of them may have been set up anew, and then they count from the beginning.
OLD_NEWS_S = 15.0
# The Sentinel that leads a failover has given it its number by then, and still names the old master.
_BETWEEN_MASTERS = ("reconf_slaves", "update_config")


class NewestWord(Sentinel):
    """Sentinels of which one that has not heard of a failover yet, and still names the master that was relieved, counts for
    nothing. Each failover has a number of its own, the `config-epoch`."""

    def __init__(self, *args: Any, now_s: Callable[[], float] = time.monotonic, **options: Any) -> None:
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]
        self._now_s = now_s
        self._newest_epoch = 0
        self._heard_at_s = now_s()

    async def discover_master(self, service_name: str) -> tuple[str, int]:
        """Host and port. redis-py's own, asked by two at once, may write one Sentinel over another and never ask that again.

        Raises:
            MasterNotFoundError
        """
        silent = 0
        for sentinel in list(self.sentinels):
            try:
                masters: dict[str, dict[str, Any]] = await sentinel.sentinel_masters()  # type: ignore[assignment]
            except (ConnectionError, TimeoutError):
                silent += 1
                continue
            state = masters.get(service_name)
            if state and self.check_master_state(state, service_name):
                self.sentinels.remove(sentinel)  # the others come after it next time
                self.sentinels.insert(0, sentinel)
                return state["ip"], state["port"]
        raise MasterNotFoundError(f"{silent} of {len(self.sentinels)} Sentinels are silent, and none knows a master.")

    def check_master_state(self, state: dict[str, Any], service_name: str) -> bool:
        """Whether to believe a Sentinel's `state` of the master."""
        if not super().check_master_state(state, service_name) or state.get("failover-state") in _BETWEEN_MASTERS:
            return False
        epoch, now_s = int(state.get("config-epoch", 0)), self._now_s()
        if epoch < self._newest_epoch and now_s - self._heard_at_s < OLD_NEWS_S:
            return False
        self._newest_epoch, self._heard_at_s = epoch, now_s
        return True


class MasterConnection(SentinelManagedConnection):
    """One to the master of the moment, also where redis-py connects again by itself after a lost answer."""

    async def _connect(self) -> None:
        self.host, self.port = await self.connection_pool.get_master_address()
        await super()._connect()  # type: ignore[no-untyped-call]


class MasterSSLConnection(MasterConnection, SSLConnection):
    """The same with TLS."""


class MasterPool(SentinelConnectionPool):
    """Connections to whichever server the Sentinels call the master; none of them stays with another once that is known: what
    is written there nobody will have, and what is read there is not so."""

    def __init__(self, service_name: str, sentinel_manager: Sentinel, **options: Any) -> None:
        kind = MasterSSLConnection if options.pop("ssl", False) else MasterConnection
        super().__init__(service_name, sentinel_manager, connection_class=kind, **options)  # type: ignore[no-untyped-call]

    async def get_master_address(self) -> tuple[str, int]:
        # redis-py would close what is idle here and now, under the hands of whoever takes it meanwhile.
        address: tuple[str, int] = await self.sentinel_manager.discover_master(self.service_name)
        self.master_address = address
        return address

    async def ensure_connection(self, connection: AbstractConnection) -> None:
        """Connected, and to the master; called before each use."""
        while True:
            await super().ensure_connection(connection)
            if self._leads_to_master(connection):
                return
            await connection.disconnect(nowait=True)  # over TLS it would wait for a goodbye that may never come

    async def release(self, connection: AbstractConnection) -> None:
        if not self._leads_to_master(connection):
            await connection.disconnect(nowait=True)
        await super().release(connection)

    def _leads_to_master(self, connection: AbstractConnection) -> bool:
        return isinstance(connection, MasterConnection) and (connection.host, connection.port) == self.master_address
