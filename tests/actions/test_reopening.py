"""A session that has ended goes on: a host brings it back, and everybody finds what they had."""

from __future__ import annotations

import asyncio

import pytest

from client_sim.device import Device
from server.actions import let_in, line, presence, rooms, sanctions
from server.actions.sessions import reopen_session
from server.domain.person import PersonState
from server.domain.roles import Role
from server.domain.room import Phase
from server.settings import EMBEDDED_URL
from server.wire.audiences import Audience
from tests.support.refusing import DONE, outcomes, refused
from tests.support.rooms import HOUR_MS, ROOM, Site, open_site, visitor_with
from tests.support.verifying import verify_action


async def ended_room(site: Site, **room: object) -> None:
    """A room that has been live with boss, mod, spike and vic in it, and has ended; their tabs have gone."""
    await site.create_room(**room)
    for name, role in (("boss", Role.MANAGER), ("mod", Role.MODERATOR), ("spike", Role.SPEAKER), ("vic", Role.VIEWER)):
        await site.bring_in(name, role)
    await rooms.end_session(site.services, site.by("boss"))


async def everybody_goes(site: Site, *names: str) -> None:
    for name in names or ("boss", "mod", "spike", "vic"):
        await site.close_tab(name, at_once=False)


@pytest.mark.parametrize("name", ["boss", "mod"])
async def test_a_host_comes_back_to_the_last_page_and_is_inside_no_more(store_url, name):
    async with open_site(store_url) as site:
        await ended_room(site)
        await everybody_goes(site)
        async with verify_action(site) as caused:
            await site.open_tab(name, "2")
        assert caused.names == ["came_after_end"]
        person = await site.person(name)
        assert (person.state, person.present, person.admitted) == (PersonState.KNOWN, False, True)


@pytest.mark.parametrize("name", ["spike", "vic"])
async def test_everybody_else_is_told_that_it_has_ended(store_url, name):
    async with open_site(store_url) as site:
        await ended_room(site)
        before = await site.seq()
        with refused("session_ended"):
            await site.open_tab(name, "2")
        assert await site.seq() == before


async def test_after_the_time_for_it_hosts_are_told_so_too(store_url):
    async with open_site(store_url) as site:
        await ended_room(site, reopen_s=3600)
        site.store.scripts.skew_ms = HOUR_MS
        with refused("session_ended"):
            await site.open_tab("boss", "2")
        with refused("session_ended"):
            await reopen_session(site.services, site.by("boss"))
        with refused("session_ended"):
            await reopen_session(site.services, site.by(None))
        assert (await site.contents()).room.phase is Phase.ENDED


@pytest.mark.parametrize("name", ["boss", "mod", None])
async def test_a_host_brings_it_back_and_the_hosts_who_wait_are_in_at_once(store_url, name):
    async with open_site(store_url) as site:
        await ended_room(site)
        await everybody_goes(site)
        await site.open_tab("boss", "2")
        await site.open_tab("mod", "2")
        async with verify_action(site) as caused:
            await reopen_session(site.services, site.by(name))
        assert caused.names == ["room_changed", "participants_joined"]
        assert caused.events[0].what == "reopened"
        assert caused.events[0].by == (site.ids[name] if name else None)
        room = (await site.contents()).room
        assert (room.phase, room.ended_at_ms, room.ended_because) == (Phase.OPEN, None, None)
        for host in ("boss", "mod"):
            assert (await site.person(host)).is_participant


async def test_who_resumes_hears_the_end_and_the_going_on_as_it_was(store_url):
    """The whole of it, as somebody hears it whose network was away from before the end until after the reopening."""
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        for name, role in (("boss", Role.MANAGER), ("vic", Role.VIEWER)):
            await site.bring_in(name, role)
        await site.arrive("mod", Role.MODERATOR)
        await site.arrive("wanda")
        async with verify_action(site) as caused:
            await rooms.end_session(site.services, site.by("boss"))
            await site.open_tab("boss", "2")
            await site.close_tab("vic")
            await reopen_session(site.services, site.by("boss"))
            await site.open_tab("vic", "2")
        assert caused.told(Audience.INSIDE) == [
            "room.changed", "participants.left", "participants.left", "room.changed", "participants.joined",
            "participants.joined",
        ]


async def test_what_held_holds(store_url):
    """Roles, bans, admissions past the lock, claims on their devices."""
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        await site.bring_in("boss", Role.MANAGER)
        await site.bring_in("vic")
        await site.bring_in("ben")
        made, device = await site.invite("cleo", Role.SPEAKER), Device()
        site.ids["cleo"] = (await site.claim(made["secret"], "cleo", device)).participant_id
        await site.bring_in("cleo")
        await sanctions.ban(site.services, site.by("boss"), site.ids["ben"])
        await rooms.end_session(site.services, site.by("boss"))
        await everybody_goes(site, "boss", "vic", "cleo")
        await site.open_tab("boss", "2")
        await reopen_session(site.services, site.by("boss"))
        await site.open_tab("vic", "2")
        assert (await site.person("vic")).is_participant
        await site.claim(made["secret"], "cleo", device)
        await site.open_tab("cleo", "2")
        cleo = await site.person("cleo")
        assert (cleo.is_participant, cleo.role) == (True, Role.SPEAKER)
        with refused("banned"):
            await site.open_tab("ben", "2")
        await site.arrive("newcomer")
        assert (await site.person("newcomer")).is_waiter


async def test_of_two_hosts_who_bring_it_back_at_once_one_does(store_url):
    async with open_site(store_url) as site:
        await ended_room(site)
        there = await site.add_node()
        async with verify_action(site) as caused:
            told = await outcomes(
                reopen_session(site.services, site.by("boss")), reopen_session(there, site.by("mod"))
            )
        assert sorted(told) == sorted([DONE, "already_live"])
        assert [event.what for event in caused.events if event.name == "room_changed"] == ["reopened"]


async def test_the_same_request_again_gets_the_first_answer(store_url):
    async with open_site(store_url) as site:
        await ended_room(site)
        first = await reopen_session(site.services, site.by("boss", "once"))
        await rooms.end_session(site.services, site.by(None))
        assert await reopen_session(site.services, site.by("boss", "once")) == first
        assert (await site.contents()).room.phase is Phase.ENDED


@pytest.mark.parametrize(("name", "code"), [("vic", "role_forbidden"), ("spike", "role_forbidden"), ("boss", None)])
async def test_only_hosts_bring_it_back(name, code):
    async with open_site(EMBEDDED_URL) as site:
        await ended_room(site)
        if code:
            with refused(code):
                await reopen_session(site.services, site.by(name))
        else:
            await reopen_session(site.services, site.by(name))


@pytest.mark.parametrize("act", [sanctions.remove, sanctions.ban, line.send_back])
async def test_a_host_who_was_sent_away_is_none_after_the_end(act):
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        mod = await site.bring_in("mod", Role.MODERATOR)
        await act(site.services, site.by("boss"), mod)
        await rooms.end_session(site.services, site.by("boss"))
        with refused("session_ended"):
            await site.open_tab("mod", "2")
        with refused("role_forbidden"):
            await reopen_session(site.services, site.by("mod"))


async def test_a_host_who_was_sent_away_does_not_come_in_with_those_who_wait_for_the_going_on(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        mod = await site.bring_in("mod", Role.MODERATOR)
        await line.send_back(site.services, site.by("boss"), mod)
        await line.withdraw(site.services, site.by("mod"))
        await rooms.end_session(site.services, site.by("boss"))
        await reopen_session(site.services, site.by("boss"))  # before the tab has gone
        assert (await site.person("mod")).state is PersonState.KNOWN


@pytest.mark.parametrize(
    ("room", "code"), [({}, "already_live"), ({"starts_at_ms": 9_999_999_999_999}, "not_live")]
)
async def test_what_has_not_ended_is_not_brought_back(room, code):
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room(**room)
        await site.bring_in("boss", Role.MANAGER)
        with refused(code):
            await reopen_session(site.services, site.by("boss"))


@pytest.mark.parametrize("comes_back", [False, True])
async def test_nobody_is_present_from_before_the_end(store_url, comes_back):
    """The leaves come as usual, also where the session goes on before the grace is over."""
    async with open_site(store_url, participant_grace_ms=0, waiter_grace_ms=0) as site:
        await site.create_room(locked=True)
        for name, role in (("boss", Role.MANAGER), ("vic", Role.VIEWER)):
            await site.bring_in(name, role)
        await site.arrive("wanda")
        await rooms.end_session(site.services, site.by("boss"))
        if comes_back:
            await reopen_session(site.services, site.by("boss"))
        async with verify_action(site):
            await everybody_goes(site, "boss", "vic", "wanda")
            for name in ("boss", "vic", "wanda"):
                await presence.grace_over(site.services, ROOM, site.ids[name])
        contents = await site.contents()
        assert [person.name for person in contents.people.values() if person.present] == []
        assert contents.line() == []


async def test_a_host_who_was_back_within_the_grace_is_not_present_either(store_url):
    async with open_site(store_url) as site:
        await ended_room(site)
        await site.open_tab("boss", "2")  # before the first tab has gone
        await everybody_goes(site, "boss")
        await presence.grace_over(site.services, ROOM, site.ids["boss"])
        assert not (await site.person("boss")).present
        await reopen_session(site.services, site.by("boss"))
        assert (await site.person("boss")).is_participant
        await site.close_tab("boss", "2")
        assert not (await site.person("boss")).present


async def test_a_tab_registered_again_changes_nothing(store_url):
    """What a node does after an outage."""
    async with open_site(store_url) as site:
        await ended_room(site)
        await everybody_goes(site)
        await site.open_tab("boss", "2")
        before = await site.seq()
        await site.open_tab("boss", "2")
        assert await site.seq() == before


async def test_a_host_who_waited_when_it_ended_leaves_the_line(store_url):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        await site.bring_in("boss", Role.MANAGER)
        await site.arrive("sam")
        await site.store.people.change_role(
            ROOM, site.ids["sam"], old=Role.VIEWER, new=Role.MODERATOR, by=None, seen={}, request_id=None
        )
        await rooms.end_session(site.services, site.by("boss"))
        async with verify_action(site) as caused:
            await site.open_tab("sam", "2")
        assert caused.told(Audience.STAFF) == ["waiters.removed"]
        assert caused.told(Audience.INSIDE) == []
        assert await site.store.redis.zcard(site.store.keyspace.room(ROOM).line) == 0
        await reopen_session(site.services, site.by("sam"))
        assert (await site.person("sam")).is_participant


async def test_seats_that_were_kept_from_before_the_end_are_given_on_when_their_time_is_over(store_url):
    async with open_site(store_url, participant_grace_ms=0) as site:
        await site.create_room(capacity=1)
        await site.bring_in("vic")
        await site.close_tab("vic", at_once=False)
        await presence.grace_over(site.services, ROOM, site.ids["vic"])
        await rooms.end_session(site.services, site.by(None))
        await reopen_session(site.services, site.by(None))
        await site.arrive("wanda")
        assert (await site.person("wanda")).is_waiter
        due = site.store.keyspace.shard(ROOM).due
        assert await site.store.redis.zscore(due, f"seat|{ROOM}|") is not None
        site.store.scripts.skew_ms = HOUR_MS
        await let_in.let_everybody_in(site.services, ROOM)
        assert (await site.person("wanda")).is_participant


# ── Signing in, and links ────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_sites_sign_in_opens_an_ended_room_to_managers_and_to_hosts_known(store_url):
    async with open_site(store_url) as site:
        await ended_room(site, standings={"olga": "owner"}, reopen_s=3600)
        for name in ("olga", "mod"):
            await site.sign_in(name)
            await site.open_tab(name, "9")
            assert (await site.person(name)).state is PersonState.KNOWN
        for name in ("vic", "spike", "stranger"):
            with refused("session_ended"):
                await site.sign_in(name)
        site.store.scripts.skew_ms = HOUR_MS
        for name in ("olga", "mod", "vic"):
            with refused("session_ended"):
                await site.sign_in(name)


@pytest.mark.parametrize(("role", "code"), [(Role.MODERATOR, None), (Role.SPEAKER, "session_ended")])
async def test_a_claimed_link_brings_a_host_back_on_the_same_device(store_url, role, code):
    async with open_site(store_url) as site:
        await site.create_room(reopen_s=3600)
        made, device = await site.invite("cleo", role), Device()
        site.ids["cleo"] = (await site.claim(made["secret"], "cleo", device)).participant_id
        await site.bring_in("cleo")
        await rooms.end_session(site.services, site.by(None))
        if code:
            with refused(code):
                await site.claim(made["secret"], "cleo", device)
        else:
            again = await site.claim(made["secret"], "cleo", device)
            assert again.participant_id == site.ids["cleo"]
        with refused("session_ended"):
            await site.claim(made["secret"], "cleo", Device())
        site.store.scripts.skew_ms = HOUR_MS
        with refused("session_ended"):
            await site.look(made["secret"], visitor_with(device, "", "cleo"))


async def test_a_link_that_nobody_has_claimed_opens_nothing_after_the_end():
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room()
        made = await site.invite("cleo", Role.MODERATOR)
        await rooms.end_session(site.services, site.by(None))
        with refused("session_ended"):
            await site.claim(made["secret"], "cleo", Device())


async def test_many_hosts_who_come_back_while_one_brings_it_back_are_all_inside_in_the_end(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        hosts = [f"host{number}" for number in range(6)]
        for name in hosts:
            await site.bring_in(name, Role.MODERATOR)
        await rooms.end_session(site.services, site.by(None))
        there = await site.add_node()
        async with verify_action(site):
            await asyncio.gather(
                *(site.open_tab(name, "2", on=there if at % 2 else None) for at, name in enumerate(hosts)),
                reopen_session(there, site.by("host0")),
            )
        for name in hosts:
            assert (await site.person(name)).is_participant
