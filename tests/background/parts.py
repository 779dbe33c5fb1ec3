"""A node in pieces: its hub, its leases and its log, each moved by hand, over a site's store."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from server.actions import presence
from server.actions.services import Services
from server.background import lease as lease_module
from server.background.lease import LeaseKeeper
from server.background.log_reader import LogFollower
from server.domain.refusals import StoreUnavailable
from server.domain.roles import Role
from server.hub.hub import Hub
from server.store import log as log_module
from server.store.keys import shard_of
from tests.hub.tabs import GREETING, Tab
from tests.support.rooms import ROOM, Site
from tests.support.waiting import wait_until


class FakeTime:
    """Stands for the module `time` where leases look at it."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def monotonic(self) -> float:
        return self.now_s


class Parts:
    """One node: `lease` and `follower` do nothing until they are asked to."""

    def __init__(self, site: Site, services: Services) -> None:
        self.site, self.services = site, services
        self.hub = Hub(
            load_room=services.store.rooms.load_in_epoch,
            read_log=services.store.rooms.read_log,
            now_ms=services.now_ms,
            greeting=GREETING,
        )
        self.lease = LeaseKeeper(services, self.hub)
        self.follower: LogFollower
        self._numbers = itertools.count(1)

    async def start(self) -> None:
        await self.lease.renew()
        self.follower = LogFollower(self.services.store.log, self.hub, self.lease, self.lease.pulses)

    async def join(self, name: str, role: Role = Role.VIEWER, room_id: str = ROOM) -> Tab:
        """A tab of this person on this node."""
        if name not in self.site.ids:
            await self.site.meet(name, role)
        tab = Tab(name, next(self._numbers))
        claims = self.site.claims(name)
        tab.connection.reenter = lambda: presence.enter(self.services, claims, tab.connection.connection_id)
        seq = await tab.connection.reenter()
        await self.catch_up()
        await self.hub.attach(tab.connection, seq=seq, resume=None)
        return tab

    async def catch_up(self) -> None:
        """Follow the log until it is silent."""
        before = dict(self.follower._cursors)
        await self.follower.step()
        while self.follower._cursors != before:
            before = dict(self.follower._cursors)
            await self.follower.step()
        await wait_until(lambda: not self.hub._loading, what="the end of the loading")
        for room in self.hub.rooms.values():
            room.flush()

    async def check_whole(self, *tabs: Tab) -> None:
        """Each tab holds the room as it is."""
        contents = await self.site.contents()
        for tab in tabs:
            held = {row["participant_id"] for row in tab.replica.as_snapshot()["participants"]}
            assert held == {person.participant_id for person in contents.participants()}
            assert tab.replica.room is not None
            assert tab.replica.room["rev"] == contents.room.rev

    def shard(self, room_id: str = ROOM) -> int:
        return shard_of(room_id, self.services.store.shards.count)


@asynccontextmanager
async def node_of(site: Site, services: Services | None = None) -> AsyncIterator[Parts]:
    parts = Parts(site, services or site.services)
    await parts.start()
    try:
        yield parts
    finally:
        await parts.hub.close()


@pytest.fixture
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    made = FakeTime()
    monkeypatch.setattr(lease_module, "time", made)
    return made


@pytest.fixture
def short_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read of a quiet log ends soon."""
    monkeypatch.setattr(log_module, "BLOCK_MS", 20)


def out_of_reach(times: int = 1_000_000) -> Callable[..., Any]:
    """A call to the store that fails so often; then the store is there again and the call does nothing."""
    left = itertools.count(times, -1)

    async def call(*args: Any, **fields: Any) -> Any:
        if next(left) > 0:
            raise StoreUnavailable

    return call


def reasons(tab: Tab) -> list[str]:
    return [message["reason"] for message in tab.messages if message["type"] == "resync"]
