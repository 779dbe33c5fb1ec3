"""What a device is known by, its key and its cookie: who has to give the address again, and whom a ban holds."""

from __future__ import annotations

import pytest

from client_sim.device import Device
from server.actions import sanctions
from server.actions.links import Visitor, claim_link
from server.actions.sign_in import SignedIn
from server.domain.roles import Role
from tests.support.refusing import refused
from tests.support.rooms import ROOM, Site, address_of, open_site

COOKIE = "C" * 43


def shown(device: Device | None, cookie: str | None) -> Visitor:
    return Visitor(network="192.0.2.1", cookie=cookie, device_key=dict(device.jwk) if device else None)


async def claim(site: Site, secret: str, name: str | None, device: Device | None, cookie: str | None) -> SignedIn:
    """Look and claim with this person's address, or none, showing a key, a cookie, or both."""
    nonce = (await site.look(secret, shown(device, cookie))).nonce
    visitor = Visitor(
        network="192.0.2.1", cookie=cookie, nonce=nonce, email=address_of(name) if name else None,
        device_key=dict(device.jwk) if device else None, proof=device.claim_proof(nonce) if device else None,
    )
    return await claim_link(site.services, ROOM, secret, visitor)


async def test_the_cookie_with_another_key_has_to_give_the_address_again_and_is_the_same_device(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made, device, other = await site.invite("ina"), Device(), Device()
        first = await claim(site, made["secret"], "ina", device, COOKIE)
        assert (await site.look(made["secret"], shown(other, COOKIE))).state == "email_entry"
        for wrong in (None, "eve"):
            with refused("email_mismatch"):
                await claim(site, made["secret"], wrong, other, COOKIE)
        again = await claim(site, made["secret"], "ina", other, COOKIE)
        assert again.participant_id == first.participant_id
        recorded = (await site.contents()).invitations[made["invitation_id"]].devices
        assert list(recorded) == [device.thumbprint]
        assert recorded[device.thumbprint].key_thumbprint == other.thumbprint


async def test_the_cookie_alone_of_a_device_with_a_key_has_to_give_the_address_again(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.invite("ina")
        first = await claim(site, made["secret"], "ina", Device(), COOKIE)
        assert (await site.look(made["secret"], shown(None, COOKIE))).state == "email_entry"
        with refused("email_mismatch"):
            await claim(site, made["secret"], None, None, COOKIE)
        assert (await claim(site, made["secret"], "ina", None, COOKIE)).participant_id == first.participant_id


async def test_a_key_that_is_known_needs_no_address_whatever_cookie_comes_with_it(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made, device = await site.invite("ina"), Device()
        first = await claim(site, made["secret"], "ina", device, COOKIE)
        for cookie in (COOKIE, "D" * 43, None):
            assert (await claim(site, made["secret"], None, device, cookie)).participant_id == first.participant_id


@pytest.mark.parametrize("by", ["key", "cookie"])
async def test_a_ban_holds_the_device_with_somebody_elses_older_link_and_not_with_a_newer_one(store_url, by):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        device, ina, older = Device(), await site.invite("ina"), await site.invite("otto")
        banned = await claim(site, ina["secret"], "ina", device, COOKIE)
        await sanctions.ban(site.services, site.by("boss"), banned.participant_id)
        showing = (device, None) if by == "key" else (None, COOKIE)
        with refused("banned"):
            await claim(site, older["secret"], "otto", *showing)
        site.store.scripts.skew_ms += 1_000
        newer = await site.invite("otto")
        assert (await claim(site, newer["secret"], "otto", *showing)).participant_id != banned.participant_id


async def test_a_ban_does_not_hold_another_device_with_another_persons_link(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        ina, otto = await site.invite("ina"), await site.invite("otto")
        banned = await claim(site, ina["secret"], "ina", Device(), COOKIE)
        await sanctions.ban(site.services, site.by("boss"), banned.participant_id)
        await claim(site, otto["secret"], "otto", Device(), "D" * 43)
