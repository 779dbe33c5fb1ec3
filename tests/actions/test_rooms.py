"""Rooms as the site and their managers handle them: made, edited, locked, opened, ended, deleted."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from server.actions import let_in, roles, rooms, sanctions
from server.actions.services import Request
from server.domain.contents import RoomContents
from server.domain.roles import Role
from server.domain.room import Phase, Room
from server.settings import EMBEDDED_URL
from server.wire.audiences import Audience
from tests.support.refusing import DONE, outcomes, refused
from tests.support.rooms import HOUR_MS, ROOM, Site, open_site
from tests.support.verifying import verify_action


async def with_boss(site: Site, **room: object) -> None:
    await site.create_room(**room)
    await site.bring_in("boss", Role.MANAGER)


@pytest.mark.parametrize(("in_ms", "phase"), [(None, Phase.OPEN), (HOUR_MS, Phase.SCHEDULED)])
async def test_a_room_without_a_start_is_open_at_once(store_url, in_ms, phase):
    async with open_site(store_url) as site:
        await site.create_room(starts_at_ms=await site.now_ms() + in_ms if in_ms else None)
        room = (await site.contents()).room
        assert (room.phase, room.opened_at_ms is not None) == (phase, phase is Phase.OPEN)


async def test_a_new_room_is_its_log(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        nothing = RoomContents(now_ms=0, seq=0, room=Room(room_id=ROOM, title=""))
        for entry in await site.entries():
            nothing.apply(entry)
        assert asdict(nothing) | {"now_ms": 0} == asdict(await site.contents()) | {"now_ms": 0}


async def test_a_room_is_made_once(store_url):
    async with open_site(store_url) as site:
        room = Room(room_id=ROOM, title="A room")
        first = await rooms.create_room(site.services, room, "r1")
        assert await rooms.create_room(site.services, room, "r1") == first
        with refused("room_exists"):
            await rooms.create_room(site.services, room, "r2")
        assert await site.seq() == 1


async def test_of_two_who_make_one_room_at_once_one_does(store_url):
    async with open_site(store_url) as site:
        room = Room(room_id=ROOM, title="A room")
        there = await site.add_node()
        told = await outcomes(rooms.create_room(site.services, room, "r1"), rooms.create_room(there, room, "r2"))
        assert sorted(told) == [DONE, "room_exists"]


async def test_an_edit_goes_to_everybody_inside(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        async with verify_action(site) as caused:
            await rooms.edit_room(site.services, site.by("boss"), {"title": "New", "description": "Also"})
        assert [caused.told(audience) for audience in Audience] == [["room.changed"]] * 3
        room = (await site.contents()).room
        assert (room.title, room.description) == ("New", "Also")


async def test_two_edits_at_once_are_both_kept(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        there = await site.add_node()
        async with verify_action(site):
            told = await outcomes(
                rooms.edit_room(site.services, site.by("boss"), {"title": "New"}),
                rooms.edit_room(there, site.by("boss"), {"description": "Also"}),
            )
        assert told == [DONE, DONE]
        room = (await site.contents()).room
        assert (room.title, room.description) == ("New", "Also")


@pytest.mark.parametrize("act", [rooms.lock_room, rooms.unlock_room])
async def test_what_is_so_already_is_not_logged(store_url, act):
    async with open_site(store_url) as site:
        await with_boss(site, locked=act is rooms.lock_room)
        async with verify_action(site) as caused:
            await act(site.services, site.by("boss"))
        assert caused.entries == []


async def test_a_new_start_moves_the_countdown_and_forgets_that_the_old_one_was_reached(store_url):
    async with open_site(store_url) as site:
        now_ms = await site.now_ms()
        await with_boss(site, starts_at_ms=now_ms - 1, opens="by_host")
        await let_in.open_by_time(site.services, ROOM)
        assert (await site.contents()).room.start_reached
        async with verify_action(site):
            await rooms.edit_room(site.services, site.by("boss"), {"starts_at_ms": now_ms + HOUR_MS})
        assert not (await site.contents()).room.start_reached


async def test_the_start_of_a_live_session_cannot_be_moved():
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site)
        with refused("already_live"):
            await rooms.edit_room(site.services, site.by("boss"), {"starts_at_ms": 5})


async def test_what_has_not_begun_cannot_be_ended():
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site, starts_at_ms=await site.now_ms() + HOUR_MS)
        with refused("not_live"):
            await rooms.end_session(site.services, site.by("boss"))


async def test_what_is_live_cannot_be_started_again():
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site)
        with refused("already_live"):
            await rooms.start_session(site.services, site.by("boss"))


@pytest.mark.parametrize(
    "act",
    [
        rooms.lock_room, rooms.unlock_room, rooms.end_session, rooms.start_session,
        lambda services, request: rooms.edit_room(services, request, {"title": "New"}),
        lambda services, request: rooms.write_lobby_message(services, request, "Hello"),
    ],
)
async def test_an_ended_session_changes_no_more(act):
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site)
        await rooms.end_session(site.services, site.by("boss"))
        before = await site.seq()
        with refused("session_ended"):
            await act(site.services, site.by("boss"))
        assert await site.seq() == before


async def test_an_ended_session_can_be_deleted(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        await rooms.end_session(site.services, site.by("boss"))
        async with verify_action(site) as caused:
            await rooms.delete_room(site.services, site.by(None))
        assert [event.what for event in caused.events] == ["deleted"]


async def test_the_site_may_all_that_a_manager_may(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        async with verify_action(site) as caused:
            await rooms.edit_room(site.services, site.by(None), {"title": "By the site"})
        assert caused.events[0].by is None


@pytest.mark.parametrize("room_id", ["none", "", "a b", "x" * 65, "a\n", "{0}", "ä"])
async def test_a_room_that_there_is_not_is_unknown(room_id):
    async with open_site(EMBEDDED_URL) as site:
        with refused("room_unknown"):
            await rooms.lock_room(site.services, Request(room_id=room_id, actor_id=None, request_id="r"))


async def test_an_empty_lobby_message_takes_it_away(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        await rooms.write_lobby_message(site.services, site.by("boss"), "Soon")
        async with verify_action(site):
            await rooms.write_lobby_message(site.services, site.by("boss"), "")
        assert (await site.contents()).room.lobby_message is None


async def test_the_start_opens_the_room_once_and_for_a_host_says_that_it_came(store_url):
    async with open_site(store_url) as site:
        await site.create_room(starts_at_ms=await site.now_ms() - 1)
        async with verify_action(site) as caused:
            for _ in range(3):
                await let_in.open_by_time(site.services, ROOM)
        assert [event.what for event in caused.events] == ["opening", "opened"]


async def test_a_look_at_the_start_before_it_has_come_opens_nothing_and_a_later_one_does(store_url):
    async with open_site(store_url) as site:
        await site.create_room(starts_at_ms=await site.now_ms() + HOUR_MS)
        async with verify_action(site) as caused:
            await let_in.open_by_time(site.services, ROOM)
        assert caused.names == []
        site.store.scripts.skew_ms = HOUR_MS
        await let_in.open_by_time(site.services, ROOM)
        assert (await site.contents()).room.phase is Phase.OPEN


@pytest.mark.parametrize("by", [None, "boss"])
@pytest.mark.parametrize(
    "act",
    [
        lambda s, by: roles.change_role(s.services, s.by(by), s.ids["vic"], Role.SPEAKER),
        lambda s, by: roles.lower_hand(s.services, s.by(by), s.ids["vic"]),
        lambda s, by: roles.clear_hands(s.services, s.by(by)),
        lambda s, by: sanctions.remove(s.services, s.by(by), s.ids["vic"]),
        lambda s, by: sanctions.ban(s.services, s.by(by), s.ids["vic"]),
    ],
    ids=["role", "lower_hand", "clear_hands", "remove", "ban"],
)
async def test_in_a_deleted_room_nothing_is_done_to_anybody(act, by):
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        await site.bring_in("vic")
        await rooms.delete_room(site.services, site.by(None))
        before = await site.seq()
        with refused("room_deleted"):
            await act(site, by)
        assert await site.seq() == before
