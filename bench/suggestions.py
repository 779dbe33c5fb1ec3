"""How long suggestions take with a hundred thousand people in the directory: the use case, over a real store."""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import dataclass

from server.actions.directory import MAX_ROWS, PersonRow, put_people, suggest_people
from server.actions.rooms import create_room
from server.actions.services import Request, Services
from server.domain.room import Room
from server.settings import Settings, load_settings
from server.store.store import Store
from server.trust.link_secrets import LinkSecrets
from server.trust.site_tokens import SiteTokens
from server.trust.tokens import Tokens

PEOPLE = 100_000
ROUNDS = 5
ROOM = "bench-suggestions"
ENVIRON = {
    "SESSION_KEYS": "k1:0123456789abcdef0123456789abcdef",
    "LINK_KEYS": "k1:fedcba9876543210fedcba9876543210",
    "ADMIN_API_KEYS": "abcdefghijklmnopqrstuvwxyz012345",
}
# A few names are very common, as names are; the others are made of syllables.
COMMON = ("Maria", "Martin", "Anna", "Ali", "Mohamed", "Max", "Marie", "José", "Wei", "Aleksandra")
SYLLABLES = ("ma", "ri", "an", "na", "lo", "ve", "te", "sa", "ko", "bi", "el", "ur", "ing", "ston", "berg", "son", "ova", "ez")
QUERIES = (
    "ma", "an", "ad", "maria", "marti", "a m", "maria m", "m a s", "anna lov", "al ber", "ma ri ve", "p1", "p99",
    "p4242@example.org", "zz", "wei zz", "jose", "mohamed sonova",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Suggesting:
    """In ms. `p99_ms`: the median of the p99 of each round, since the machine has other things to do, too. `ratio`: the median
    of a suggestion's time over that of a PING right after it."""

    ms: float
    p99_ms: float
    worst_ms: float
    ping_ms: float
    ping_p99_ms: float
    ratio: float
    people: int
    n: int


async def measure_suggestions(redis_url: str, n: int, *, people: int = PEOPLE) -> Suggesting:
    """`n` suggestions for the site itself, which no rate bounds: reading the facts, the rule, and the search."""
    settings = load_settings({**ENVIRON, "REDIS_URL": redis_url})
    services = _services(settings)
    await create_room(services, Room(room_id=ROOM, title="Suggestions"), "bench-create")
    await _fill(services, people)
    taken: list[tuple[float, float]] = []
    for number in range(n):
        started_s = time.perf_counter()
        await suggest_people(services, _request(f"s{number}"), QUERIES[number % len(QUERIES)])
        between_s = time.perf_counter()
        await services.store.redis.ping()
        taken.append(((between_s - started_s) * 1000, (time.perf_counter() - between_s) * 1000))
    await _empty(services)
    suggestions, pings = [ms for ms, _ in taken], [ping for _, ping in taken]
    return Suggesting(
        ms=statistics.median(suggestions),
        p99_ms=_p99(suggestions),
        worst_ms=max(suggestions),
        ping_ms=statistics.median(pings),
        ping_p99_ms=_p99(pings),
        ratio=statistics.median(ms / ping for ms, ping in taken),
        people=people,
        n=n,
    )


def _p99(taken_ms: list[float]) -> float:
    """The median of the rounds'."""
    size = len(taken_ms) // ROUNDS
    rounds = [sorted(taken_ms[first : first + size]) for first in range(0, size * ROUNDS, size)]
    return statistics.median(one[int(size * 0.99)] for one in rounds)


def _services(settings: Settings) -> Services:
    return Services(
        settings=settings,
        store=Store(settings),
        tokens=Tokens(settings.session_keys, session_ttl_s=settings.session_token_ttl_s),
        site_tokens=SiteTokens(settings),
        links=LinkSecrets(settings.link_keys, settings.public_url),
    )


def _request(name: str) -> Request:
    return Request(room_id=ROOM, actor_id=None, request_id=f"bench.{name}")


async def _fill(services: Services, people: int) -> None:
    chance = random.Random(20)
    for first in range(0, people, MAX_ROWS):
        rows = [_person(number, chance) for number in range(first, min(first + MAX_ROWS, people))]
        await put_people(services, _request(f"fill{first}"), rows)


def _person(number: int, chance: random.Random) -> PersonRow:
    first_name = chance.choice(COMMON) if chance.random() < 0.3 else _made_up(chance)
    return PersonRow(
        email=f"p{number}@example.org", first_name=first_name, last_name=_made_up(chance), external_id=str(number)
    )


def _made_up(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))).title()


async def _empty(services: Services) -> None:
    """The directory has no end of its own, and the next figures are another site's."""
    keys = services.store.keyspace.directory
    await services.store.redis.unlink(
        keys.people, keys.addresses, keys.external_ids, keys.words, keys.index, keys.listed
    )
    await services.store.close()
