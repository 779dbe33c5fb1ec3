"""Issuing, extending, revoking: what managers do with invitations."""

from __future__ import annotations

import pytest

from client_sim.device import Device
from server.actions import invitations
from server.actions.invitations import Invitee
from server.domain.invitation import InvitationStatus
from server.domain.person import PersonState
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from tests.support.refusing import refused
from tests.support.rooms import ROOM, Site, open_site
from tests.support.verifying import verify_action


async def with_boss(site: Site, **room: object) -> None:
    await site.create_room(**room)
    await site.bring_in("boss", Role.MANAGER)


def invitee(email: str = "ina@example.com", role: Role = Role.VIEWER, **fields: object) -> Invitee:
    return Invitee(**{"email": email, "first_name": "Ina", "last_name": "Vited", "role": role, **fields})


async def test_a_newer_invitation_replaces_an_unclaimed_one(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        first = await site.invite("ina", by="boss")
        async with verify_action(site) as caused:
            second = await site.invite("ina", by="boss")
        assert second["replaced"] == first["invitation_id"]
        assert [event.what for event in caused.events] == ["replaced", "created"]


async def test_addresses_that_differ_in_case_only_are_one():
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site)
        first = await invitations.invite(site.services, site.by("boss"), invitee("Ina@Example.com"))
        second = await invitations.invite(site.services, site.by("boss"), invitee(" ina@example.com"))
        assert second["replaced"] == first["invitation_id"]


async def test_the_same_request_on_another_node_answers_the_same_link(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        other = await site.add_node()
        first = await invitations.invite(site.services, site.by("boss", "r1"), invitee())
        assert await invitations.invite(other, site.by("boss", "r1"), invitee()) == first
        assert len((await site.contents()).invitations) == 1


async def test_a_request_id_used_again_much_later_makes_a_new_invitation_and_leaves_the_old_one(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        first = await invitations.invite(site.services, site.by("boss", "r1"), invitee())
        await site.store.redis.delete(site.store.keyspace.room(ROOM).result("r1"))  # two minutes have passed
        second = await invitations.invite(site.services, site.by("boss", "r1"), invitee("otto@example.com"))
        assert first["link"] != second["link"]
        kept = (await site.contents()).invitations[first["invitation_id"]]
        assert (kept.email, kept.status) == ("ina@example.com", InvitationStatus.CREATED)


async def test_the_link_again_is_the_same_link(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        made = await site.invite("ina", by="boss")
        assert (await invitations.link_again(site.services, site.by("boss"), made["invitation_id"]))["link"] == made["link"]


async def test_at_once_promotes_whoever_is_inside_under_that_address(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        await site.bring_in("vic")
        async with verify_action(site) as caused:
            await site.invite("vic", Role.MODERATOR, by="boss", at_once=True)
        assert caused.names == ["invitation_changed", "role_changed"]
        assert (await site.person("vic")).role is Role.MODERATOR


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SPEAKER])
async def test_at_once_never_lowers_a_role(role):
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site)
        await site.bring_in("max", Role.MODERATOR)
        await site.invite("max", role, by="boss", at_once=True)
        assert (await site.person("max")).role is Role.MODERATOR


async def test_an_invitation_lives_on_when_it_is_extended():
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site, link_ttl_s=60)
        made = await site.invite("ina", by="boss")
        site.store.scripts.skew_ms = 61_000
        with refused("invite_expired"):
            await site.claim(made["secret"], "ina", Device())
        async with verify_action(site) as caused:
            answer = await invitations.extend(site.services, site.by("boss"), made["invitation_id"])
        assert [event.what for event in caused.events] == ["extended"]
        assert answer["expires_at_ms"] == (await site.contents()).invitations[made["invitation_id"]].expires_at_ms
        await site.claim(made["secret"], "ina", Device())


@pytest.mark.parametrize("remove", [False, True])
async def test_revoking_puts_the_person_out_only_where_that_is_asked(store_url, remove):
    async with open_site(store_url) as site:
        await with_boss(site)
        made = await site.invite("ina", by="boss")
        site.ids["ina"] = (await site.claim(made["secret"], "ina", Device())).participant_id
        await site.bring_in("ina")
        async with verify_action(site):
            await invitations.revoke(site.services, site.by("boss"), made["invitation_id"], remove_person=remove)
        assert (await site.person("ina")).state is (PersonState.REMOVED if remove else PersonState.INSIDE)


async def test_a_manager_who_came_by_a_link_is_not_put_out_and_the_link_not_half_withdrawn():
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site, standings={"olga": "owner"})
        made = await site.invite("olga", by="boss")
        await site.claim(made["secret"], "olga", Device())
        await site.sign_in("olga")
        await site.bring_in("olga")
        with refused("role_forbidden"):
            await invitations.revoke(site.services, site.by("boss"), made["invitation_id"], remove_person=True)
        assert (await site.contents()).invitations[made["invitation_id"]].status is InvitationStatus.CLAIMED


@pytest.mark.parametrize("act", ["link", "extend", "revoke", "role"])
async def test_nothing_can_be_done_with_an_invitation_that_is_over(act):
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site)
        services, which = site.services, (await site.invite("ina", by="boss"))["invitation_id"]
        await invitations.revoke(services, site.by("boss"), which, remove_person=False)
        acts = {
            "link": lambda: invitations.link_again(services, site.by("boss"), which),
            "extend": lambda: invitations.extend(services, site.by("boss"), which),
            "revoke": lambda: invitations.revoke(services, site.by("boss"), which, remove_person=False),
            "role": lambda: invitations.change_invited_role(services, site.by("boss"), which, Role.SPEAKER),
        }
        with refused("invitation_closed"):
            await acts[act]()


async def test_another_role_for_the_invitation_is_at_once_the_persons(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        made = await site.invite("ina", Role.MODERATOR, by="boss")
        site.ids["ina"] = (await site.claim(made["secret"], "ina", Device())).participant_id
        await site.bring_in("ina")
        async with verify_action(site) as caused:
            await invitations.change_invited_role(site.services, site.by("boss"), made["invitation_id"], Role.VIEWER)
        assert caused.names == ["invitation_changed", "role_changed"]
        assert (await site.person("ina")).role is Role.VIEWER


async def test_a_room_holds_only_so_many_invitations():
    async with open_site(EMBEDDED_URL, max_invitations=2) as site:
        await with_boss(site)
        await site.invite("ann")
        await site.invite("bob")
        with refused("too_many_invitations"):
            await site.invite("cat")
        assert (await site.invite("bob"))["replaced"]


async def test_what_is_kept_of_withdrawn_invitations_is_bounded_too(store_url):
    async with open_site(store_url, max_invitations=1) as site:
        await with_boss(site)
        for _ in range(4):
            await site.invite("ann")
        with refused("too_many_invitations"):
            await site.invite("ann")


async def test_a_withdrawn_invitation_leaves_room_for_another(store_url):
    async with open_site(store_url, max_invitations=2) as site:
        await with_boss(site)
        await site.invite("ann")
        withdrawn = await site.invite("bob")
        await invitations.revoke(site.services, site.by("boss"), withdrawn["invitation_id"], remove_person=False)
        await site.invite("cat")
        with refused("too_many_invitations"):
            await site.invite("dan")


@pytest.mark.parametrize(
    ("settings", "room", "code"), [({"invite_to_media": False}, {}, "module_disabled"), ({}, {"cnc": False}, "cnc_disabled")]
)
async def test_inviting_that_is_switched_off_is_refused(settings, room, code):
    async with open_site(EMBEDDED_URL, **settings) as site:
        await with_boss(site, **room)
        with refused(code):
            await site.invite("ina", by="boss")


@pytest.mark.parametrize("email", ["ina", "ina@example", "ina@exa mple.com", "ｉna@example.com", "ina@example.com\n"])
async def test_what_is_no_address_is_refused(email):
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site)
        with refused("bad_message"):
            await invitations.invite(site.services, site.by("boss"), invitee(email))
