"""Many who are right at once from one network: nobody is taken for somebody who guesses, and nobody is told to come later."""

from __future__ import annotations

import pytest

from client_sim.device import Device
from server.settings import EMBEDDED_URL
from tests.support.refusing import DONE, outcomes
from tests.support.rooms import Site, open_site

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
