"""The store whole: one object that the use cases and the background work on."""

from __future__ import annotations

import secrets

import fakeredis
from redis.asyncio import Redis

from server.settings import Settings
from server.store.connection import connect
from server.store.facts import Facts, load_facts
from server.store.invitations import InvitationStore
from server.store.keys import Keyspace
from server.store.line import LineStore
from server.store.log import LogReader
from server.store.people import PeopleStore
from server.store.rooms import RoomStore
from server.store.scripting import Scripts
from server.store.shards import ShardStore, StoreClock
from server.store.tabs import TabStore


class Store:
    """What Greenroom keeps in Redis.

    `incarnation` names this life of this process. It is part of the name that other nodes know this one by, so that the
    tabs of an earlier life under the same NODE_ID are a dead node's, and are swept.
    """

    def __init__(self, settings: Settings, *, embedded: fakeredis.FakeServer | None = None, skew_ms: int = 0) -> None:
        embedded = embedded or fakeredis.FakeServer()
        self.keyspace = Keyspace(settings.log_shards)
        self.incarnation = secrets.token_hex(8)
        self.clock = StoreClock()
        self._redis = connect(settings.redis_url.reveal(), embedded=embedded)
        self._log_redis = connect(settings.redis_url.reveal(), embedded=embedded)
        self.scripts = Scripts(
            self._redis,
            self.keyspace,
            retention_ms=settings.room_retention_s * 1000,
            node_id=f"{settings.node_id}-{self.incarnation}",
            skew_ms=skew_ms,
        )
        self.rooms = RoomStore(self.scripts)
        self.people = PeopleStore(self.scripts)
        self.line = LineStore(self.scripts, max_waiters=settings.max_waiters, batch_size=settings.batch_size)
        self.invitations = InvitationStore(self.scripts, max_invitations=settings.max_invitations)
        self.tabs = TabStore(
            self.scripts,
            incarnation=self.incarnation,
            tabs_per_person=settings.tabs_per_person,
            max_waiters=settings.max_waiters,
            participant_grace_ms=settings.participant_grace_ms,
            waiter_grace_ms=settings.waiter_grace_ms,
        )
        self.shards = ShardStore(
            self.scripts,
            incarnation=self.incarnation,
            lease_ttl_ms=settings.lease_ttl_ms,
        )
        self.log = LogReader(self._log_redis, self.keyspace)

    @property
    def redis(self) -> Redis:
        return self._redis

    async def facts(self, room_id: str, *people: str, **wanted: object) -> Facts:
        """See `load_facts`."""
        return await load_facts(self.scripts, room_id, *people, **wanted)  # type: ignore[arg-type]

    async def close(self) -> None:
        await self._redis.aclose()
        await self._log_redis.aclose()
