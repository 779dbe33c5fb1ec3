"""How often one network may call without an API key: generous, the same for every door, and nobody else's business."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.domain.refusals import RateLimited
from server.web.rate import NetworkRates
from tests.support.nodes import CALM, Cluster, Node
from tests.support.waiting import wait_until
from tests.web.asking import API_KEY, ask, check_problem, make_invited

BURST = 5
DOORS = [
    ("/v1/rooms/{room}/link/look", {"secret": "s"}),
    ("/v1/rooms/{room}/link/claim", {"secret": "s", "nonce": "n"}),
    ("/v1/rooms/{room}/link/ask", {"secret": "s", "nonce": "n"}),
    ("/v1/rooms/{room}/sign-in", {}),
    ("/v1/demo/sign-in", {"user_id": "u", "name": "N", "email": "n@example.com"}),
]


@asynccontextmanager
async def a_node(**settings: str) -> AsyncIterator[Node]:
    """One that takes a burst of five from a network, and then one a second."""
    limits = {"HTTP_BURST": str(BURST), "HTTP_PER_S": "1", "TRUSTED_PROXIES": "127.0.0.1"}
    async with Cluster(**{**CALM, **limits, **settings}) as cluster:
        yield await cluster.add_node()


async def test_beyond_its_burst_a_network_waits_while_others_and_the_room_product_go_on():
    async with a_node() as node:
        invited = await make_invited(node)

        async def call(path: str, body: object, network: str) -> int:
            at = path.format(room=invited.room_id)
            answer = await ask(node, "POST", at, body, headers={"X-Forwarded-For": network})
            if answer.status == 429:
                assert check_problem(answer, 429, "rate_limited")["retry_after_ms"] == 1_000
                assert answer.headers["retry-after"] == "1"
            return answer.status

        # More than a second's worth beyond the burst, whatever refills meanwhile.
        statuses = [await call(*DOORS[number % len(DOORS)], "192.0.2.1") for number in range(30)]
        assert 429 not in statuses[:BURST]
        assert 429 in statuses[BURST:]
        assert [await call(path, body, "192.0.2.2") for path, body in DOORS].count(429) == 0
        for _ in range(3 * BURST):
            answer = await ask(
                node, "GET", f"/v1/rooms/{invited.room_id}", key=API_KEY, headers={"X-Forwarded-For": "192.0.2.1"}
            )
            assert answer.status == 200

        async def is_taken_again() -> bool:
            return await call(*DOORS[0], "192.0.2.1") != 429

        await wait_until(is_taken_again, what="an answer after the burst")


async def test_one_household_is_one_network_whatever_address_it_takes():
    async with a_node() as node:
        bodies = []
        for number in range(30):
            headers = {"X-Forwarded-For": f"2001:db8:1:2::{number:x}"}
            bodies.append(json.loads((await ask(node, "POST", *DOORS[4], headers=headers)).body))
        assert "rate_limited" in [body.get("code") for body in bodies]


def test_a_network_gets_its_burst_and_then_what_time_brings():
    rates = NetworkRates(per_s=2, burst=3)
    for _ in range(3):
        rates.check("a", 10.0)
    for now_s in (10.0, 10.4):
        with pytest.raises(RateLimited):
            rates.check("a", now_s)
    rates.check("a", 10.5)
    rates.check("b", 10.5)


def test_networks_that_were_silent_for_longest_are_forgotten_and_no_others():
    rates = NetworkRates(per_s=0.001, burst=1, most_networks=2)
    for network in ("a", "b"):
        rates.check(network, 0.0)
    with pytest.raises(RateLimited):
        rates.check("a", 0.0)
    rates.check("c", 0.0)  # in the place of b, who asked longer ago than a
    with pytest.raises(RateLimited):
        rates.check("a", 0.0)
    rates.check("b", 0.0)
