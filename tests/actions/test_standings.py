"""Standings while the room is there: who gets one is a manager at once, who loses it a viewer, and the last owner stays."""

from __future__ import annotations

import pytest

from client_sim.device import Device
from server.actions import roles, rooms
from server.domain.person import PersonState
from server.domain.roles import Role
from server.domain.room import Kind
from server.settings import EMBEDDED_URL
from server.wire.audiences import Audience
from tests.support.refusing import DONE, outcomes, refused
from tests.support.rooms import ROOM, Site, open_site
from tests.support.verifying import verify_action


async def put(site: Site, standings: dict[str, str], **more: object) -> None:
    await rooms.edit_room(site.services, site.by(None), {"standings": standings, **more})


async def with_people(site: Site, **room: object) -> None:
    """`boss` owns the room and is inside by their sign-in, `mod`, `spike` and `vic` are inside as what they are called."""
    await site.create_room(**{"standings": {"boss": "owner"}, **room})
    await site.sign_in("boss")
    await site.open_tab("boss")
    for name, role in (("mod", Role.MODERATOR), ("spike", Role.SPEAKER), ("vic", Role.VIEWER)):
        await site.bring_in(name, role)


@pytest.mark.parametrize("name", ["mod", "spike", "vic"])
async def test_who_gets_a_standing_is_a_manager_at_once_with_a_refresh_to_acknowledge(store_url, name):
    async with open_site(store_url) as site:
        await with_people(site)
        before = await site.person(name)
        async with verify_action(site) as caused:
            await put(site, {"boss": "owner", name: "co_editor"})
        assert caused.names == ["room_changed", "role_changed"]
        assert (caused.events[1].old, caused.events[1].new) == (before.role, Role.MANAGER)
        person = await site.person(name)
        assert (person.role, person.standing, person.role_rev) == (Role.MANAGER, "co_editor", before.role_rev + 1)
        assert (await site.contents()).applications[site.ids[name]].expected == 1


async def test_who_loses_it_is_a_viewer(store_url):
    async with open_site(store_url) as site:
        await with_people(site, standings={"boss": "owner", "mod": "co_owner"})
        await site.sign_in("mod")
        async with verify_action(site) as caused:
            await put(site, {"boss": "owner"})
        assert caused.names == ["room_changed", "role_changed"]
        person = await site.person("mod")
        assert (person.role, person.standing) == (Role.VIEWER, None)
        with refused("role_forbidden"):
            await rooms.lock_room(site.services, site.by("mod"))


async def test_another_standing_changes_the_row_and_no_role(store_url):
    async with open_site(store_url) as site:
        await with_people(site)
        before = await site.person("boss")
        async with verify_action(site) as caused:
            await put(site, {"boss": "co_owner", "somebody": "owner"})
        assert caused.names == ["room_changed", "person_identified"]
        assert caused.told(Audience.INSIDE) == ["room.changed", "participants.updated"]
        person = await site.person("boss")
        assert (person.standing, person.role, person.role_rev) == ("co_owner", Role.MANAGER, before.role_rev)


async def test_several_at_once_with_other_settings_in_one_go(store_url):
    async with open_site(store_url) as site:
        await with_people(site)
        async with verify_action(site) as caused:
            await put(site, {"vic": "owner", "spike": "co_owner"}, title="New")
        assert caused.names == ["room_changed", "role_changed", "role_changed", "role_changed"]
        assert (await site.contents()).room.title == "New"
        shown = {name: (await site.person(name)).role for name in ("boss", "spike", "vic")}
        assert shown == {"boss": Role.VIEWER, "spike": Role.MANAGER, "vic": Role.MANAGER}


async def test_a_waiter_who_gets_one_is_let_in(store_url):
    async with open_site(store_url) as site:
        await with_people(site, locked=True)
        await site.arrive("wanda")
        await put(site, {"boss": "owner", "wanda": "co_owner"})
        due = site.store.keyspace.shard(ROOM).due
        assert await site.store.redis.zscore(due, f"line|{ROOM}|") is not None
        assert (await site.person("wanda")).role is Role.MANAGER


async def test_the_last_owner_is_not_taken_away(store_url):
    async with open_site(store_url) as site:
        await with_people(site)
        before = await site.seq()
        for standings in ({}, {"boss": "co_owner"}, {"vic": "co_owner"}):
            with refused("last_owner"):
                await put(site, standings)
        assert await site.seq() == before
        assert (await site.person("boss")).role is Role.MANAGER


async def test_nobody_inside_gives_or_takes_standings():
    async with open_site(EMBEDDED_URL) as site:
        await with_people(site)
        with refused("role_forbidden"):
            await rooms.edit_room(site.services, site.by("boss"), {"standings": {"boss": "owner", "vic": "owner"}})
        with refused("role_forbidden"):
            await roles.change_role(site.services, site.by("mod"), site.ids["boss"], Role.VIEWER)


async def test_who_only_typed_an_address_or_came_by_a_link_is_not_taken_for_the_user(store_url):
    """A standing belongs to the site's user; a link proves an address. With the sign-in they are one."""
    async with open_site(store_url) as site:
        await site.create_room(standings={"boss": "owner"})
        made = await site.invite("cleo")
        site.ids["cleo"] = (await site.claim(made["secret"], "cleo", Device())).participant_id
        await site.open_tab("cleo")
        async with verify_action(site) as caused:
            await put(site, {"boss": "owner", "cleo": "co_owner"})
        assert caused.names == ["room_changed"]
        assert (await site.person("cleo")).role is Role.VIEWER
        await site.sign_in("cleo")
        assert (await site.person("cleo")).role is Role.MANAGER


async def test_a_sign_in_lowers_who_has_a_standing_no_more(store_url):
    """Also where the record says otherwise, as when a node died between two steps of an older version."""
    async with open_site(store_url) as site:
        await site.create_room(standings={"boss": "owner"})
        await site.meet("vic", Role.MANAGER, standing="co_owner")
        async with verify_action(site) as caused:
            await site.sign_in("vic")
        assert caused.names == ["role_changed"]
        person = await site.person("vic")
        assert (person.role, person.standing) == (Role.VIEWER, None)


async def test_who_signs_in_while_the_standing_is_given_is_a_manager_in_the_end(store_url):
    async with open_site(store_url) as site:
        await site.create_room(standings={"boss": "owner"})
        async with verify_action(site):
            told = await outcomes(
                site.sign_in("vic"),
                rooms.edit_room(site.services, site.by(None), {"standings": {"boss": "owner", "vic": "co_owner"}}),
            )
        assert told == [DONE, DONE]
        assert (await site.person("vic")).role is Role.MANAGER


async def test_between_two_sessions_of_a_channels_room_standings_are_the_sites_to_change(store_url):
    async with open_site(store_url) as site:
        await site.create_room(kind=Kind.CHANNEL, channel_id="c1", standings={"boss": "owner", "mod": "co_owner"})
        for name in ("boss", "mod"):
            await site.sign_in(name)
            await site.open_tab(name)
        await rooms.end_session(site.services, site.by(None))
        await site.open_tab("mod", "2")
        async with verify_action(site):
            await put(site, {"boss": "owner", "vic": "co_owner"})
        assert (await site.person("mod")).role is Role.VIEWER
        with refused("session_ended"):
            await site.open_tab("mod", "3")
        await site.sign_in("vic")
        assert (await site.person("vic")).state is PersonState.KNOWN
