"""Follows the logs of shards and hands each entry to the hub. Looks for holes, and for a log that went back."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from server.background.lease import LeaseKeeper
from server.hub.hub import Hub
from server.store.keys import shard_of
from server.store.log import LogReader, RawEntry
from server.store.shards import ShardPulse

logger = logging.getLogger(__name__)


class LogFollower:
    """Of shards that one read waits for together; see `LogReader.groups`.

    `cursors`: the last entry handed on, by shard; entry ids are counters, so that a hole shows.
    """

    def __init__(self, reader: LogReader, hub: Hub, lease: LeaseKeeper, shards: Iterable[int]) -> None:
        self._reader = reader
        self._hub = hub
        self._lease = lease
        pulses = {shard: lease.pulses[shard] for shard in shards}
        self._cursors: dict[int, int] = {shard: pulse.log_n for shard, pulse in pulses.items()}
        # Which renewal was the last begun when a cursor moved: what an earlier one measured says nothing about it.
        self._moved_during: dict[int, int] = dict.fromkeys(self._cursors, lease.pulses_of)
        self._epochs = {shard: pulse.epoch for shard, pulse in pulses.items()}

    async def step(self) -> None:
        """One read. Raises: StoreUnavailable."""
        before = dict(self._lease.pulses)
        self._follow_epochs(before)
        entries = await self._reader.read(self._cursors)
        for entry in entries:
            self._hand_on(entry)
        # One shard's traffic is no reason not to look at another's silence.
        heard = {entry.shard for entry in entries}
        for shard in self._cursors.keys() - heard:
            self._compare(shard, before[shard], self._lease.pulses[shard])

    def _follow_epochs(self, pulses: dict[int, ShardPulse]) -> None:
        """In another life of the data our cursors mean nothing: go on from where its log stands, with its rooms loaded anew."""
        for shard in self._cursors:
            pulse = pulses[shard]
            if pulse.epoch != self._epochs[shard]:
                logger.warning("shard %d: another epoch; its log stands at %d", shard, pulse.log_n)
                self._epochs[shard] = pulse.epoch
                self._move(shard, pulse.log_n)
                self._reload(shard, "epoch")

    def _hand_on(self, entry: RawEntry) -> None:
        expected = self._cursors[entry.shard] + 1
        self._move(entry.shard, entry.n)
        if entry.n != expected:
            logger.warning("shard %d: entry %d where %d was expected", entry.shard, entry.n, expected)
            self._reload(entry.shard, "gap")
        self._hub.deliver(entry)

    def _move(self, shard: int, n: int) -> None:
        self._cursors[shard], self._moved_during[shard] = n, self._lease.renewals

    def _compare(self, shard: int, before: ShardPulse, after: ShardPulse) -> None:
        """After a read that brought nothing of a shard: a counter that stood beyond our cursor before it is a hole; one asked
        for since our cursor moved that stands short of it is a log that went back."""
        cursor = self._cursors[shard]
        is_hole = before.log_n > cursor
        went_back = self._lease.pulses_of > self._moved_during[shard] and after.log_n < cursor
        if is_hole or went_back:
            logger.warning("shard %d: the log stands at %d, we at %d", shard, after.log_n, cursor)
            self._move(shard, after.log_n)
            self._reload(shard, "gap")

    def _reload(self, shard: int, reason: str) -> None:
        count = len(self._lease.pulses)
        self._hub.reload_all(reason, [room_id for room_id in self._hub.room_ids() if shard_of(room_id, count) == shard])
