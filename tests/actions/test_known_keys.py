"""A node's copy of the API keys: what was read before a change of its own is not taken for what is so after."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from server.actions.api_keys import is_api_key
from server.actions.known_keys import LOOK_PAUSE_S, KnownKeys
from server.domain.api_keys import USE_NOTED_EVERY_MS, ApiKey
from server.domain.refusals import StoreUnavailable
from tests.support.waiting import wait_until

KEY = ApiKey(key_id="k1", name="reports", secret_hash="ab", created_at_ms=1)


def holding(key: ApiKey = KEY) -> KnownKeys:
    known = KnownKeys()
    known.hold([key], as_of=known.changes)
    return known


def test_a_key_deleted_here_does_not_come_back_with_what_was_read_before():
    known = holding()
    as_of = known.changes
    known.forget("k1")
    known.hold([KEY], as_of=as_of)
    assert known.find("ab") is None


def test_a_key_that_is_gone_elsewhere_is_gone_here_with_the_next_reading():
    known = holding()
    known.hold([], as_of=known.changes)
    assert known.find("ab") is None


def test_a_use_is_noted_once_a_minute():
    known = holding()
    for at_ms in (1_000, 2_000, USE_NOTED_EVERY_MS + 999):
        known.use(known.find("ab"), at_ms)
    assert known.uses_to_note() == [("k1", 1_000)]
    known.use(known.find("ab"), USE_NOTED_EVERY_MS + 1_000)
    assert known.uses_to_note() == [("k1", USE_NOTED_EVERY_MS + 1_000)]


def test_a_use_that_redis_has_not_heard_of_yet_is_not_forgotten_by_a_reading():
    known = holding()
    known.use(KEY, 1_000)
    known.hold([KEY], as_of=known.changes)
    assert known.find("ab").last_used_at_ms == 1_000
    known.noted("k1", 1_000)
    assert known.uses_to_note() == []


def test_a_use_that_another_node_noted_is_not_noted_again():
    known = holding(replace(KEY, last_used_at_ms=5_000))
    known.use(known.find("ab"), 6_000)
    assert known.uses_to_note() == []


class Shelf:
    """Redis as far as keys go. `fails`: it does not answer; `may_answer`: cleared, it takes its time."""

    def __init__(self) -> None:
        self.keys: list[ApiKey] = []
        self.looks = 0
        self.fails = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def load(self) -> list[ApiKey]:
        self.looks += 1
        found = list(self.keys)
        await self.may_answer.wait()
        if self.fails:
            raise StoreUnavailable
        return found


def services_with(shelf: Shelf) -> Any:
    return SimpleNamespace(
        settings=SimpleNamespace(admin_api_keys=()), api_keys=KnownKeys(), store=SimpleNamespace(api_keys=shelf),
        now_ms=lambda: 1,
    )


def secret(number: int) -> str:
    return f"grk_{number:043d}"


def key_of(given: str) -> ApiKey:
    return replace(KEY, secret_hash=hashlib.sha256(given.encode()).hexdigest())


async def test_of_a_thousand_unknown_keys_at_once_one_asks():
    services = services_with(shelf := Shelf())
    assert set(await asyncio.gather(*(is_api_key(services, secret(number)) for number in range(1000)))) == {False}
    assert shelf.looks == 1


async def test_unknown_keys_make_a_node_ask_only_so_often():
    services = services_with(shelf := Shelf())
    started_at_s = time.monotonic()
    for number in range(4):
        assert not await is_api_key(services, secret(number))
    assert shelf.looks == 4
    assert time.monotonic() - started_at_s >= 3 * LOOK_PAUSE_S


async def test_a_key_made_while_guesses_are_looked_up_is_known_by_the_look_that_follows():
    services = services_with(shelf := Shelf())
    shelf.may_answer.clear()
    guess = asyncio.create_task(is_api_key(services, secret(1)))
    await wait_until(lambda: shelf.looks == 1, what="a look that began before the key was made")
    shelf.keys = [key_of(secret(2))]
    made = asyncio.create_task(is_api_key(services, secret(2)))
    await asyncio.sleep(0)
    shelf.may_answer.set()
    assert (await guess, await made, shelf.looks) == (False, True, 2)


async def test_when_redis_is_away_nobody_waits_for_more_than_two_looks():
    services = services_with(shelf := Shelf())
    shelf.fails = True
    shelf.may_answer.clear()
    first = asyncio.create_task(is_api_key(services, secret(0)))
    await wait_until(lambda: shelf.looks == 1, what="the first look")
    others = [asyncio.create_task(is_api_key(services, secret(number))) for number in range(1, 100)]
    await asyncio.sleep(0)
    shelf.may_answer.set()
    said = await asyncio.gather(first, *others, return_exceptions=True)
    assert {type(one) for one in said} == {StoreUnavailable}
    assert shelf.looks == 2


async def test_who_gives_up_waiting_takes_nobody_elses_answer_away():
    services = services_with(shelf := Shelf())
    shelf.keys = [key_of(secret(2))]
    shelf.may_answer.clear()
    first, second = asyncio.create_task(is_api_key(services, secret(1))), asyncio.create_task(is_api_key(services, secret(2)))
    await wait_until(lambda: shelf.looks == 1, what="the look that both wait for")
    first.cancel()
    await asyncio.sleep(0)
    shelf.may_answer.set()
    assert await second
