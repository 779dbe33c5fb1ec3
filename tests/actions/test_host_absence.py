"""A live session without its hosts: the timer that everybody inside sees, what stops it, and the end."""

from __future__ import annotations

import pytest

from server.actions import presence, roles, rooms, sanctions
from server.actions.hosts import end_by_absence
from server.domain.refusals import SessionEnded
from server.domain.roles import Role
from server.domain.room import Phase, Room, host_absence_ends_at_ms
from server.settings import EMBEDDED_URL
from server.wire.audiences import Audience
from server.wire.telling import tell
from tests.support.refusing import refused
from tests.support.rooms import HOUR_MS, ROOM, Site, open_site
from tests.support.verifying import Caused, verify_action

ABSENCE_S = 900


async def live_room(site: Site, **room: object) -> None:
    await site.create_room(**room)
    await site.arrive("vic")
    await site.arrive("mod", Role.MODERATOR)


async def the_room(site: Site) -> Room:
    return (await site.contents()).room


async def is_counting(site: Site) -> bool:
    """Whether the end is announced, and due at the very instant that is announced."""
    ends_at_ms = host_absence_ends_at_ms(await the_room(site))
    keys = site.store.keyspace.shard(ROOM)
    due_at_ms = await site.store.redis.zscore(keys.due, f"absent|{ROOM}|")
    assert due_at_ms == ends_at_ms
    return ends_at_ms is not None


def whats(caused: Caused) -> list[str]:
    """What the people inside are told of the room, in order."""
    heard = [event for entry in caused.entries for event in tell(entry, Audience.INSIDE)]
    return [event.what for event in heard if event.__struct_config__.tag == "room.changed"]


async def leave(site: Site) -> None:
    await site.close_tab("mod")


async def lose_the_role(site: Site) -> None:
    await roles.change_role(site.services, site.by(None), site.ids["mod"], Role.VIEWER)


async def be_removed(site: Site) -> None:
    await sanctions.remove(site.services, site.by(None), site.ids["mod"])


async def die_with_the_node(site: Site) -> None:
    for shard in range(site.store.shards.count):
        await site.store.shards.drop_lease(shard)
    await site.store.tabs.sweep(ROOM, [(site.ids["mod"], "c-mod-1")], dead_node_id=site.store.scripts.node_id)
    site.store.scripts.skew_ms += 1
    await site.add_node()


@pytest.mark.parametrize("go", [leave, lose_the_role, be_removed, die_with_the_node])
async def test_when_the_last_host_is_gone_everybody_inside_sees_the_end_coming(store_url, go):
    async with open_site(store_url) as site:
        await live_room(site)
        async with verify_action(site) as caused:
            await go(site)
        assert (await is_counting(site), whats(caused)) == (True, ["host_absent"])


async def test_the_session_ends_when_the_time_is_up_and_says_why(store_url):
    async with open_site(store_url) as site:
        await live_room(site)
        await leave(site)
        await end_by_absence(site.services, ROOM)
        assert (await the_room(site)).phase is Phase.OPEN
        site.store.scripts.skew_ms += ABSENCE_S * 1000 + 1_000
        async with verify_action(site) as caused:
            await end_by_absence(site.services, ROOM)
            await end_by_absence(site.services, ROOM)
        room = await the_room(site)
        assert (caused.names, whats(caused)) == (["room_changed"], ["ended"])
        assert (room.phase, room.ended_because) == (Phase.ENDED, "host_absence")
        assert not await is_counting(site)
        with pytest.raises(SessionEnded):
            await site.open_tab("vic", "2")


async def come_back(site: Site) -> None:
    await site.open_tab("mod", "2")


async def another_is_promoted(site: Site) -> None:
    await roles.change_role(site.services, site.by(None), site.ids["vic"], Role.MODERATOR)


@pytest.mark.parametrize("come", [come_back, another_is_promoted])
async def test_a_host_who_is_there_again_stops_it(store_url, come):
    async with open_site(store_url) as site:
        await live_room(site)
        await leave(site)
        async with verify_action(site) as caused:
            await come(site)
        assert (await is_counting(site), whats(caused)) == (False, ["host_here"])
        site.store.scripts.skew_ms += ABSENCE_S * 1000 + 1_000
        await end_by_absence(site.services, ROOM)
        assert (await the_room(site)).phase is Phase.OPEN


async def test_a_reload_of_the_only_host_is_no_absence(store_url):
    async with open_site(store_url, participant_grace_ms=5_000) as site:
        await live_room(site)
        async with verify_action(site) as caused:
            await site.close_tab("mod", at_once=False)
            await site.open_tab("mod", "2")
            site.store.scripts.skew_ms += 6_000
            await presence.grace_over(site.services, ROOM, site.ids["mod"])
        assert (caused.names, await is_counting(site)) == ([], False)


async def test_the_absence_counts_from_the_end_of_the_grace(store_url):
    async with open_site(store_url, participant_grace_ms=5_000) as site:
        await live_room(site)
        await site.close_tab("mod", at_once=False)
        assert not await is_counting(site)
        site.store.scripts.skew_ms += 6_000
        await presence.grace_over(site.services, ROOM, site.ids["mod"])
        assert await is_counting(site)


async def test_with_another_host_there_nothing_is_counted(store_url):
    async with open_site(store_url) as site:
        await live_room(site)
        await site.arrive("boss", Role.MANAGER)
        async with verify_action(site) as caused:
            await leave(site)
        assert (whats(caused), await is_counting(site)) == ([], False)


@pytest.mark.parametrize("room", [{}, {"starts_at_ms": 0}])
async def test_a_session_that_never_had_a_host_does_not_end_for_want_of_one(room):
    async with open_site(EMBEDDED_URL) as site:
        if room:
            room = {"starts_at_ms": await site.now_ms() + HOUR_MS}
        await site.create_room(**room)
        await site.arrive("vic")
        if room:
            await rooms.start_session(site.services, site.by(None))
        await site.close_tab("vic")
        assert not await is_counting(site)


async def test_before_the_start_hosts_come_and_go(store_url):
    async with open_site(store_url) as site:
        await site.create_room(starts_at_ms=await site.now_ms() + HOUR_MS)
        await site.arrive("boss", Role.MANAGER)
        await site.close_tab("boss")
        assert not await is_counting(site)
        await site.open_tab("boss")
        await rooms.start_session(site.services, site.by("boss"))
        async with verify_action(site):
            await site.close_tab("boss")
        assert await is_counting(site)


async def test_a_session_may_go_on_without_hosts_for_ever():
    async with open_site(EMBEDDED_URL) as site:
        await live_room(site, host_absence_s=0)
        async with verify_action(site) as caused:
            await leave(site)
        assert (whats(caused), await is_counting(site)) == ([], False)


@pytest.mark.parametrize(("seconds", "counts"), [(60, True), (3_600, True), (0, False)])
async def test_another_time_holds_at_once(store_url, seconds, counts):
    async with open_site(store_url) as site:
        await live_room(site)
        await leave(site)
        since_ms = (await the_room(site)).host_absent_since_ms
        async with verify_action(site):
            await rooms.edit_room(site.services, site.by(None), {"host_absence_s": seconds})
        assert await is_counting(site) is counts
        if counts:
            assert host_absence_ends_at_ms(await the_room(site)) == since_ms + seconds * 1000


async def test_a_time_that_is_set_while_the_hosts_are_away_begins_then(store_url):
    async with open_site(store_url) as site:
        await live_room(site, host_absence_s=0)
        await leave(site)
        async with verify_action(site):
            await rooms.edit_room(site.services, site.by(None), {"host_absence_s": 60})
        assert await is_counting(site)


@pytest.mark.parametrize(("by", "because"), [("mod", "host"), (None, "site")])
async def test_an_end_says_whose_it_was_and_leaves_nothing_to_be_done(store_url, by, because):
    async with open_site(store_url) as site:
        await live_room(site, capacity=3)
        await rooms.end_session(site.services, site.by(by))
        assert (await the_room(site)).ended_because == because
        await leave(site)
        assert not await is_counting(site)
        assert not (await the_room(site)).host_seen


async def test_a_decision_on_what_was_before_the_host_came_is_made_again(store_url):
    """The room's record changes with the host; who decided on the one before has to look again."""
    async with open_site(store_url) as site:
        await site.create_room()
        facts = await site.store.facts(ROOM)
        await site.arrive("mod", Role.MODERATOR)
        await rooms.lock_room(site.services, site.by("mod"))
        room = await the_room(site)
        assert (room.locked, room.host_seen, room.rev > facts.room.rev) == (True, True, True)
        with refused("role_forbidden"):
            await rooms.edit_room(site.services, site.by("mod"), {"title": "Mine"})
