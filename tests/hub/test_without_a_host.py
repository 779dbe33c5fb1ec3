"""The last host goes and comes back, the absent ones are called, the time runs out: what every tab of the room is told."""

from __future__ import annotations

from dataclasses import replace

from server.domain import events as e
from server.domain.roles import Role
from server.domain.room import Phase
from tests.hub.tabs import Tab, World, inside, waiting
from tests.wire.people import a_room

SINCE_MS, ABSENCE_S = 1_000, 60
LIVE = a_room(host_seen=True, host_absence_s=ABSENCE_S, rev=1)
DESERTED = replace(LIVE, host_absent_since_ms=SINCE_MS, rev=2)


def a_world() -> World:
    return World(inside("vic"), inside("mod", Role.MODERATOR), waiting("wanda"), room=LIVE)


def whats(tab: Tab) -> list[str]:
    """Why the room's row was told, each time."""
    return [event["what"] for frame in tab.frames() for event in frame["events"] if event["type"] == "room.changed"]


async def test_who_stays_sees_the_instant_of_the_end_in_the_frame_in_which_the_last_host_goes():
    world = a_world()
    vic, wanda = await world.tab("vic"), await world.tab("wanda")
    world.happen(e.PeopleLeft(), world.change("mod", present=False), DESERTED)
    (frame,) = vic.frames()
    assert [event["type"] for event in frame["events"]] == ["participants.left", "room.changed"]
    assert vic.replica.room["host_absence_ends_at_ms"] == SINCE_MS + ABSENCE_S * 1000
    assert wanda.frames() == [], "nobody outside hears of those inside"
    world.check(vic)


async def test_a_host_who_comes_back_takes_it_away_and_finds_nothing_of_it():
    world = a_world()
    vic = await world.tab("vic")
    world.happen(e.PeopleLeft(), world.change("mod", present=False), DESERTED)
    world.happen(e.ParticipantsJoined(), world.change("mod", present=True), replace(LIVE, rev=3))
    mod = await world.tab("mod")
    assert (whats(vic), vic.replica.room["host_absence_ends_at_ms"]) == (["host_absent", "host_here"], None)
    assert mod.replica.room["host_absence_ends_at_ms"] is None
    world.check(vic, mod)


async def test_who_comes_while_the_host_is_away_sees_it_at_once():
    world = a_world()
    await world.tab("vic")
    world.happen(e.PeopleLeft(), world.change("mod", present=False), DESERTED)
    late = await world.tab("vic")
    assert late.replica.room["host_absence_ends_at_ms"] == SINCE_MS + ABSENCE_S * 1000


async def test_a_host_who_becomes_a_viewer_hears_of_it_with_the_refresh():
    world = a_world()
    mod = await world.tab("mod")
    changed = world.change("mod", role=Role.VIEWER, role_rev=2)
    world.happen(e.RoleChanged(old="moderator", new="viewer"), changed, DESERTED)
    (frame,) = mod.frames()
    assert [event["type"] for event in frame["events"]] == ["participant.role_changed", "room.changed", "refresh"]
    world.check(mod)


async def test_when_the_time_is_up_every_tab_ends_and_those_inside_are_told_why():
    world = a_world()
    vic, wanda = await world.tab("vic"), await world.tab("wanda")
    world.happen(e.PeopleLeft(), world.change("mod", present=False), DESERTED)
    ended = replace(LIVE, phase=Phase.ENDED, ended_because="host_absence", host_seen=False, rev=3)
    world.happen(e.RoomChanged(what="ended"), ended)
    assert whats(vic) == ["host_absent", "ended"]
    assert vic.replica.room["ended_because"] == "host_absence"
    assert [tab.last["code"] for tab in (vic, wanda)] == ["session_ended"] * 2


async def test_that_hosts_are_called_changes_no_page_of_the_lobby():
    world = World(inside("vic"), waiting("wanda"), room=replace(DESERTED, locked=True))
    vic, wanda = await world.tab("vic"), await world.tab("wanda")
    before = len(wanda.messages)
    world.happen(e.HostsWanted(), replace(world.truth.room, hosts_pinged_at_ms=5, rev=3))
    assert (whats(vic), len(wanda.messages)) == (["hosts_pinged"], before)
    assert not wanda.last["lobby"]["can_be_admitted"]
    world.check(vic)
