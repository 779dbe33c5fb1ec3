"""Tabs coming and going: leases, graces, the sweep, and what the others hear of it."""

from __future__ import annotations

import pytest

from server.actions import let_in, line, presence, roles, rooms
from server.domain.person import PersonState
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from server.trust.tokens import LobbyClaims, SessionClaims
from server.wire.audiences import Audience
from tests.support.refusing import refused
from tests.support.rooms import ROOM, Site, open_site, shard_of_room
from tests.support.verifying import verify_action


async def test_the_first_tab_joins_and_the_second_is_silent(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.meet("vic")
        async with verify_action(site) as caused:
            first, second = await site.open_tab("vic", "1"), await site.open_tab("vic", "2")
        assert caused.names == ["participants_joined"]
        assert first == second == await site.seq()


async def test_entering_again_with_the_same_tab_changes_nothing(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.arrive("vic")
        before = await site.seq()
        assert await site.open_tab("vic") == before
        assert await site.seq() == before


async def test_a_person_has_only_so_many_tabs():
    async with open_site(EMBEDDED_URL, tabs_per_person=2) as site:
        await site.create_room()
        await site.arrive("vic", tab="1")
        await site.open_tab("vic", "2")
        with refused("too_many_tabs"):
            await site.open_tab("vic", "3")
        await site.open_tab("vic", "3", replaces="1")


async def test_a_line_holds_only_so_many():
    async with open_site(EMBEDDED_URL, max_waiters=2) as site:
        await site.create_room(locked=True)
        for name in ("ann", "bob"):
            await site.arrive(name)
        with refused("line_full"):
            await site.arrive("cat")


async def test_the_last_tab_leaves_a_grace_and_then_a_gap(store_url):
    async with open_site(store_url, participant_grace_ms=5_000) as site:
        await site.create_room()
        await site.arrive("vic")
        async with verify_action(site) as caused:
            await site.close_tab("vic", at_once=False)
            await presence.grace_over(site.services, ROOM, site.ids["vic"])
            assert (await site.person("vic")).is_participant
            site.store.scripts.skew_ms = 6_000
            await presence.grace_over(site.services, ROOM, site.ids["vic"])
        assert caused.names == ["people_left"]
        assert caused.told(Audience.INSIDE) == ["participants.left"]


async def test_who_comes_back_within_the_grace_never_left(store_url):
    async with open_site(store_url, participant_grace_ms=5_000) as site:
        await site.create_room()
        await site.arrive("vic")
        async with verify_action(site) as caused:
            await site.close_tab("vic", at_once=False)
            await site.open_tab("vic", "2")
            site.store.scripts.skew_ms = 6_000
            await presence.grace_over(site.services, ROOM, site.ids["vic"])
        assert caused.names == []


async def test_leaving_on_purpose_needs_no_grace_and_lowers_the_hand(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.arrive("vic")
        await roles.raise_hand(site.services, site.by("vic"))
        async with verify_action(site):
            await site.close_tab("vic")
        person = await site.person("vic")
        assert (person.present, person.hand_raised_at_ms, person.state) == (False, None, PersonState.INSIDE)


async def test_a_tab_that_was_replaced_is_not_the_last_tab(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.arrive("vic", tab="1")
        async with verify_action(site) as caused:
            await site.open_tab("vic", "2", replaces="1")
            await site.close_tab("vic", "1")
        assert [caused.told(audience) for audience in Audience] == [[], [], []]
        assert (await site.person("vic")).is_participant


async def test_a_waiter_who_leaves_loses_the_place(store_url):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        for name in ("ann", "bob"):
            await site.arrive(name)
        async with verify_action(site) as caused:
            await site.close_tab("ann")
            await site.open_tab("ann", "2")
        assert caused.names == ["people_left", "waiters_added"]
        assert [person.name for person in (await site.contents()).line()] == ["Bob", "Ann"]


async def test_an_admitted_person_returns_past_the_lock(store_url):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        await site.bring_in("vic")
        await site.close_tab("vic")
        async with verify_action(site) as caused:
            await site.open_tab("vic", "2")
        assert caused.names == ["participants_joined"]


async def test_a_node_that_holds_no_lease_cannot_take_tabs(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.meet("vic")
        await site.store.shards.drop_lease(shard_of_room(site.services))
        with refused("store_unavailable"):
            await site.open_tab("vic")
        assert not (await site.person("vic")).present


async def test_the_tabs_of_a_dead_node_are_swept_and_those_elsewhere_stay(store_url):
    async with open_site(store_url) as site:
        dead = await site.add_node()
        await site.create_room()
        for name in ("ann", "bob"):
            await site.meet(name)
            await site.open_tab(name, on=dead)
        await site.open_tab("bob", "2")
        await dead.store.shards.drop_lease(shard_of_room(dead))
        async with verify_action(site) as caused:
            await _sweep(site, dead.store.scripts.node_id)
        assert caused.names == ["people_left"]
        assert [person.name for person in (await site.contents()).participants()] == ["Bob"]


async def _sweep(site: Site, node_id: str) -> None:
    shards, shard = site.store.shards, shard_of_room(site.services)
    for room_id, tabs in (await shards.tabs_of(shard, node_id)).items():
        await site.store.tabs.sweep(room_id, tabs, dead_node_id=node_id)
    await shards.forget_node(shard, node_id)


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda site: rooms.end_session(site.services, site.by("boss")), "session_ended"),
        (lambda site: rooms.delete_room(site.services, site.by("boss")), "room_deleted"),
    ],
)
async def test_nobody_enters_what_is_over(end, code):
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        await site.meet("vic")
        await end(site)
        with refused(code):
            await site.open_tab("vic")


@pytest.mark.parametrize("claims", [{"participant_id": "p-nobody"}, {"invitation_id": "i-none"}])
async def test_a_session_of_nobody_is_refused(claims):
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room()
        await site.meet("vic")
        with refused("token_invalid"):
            await presence.enter(
                site.services, SessionClaims(**{"room_id": ROOM, "participant_id": site.ids["vic"], **claims}), "c-1"
            )


async def test_a_page_of_a_link_enters_while_its_issue_is_good():
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room()
        made = await site.invite("ina")
        page = LobbyClaims(room_id=ROOM, invitation_id=made["invitation_id"], issue=1)
        before = await site.seq()
        await presence.enter_with_link(site.services, page)
        assert await site.seq() == before
        with refused("invite_replaced"):
            await presence.enter_with_link(
                site.services, LobbyClaims(room_id=ROOM, invitation_id=made["invitation_id"], issue=2)
            )
        with refused("invite_unknown"):
            await presence.enter_with_link(site.services, LobbyClaims(room_id=ROOM, invitation_id="i-none", issue=1))


@pytest.mark.parametrize("state", ["declined", "removed"])
async def test_who_was_sent_away_stays_on_the_page_that_says_so(store_url, state):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        await site.bring_in("boss", Role.MANAGER)
        who = await site.arrive("wanda")
        if state == "removed":
            await let_in.admit(site.services, site.by("boss"), [who])
            await site.store.people.remove(ROOM, who, ban=False, by=None, seen={}, request_id=None)
        else:
            await line.decline(site.services, site.by("boss"), who, None)
        async with verify_action(site) as caused:
            await site.open_tab("wanda", "2")
        assert caused.names == []
        assert (await site.person("wanda")).state == state
