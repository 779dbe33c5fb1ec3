"""The site's sign-in makes people; removing and banning puts them out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from client_sim.device import Device
from server.actions import let_in, sanctions
from server.actions.sign_in import sign_in
from server.domain.invitation import InvitationStatus
from server.domain.person import PersonState
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from server.wire.audiences import Audience
from tests.support.refusing import refused
from tests.support.rooms import ROOM, address_of, open_site
from tests.support.verifying import verify_action


@pytest.mark.parametrize(("standing", "role"), [(None, Role.VIEWER), ("owner", Role.MANAGER), ("co_editor", Role.MANAGER)])
async def test_a_standing_makes_a_manager(store_url, standing, role):
    async with open_site(store_url) as site:
        await site.create_room(standings={"olga": standing} if standing else {})
        async with verify_action(site):
            await site.sign_in("olga")
        person = await site.person("olga")
        assert (person.role, person.standing, person.email_proof) == (role, standing, "sign_in")


async def test_signing_in_again_changes_nothing(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        first = await site.sign_in("olga")
        before = await site.seq()
        assert (await site.sign_in("olga")).participant_id == first.participant_id
        assert await site.seq() == before


async def test_whoever_came_by_a_link_first_becomes_a_manager_by_their_sign_in(store_url):
    async with open_site(store_url) as site:
        await site.create_room(standings={"olga": "owner"})
        made = await site.invite("olga")
        by_link = await site.claim(made["secret"], "olga", Device())
        async with verify_action(site) as caused:
            by_sign_in = await site.sign_in("olga")
        assert by_sign_in.participant_id == by_link.participant_id
        assert caused.names == ["person_identified", "role_changed"]
        assert (await site.person("olga")).role is Role.MANAGER


@pytest.mark.parametrize("how", ["stranger", "manager", "claimed"])
async def test_a_room_for_the_invited_lets_in_managers_and_who_has_claimed(how):
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room(access="invited", standings={"olga": "owner"} if how == "manager" else {})
        if how == "claimed":
            await site.claim((await site.invite("olga"))["secret"], "olga", Device())
        if how == "stranger":
            with refused("not_invited"):
                await site.sign_in("olga")
        else:
            await site.sign_in("olga")


@pytest.mark.parametrize("is_inside", [False, True])
@pytest.mark.parametrize(("end", "code"), [("revoke", "invite_revoked"), ("replace", "invite_replaced")])
async def test_a_claim_that_no_longer_holds_keeps_out_who_has_not_entered_and_nobody_else(store_url, end, code, is_inside):
    async with open_site(store_url) as site:
        await site.create_room(access="invited")
        made = await site.invite("olga")
        site.ids["olga"] = (await site.claim(made["secret"], "olga", Device())).participant_id
        if is_inside:
            await site.open_tab("olga")
        invitation = (await site.contents()).invitations[made["invitation_id"]]
        over = {"revoke": InvitationStatus.REVOKED, "replace": InvitationStatus.REPLACED}[end]
        await site.store.invitations.put(
            ROOM, replace(invitation, status=over), what="revoked", by=None, seen={}, request_id=None
        )
        if is_inside:
            assert (await site.sign_in("olga")).participant_id == site.ids["olga"]
        else:
            with refused(code):
                await site.sign_in("olga")


async def test_who_claimed_and_has_not_entered_is_let_in_by_their_sign_in_as_the_same_person(store_url):
    async with open_site(store_url) as site:
        await site.create_room(access="invited")
        claimed = await site.claim((await site.invite("olga"))["secret"], "olga", Device())
        assert (await site.sign_in("olga")).participant_id == claimed.participant_id


async def test_two_users_of_the_site_with_one_address_are_two_people_and_the_second_inherits_nothing(store_url):
    async with open_site(store_url) as site:
        await site.create_room(standings={"olga": "owner"})
        await site.sign_in("olga")
        token = site.services.site_tokens.mint_demo(
            user_id="oscar", name="Oscar", email=address_of("olga"), now_ms=site.services.now_ms()
        )
        async with verify_action(site):
            oscar = (await sign_in(site.services, ROOM, token)).participant_id
        people = (await site.contents()).people
        assert oscar != site.ids["olga"]
        assert (people[oscar].role, people[oscar].standing, people[oscar].name) == (Role.VIEWER, None, "Oscar")
        assert (await sign_in(site.services, ROOM, token)).participant_id == oscar
        before = people[site.ids["olga"]]
        assert (before.role, before.standing, before.user_id, before.name) == (Role.MANAGER, "owner", "olga", "Olga")
        assert (await site.sign_in("olga")).participant_id == before.participant_id
        assert await site.person("olga") == before


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 9000])
async def test_what_is_no_token_of_the_site_is_refused(token):
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room()
        with refused("token_invalid"):
            await sign_in(site.services, ROOM, token)


@pytest.mark.parametrize("ban", [False, True])
@pytest.mark.parametrize("place", ["inside", "line"])
async def test_who_is_put_out_is_gone_for_everybody_who_saw_them(store_url, place, ban):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        await site.bring_in("boss", Role.MANAGER)
        who = await (site.bring_in("vic") if place == "inside" else site.arrive("vic"))
        async with verify_action(site) as caused:
            await (sanctions.ban if ban else sanctions.remove)(site.services, site.by("boss"), who)
        heard = "participants.left" if place == "inside" else "waiters.removed"
        assert caused.told(Audience.STAFF) == [heard]
        assert caused.told(Audience.INSIDE) == ([heard] if place == "inside" else [])
        assert (await site.person("vic")).state is (PersonState.BANNED if ban else PersonState.REMOVED)


async def test_somebody_removed_can_be_banned_and_not_the_other_way(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        who = await site.bring_in("vic")
        await sanctions.remove(site.services, site.by("boss"), who)
        async with verify_action(site):
            await sanctions.ban(site.services, site.by("boss"), who)
        with refused("already_decided"):
            await sanctions.remove(site.services, site.by("boss"), who)


@pytest.mark.parametrize(
    ("actor", "target", "code"),
    [("mod", "boss", "role_forbidden"), ("boss", "boss", "role_forbidden"), ("mod", "max", None), ("boss", "mod", None)],
)
async def test_a_manager_is_put_out_by_nobody(actor, target, code):
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room()
        for name, role in (("boss", Role.MANAGER), ("mod", Role.MODERATOR), ("max", Role.MODERATOR)):
            await site.bring_in(name, role)
        for act in (sanctions.remove, sanctions.ban):
            if code:
                with refused(code):
                    await act(site.services, site.by(actor), site.ids[target])
            else:
                await act(site.services, site.by(actor), site.ids[target])


async def test_who_is_banned_cannot_be_admitted():
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room(locked=True)
        await site.bring_in("boss", Role.MANAGER)
        who = await site.arrive("wanda")
        await sanctions.ban(site.services, site.by("boss"), who)
        with refused("already_decided"):
            await let_in.admit(site.services, site.by("boss"), [who])
