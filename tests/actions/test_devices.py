"""A claimed link on another device: asking, the answer, and what becomes of the old device."""

from __future__ import annotations

import pytest

from client_sim.device import Device
from server.actions import sanctions
from server.actions.devices import ask_for_device, decide_device
from server.actions.links import Visitor, claim_link
from server.actions.presence import enter
from server.domain.refusals import Refusal
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from server.trust.tokens import SessionClaims
from server.wire.audiences import Audience
from tests.actions.stage import ask
from tests.support.refusing import DONE, outcomes, refused
from tests.support.rooms import ROOM, Site, open_site, visitor_with
from tests.support.verifying import verify_action


async def with_claim(site: Site, role: Role = Role.VIEWER, **room: object) -> tuple[str, str, Device]:
    """Ina's link, claimed on a device: invitation id, secret, device."""
    await site.create_room(**room)
    await site.bring_in("boss", Role.MANAGER)
    await site.bring_in("mod", Role.MODERATOR)
    made, device = await site.invite("ina", role), Device()
    site.ids["ina"] = (await site.claim(made["secret"], "ina", device)).participant_id
    return made["invitation_id"], made["secret"], device


async def test_a_question_is_put_to_managers_and_to_moderators(store_url):
    async with open_site(store_url) as site:
        _, secret, _ = await with_claim(site)
        async with verify_action(site) as caused:
            await ask(site, secret, "ina", Device())
        assert "device.requested" in caused.told(Audience.STAFF)
        assert "device.requested" in caused.told(Audience.MANAGERS)
        assert caused.told(Audience.INSIDE) == []


async def test_a_question_about_a_moderators_link_is_put_to_managers_only(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret, _ = await with_claim(site, Role.MODERATOR)
        async with verify_action(site) as caused:
            asked = await ask(site, secret, "ina", Device())
        assert "device.requested" not in caused.told(Audience.STAFF)
        with refused("role_forbidden"):
            await decide_device(site.services, site.by("mod"), invitation_id, asked["request_id"], allow=True)
        await decide_device(site.services, site.by("boss"), invitation_id, asked["request_id"], allow=True)


async def test_yes_moves_the_claim_and_the_old_device_is_told_so(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret, old = await with_claim(site)
        new = Device()
        asked = await ask(site, secret, "ina", new)
        async with verify_action(site) as caused:
            await decide_device(site.services, site.by("mod"), invitation_id, asked["request_id"], allow=True)
        assert [event.what for event in caused.events] == ["moved"]
        assert (await site.claim(secret, "ina", new)).participant_id == site.ids["ina"]
        with refused("invite_moved"):
            await site.claim(secret, "ina", old)
        with refused("invite_moved"):
            await enter(site.services, _session(site, invitation_id, old), "c-old")


async def test_no_leaves_the_claim_where_it_is(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret, old = await with_claim(site)
        new = Device()
        asked = await ask(site, secret, "ina", new)
        async with verify_action(site) as caused:
            await decide_device(site.services, site.by("mod"), invitation_id, asked["request_id"], allow=False)
        assert "device.request_closed" in caused.told(Audience.STAFF)
        with refused("invite_used"):
            await site.claim(secret, "ina", new)
        await enter(site.services, _session(site, invitation_id, old), "c-old")


async def test_yes_and_no_at_once_are_decided_once(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret, _ = await with_claim(site)
        there = await site.add_node()
        asked = (await ask(site, secret, "ina", Device()))["request_id"]
        async with verify_action(site) as caused:
            told = await outcomes(
                decide_device(site.services, site.by("boss"), invitation_id, asked, allow=True),
                decide_device(there, site.by("mod"), invitation_id, asked, allow=False),
            )
        assert sorted(told) == ["already_decided", DONE]
        assert len(caused.entries) == 1


async def test_a_later_question_takes_the_place_of_an_earlier_one():
    async with open_site(EMBEDDED_URL) as site:
        invitation_id, secret, _ = await with_claim(site)
        earlier = await ask(site, secret, "ina", Device())
        async with verify_action(site):
            later = await ask(site, secret, "ina", Device())
        with refused("already_decided"):
            await decide_device(site.services, site.by("boss"), invitation_id, earlier["request_id"], allow=True)
        await decide_device(site.services, site.by("boss"), invitation_id, later["request_id"], allow=True)


async def test_a_device_that_needs_no_yes_is_told_so():
    async with open_site(EMBEDDED_URL) as site:
        _, secret, device = await with_claim(site)
        with refused("already_decided"):
            await ask(site, secret, "ina", device)


async def test_a_device_that_was_told_no_may_ask_again_three_times_in_all(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret, _ = await with_claim(site)
        new = Device()
        for _ in range(3):
            asked = await ask(site, secret, "ina", new)
            await decide_device(site.services, site.by("boss"), invitation_id, asked["request_id"], allow=False)
        with refused("too_many_attempts"):
            await ask(site, secret, "ina", new)
        await ask(site, secret, "ina", Device())


async def test_a_browser_that_is_another_device_each_time_asks_ten_times_and_another_network_still_may(store_url):
    async with open_site(store_url) as site:
        _, secret, _ = await with_claim(site)
        told = [await outcomes(ask(site, secret, "ina", Device())) for _ in range(11)]
        assert told == [[DONE]] * 10 + [["too_many_attempts"]]
        device = Device()
        look = await site.look(secret, visitor_with(device, "", "ina"))
        elsewhere = visitor_with(device, look.nonce, "ina", network="198.51.100.7")
        await ask_for_device(site.services, ROOM, secret, elsewhere, "A telephone")


@pytest.mark.parametrize("known_by", ["address", "device"])
async def test_somebody_banned_may_not_ask(store_url, known_by):
    async with open_site(store_url) as site:
        _, secret, banned = await with_claim(site)
        other = await site.invite("otto")
        await site.claim(other["secret"], "otto", Device())
        await sanctions.ban(site.services, site.by("boss"), site.ids["ina"])
        async with verify_action(site) as caused:
            with refused("banned"):
                if known_by == "address":
                    await ask(site, secret, "ina", Device())
                await ask(site, other["secret"], "otto", banned)
        assert caused.events == []


async def test_a_stranger_with_the_link_may_not_ask():
    async with open_site(EMBEDDED_URL) as site:
        _, secret, _ = await with_claim(site)
        with refused("email_mismatch"):
            await ask(site, secret, "eve", Device())


@pytest.mark.parametrize("asking", ["claimed", "nobody"])
async def test_an_unknown_invitation_has_no_question(asking):
    async with open_site(EMBEDDED_URL) as site:
        invitation_id, _, _ = await with_claim(site)
        with pytest.raises(Refusal) as refusal:
            await decide_device(
                site.services, site.by("boss"), invitation_id if asking == "claimed" else "i-unknown", "d-unknown", allow=True
            )
        assert refusal.value.code == {"claimed": "already_decided", "nobody": "invitation_unknown"}[asking]


async def test_a_claim_that_moved_back_is_good_again():
    async with open_site(EMBEDDED_URL) as site:
        invitation_id, secret, first = await with_claim(site)
        second = Device()
        for device in (second, first):
            asked = await ask(site, secret, "ina", device)
            await decide_device(site.services, site.by("boss"), invitation_id, asked["request_id"], allow=True)
        await enter(site.services, _session(site, invitation_id, first), "c-first")
        with refused("invite_moved"):
            await enter(site.services, _session(site, invitation_id, second), "c-second")


async def test_a_cookie_alone_brings_the_claim_back():
    async with open_site(EMBEDDED_URL) as site:
        _, secret, _ = await with_claim(site, link_devices=2)
        look = await site.look(secret, Visitor(network="n", cookie="C" * 43))
        visitor = Visitor(network="n", cookie="C" * 43, nonce=look.nonce, email="ina@example.com")
        first = await claim_link(site.services, ROOM, secret, visitor)
        assert (await site.look(secret, Visitor(network="n", cookie="C" * 43))).state == "claimed_here"
        assert first.participant_id == site.ids["ina"]


def _session(site: Site, invitation_id: str, device: Device) -> SessionClaims:
    return SessionClaims(
        room_id=ROOM, participant_id=site.ids["ina"], invitation_id=invitation_id, device_id=device.thumbprint,
        key_thumbprint=device.thumbprint,
    )


@pytest.mark.parametrize("allow", [True, False])
async def test_a_question_on_a_link_that_was_replaced_meanwhile_is_over(allow):
    async with open_site(EMBEDDED_URL) as site:
        invitation_id, secret, _ = await with_claim(site)
        asked = await ask(site, secret, "ina", Device())
        await site.claim((await site.invite("ina"))["secret"], "ina", Device())
        with refused("invitation_closed"):
            await decide_device(site.services, site.by("boss"), invitation_id, asked["request_id"], allow=allow)
