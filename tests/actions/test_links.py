"""An invitation's link: looking uses nothing up, a claim binds it to a device, and every refusal has its code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from client_sim.device import Device
from server.actions.links import Visitor, claim_link, look_at_link
from server.domain.invitation import InvitationStatus
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from server.web.commands import run_command
from server.wire import messages as m
from tests.support.refusing import outcomes, refused
from tests.support.rooms import ROOM, Site, open_site, visitor_with
from tests.support.verifying import verify_action

NOBODY = Visitor(network="192.0.2.1")


async def with_link(site: Site, role: Role = Role.VIEWER, **room: object) -> tuple[str, str]:
    """A room with a manager, and Ina's invitation: its id and its secret."""
    await site.create_room(**room)
    await site.bring_in("boss", Role.MANAGER)
    made = await site.invite("ina", role)
    return made["invitation_id"], made["secret"]


async def test_the_first_look_is_noted_and_nothing_else_changes(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site)
        async with verify_action(site) as caused:
            looks = [await site.look(secret, NOBODY) for _ in range(3)]
        assert [look.state for look in looks] == ["email_entry"] * 3
        assert [event.what for event in caused.events] == ["opened"]
        assert (await site.contents()).invitations[invitation_id].status is InvitationStatus.OPENED


async def test_a_claim_makes_the_invited_person(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site, Role.SPEAKER)
        async with verify_action(site) as caused:
            signed_in = await site.claim(secret, "ina", Device())
        person = (await site.contents()).people[signed_in.participant_id]
        assert (person.role, person.email, person.email_proof) == ("speaker", "ina@example.com", "link")
        assert [event.what for event in caused.events] == ["opened", "claimed"]
        assert (await site.contents()).invitations[invitation_id].participant_id == person.participant_id


async def test_the_same_device_may_claim_again_and_nothing_is_logged(store_url):
    async with open_site(store_url) as site:
        _, secret = await with_link(site)
        device = Device()
        first = await site.claim(secret, "ina", device)
        before = await site.seq()
        look = await site.look(secret, visitor_with(device, "", "ina"))
        again = await claim_link(
            site.services, ROOM, secret,
            Visitor(network="198.51.100.7", device_key=dict(device.jwk), nonce=look.nonce, proof=device.claim_proof(look.nonce)),
        )
        assert look.state == "claimed_here"
        assert again.participant_id == first.participant_id
        assert await site.seq() == before


async def test_another_device_is_told_that_the_link_is_used(store_url):
    async with open_site(store_url) as site:
        _, secret = await with_link(site)
        await site.claim(secret, "ina", Device())
        assert (await site.look(secret, visitor_with(Device(), "", "ina"))).state == "used_on_another_device"
        with refused("invite_used"):
            await site.claim(secret, "ina", Device())


async def test_a_link_for_two_devices_is_used_up_by_two():
    async with open_site(EMBEDDED_URL) as site:
        _, secret = await with_link(site, link_devices=2)
        first, second = await site.claim(secret, "ina", Device()), await site.claim(secret, "ina", Device())
        assert first.participant_id == second.participant_id
        with refused("invite_used"):
            await site.claim(secret, "ina", Device())


@pytest.mark.parametrize("secret", ["", "x", "ä" * 27, "A" * 4000, "\x00"])
async def test_a_mangled_secret_is_unknown(secret):
    async with open_site(EMBEDDED_URL) as site:
        await with_link(site)
        with refused("invite_unknown"):
            await site.look(secret, NOBODY)


async def test_a_secret_of_another_room_is_unknown():
    async with open_site(EMBEDDED_URL) as site:
        _, secret = await with_link(site)
        await site.create_room("room-2")
        with refused("invite_unknown"):
            await look_at_link(site.services, "room-2", secret, NOBODY)


async def test_a_wrong_address_is_refused_five_times_and_then_waits(store_url):
    async with open_site(store_url) as site:
        _, secret = await with_link(site)
        told = [await outcomes(site.claim(secret, "eve", Device())) for _ in range(6)]
        assert told == [["email_mismatch"]] * 5 + [["too_many_attempts"]]
        with refused("too_many_attempts"):
            await site.claim(secret, "ina", Device())


async def test_the_right_address_counts_from_another_network(store_url):
    async with open_site(store_url) as site:
        _, secret = await with_link(site)
        for _ in range(6):
            await outcomes(site.claim(secret, "eve", Device()))
        await site.claim(secret, "ina", Device(), network="198.51.100.7")


async def test_the_right_address_forgets_the_wrong_ones(store_url):
    async with open_site(store_url) as site:
        _, secret = await with_link(site, link_devices=-1)
        for _ in range(3):
            for _ in range(4):
                assert await outcomes(site.claim(secret, "eve", Device())) == ["email_mismatch"]
            await site.claim(secret, "ina", Device())


async def test_a_nonce_of_another_link_is_refused():
    async with open_site(EMBEDDED_URL) as site:
        _, secret = await with_link(site)
        other = (await site.invite("otto"))["secret"]
        look, device = await site.look(other, NOBODY), Device()
        with refused("nonce_invalid"):
            await claim_link(site.services, ROOM, secret, visitor_with(device, look.nonce, "ina"))


async def test_a_proof_by_another_key_is_refused():
    async with open_site(EMBEDDED_URL) as site:
        _, secret = await with_link(site)
        look, device = await site.look(secret, NOBODY), Device()
        visitor = visitor_with(device, look.nonce, "ina")
        with refused("proof_invalid"):
            await claim_link(site.services, ROOM, secret, replace(visitor, proof=Device().claim_proof(look.nonce)))


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda s, i: m.InvitationRevoke(id="c", invitation_id=i), "invite_revoked"),
        (lambda s, i: m.SessionEnd(id="c"), "session_ended"),
        (lambda s, i: m.RoomDelete(id="c"), "room_deleted"),
        (
            lambda s, i: m.InvitationCreate(id="c", email="ina@example.com", first_name="I", last_name="A", role="viewer"),
            "invite_replaced",
        ),
    ],
)
async def test_a_link_that_is_over_says_why(end, code):
    async with open_site(EMBEDDED_URL) as site:
        invitation_id, secret = await with_link(site)
        await run_command(site.services, site.by("boss"), end(site, invitation_id))
        with refused(code):
            await site.look(secret, NOBODY)
        with refused(code):
            await site.claim(secret, "ina", Device())


async def test_an_expired_link_is_refused_to_new_devices_only():
    async with open_site(EMBEDDED_URL) as site:
        _, secret = await with_link(site, link_ttl_s=60, link_devices=2)
        device = Device()
        first = await site.claim(secret, "ina", device)
        site.store.scripts.skew_ms = 61_000
        assert (await site.claim(secret, "ina", device)).participant_id == first.participant_id
        with refused("invite_expired"):
            await site.claim(secret, "ina", Device())
