"""Keeps this node's leases, measures the store's clock, and notices when the store is out of reach or another life of it."""

from __future__ import annotations

import asyncio
import logging
import time

from server.actions.services import Services
from server.domain.refusals import Refusal, StoreUnavailable
from server.hub.connection import Connection
from server.hub.hub import Hub
from server.store.keys import shard_of
from server.store.shards import ShardPulse

logger = logging.getLogger(__name__)

# Of the lease's time to live: frozen well before others may take the node for dead.
FREEZE_AFTER = 0.6
REENTER_AT_ONCE = 20
WATCH_EVERY_S = 0.1


class LeaseKeeper:
    """`pulses`: the last answer of each shard. `answering_since_s`: since when each has answered without a failure.
    `renewals`: how many were begun; `pulses_of`: which of them `pulses` came from."""

    def __init__(self, services: Services, hub: Hub) -> None:
        self.pulses: dict[int, ShardPulse] = {}
        self.answering_since_s: dict[int, float] = {}
        self.renewals = 0
        self.pulses_of = 0
        self._services = services
        self._hub = hub
        self._renewed_at_s = time.monotonic()
        self._frozen_at_s: float | None = None
        # Shards whose lease had lapsed, and why; kept until their tabs are registered again, however often that fails.
        self._lapsed: dict[int, str] = {}

    @property
    def is_frozen(self) -> bool:
        return self._frozen_at_s is not None

    def may_sweep(self, shard: int) -> bool:
        """After an outage everybody registers first: nobody is dead before a whole lease has passed in good order."""
        now_s, ttl_s = time.monotonic(), self._services.settings.lease_ttl_ms / 1000
        since_s = self.answering_since_s.get(shard)
        return since_s is not None and now_s - since_s > ttl_s and not self._is_overdue(now_s)

    async def step(self) -> None:
        settings = self._services.settings
        started_s = time.monotonic()
        try:
            await self.renew()
        except StoreUnavailable:
            self.answering_since_s.clear()
        await asyncio.sleep(max(0.0, settings.lease_renew_ms / 1000 - (time.monotonic() - started_s)))

    async def watch(self) -> None:
        """Freeze in time: a renewal that hangs on a silent network fails much later than others take this node for dead."""
        self._freeze_if_overdue()
        await asyncio.sleep(WATCH_EVERY_S)

    async def renew(self) -> None:
        """Renew all leases; bring back what a lapse may have cost. Raises: StoreUnavailable."""
        before = dict(self.pulses)
        self.renewals += 1
        number = self.renewals
        # A lease is as old as the question: who knows how long the answer lay about.
        now_s = time.monotonic()
        pulses = await self._renew_all()
        answered_s = time.monotonic()
        self.pulses, self.pulses_of = dict(enumerate(pulses)), number
        self._renewed_at_s = now_s
        for shard, pulse in self.pulses.items():
            # Where our own lease lapsed, so may have the others' who are no more dead than we. They too can renew theirs from the
            # answer on, not from the question: that may have waited in the network for as long as a lease lives.
            self.answering_since_s[shard] = self.answering_since_s.get(shard, answered_s) if pulse.held else answered_s
        self._note_lapses(before)
        await self._recover()
        self._thaw()

    async def _renew_all(self) -> list[ShardPulse]:
        return await asyncio.gather(*(self._renew_one(shard) for shard in range(self._services.store.shards.count)))

    async def _renew_meanwhile(self) -> None:
        """To register many tabs takes longer than a lease lives. Raises: StoreUnavailable where one has lapsed once more."""
        now_s = time.monotonic()
        if now_s - self._renewed_at_s < self._services.settings.lease_renew_ms / 1000:
            return
        pulses = await self._renew_all()
        self._renewed_at_s = now_s
        again = [shard for shard, pulse in enumerate(pulses) if not pulse.held]
        self._note(dict.fromkeys(again, "store_restored"))
        if again:
            raise StoreUnavailable

    async def _renew_one(self, shard: int) -> ShardPulse:
        sent_s = time.monotonic()
        pulse = await self._services.store.shards.renew_lease(shard)
        self._services.store.clock.measured(pulse.now_ms, sent_s, time.monotonic())
        return pulse

    def _note_lapses(self, before: dict[int, ShardPulse]) -> None:
        known = {shard: pulse for shard, pulse in self.pulses.items() if shard in before}
        self._note({shard: "store_restored" for shard, pulse in known.items() if not pulse.held})
        self._note({shard: "epoch" for shard, pulse in known.items() if pulse.epoch != before[shard].epoch})

    def _note(self, lapsed: dict[int, str]) -> None:
        for shard, reason in lapsed.items():
            self._lapsed[shard] = "epoch" if "epoch" in (reason, self._lapsed.get(shard)) else reason
        if lapsed:
            self._hub.lapses += 1  # tabs on their way in register again by themselves

    async def _recover(self) -> None:
        """Where a lease had lapsed others may have swept our tabs: register them again, and load their rooms anew."""
        for shard, reason in list(self._lapsed.items()):
            room_ids = [room_id for room_id in self._hub.rooms if shard_of(room_id, len(self.pulses)) == shard]
            if room_ids:
                logger.warning("the lease on shard %d had lapsed; registering tabs again", shard)
                await self._reenter(room_ids)
                self._hub.reload_all(reason, room_ids)
            del self._lapsed[shard]

    async def _reenter(self, room_ids: list[str]) -> None:
        tabs = [c for room_id in room_ids for c in self._hub.rooms[room_id].connections.values()]
        for start in range(0, len(tabs), REENTER_AT_ONCE):
            await self._renew_meanwhile()
            await asyncio.gather(*(self._reenter_one(tab) for tab in tabs[start : start + REENTER_AT_ONCE]))

    async def _reenter_one(self, connection: Connection) -> None:
        if connection.reenter is None or connection.ended.done() or not self._hub.holds(connection):
            return
        try:
            await connection.reenter()
        except StoreUnavailable:
            raise
        except Refusal as refusal:
            connection.end(refusal)
        if not self._hub.holds(connection):
            # It went while it was registered: its departure may have been stored before.
            self._hub.depart(connection, at_once=False)

    def _is_overdue(self, now_s: float) -> bool:
        return now_s - self._renewed_at_s >= self._services.settings.lease_ttl_ms / 1000 * FREEZE_AFTER

    def _freeze_if_overdue(self) -> None:
        now_s = time.monotonic()
        settings = self._services.settings
        if not self._is_overdue(now_s):
            return
        if self._frozen_at_s is None:
            logger.error("the store cannot be reached; tabs are frozen")
            self._frozen_at_s = now_s
            # A silence is a failure, though nothing has failed yet: the others may have been silent as well.
            self.answering_since_s.clear()
            self._hub.freeze(self._services.now_ms())
        elif now_s - self._frozen_at_s > settings.freeze_close_ms / 1000:
            for connection in self._hub.all_connections():
                connection.end(StoreUnavailable())

    def _thaw(self) -> None:
        if self._frozen_at_s is not None:
            logger.warning("the store answers again")
            self._frozen_at_s = None
            self._hub.thaw()

    async def drop(self) -> None:
        """This node stops: let others know at once, where they can be told."""
        shards = self._services.store.shards
        await asyncio.gather(*(shards.drop_lease(shard) for shard in range(shards.count)), return_exceptions=True)
