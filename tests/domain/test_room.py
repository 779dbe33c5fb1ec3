"""A room's life: what exists, what can start, from when on whom it lets in, and how long its links last."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.refusals import AlreadyLive, NotLive, RoomDeleted, SessionEnded
from server.domain.roles import Role
from server.domain.room import (
    Phase,
    Room,
    check_can_start,
    check_exists,
    check_live,
    enter_at_ms_for,
    link_expires_at_ms,
    may_enter_before_start,
    planned_end_ms,
    walks_past_lock,
)

START_MS = 10_000_000
EARLY_S = 900
EARLY_MS = START_MS - 900_000
DAY_MS = 86_400_000


def room(**fields: object) -> Room:
    return Room(**{"room_id": "r", "title": "Room", "starts_at_ms": START_MS, "early_entry_s": EARLY_S, **fields})


def outcome(check, *args: object) -> type[Exception] | None:
    try:
        check(*args)
    except Exception as error:
        return type(error)
    return None


@pytest.mark.parametrize(
    ("phase", "exists", "start", "live"),
    [
        (Phase.SCHEDULED, None, None, NotLive),
        (Phase.OPENING, None, AlreadyLive, None),
        (Phase.OPEN, None, AlreadyLive, None),
        (Phase.ENDED, SessionEnded, SessionEnded, SessionEnded),
        (Phase.DELETED, RoomDeleted, RoomDeleted, RoomDeleted),
    ],
)
def test_each_phase_allows_its_own(phase, exists, start, live):
    this = room(phase=phase)
    assert outcome(check_exists, this) is exists
    assert outcome(check_can_start, this) is start
    assert outcome(check_live, this) is live


@pytest.mark.parametrize(
    ("role", "enter_at_ms"),
    [(Role.VIEWER, START_MS), (Role.SPEAKER, EARLY_MS), (Role.MODERATOR, EARLY_MS), (Role.MANAGER, None)],
)
def test_each_role_counts_down_to_its_own_instant(role, enter_at_ms):
    assert enter_at_ms_for(room(), role) == enter_at_ms
    assert enter_at_ms_for(room(starts_at_ms=None), role) is None


def test_without_early_entry_speakers_come_at_the_start():
    assert enter_at_ms_for(room(early_entry_s=0), Role.SPEAKER) == START_MS


@pytest.mark.parametrize(
    ("role", "now_ms", "may_enter"),
    [
        (Role.VIEWER, EARLY_MS, False),
        (Role.VIEWER, START_MS, False),  # the opening lets them in, not the clock
        (Role.SPEAKER, EARLY_MS - 1, False),
        (Role.SPEAKER, EARLY_MS, True),
        (Role.MODERATOR, EARLY_MS - 1, False),
        (Role.MODERATOR, EARLY_MS, True),
        (Role.MODERATOR, START_MS + DAY_MS, True),
        (Role.MANAGER, 0, True),
    ],
)
def test_before_the_start_each_role_may_enter_from_its_instant_on(role, now_ms, may_enter):
    assert may_enter_before_start(room(), role, now_ms) is may_enter


@pytest.mark.parametrize(("role", "may_enter"), [(Role.VIEWER, False), (Role.SPEAKER, True), (Role.MANAGER, True)])
def test_in_a_room_without_a_start_viewers_wait_for_a_host(role, may_enter):
    assert may_enter_before_start(room(starts_at_ms=None), role, now_ms=0) is may_enter


def test_only_hosts_walk_past_the_lock():
    assert {role for role in Role if walks_past_lock(role)} == {Role.MODERATOR, Role.MANAGER}


def test_a_links_own_time_counts_from_when_it_was_made():
    assert link_expires_at_ms(room(link_ttl_s=86_400), now_ms=5) == DAY_MS + 5


@pytest.mark.parametrize(
    ("starts_at_ms", "ends_at_ms", "end_ms"),
    [
        (START_MS, START_MS + 3_600_000, START_MS + 3_600_000),
        (START_MS, None, START_MS + DAY_MS),
        (None, None, 0),
        (None, START_MS, START_MS),
    ],
)
def test_a_session_of_unknown_length_is_planned_to_end_when_the_links_time_after_its_start_is_over(
    starts_at_ms, ends_at_ms, end_ms
):
    assert planned_end_ms(room(starts_at_ms=starts_at_ms, ends_at_ms=ends_at_ms, link_ttl_s=86_400)) == end_ms


INSTANTS = st.integers(0, 2**43)


@given(role=st.sampled_from(Role), now_ms=INSTANTS, later_ms=INSTANTS)
def test_whoever_may_enter_may_enter_later_too(role, now_ms, later_ms):
    if may_enter_before_start(room(), role, now_ms) and later_ms >= now_ms:
        assert may_enter_before_start(room(), role, later_ms)
