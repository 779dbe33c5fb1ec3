"""The own place in line, exact to a hundred, beyond that it is said to be beyond; and for whom there is a seat."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain.contents import RoomContents
from server.domain.person import Hold, Person, PersonState
from server.domain.roles import Role
from server.wire.lobby import Places, lobby_of_person
from tests.wire.people import a_person, a_room


def a_line(length: int, *, host: bool = True) -> RoomContents:
    waiters = [a_person(f"w{n}", PersonState.WAITING, line_no=n) for n in range(1, length + 1)]
    inside = [a_person("boss", PersonState.INSIDE, Role.MANAGER)] if host else []
    return RoomContents(
        now_ms=0, seq=1, room=a_room(locked=True), people={p.participant_id: p for p in [*reversed(waiters), *inside]}
    )


@pytest.mark.parametrize(("place", "shown"), [(1, (1, None)), (100, (100, None)), (101, (None, 100)), (150, (None, 100))])
def test_a_place_is_exact_to_a_hundred(place, shown):
    contents = a_line(150)
    view = lobby_of_person(contents, contents.people[f"p-w{place}"], Places(contents), 0)
    assert (view.position, view.more_than) == shown


@pytest.mark.parametrize("state", [PersonState.KNOWN, PersonState.DECLINED, PersonState.REMOVED])
def test_who_is_not_in_the_line_has_no_place(state):
    contents = a_line(3)
    view = lobby_of_person(contents, a_person("x", state), Places(contents), 0)
    assert (view.position, view.more_than) == (None, None)


@pytest.mark.parametrize("host", [True, False])
def test_a_waiter_sees_whether_a_host_is_there_to_admit(host):
    contents = a_line(1, host=host)
    assert lobby_of_person(contents, contents.people["p-w1"], Places(contents), 0).can_be_admitted is host


def test_a_message_to_who_was_declined_is_theirs_alone():
    contents = a_line(1)
    declined = a_person("dora", PersonState.DECLINED, decline_message="Not today.")
    assert lobby_of_person(contents, declined, Places(contents), 0).decline_message == "Not today."
    assert lobby_of_person(contents, contents.people["p-w1"], Places(contents), 0).decline_message is None


def a_full_room(*waiters: Person, capacity: int = 2, inside: int = 2, **room: object) -> RoomContents:
    """`waiters` stand in line, in their order, before a room with that many people inside."""
    people = [a_person(f"in{n}", PersonState.INSIDE) for n in range(inside)]
    line = [replace(person, line_no=n) for n, person in enumerate(waiters, start=1)]
    everybody = {p.participant_id: p for p in [*people, *line]}
    return RoomContents(now_ms=0, seq=1, room=a_room(**{"capacity": capacity, **room}), people=everybody)


def pages(contents: RoomContents, now_ms: int = 0) -> list[str]:
    """What each of the line sees, in its order."""
    places = Places(contents)
    return [lobby_of_person(contents, person, places, now_ms).state for person in contents.line()]


ANN, BOB, CAT = (a_person(name, PersonState.WAITING) for name in ("ann", "bob", "cat"))
HELD, BACK = replace(ANN, hold=Hold.REMOVED), replace(ANN, admitted=True)
MO = a_person("mo", PersonState.WAITING, Role.MODERATOR)


@pytest.mark.parametrize(
    ("contents", "seen"),
    [
        (a_full_room(ANN, BOB), ["room_full", "room_full"]),
        (a_full_room(ANN, BOB, inside=1), ["entering", "room_full"]),
        (a_full_room(ANN, BOB, CAT, inside=0), ["entering", "entering", "room_full"]),
        (a_full_room(HELD, BOB, inside=1), ["waiting_in_line", "entering"]),
        (a_full_room(MO, BOB), ["entering", "room_full"]),
        (a_full_room(ANN, BOB, inside=3), ["room_full", "room_full"]),
        (a_full_room(ANN, locked=True), ["waiting_in_line"]),
        (a_full_room(BACK, BOB, locked=True), ["room_full", "waiting_in_line"]),
        (a_full_room(ANN, capacity=None), ["entering"]),
    ],
)
def test_as_many_as_there_are_seats_are_about_to_enter_and_the_others_see_that_it_is_full(contents, seen):
    assert pages(contents) == seen


@pytest.mark.parametrize(("now_ms", "seen"), [(999, "room_full"), (1_000, "entering")])
def test_a_seat_that_is_kept_is_taken_until_its_time_is_over(now_ms, seen):
    contents = a_full_room(ANN, capacity=1, inside=0)
    away = a_person("away", PersonState.INSIDE, present=False, seat_until_ms=1_000)
    contents.people[away.participant_id] = away
    assert pages(contents, now_ms) == [seen]


def test_who_waits_for_a_seat_has_a_place_in_line_and_reads_the_hosts_message():
    contents = a_full_room(ANN, BOB, lobby_message="Soon.")
    view = lobby_of_person(contents, contents.people["p-bob"], Places(contents), 0)
    assert (view.position, view.host_message, view.can_be_admitted) == (2, "Soon.", False)
