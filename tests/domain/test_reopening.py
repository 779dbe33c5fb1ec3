"""After the end: who may go on with the session and until when, and when a channel's room may have its next one."""

from __future__ import annotations

import pytest

from server.domain.person import Hold, Person, PersonState
from server.domain.refusals import Refusal
from server.domain.reopening import (
    check_can_begin_next,
    check_can_reopen,
    check_open_to,
    is_reopenable,
    may_reopen,
    reopenable_until_ms,
)
from server.domain.roles import Role
from server.domain.room import Kind, Phase, Room

ENDED_AT_MS = 1_000_000
UNTIL_MS = ENDED_AT_MS + 60_000


def room(phase: Phase = Phase.ENDED, **fields: object) -> Room:
    ended_at_ms = ENDED_AT_MS if phase is Phase.ENDED else None
    return Room(**{"room_id": "r", "title": "", "phase": phase, "ended_at_ms": ended_at_ms, "reopen_s": 60, **fields})


def person(role: Role = Role.MODERATOR, state: PersonState = PersonState.KNOWN, **fields: object) -> Person:
    return Person(participant_id="p", name="", role=role, state=state, **fields)


def code_of(check: object, *args: object) -> str | None:
    try:
        check(*args)  # type: ignore[operator]
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("phase", "now_ms", "is_so"),
    [
        (Phase.ENDED, ENDED_AT_MS, True), (Phase.ENDED, UNTIL_MS - 1, True), (Phase.ENDED, UNTIL_MS, False),
        (Phase.OPEN, ENDED_AT_MS, False), (Phase.SCHEDULED, ENDED_AT_MS, False), (Phase.DELETED, ENDED_AT_MS, False),
    ],
)
def test_a_session_can_be_gone_on_with_for_as_long_as_the_room_says(phase, now_ms, is_so):
    assert is_reopenable(room(phase), now_ms) is is_so
    assert reopenable_until_ms(room(phase)) == (UNTIL_MS if phase is Phase.ENDED else None)


def test_a_room_without_time_for_it_is_over_at_once():
    assert not is_reopenable(room(reopen_s=0), ENDED_AT_MS)


WHO = [
    (person(Role.MODERATOR), True),
    (person(Role.MANAGER), True),
    (person(Role.MANAGER, PersonState.INSIDE), True),
    (person(Role.MODERATOR, PersonState.WAITING), True),
    (person(Role.SPEAKER), False),
    (person(Role.VIEWER, PersonState.INSIDE), False),
    (person(Role.MODERATOR, PersonState.REMOVED), False),
    (person(Role.MODERATOR, PersonState.BANNED), False),
    (person(Role.MODERATOR, PersonState.DECLINED), False),
    (person(Role.MODERATOR, PersonState.WAITING, hold=Hold.SENT_BACK), False),
    (None, False),
]


@pytest.mark.parametrize(("who", "may"), WHO)
def test_hosts_may_unless_another_sent_them_away(who, may):
    assert may_reopen(room(), who, ENDED_AT_MS) is may
    assert code_of(check_open_to, room(), who, ENDED_AT_MS) == (None if may else "session_ended")
    assert code_of(check_open_to, room(), who, UNTIL_MS) == "session_ended"
    assert code_of(check_open_to, room(Phase.OPEN), who, ENDED_AT_MS) is None
    assert code_of(check_open_to, room(Phase.DELETED), who, ENDED_AT_MS) == "room_deleted"


@pytest.mark.parametrize(
    ("phase", "now_ms", "role", "code"),
    [
        (Phase.ENDED, ENDED_AT_MS, Role.MODERATOR, None),
        (Phase.ENDED, ENDED_AT_MS, None, None),
        (Phase.ENDED, ENDED_AT_MS, Role.SPEAKER, "role_forbidden"),
        (Phase.ENDED, UNTIL_MS, Role.MANAGER, "session_ended"),
        (Phase.ENDED, UNTIL_MS, None, "session_ended"),
        (Phase.OPEN, ENDED_AT_MS, Role.MANAGER, "already_live"),
        (Phase.OPENING, ENDED_AT_MS, Role.MANAGER, "already_live"),
        (Phase.SCHEDULED, ENDED_AT_MS, Role.MANAGER, "not_live"),
        (Phase.DELETED, ENDED_AT_MS, None, "room_deleted"),
    ],
)
def test_going_on_is_refused_with_a_code_of_its_own_for_every_reason(phase, now_ms, role, code):
    assert code_of(check_can_reopen, room(phase), person(role) if role else None, now_ms) == code


@pytest.mark.parametrize(
    ("phase", "kind", "role", "code"),
    [
        (Phase.ENDED, Kind.CHANNEL, Role.MANAGER, None),
        (Phase.ENDED, Kind.CHANNEL, Role.MODERATOR, None),
        (Phase.ENDED, Kind.CHANNEL, Role.SPEAKER, "role_forbidden"),
        (Phase.ENDED, Kind.STANDALONE, Role.MANAGER, "session_ended"),
        (Phase.SCHEDULED, Kind.CHANNEL, Role.MANAGER, "already_planned"),
        (Phase.OPENING, Kind.CHANNEL, Role.MANAGER, "already_live"),
        (Phase.OPEN, Kind.CHANNEL, Role.MANAGER, "already_live"),
        (Phase.OPEN, Kind.STANDALONE, Role.MANAGER, "already_live"),
        (Phase.DELETED, Kind.CHANNEL, Role.MANAGER, "room_deleted"),
    ],
)
def test_the_next_session_begins_after_the_last_and_in_a_channels_room_alone(phase, kind, role, code):
    channel_id = "c" if kind is Kind.CHANNEL else None
    assert code_of(check_can_begin_next, room(phase, kind=kind, channel_id=channel_id), role) == code
