"""The real thing that the reference is compared with: one room in a store, asked through the use cases."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Coroutine
from dataclasses import asdict, dataclass
from types import SimpleNamespace
from typing import Any

from server.actions.hosts import end_by_absence, ping_hosts
from server.actions.let_in import let_everybody_in, open_by_time
from server.actions.links import Visitor
from server.actions.presence import grace_over
from server.actions.services import Request, Services
from server.background.lease import LeaseKeeper
from server.domain.contents import RoomContents
from server.domain.crowd import Thresholds
from server.domain.events import Entry
from server.domain.refusals import Refusal
from server.settings import Settings, load_settings
from server.store.shards import StoreClock
from server.store.store import Store
from server.trust.link_secrets import LinkSecrets
from server.trust.site_tokens import SiteTokens
from server.trust.tokens import SessionClaims, Tokens
from tests.model import reference
from tests.support.rooms import room_log

ROOM = "r1"
MINUTE_MS = 60_000


@dataclass(frozen=True)
class Outcome:
    """What was answered, or the code of the refusal."""

    answer: Any = None
    code: str | None = None


class World:
    """`skew_ms` is the run's own time, added to the store's clock; `base_ms` is the store's clock at its beginning."""

    def __init__(self, store_url: str) -> None:
        self._runner = asyncio.Runner()
        settings = _settings(store_url)
        self.store = Store(settings)
        self.services = Services(
            settings=settings,
            store=self.store,
            tokens=Tokens(settings.session_keys, session_ttl_s=settings.session_token_ttl_s),
            site_tokens=SiteTokens(settings),
            links=LinkSecrets(settings.link_keys, settings.public_url),
        )
        no_tabs: Any = SimpleNamespace(rooms={})
        self._lease = LeaseKeeper(self.services, no_tabs)
        self.run(self.store.redis.flushall())
        self.pass_time(0)
        self.base_ms = self.services.now_ms()
        self._asked = 0

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        async def within() -> Any:
            return await coroutine

        # A runner minds signals anew each time, which costs more than most of what is run here.
        return self._runner.get_loop().run_until_complete(within())

    def close(self) -> None:
        self.run(self.store.close())
        self._runner.close()

    def outcome(self, coroutine: Coroutine[Any, Any, Any]) -> Outcome:
        """Await a use case; a millisecond passes first, so that no two changes are at one instant."""
        self.store.scripts.skew_ms += 1
        try:
            return Outcome(self.run(coroutine))
        except Refusal as refusal:
            return Outcome(code=refusal.code)

    def tell_as_a_large_room(self, above: int, below: int) -> None:
        """From so many people on, inside and in the line, lists are told as in a large room."""
        thresholds = Thresholds(large_from=above, large_until=below, long_line_from=above, long_line_until=below)
        self.store.scripts._always |= asdict(thresholds)

    def pass_time(self, ms: int) -> None:
        """Move the store's clock, and this node's reading of it."""
        self.store.scripts.skew_ms += ms
        self.run(self._read_clock())

    async def _read_clock(self) -> None:
        self.store.clock = StoreClock()  # the one before would take the jump for a slow answer
        await self._lease.renew()

    def request(self, actor: str | None) -> Request:
        self._asked += 1
        return Request(room_id=ROOM, actor_id=actor, request_id=f"q{self._asked}")

    # ── Links ────────────────────────────────────────────────────────────────────────────────────────────────────

    def secret(self, invitation_id: str) -> str:
        key_id = self.services.links.current_key_id
        return self.services.links.secret_for(ROOM, invitation_id, 1, key_id)

    def visitor(self, invitation_id: str, device: str, email: str | None = None) -> Visitor:
        """A browser known by its cookie, on a network of its own, with a page that has just been loaded."""
        nonce = self.services.tokens.mint_nonce(ROOM, invitation_id, self.services.now_ms())
        return Visitor(network=f"net-{device}", cookie=f"cookie-{device}", nonce=nonce, email=email)

    def claims(self, token: str) -> SessionClaims:
        return self.services.tokens.read_session(token, self.services.now_ms())

    # ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def due(self) -> list[tuple[str, str]]:
        """What the store says is due, in the order in which it is to be done."""
        found = self.run(self.store.shards.due(0))
        return [(kind, subject) for kind, _, subject in (member.split("|") for member in found.members)]

    def scheduled(self) -> set[tuple[str, str]]:
        members = self.run(self.store.redis.zrange(self.store.keyspace.by_shard[0].due, 0, -1))
        return {(kind, subject) for kind, _, subject in (member.decode().split("|") for member in members)}

    async def do_due(self, kind: str, subject: str) -> None:
        if kind == "open":
            await open_by_time(self.services, ROOM)
        elif kind == "gone":
            await grace_over(self.services, ROOM, subject)
        elif kind == "absent":
            await end_by_absence(self.services, ROOM)
        elif kind == "ping":
            await ping_hosts(self.services, ROOM)
        else:
            await let_everybody_in(self.services, ROOM)

    # ── Looking ──────────────────────────────────────────────────────────────────────────────────────────────────

    def load(self) -> RoomContents:
        contents: RoomContents = self.run(self.store.rooms.load(ROOM))
        return contents

    def log_after(self, seq: int, upto: int) -> list[Entry] | None:
        entries: list[Entry] | None = self.run(room_log(self.store, ROOM, seq, upto))
        return entries

    def line(self) -> list[str]:
        members = self.run(self.store.redis.zrange(self.store.keyspace.room(ROOM).line, 0, -1))
        return [member.decode() for member in members]

    def seats(self, now_ms: int) -> set[str]:
        """Who has a seat, by the store's own count."""
        members = self.run(self.store.redis.zrangebyscore(self.store.keyspace.room(ROOM).seats, f"({now_ms}", "+inf"))
        return {member.decode() for member in members}

    def hosts(self) -> set[str]:
        return {member.decode() for member in self.run(self.store.redis.smembers(self.store.keyspace.room(ROOM).hosts))}

    def tabs(self) -> dict[str, list[str]]:
        """Participant → their tabs, sorted; nobody who has none."""
        texts = self.run(self.store.redis.hgetall(self.store.keyspace.room(ROOM).tabs))
        return {who.decode(): sorted(json.loads(text)) for who, text in texts.items() if json.loads(text)}

    def tabs_have_an_end(self) -> bool:
        """A key that is not there has ended."""
        left_s: int = self.run(self.store.redis.ttl(self.store.keyspace.room(ROOM).tabs))
        return left_s != -1

    def shard_log_numbers(self) -> list[int]:
        entries = self.run(self.store.redis.xrange(self.store.keyspace.by_shard[0].log))
        return [int(entry_id.split(b"-")[0]) for entry_id, _ in entries]

    def keys_without_end(self) -> list[str]:
        """Keys of the room that would stay for ever."""
        keys = self.run(self.store.redis.keys("gr:*:room:*"))
        return [key.decode() for key in keys if self.run(self.store.redis.ttl(key)) < 0]


def device_id(device: str) -> str:
    """How the store names the browser with the cookie of `device`."""
    return "c-" + hashlib.sha256(f"cookie-{device}".encode()).hexdigest()[:32]


def _settings(store_url: str) -> Settings:
    environ = {
        "REDIS_URL": store_url,
        "PUBLIC_URL": "http://localhost:8000",
        "SESSION_KEYS": "k1:session-key-0123456789abcdefghijk",
        "LINK_KEYS": "k1:link-key-0123456789abcdefghijklmno",
        "ADMIN_API_KEYS": "admin-key-0123456789abcdefghijklm",
        "NODE_ID": "model",
        "LOG_SHARDS": 1,
        "LEASE_TTL_MS": 60_000,
        "PARTICIPANT_GRACE_MS": reference.PARTICIPANT_GRACE_MS,
        "WAITER_GRACE_MS": reference.WAITER_GRACE_MS,
        "SEAT_HOLD_S": reference.SEAT_HOLD_MS // 1000,
        "PING_HOSTS_S": reference.PING_MS // 1000,
        "TABS_PER_PERSON": reference.MAX_TABS,
        "MAX_WAITERS": reference.MAX_WAITERS,
        "MAX_INVITATIONS": reference.MAX_INVITATIONS,
        "BATCH_SIZE": reference.BATCH,
        "CLAIM_FAILURES": reference.MAX_TRIES,
    }
    return load_settings({name: str(value) for name, value in environ.items()})
