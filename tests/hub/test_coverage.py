"""Frames say what they cover: every tab holds what a fresh snapshot would show it, whatever happens and whenever it came."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.events import HandsChanged, ParticipantsJoined, PeopleLeft, RoomChanged, SentBack, WaitersAdded
from server.domain.person import PersonState
from server.domain.roles import Role
from server.wire.codec import Encoding
from tests.hub.tabs import Tab, World, inside, waiting
from tests.support.running import run_async
from tests.support.waiting import wait_until

ROLES = {"vic": Role.VIEWER, "mod": Role.MODERATOR, "boss": Role.MANAGER}


def a_world() -> World:
    return World(*(inside(name, role) for name, role in ROLES.items()), waiting("wanda"))


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("name", ROLES)
async def test_a_welcome_brings_the_room_whole(name, encoding):
    world = a_world()
    tab = await world.tab(name, encoding=encoding)
    assert tab.types == ["welcome"]
    assert tab.last["position"]["seq"] == 10
    world.check(tab)


@pytest.mark.parametrize("name", ROLES)
async def test_a_frame_begins_where_the_audience_was_served_and_ends_at_the_log(name):
    world = a_world()
    tab = await world.tab(name)
    world.happen(HandsChanged(), world.change("vic", hand_raised_at_ms=1))
    world.happen(HandsChanged(), world.change("vic", hand_raised_at_ms=None))
    assert [(frame["after"], frame["upto"]) for frame in tab.frames()] == [(10, 11), (11, 12)]


async def test_what_does_not_concern_an_audience_is_covered_by_its_next_frame():
    world = a_world()
    vic, mod = await world.tab("vic"), await world.tab("mod")
    world.happen(WaitersAdded(), waiting("will", line_no=8))
    assert (vic.frames(), len(mod.frames())) == ([], 1)
    world.happen(HandsChanged(), world.change("vic", hand_raised_at_ms=1))
    assert [(frame["after"], frame["upto"]) for frame in vic.frames()] == [(10, 12)]
    assert [(frame["after"], frame["upto"]) for frame in mod.frames()] == [(10, 11), (11, 12)]
    world.check(vic, mod)


async def test_what_follows_within_the_window_goes_as_one_frame(monkeypatch):
    monkeypatch.setattr("server.hub.room.WINDOW_S", 60.0)
    world = a_world()
    tab = await world.tab("vic")
    world.room.flush()
    for number in range(5):
        world.happen(HandsChanged(), world.change("vic", hand_raised_at_ms=number + 1), flush=False)
    assert tab.frames() == []
    world.room.flush()
    assert [(frame["after"], frame["upto"]) for frame in tab.frames()] == [(10, 15)]
    world.check(tab)


async def test_the_first_of_a_burst_goes_at_once_and_the_rest_when_the_window_is_over():
    world = a_world()
    tab = await world.tab("vic")
    world.room._flushed_at_s = 0.0  # it was quiet for long
    world.happen(HandsChanged(), world.change("vic", hand_raised_at_ms=1), flush=False)
    assert tab.replica.last == 11
    for number in range(5):
        world.happen(HandsChanged(), world.change("vic", hand_raised_at_ms=number + 2), flush=False)
    await wait_until(lambda: tab.replica.last == 16, what="the last of the burst")
    world.check(tab)
    await world.close()


async def test_a_tab_that_joins_within_a_window_misses_nothing_and_applies_nothing_twice():
    world = a_world()
    early = await world.tab("boss")
    world.room.flush()
    world.happen(HandsChanged(), world.change("vic", hand_raised_at_ms=1), flush=False)
    late = await world.tab("mod")
    world.happen(HandsChanged(), world.change("vic", hand_raised_at_ms=None), flush=False)
    world.room.flush()
    assert late.messages[0]["position"]["seq"] == 11
    world.check(early, late)
    await world.close()


async def test_a_tab_of_the_same_audience_gets_the_same_bytes():
    world = World(*(inside(f"v{n}") for n in range(5)))
    tabs = [await world.tab(f"v{n}") for n in range(5)]
    world.happen(RoomChanged(what="edited"), replace(world.truth.room, title="Another"))
    frames = [tab.outbox.frames[-1] for tab in tabs]
    assert all(frame is frames[0] for frame in frames)


async def test_the_two_encodings_carry_the_same():
    world = a_world()
    tabs = [await world.tab("boss", encoding=encoding) for encoding in Encoding]
    world.happen(ParticipantsJoined(), inside("new"))
    assert tabs[0].last == tabs[1].last


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hand", "promote", "demote", "wait", "admit", "send back", "leave", "return", "room", "tab"]),
        st.sampled_from(["vic", "mod", "wanda", "will"]),
        st.booleans(),
    ),
    max_size=25,
)


@settings(max_examples=60)
@given(steps=STEPS)
def test_whatever_happens_every_tab_holds_what_a_fresh_snapshot_shows(steps):
    run_async(_live_through(steps), timeout_s=20)


async def _live_through(steps: list[tuple[str, str, bool]]) -> None:
    world = World(*(inside(name, role) for name, role in ROLES.items()), waiting("wanda"), waiting("will", line_no=9))
    tabs = [await world.tab(name) for name in ("vic", "mod", "boss", "wanda", "will")]
    places = itertools.count(20)
    for step, name, flush in steps:
        if step == "tab":
            tabs.append(await world.tab(name))
        else:
            _step(world, step, name, flush, places)
    world.room.flush()
    world.check(*(tab for tab in tabs if _is_inside(world, tab)))
    for tab in tabs:
        if not _is_inside(world, tab):
            assert not tab.replica.is_inside
            assert tab.replica.participants == {}
    await world.close()


def _is_inside(world: World, tab: Tab) -> bool:
    return world.truth.people[tab.connection.participant_id or ""].state is PersonState.INSIDE


def _step(world: World, step: str, name: str, flush: bool, places: itertools.count) -> None:
    person = world.truth.people[f"p-{name}"]
    is_inside = person.state is PersonState.INSIDE
    if step == "room":
        world.happen(RoomChanged(what="edited"), replace(world.truth.room, rev=world.truth.room.rev + 1), flush=flush)
    elif step in ("promote", "demote"):
        world.give_role(name, Role.MODERATOR if step == "promote" else Role.VIEWER, flush=flush)
    elif step == "hand" and person.is_participant:
        world.happen(HandsChanged(), world.change(name, hand_raised_at_ms=1), flush=flush)
    elif step == "send back" and person.is_participant:
        world.happen(SentBack(), world.change(name, state=PersonState.WAITING, line_no=next(places)), flush=flush)
    elif step == "admit" and person.is_waiter:
        world.happen(ParticipantsJoined(admitted=True), world.change(name, state=PersonState.INSIDE, line_no=None), flush=flush)
    elif step == "wait" and not is_inside and not person.is_waiter:
        waits = world.change(name, state=PersonState.WAITING, present=True, line_no=next(places))
        world.happen(WaitersAdded(), waits, flush=flush)
    elif step == "leave" and person.present:
        state = PersonState.INSIDE if is_inside else PersonState.KNOWN
        world.happen(PeopleLeft(), world.change(name, state=state, present=False, line_no=None), flush=flush)
    elif step == "return" and is_inside and not person.present:
        world.happen(ParticipantsJoined(), world.change(name, present=True), flush=flush)
