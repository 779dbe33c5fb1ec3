"""Many who are right at once from one network: nobody is taken for somebody who guesses, and nobody is told to come later."""

from __future__ import annotations

import asyncio

import pytest

from client_sim.device import Device
from server.actions import visitors
from server.settings import EMBEDDED_URL
from tests.support.refusing import DONE, outcomes
from tests.support.rooms import ROOM, Site, open_site

DEVICES = 50


async def claim_at_once(site: Site, secret: str) -> list[str]:
    """What fifty devices are answered that give the right address from one network, on two nodes."""
    nodes = [site.services, await site.add_node()]
    return await outcomes(*(site.claim(secret, "ina", Device(), on=nodes[number % 2]) for number in range(DEVICES)))


@pytest.mark.parametrize(
    ("link_devices", "expected"), [(1, [DONE] + ["invite_used"] * (DEVICES - 1)), (-1, [DONE] * DEVICES)]
)
async def test_fifty_devices_of_one_network_get_as_many_claims_as_the_link_has(store_url, link_devices, expected):
    async with open_site(store_url) as site:
        await site.create_room(link_devices=link_devices)
        made = await site.invite("ina")
        assert sorted(await claim_at_once(site, made["secret"])) == expected
        contents = await site.contents()
        assert len(contents.invitations[made["invitation_id"]].devices) == expected.count(DONE)
        assert len(contents.people) == 1


async def test_whoever_guesses_among_them_locks_out_the_network_for_that_link_alone():
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room(link_devices=-1)
        guessed, other = await site.invite("ina"), await site.invite("otto")
        for _ in range(5):
            assert await outcomes(site.claim(guessed["secret"], "eve", Device())) == ["email_mismatch"]
        assert set(await claim_at_once(site, guessed["secret"])) == {"too_many_attempts"}
        await site.claim(other["secret"], "otto", Device())


async def test_guesses_from_everywhere_slow_every_answer_and_are_told_to_the_operator_and_refuse_nobody(
    store_url, monkeypatch, caplog
):
    monkeypatch.setattr(visitors, "SLOW_FROM", 3)
    monkeypatch.setattr(visitors, "SLOW_S", 0.4)
    async with open_site(store_url) as site:
        await site.create_room()
        made, other = await site.invite("ina"), await site.invite("otto")

        async def taken_s(secret: str, name: str, network: str, expected: str) -> float:
            loop = asyncio.get_running_loop()
            started_s = loop.time()
            assert await outcomes(site.claim(secret, name, Device(), network=network)) == [expected]
            return loop.time() - started_s

        for number in range(2):
            assert await taken_s(made["secret"], "eve", f"198.51.{number}.7", "email_mismatch") < 0.4
        for number in range(2, 5):
            assert await taken_s(made["secret"], "eve", f"198.51.{number}.7", "email_mismatch") >= 0.4
        assert await taken_s(other["secret"], "otto", "198.51.1.7", DONE) < 0.4
        assert await taken_s(made["secret"], "ina", "203.0.113.7", DONE) >= 0.4
        (warning,) = [record.getMessage() for record in caplog.records if "guesses" in record.getMessage()]
        assert made["invitation_id"] in warning
        assert "@" not in warning
        assert made["secret"] not in warning
        assert await site.store.redis.ttl(site.store.keyspace.room(ROOM).attempts(made["invitation_id"], "anywhere")) > 0
