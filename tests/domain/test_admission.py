"""The door: who walks in, who waits and what they are told, who stays out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.admission import (
    Door,
    LobbyState,
    door_for,
    hold_after_knock,
    lobby_state_for,
    may_knock,
    may_walk_in,
    waits_for_host,
)
from server.domain.person import Hold, Person, PersonState
from server.domain.refusals import Banned, RoomDeleted, SessionEnded
from server.domain.roles import Role
from server.domain.room import Opens, Phase, Room

START_MS = 10_000_000
EARLY_MS = START_MS - 900_000
LONG_BEFORE, EARLY, AT_START, AFTER = 0, EARLY_MS, START_MS, START_MS + 1

V, S, M, BOSS = Role.VIEWER, Role.SPEAKER, Role.MODERATOR, Role.MANAGER
ENTER, WAIT, OUT = Door.ENTER, Door.WAIT, Door.STAY_OUT
COUNTDOWN, HOST, LINE, ENTERING, FULL = (
    LobbyState.COUNTDOWN,
    LobbyState.WAITING_FOR_HOST,
    LobbyState.WAITING_IN_LINE,
    LobbyState.ENTERING,
    LobbyState.ROOM_FULL,
)


def room(phase: Phase = Phase.OPEN, **fields: object) -> Room:
    return Room(**{"room_id": "r", "title": "Room", "phase": phase, "starts_at_ms": START_MS, **fields})


def person(role: Role = V, state: PersonState = PersonState.KNOWN, **fields: object) -> Person:
    return Person(**{"participant_id": "p", "name": "P", "role": role, "state": state, **fields})


# phase, locked, now → what happens to a new viewer, speaker, moderator, manager
DOORS = [
    (Phase.SCHEDULED, False, LONG_BEFORE, (WAIT, WAIT, WAIT, ENTER)),
    (Phase.SCHEDULED, False, EARLY - 1, (WAIT, WAIT, WAIT, ENTER)),
    (Phase.SCHEDULED, False, EARLY, (WAIT, ENTER, ENTER, ENTER)),
    (Phase.SCHEDULED, False, AFTER, (WAIT, ENTER, ENTER, ENTER)),
    (Phase.SCHEDULED, True, LONG_BEFORE, (WAIT, WAIT, WAIT, ENTER)),
    (Phase.SCHEDULED, True, EARLY, (WAIT, WAIT, ENTER, ENTER)),
    (Phase.SCHEDULED, True, AFTER, (WAIT, WAIT, ENTER, ENTER)),
    (Phase.OPENING, False, AT_START, (WAIT, WAIT, ENTER, ENTER)),
    (Phase.OPENING, True, AT_START, (WAIT, WAIT, ENTER, ENTER)),
    (Phase.OPEN, False, LONG_BEFORE, (ENTER, ENTER, ENTER, ENTER)),  # a host may start early
    (Phase.OPEN, False, AFTER, (ENTER, ENTER, ENTER, ENTER)),
    (Phase.OPEN, True, LONG_BEFORE, (WAIT, WAIT, ENTER, ENTER)),
    (Phase.OPEN, True, AFTER, (WAIT, WAIT, ENTER, ENTER)),
]
DOOR_ROWS = [
    (phase, locked, now_ms, role, door)
    for phase, locked, now_ms, doors in DOORS
    for role, door in zip((V, S, M, BOSS), doors, strict=True)
]


@pytest.mark.parametrize(("phase", "locked", "now_ms", "role", "door"), DOOR_ROWS)
def test_a_new_arrival_walks_in_or_waits(phase, locked, now_ms, role, door):
    this = room(phase, locked=locked)
    assert door_for(this, person(role), now_ms) is door
    assert door_for(this, person(role, PersonState.WAITING), now_ms) is door


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("locked", [False, True])
@pytest.mark.parametrize("phase", [Phase.SCHEDULED, Phase.OPENING, Phase.OPEN])
def test_an_admitted_person_returns_past_the_lock(phase, locked, role):
    assert door_for(room(phase, locked=locked), person(role, PersonState.INSIDE), LONG_BEFORE) is ENTER


@pytest.mark.parametrize("state", [PersonState.DECLINED, PersonState.REMOVED])
@pytest.mark.parametrize("role", [V, S, M])
def test_declined_and_removed_people_stay_out_even_of_an_unlocked_room(role, state):
    assert door_for(room(), person(role, state), AFTER) is OUT


@pytest.mark.parametrize("phase", [Phase.SCHEDULED, Phase.OPENING, Phase.OPEN])
def test_banned_people_are_refused(phase):
    with pytest.raises(Banned):
        door_for(room(phase), person(M, PersonState.BANNED), AFTER)


@pytest.mark.parametrize("state", list(PersonState))
@pytest.mark.parametrize(("phase", "refusal"), [(Phase.ENDED, SessionEnded), (Phase.DELETED, RoomDeleted)])
def test_what_is_over_is_over_for_everybody(phase, refusal, state):
    with pytest.raises(refusal):
        door_for(room(phase), person(BOSS, state), AFTER)


@pytest.mark.parametrize("hold", list(Hold))
@pytest.mark.parametrize("role", [V, S, M])
@pytest.mark.parametrize("locked", [False, True])
def test_who_is_held_waits_for_a_hosts_yes_whatever_the_lock_and_the_role(locked, role, hold):
    held = person(role, PersonState.WAITING, hold=hold)
    assert door_for(room(locked=locked), held, AFTER) is WAIT
    assert lobby_state_for(room(locked=locked), held, AFTER) is LINE


# phase, opens, locked, start_reached, now → the page of a waiting viewer, speaker, moderator
AT, BY = Opens.AT_START, Opens.BY_HOST
PAGES = [
    (Phase.SCHEDULED, AT, False, False, LONG_BEFORE, (COUNTDOWN, COUNTDOWN, COUNTDOWN)),
    (Phase.SCHEDULED, AT, True, False, LONG_BEFORE, (COUNTDOWN, COUNTDOWN, COUNTDOWN)),
    (Phase.SCHEDULED, AT, False, False, EARLY, (COUNTDOWN, ENTERING, ENTERING)),
    (Phase.SCHEDULED, AT, True, False, EARLY, (COUNTDOWN, LINE, ENTERING)),
    (Phase.SCHEDULED, BY, False, False, LONG_BEFORE, (COUNTDOWN, COUNTDOWN, COUNTDOWN)),
    (Phase.SCHEDULED, BY, False, False, START_MS - 1, (COUNTDOWN, ENTERING, ENTERING)),
    (Phase.SCHEDULED, BY, False, False, AT_START, (HOST, ENTERING, ENTERING)),
    (Phase.SCHEDULED, BY, False, True, AT_START, (HOST, ENTERING, ENTERING)),
    (Phase.SCHEDULED, BY, True, True, AFTER, (HOST, LINE, ENTERING)),
    (Phase.OPENING, AT, False, True, AT_START, (ENTERING, ENTERING, ENTERING)),
    (Phase.OPENING, AT, True, True, AT_START, (LINE, LINE, ENTERING)),
    (Phase.OPEN, AT, False, True, AFTER, (ENTERING, ENTERING, ENTERING)),
    (Phase.OPEN, AT, True, True, AFTER, (LINE, LINE, ENTERING)),
]
PAGE_ROWS = [
    (phase, opens, locked, reached, now_ms, role, page)
    for phase, opens, locked, reached, now_ms, pages in PAGES
    for role, page in zip((V, S, M), pages, strict=True)
]


@pytest.mark.parametrize(("phase", "opens", "locked", "reached", "now_ms", "role", "page"), PAGE_ROWS)
def test_a_waiter_sees_why(phase, opens, locked, reached, now_ms, role, page):
    this = room(phase, opens=opens, locked=locked, start_reached=reached)
    assert lobby_state_for(this, person(role, PersonState.WAITING), now_ms) is page


def test_without_a_start_a_waiter_waits_for_the_host():
    this = room(Phase.SCHEDULED, opens=BY, starts_at_ms=None)
    assert lobby_state_for(this, person(V, PersonState.WAITING), 0) is HOST


def test_a_postponed_start_brings_the_countdown_back():
    this = room(Phase.SCHEDULED, opens=BY, start_reached=False, starts_at_ms=START_MS + 60_000)
    assert lobby_state_for(this, person(V, PersonState.WAITING), AFTER) is COUNTDOWN


@pytest.mark.parametrize(
    ("state", "page"),
    [
        (PersonState.DECLINED, LobbyState.DECLINED),
        (PersonState.REMOVED, LobbyState.REMOVED),
        (PersonState.KNOWN, LobbyState.LEFT_LINE),
    ],
)
@pytest.mark.parametrize("phase", [Phase.SCHEDULED, Phase.OPENING, Phase.OPEN])
def test_who_was_put_out_or_left_the_line_is_told_so(phase, state, page):
    assert lobby_state_for(room(phase), person(V, state), AFTER) is page


@pytest.mark.parametrize(
    ("state", "knocks", "may", "hold"),
    [
        (PersonState.DECLINED, 0, True, Hold.DECLINED),
        (PersonState.DECLINED, 1, False, Hold.DECLINED),
        (PersonState.REMOVED, 0, True, Hold.REMOVED),
        (PersonState.REMOVED, 3, True, Hold.REMOVED),
        (PersonState.BANNED, 0, False, None),
        (PersonState.WAITING, 0, False, None),
        (PersonState.INSIDE, 0, False, None),
        (PersonState.KNOWN, 0, True, None),
    ],
)
def test_who_left_the_line_comes_back_declined_people_knock_once_more_and_removed_people_ask(state, knocks, may, hold):
    somebody = person(V, state, knocks=knocks)
    assert may_knock(somebody) is may
    assert hold_after_knock(somebody) is hold


# phase, locked, now → what a waiting viewer sees where every seat is taken
SEATLESS = [
    (Phase.SCHEDULED, False, LONG_BEFORE, COUNTDOWN),
    (Phase.OPENING, False, AT_START, FULL),
    (Phase.OPENING, True, AT_START, LINE),
    (Phase.OPEN, False, AFTER, FULL),
    (Phase.OPEN, True, AFTER, LINE),
]


@pytest.mark.parametrize(("phase", "locked", "now_ms", "page"), SEATLESS)
def test_a_waiter_without_a_seat_is_told_so_where_nothing_else_holds_them(phase, locked, now_ms, page):
    this, waiter = room(phase, locked=locked), person(V, PersonState.WAITING)
    assert lobby_state_for(this, waiter, now_ms, has_seat=False) is page


def test_a_host_has_to_say_yes_before_the_seats_are_looked_at():
    held = person(V, PersonState.WAITING, hold=Hold.REMOVED)
    assert lobby_state_for(room(), held, AFTER, has_seat=False) is LINE


@pytest.mark.parametrize("locked", [False, True])
@pytest.mark.parametrize("phase", [Phase.SCHEDULED, Phase.OPENING, Phase.OPEN])
def test_nothing_but_a_seat_keeps_out_whoever_was_admitted_before(phase, locked):
    this, back = room(phase, locked=locked), person(V, PersonState.WAITING, admitted=True)
    assert door_for(this, back, LONG_BEFORE) is ENTER
    assert lobby_state_for(this, back, LONG_BEFORE) is ENTERING
    assert lobby_state_for(this, back, LONG_BEFORE, has_seat=False) is FULL


@pytest.mark.parametrize(
    ("waiter", "this", "waits"),
    [
        (person(V, PersonState.WAITING), room(), False),
        (person(V, PersonState.WAITING), room(locked=True), True),
        (person(M, PersonState.WAITING), room(locked=True), False),
        (person(V, PersonState.WAITING, admitted=True), room(locked=True), False),
        (person(V, PersonState.WAITING, hold=Hold.DECLINED), room(), True),
        (person(V, PersonState.WAITING), room(Phase.SCHEDULED, locked=True), False),
        (person(V, PersonState.WAITING), room(Phase.SCHEDULED, opens=Opens.BY_HOST, start_reached=True), True),
    ],
)
def test_whom_only_a_host_can_let_in_waits_for_one(waiter, this, waits):
    assert waits_for_host(this, waiter, LONG_BEFORE) is waits


ROOMS = st.builds(
    room,
    st.sampled_from([Phase.SCHEDULED, Phase.OPENING, Phase.OPEN]),
    locked=st.booleans(),
    opens=st.sampled_from(Opens),
    starts_at_ms=st.none() | st.just(START_MS),
    start_reached=st.booleans(),
)
WAITERS = st.builds(
    person, st.sampled_from(Role), st.just(PersonState.WAITING), hold=st.none() | st.sampled_from(Hold), admitted=st.booleans()
)
INSTANTS = st.sampled_from([LONG_BEFORE, EARLY - 1, EARLY, AT_START - 1, AT_START, AFTER])


@given(ROOMS, WAITERS, INSTANTS)
def test_whoever_may_walk_in_is_told_that_they_are_about_to_enter(this, waiter, now_ms):
    if may_walk_in(this, waiter, now_ms):
        assert lobby_state_for(this, waiter, now_ms) is ENTERING


@given(ROOMS, WAITERS, INSTANTS)
def test_a_lock_never_lets_anybody_in(this, waiter, now_ms):
    unlocked = door_for(room(**{**vars(this), "locked": False}), waiter, now_ms)
    locked = door_for(room(**{**vars(this), "locked": True}), waiter, now_ms)
    assert not (unlocked is WAIT and locked is ENTER)


@given(ROOMS, INSTANTS)
def test_a_higher_role_never_waits_where_a_lower_one_enters(this, now_ms):
    doors = [door_for(this, person(role), now_ms) for role in (V, S, M, BOSS)]
    assert doors == sorted(doors, key=lambda door: door is ENTER)


@pytest.mark.parametrize("state", [PersonState.KNOWN, PersonState.WAITING, PersonState.INSIDE])
@pytest.mark.parametrize(("role", "comes_back"), [(V, False), (S, False), (M, True), (BOSS, True)])
def test_after_the_end_hosts_come_back_to_a_page_of_their_own_while_they_may_go_on(role, comes_back, state):
    ended = room(Phase.ENDED, ended_at_ms=AFTER, reopen_s=60)
    if comes_back:
        assert door_for(ended, person(role, state), AFTER) is Door.AFTER_END
    else:
        with pytest.raises(SessionEnded):
            door_for(ended, person(role, state), AFTER)
    with pytest.raises(SessionEnded):
        door_for(ended, person(role, state), AFTER + 60_000)


@pytest.mark.parametrize("state", PersonState)
def test_the_page_after_the_end_says_that_it_has_ended_whoever_sees_it(state):
    ended = room(Phase.ENDED, ended_at_ms=AFTER)
    assert lobby_state_for(ended, person(M, state), AFTER) is LobbyState.SESSION_ENDED
