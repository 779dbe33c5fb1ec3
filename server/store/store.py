"""The store whole: one object that the use cases and the background work on."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis

from server.domain.crowd import Thresholds
from server.redis_url import StoreKind, parse_redis_url
from server.settings import Settings
from server.store.api_keys import ApiKeyStore
from server.store.audit import AuditStore
from server.store.codes import CodeStore
from server.store.confirming import Confirming
from server.store.connection import BLOCK_MS, ServerClient, connect, new_embedded, reaching_store, sentinels_of
from server.store.directory import DirectoryStore
from server.store.facts import Facts, load_facts
from server.store.fitness import Fitness, check_fitness
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

if TYPE_CHECKING:
    import fakeredis


class Store:
    """What Greenroom keeps in Redis.

    `incarnation` names this life of this process. It is part of the name that other nodes know this one by, so that the
    tabs of an earlier life under the same NODE_ID are a dead node's, and are swept.
    """

    def __init__(self, settings: Settings, *, embedded: fakeredis.FakeServer | None = None, skew_ms: int = 0) -> None:
        self.keyspace = Keyspace(settings.log_shards)
        self.incarnation = secrets.token_hex(8)
        self.clock = StoreClock()
        self.address = parse_redis_url(settings.redis_url.reveal())
        self._open_clients(settings, embedded)
        self._confirm_replicas = settings.confirm_replicas
        self._confirm_redis, confirming = self._make_confirming(settings)
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
            confirming=confirming,
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
            self.scripts, self.scripts.through(self._lease_redis), incarnation=self.incarnation,
            lease_ttl_ms=settings.lease_ttl_ms,
        )
        self.codes = CodeStore(self.scripts)
        self.audit = AuditStore(self.scripts, retention_ms=settings.room_retention_s * 1000)
        self.guests = GuestStore(self.scripts, max_guests=settings.max_guests)
        self.site = SiteStore(self.scripts)
        self.api_keys = ApiKeyStore(self.scripts)
        self.log = LogReader(self._log_redis, self.keyspace, one_by_one=self.scripts.is_cluster)

    def _open_clients(self, settings: Settings, embedded: fakeredis.FakeServer | None) -> None:
        if self.address.kind is StoreKind.EMBEDDED:
            embedded = embedded or new_embedded()
        self._sentinels = sentinels_of(self.address) if self.address.kind is StoreKind.SENTINEL else None
        open_one = partial(connect, self.address, embedded=embedded, sentinels=self._sentinels)
        self._redis = open_one()
        # As many reads at once as there can be groups of shards.
        self._log_redis = open_one(most_at_once=settings.log_shards, waits_s=BLOCK_MS / 1000)
        # A node that is busy is not to be taken for dead: its leases stand in no line behind commands.
        self._lease_redis = open_one(most_at_once=settings.log_shards)

    def _make_confirming(self, settings: Settings) -> tuple[Redis | None, Confirming | None]:
        """The embedded store has no replicas to wait for."""
        if not settings.confirm_replicas or settings.is_embedded:
            return None, None
        redis = connect(self.address, sentinels=self._sentinels, waits_s=settings.confirm_timeout_ms / 1000)
        return redis, Confirming(redis, replicas=settings.confirm_replicas, timeout_ms=settings.confirm_timeout_ms)

    def _clients(self) -> list[Redis]:
        clients = (self._redis, self._log_redis, self._lease_redis, self._confirm_redis)
        return [redis for redis in clients if redis is not None]

    async def check_fitness(self) -> Fitness:
        """What is wrong with the server or servers. Raises: StoreUnavailable."""
        key = self.keyspace.by_shard[0].confirm
        return await check_fitness(self._redis, self.address, key, confirm_replicas=self._confirm_replicas)

    async def follow_master(self) -> None:
        """Leave a master that the Sentinels have relieved. Raises: StoreUnavailable."""
        for redis in self._clients():
            if isinstance(redis, ServerClient):
                with reaching_store():
                    await redis.follow_master()

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
        for redis in self._clients():
            await redis.aclose()
