"""Follows the log of all shards and hands each entry to the hub. Looks for holes, and for a log that went back."""

from __future__ import annotations

import logging

from server.background.lease import LeaseKeeper
from server.hub.hub import Hub
from server.store.keys import shard_of
from server.store.log import LogReader, RawEntry
from server.store.shards import ShardPulse

logger = logging.getLogger(__name__)


class LogFollower:
    """`cursors`: the last entry handed on, by shard; entry ids are counters, so that a hole shows."""

    def __init__(self, reader: LogReader, hub: Hub, lease: LeaseKeeper) -> None:
        self._reader = reader
        self._hub = hub
        self._lease = lease
        self._cursors: dict[int, int] = {shard: pulse.log_n for shard, pulse in lease.pulses.items()}

    async def step(self) -> None:
        """One read. Raises: StoreUnavailable."""
        before = dict(self._lease.pulses)
        entries = await self._reader.read(self._cursors)
        for entry in entries:
            self._hand_on(entry)
        if not entries:
            self._compare(before, self._lease.pulses)

    def _hand_on(self, entry: RawEntry) -> None:
        expected = self._cursors[entry.shard] + 1
        self._cursors[entry.shard] = entry.n
        if entry.n != expected:
            logger.warning("shard %d: entry %d where %d was expected", entry.shard, entry.n, expected)
            self._reload(entry.shard)
        self._hub.deliver(entry)

    def _compare(self, before: dict[int, ShardPulse], after: dict[int, ShardPulse]) -> None:
        """After a silence: a counter that stood beyond our cursor before it is a hole; one measured during the silence that
        stands short of our cursor is a log that went back."""
        for shard, cursor in list(self._cursors.items()):
            is_hole = before[shard].log_n > cursor
            went_back = after[shard] is not before[shard] and after[shard].log_n < cursor
            if is_hole or went_back:
                logger.warning("shard %d: the log stands at %d, we at %d", shard, after[shard].log_n, cursor)
                self._cursors[shard] = after[shard].log_n
                self._reload(shard)

    def _reload(self, shard: int) -> None:
        count = len(self._cursors)
        self._hub.reload_all("gap", [room_id for room_id in self._hub.rooms if shard_of(room_id, count) == shard])
