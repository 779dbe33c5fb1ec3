"""The own place in line: exact to a hundred, beyond that it is said to be beyond."""

from __future__ import annotations

import pytest

from server.domain.contents import RoomContents
from server.domain.person import PersonState
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
