"""Roles and hands: who may move whom, what the store notes of it, and how far it has come."""

from __future__ import annotations

import pytest

from server.actions import roles
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from server.wire.audiences import Audience
from tests.support.refusing import refused
from tests.support.rooms import ROOM, Site, open_site, tab_id
from tests.support.verifying import verify_action


async def with_hosts(site: Site, **room: object) -> None:
    await site.create_room(**room)
    await site.bring_in("boss", Role.MANAGER)
    await site.bring_in("mod", Role.MODERATOR)


async def test_a_promotion_is_told_to_everybody_and_stored(store_url):
    async with open_site(store_url) as site:
        await with_hosts(site)
        who = await site.bring_in("vic")
        async with verify_action(site) as caused:
            answer = await roles.change_role(site.services, site.by("mod"), who, Role.MODERATOR)
        assert (answer["changed"], answer["role_rev"], answer["expected"], answer["seq"]) == (True, 2, 1, await site.seq())
        assert [caused.told(audience) for audience in Audience] == [["participant.role_changed"]] * 3
        assert (await site.person("vic")).role is Role.MODERATOR


async def test_the_role_that_somebody_has_is_no_change(store_url):
    async with open_site(store_url) as site:
        await with_hosts(site)
        who = await site.bring_in("vic")
        async with verify_action(site) as caused:
            answer = await roles.change_role(site.services, site.by("mod"), who, Role.VIEWER)
        assert (answer["changed"], caused.entries) == (False, [])


@pytest.mark.parametrize("wanted", [Role.VIEWER, Role.SPEAKER, Role.MODERATOR, Role.MANAGER])
async def test_a_manager_is_moved_by_nobody_and_made_by_nobody(wanted):
    async with open_site(EMBEDDED_URL) as site:
        await with_hosts(site)
        with refused("role_forbidden"):
            await roles.change_role(site.services, site.by("mod"), site.ids["boss"], wanted)
    async with open_site(EMBEDDED_URL) as site:
        await with_hosts(site)
        with refused("role_forbidden"):
            await roles.change_role(site.services, site.by("boss"), site.ids["mod"], Role.MANAGER)


async def test_somebody_unknown_is_unknown():
    async with open_site(EMBEDDED_URL) as site:
        await with_hosts(site)
        with refused("participant_unknown"):
            await roles.change_role(site.services, site.by("boss"), "p-nobody", Role.SPEAKER)


async def test_a_waiter_made_a_moderator_walks_in(store_url):
    async with open_site(store_url) as site:
        await with_hosts(site, locked=True)
        who = await site.arrive("wanda")
        async with verify_action(site) as caused:
            await roles.change_role(site.services, site.by("boss"), who, Role.MODERATOR)
            await site.store.line.let_in(ROOM)
        assert caused.names == ["role_changed", "participants_joined"]
        assert caused.told(Audience.INSIDE) == ["participants.joined"]


@pytest.mark.parametrize("name", ["vic", "mod", "boss"])
async def test_a_hand_goes_up_and_down_once(store_url, name):
    async with open_site(store_url) as site:
        await with_hosts(site)
        await site.bring_in("vic")
        async with verify_action(site) as caused:
            for _ in range(2):
                await roles.raise_hand(site.services, site.by(name))
            for _ in range(2):
                await roles.lower_hand(site.services, site.by(name), None)
        assert caused.names == ["hands_changed"] * 2


async def test_all_hands_go_down_in_one_event(store_url):
    async with open_site(store_url) as site:
        await with_hosts(site)
        for name in ("ann", "bob", "cat"):
            await site.bring_in(name)
            await roles.raise_hand(site.services, site.by(name))
        async with verify_action(site) as caused:
            answer = await roles.clear_hands(site.services, site.by("mod"))
        assert (answer["changed"], caused.names) == (3, ["hands_changed"])


async def test_a_role_waits_for_the_tabs_that_were_there_when_it_was_given(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        await site.arrive("vic", tab="1")
        await site.open_tab("vic", "2")
        async with verify_action(site):
            answer = await roles.change_role(site.services, site.by("boss"), site.ids["vic"], Role.SPEAKER)
            await site.open_tab("vic", "3")
            await site.store.people.acknowledge_roles(ROOM, [(site.ids["vic"], tab_id("vic", "1"), 2)])
        assert answer["expected"] == 2
        assert await _application(site, "vic") == (1, 2, "pending")
        async with verify_action(site) as caused:
            await site.close_tab("vic", "2")
        assert caused.names == ["role_applied"]
        assert await _application(site, "vic") == (1, 1, "applied")


async def test_a_role_given_to_somebody_without_a_tab_is_applied_by_the_first_to_return(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        await site.meet("vic")
        await roles.change_role(site.services, site.by("boss"), site.ids["vic"], Role.SPEAKER)
        assert await _application(site, "vic") == (0, 0, "offline")
        await site.open_tab("vic")
        async with verify_action(site):
            await site.store.people.acknowledge_roles(ROOM, [(site.ids["vic"], tab_id("vic"), 2)])
        assert await _application(site, "vic") == (1, 1, "applied")


async def _application(site: Site, name: str) -> tuple[int, int, str]:
    found = (await site.contents()).applications[site.ids[name]]
    return found.applied, found.expected, found.status
