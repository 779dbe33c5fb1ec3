"""Managers outside the room: who looks after it from there, and with what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain.person import Hold, Person, PersonState
from server.domain.room import Room
from server.domain.standings import FROM_OUTSIDE, manages_from_outside, permissions_from_outside

ROOM = Room(room_id="r", title="T", standings={"maya": "owner"})


def person(user_id: str | None, state: PersonState) -> Person:
    return Person(participant_id="p", name="P", user_id=user_id, state=state)


@pytest.mark.parametrize(
    ("state", "manages"),
    [
        (PersonState.KNOWN, True), (PersonState.WAITING, True), (PersonState.INSIDE, True),
        (PersonState.DECLINED, False), (PersonState.REMOVED, False), (PersonState.BANNED, False),
    ],
)  # fmt: skip
def test_a_manager_looks_after_the_room_unless_they_were_sent_away(state, manages):
    assert manages_from_outside(ROOM, person("maya", state)) is manages


@pytest.mark.parametrize("hold", Hold)
def test_who_was_sent_away_and_waits_for_a_hosts_word_does_not(hold):
    assert not manages_from_outside(ROOM, replace(person("maya", PersonState.WAITING), hold=hold))


@pytest.mark.parametrize("user_id", ["bea", None])
def test_nobody_else_does_whatever_their_record_says(user_id):
    assert not manages_from_outside(ROOM, person(user_id, PersonState.KNOWN))


def test_what_a_session_needs_a_host_for_is_not_done_from_outside():
    assert permissions_from_outside(ROOM, "maya") == sorted(FROM_OUTSIDE)
    assert not {"admit", "lock", "end_session", "change_roles"} & FROM_OUTSIDE
    assert permissions_from_outside(ROOM, "bea") == []


def test_nothing_is_promised_to_a_manager_who_was_sent_away():
    assert permissions_from_outside(ROOM, "maya", person("maya", PersonState.KNOWN)) == sorted(FROM_OUTSIDE)
    assert permissions_from_outside(ROOM, "maya", person("maya", PersonState.BANNED)) == []
