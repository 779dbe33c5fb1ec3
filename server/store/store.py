"""The store whole: one object that the use cases and the background work on."""

from __future__ import annotations

import secrets
from typing import Any

import fakeredis
from redis.asyncio import Redis

from server.domain.crowd import Thresholds
from server.settings import Settings
from server.store.audit import AuditStore
from server.store.codes import CodeStore
from server.store.connection import connect, reaching_store
from server.store.directory import DirectoryStore
from server.store.facts import Facts, load_facts
from server.store.guests import GuestStore
from server.store.invitations import InvitationStore
from server.store.keys import Keyspace
from server.store.line import LineStore
from server.store.log import LogReader
from server.store.mail import MailStore
from server.store.mail_dead import DeadMailStore
from server.store.people import PeopleStore
from server.store.rooms import RoomStore
from server.store.scripting import Scripts, unpack_answer
from server.store.shards import ShardStore, StoreClock
from server.store.site import SiteStore
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
            thresholds=Thresholds(
                large_from=settings.large_from, large_until=settings.large_until,
                long_line_from=settings.long_line_from, long_line_until=settings.long_line_until,
            ),
            seat_hold_ms=settings.seat_hold_s * 1000,
            ping_hosts_ms=settings.ping_hosts_s * 1000,
            max_mails=settings.max_mails_queued,
        )
        self.rooms = RoomStore(self.scripts)
        self.people = PeopleStore(self.scripts)
        self.line = LineStore(self.scripts, max_waiters=settings.max_waiters, batch_size=settings.batch_size)
        self.mail = MailStore(self.scripts, incarnation=self.incarnation, claim_ms=settings.mail_claim_ms)
        self.dead_mail = DeadMailStore(self.scripts)
        self.invitations = InvitationStore(self.scripts, max_invitations=settings.max_invitations)
        self.directory = DirectoryStore(self.scripts, most_people=settings.max_directory_people)
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
        self.codes = CodeStore(self.scripts)
        self.audit = AuditStore(self.scripts, retention_ms=settings.room_retention_s * 1000)
        self.guests = GuestStore(self.scripts, max_guests=settings.max_guests)
        self.site = SiteStore(self.scripts)
        self.log = LogReader(self._log_redis, self.keyspace)

    @property
    def redis(self) -> Redis:
        return self._redis

    async def facts(self, room_id: str, *people: str, **wanted: object) -> Facts:
        """See `load_facts`."""
        return await load_facts(self.scripts, room_id, *people, **wanted)  # type: ignore[arg-type]

    async def settle(self, room_id: str, outcome: dict[str, Any], seen: dict[str, Any], request_id: str) -> dict[str, Any]:
        """Answer a request that changes nothing, so that its repetition changes nothing either. Raises: FactsMoved."""
        return await self.scripts.run("request_settle", room_id, {"outcome": outcome, "seen": seen}, request_id=request_id)

    async def answered(self, place: str, request_id: str) -> dict[str, Any] | None:
        """What `settle` keeps of this request, None where it was not answered yet. Raises: StoreUnavailable."""
        with reaching_store():
            kept: Any = await self._redis.get(self.keyspace.room(place).result(request_id))
        return unpack_answer(kept.partition(b"|")[2]) if kept else None

    async def close(self) -> None:
        await self._redis.aclose()
        await self._log_redis.aclose()
