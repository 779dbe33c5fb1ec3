"""What a claimed link makes of people: their role, their ban, and the invitation that it takes the place of."""

from __future__ import annotations

import asyncio

from client_sim.device import Device
from server.actions import roles, rooms, sanctions
from server.domain.invitation import InvitationStatus
from server.domain.person import PersonState
from server.domain.refusals import Refusal
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from tests.actions.stage import ask
from tests.actions.test_links import NOBODY, with_link
from tests.support.refusing import refused
from tests.support.rooms import open_site
from tests.support.verifying import verify_action


async def test_a_claim_by_somebody_known_raises_their_role_and_never_lowers_it(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        for name, before, invited in (("ann", Role.VIEWER, Role.MODERATOR), ("bob", Role.MODERATOR, Role.VIEWER)):
            await site.bring_in(name, before)
            secret = (await site.invite(name, invited))["secret"]
            async with verify_action(site):
                await site.claim(secret, name, Device())
            assert (await site.person(name)).role is Role.MODERATOR


async def test_a_sign_in_between_the_facts_and_the_claim_is_not_lowered(store_url, monkeypatch):
    async with open_site(store_url) as site:
        _, secret = await with_link(site, standings={"ina": "owner"})
        claim = site.store.invitations.claim

        async def sign_in_then_claim(*args: object, **fields: object) -> dict[str, object]:
            monkeypatch.setattr(site.store.invitations, "claim", claim)
            await site.sign_in("ina")
            return await claim(*args, **fields)

        monkeypatch.setattr(site.store.invitations, "claim", sign_in_then_claim)
        signed_in = await site.claim(secret, "ina", Device())
        assert signed_in.participant_id == site.ids["ina"]
        assert (await site.person("ina")).role is Role.MANAGER


async def test_a_promotion_between_the_facts_and_the_claim_is_not_taken_back(store_url, monkeypatch):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        await site.bring_in("ann")
        secret = (await site.invite("ann", Role.SPEAKER))["secret"]
        claim = site.store.invitations.claim

        async def promote_then_claim(*args: object, **fields: object) -> dict[str, object]:
            monkeypatch.setattr(site.store.invitations, "claim", claim)
            await roles.change_role(site.services, site.by("boss"), site.ids["ann"], Role.MODERATOR)
            return await claim(*args, **fields)

        monkeypatch.setattr(site.store.invitations, "claim", promote_then_claim)
        await site.claim(secret, "ann", Device())
        assert (await site.person("ann")).role is Role.MODERATOR


async def test_a_link_for_two_devices_is_claimed_by_two_of_many_at_once(store_url):
    async with open_site(store_url) as site:
        await site.create_room(link_devices=2)
        await site.bring_in("boss", Role.MANAGER)
        await site.bring_in("ann")
        invited = await site.invite("ann")

        async def try_on(device: Device) -> str:
            try:
                await site.claim(invited["secret"], "ann", device)
            except Refusal as refusal:
                return refusal.code
            return "claimed"

        told = await asyncio.gather(*(try_on(Device()) for _ in range(8)))
        assert sorted(told) == ["claimed"] * 2 + ["invite_used"] * 6
        assert len((await site.contents()).invitations[invited["invitation_id"]].devices) == 2


async def test_an_invitation_after_the_ban_lifts_it(store_url):
    async with open_site(store_url) as site:
        _, secret = await with_link(site)
        site.ids["ina"] = (await site.claim(secret, "ina", Device())).participant_id
        await sanctions.ban(site.services, site.by("boss"), site.ids["ina"])
        with refused("banned"):
            await site.open_tab("ina")
        site.store.scripts.skew_ms = 1_000
        newer = (await site.invite("ina"))["secret"]
        async with verify_action(site):
            await site.claim(newer, "ina", Device())
        assert (await site.person("ina")).state is PersonState.KNOWN


async def test_a_newer_link_takes_over_from_a_claimed_one_when_it_is_claimed(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site)
        first = await site.claim(secret, "ina", Device())
        await ask(site, secret, "ina", Device())
        newer = (await site.invite("ina"))["secret"]
        assert (await site.contents()).invitations[invitation_id].status is InvitationStatus.CLAIMED
        async with verify_action(site):
            second = await site.claim(newer, "ina", Device())
        assert second.participant_id == first.participant_id
        assert (await site.contents()).invitations[invitation_id].status is InvitationStatus.REPLACED
        with refused("invite_replaced"):
            await site.look(secret, NOBODY)


async def test_a_chain_of_newer_links_is_over_when_the_newest_is_claimed(store_url):
    async with open_site(store_url) as site:
        first_id, first = await with_link(site)
        by_first = await site.claim(first, "ina", Device())
        second, third = await site.invite("ina"), await site.invite("ina")
        status = {which: found.status for which, found in (await site.contents()).invitations.items()}
        assert status[first_id] is InvitationStatus.CLAIMED
        assert status[second["invitation_id"]] is InvitationStatus.REPLACED
        async with verify_action(site):
            by_third = await site.claim(third["secret"], "ina", Device())
        assert by_third.participant_id == by_first.participant_id
        for secret in (first, second["secret"]):
            with refused("invite_replaced"):
                await site.look(secret, NOBODY)
        assert (await site.contents()).invitations[first_id].status is InvitationStatus.REPLACED


async def test_a_link_of_a_room_that_ended_stays_refused_after_deletion():
    async with open_site(EMBEDDED_URL) as site:
        _, secret = await with_link(site)
        await rooms.end_session(site.services, site.by("boss"))
        await rooms.delete_room(site.services, site.by(None))
        with refused("room_deleted"):
            await site.look(secret, NOBODY)


async def test_roles_given_meanwhile_stand_when_the_link_is_claimed_again():
    async with open_site(EMBEDDED_URL) as site:
        _, secret = await with_link(site)
        device = Device()
        site.ids["ina"] = (await site.claim(secret, "ina", device)).participant_id
        await roles.change_role(site.services, site.by("boss"), site.ids["ina"], Role.SPEAKER)
        await site.claim(secret, "ina", device)
        assert (await site.person("ina")).role is Role.SPEAKER
