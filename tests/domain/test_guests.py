"""Who comes in by a guest link, and what stays open to a guest once guests are not wanted."""

from __future__ import annotations

import pytest

from server.domain.guests import (
    DAY_MS,
    GuestLink,
    GuestLinkStatus,
    check_guest_not_banned,
    check_guest_stays_welcome,
    check_guests_wanted,
    check_new_guest,
    expires_at_ms_for,
    needs_click,
)
from server.domain.person import Person, PersonState
from server.domain.refusals import Refusal
from server.domain.room import Room

ROOM, CLOSED_ROOM = Room(room_id="r", title="R"), Room(room_id="r", title="R", guest_access=False)
ON, OFF = GuestLink(guest_link_id="g", name="All"), GuestLink(guest_link_id="g", name="All", status=GuestLinkStatus.OFF)


def code_of(check, *args, **kwargs) -> str | None:
    try:
        check(*args, **kwargs)
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("room", "link", "site_wants", "code"),
    [
        (ROOM, ON, True, None),
        (ROOM, ON, False, "guest_access_off"),
        (CLOSED_ROOM, ON, True, "guest_access_off"),
        (ROOM, OFF, True, "invite_revoked"),
        (CLOSED_ROOM, OFF, False, "invite_revoked"),
        (ROOM, None, True, "invite_revoked"),
    ],
)
def test_guests_come_in_while_the_link_the_room_and_the_site_all_let_them(room, link, site_wants, code):
    assert code_of(check_guests_wanted, room, link, site_wants=site_wants) == code


@pytest.mark.parametrize("state", PersonState)
@pytest.mark.parametrize("admitted", [True, False])
def test_once_guests_are_not_wanted_only_those_who_were_admitted_stay(state, admitted):
    guest = Person(participant_id="p", name="Gus", state=state, admitted=admitted, guest_link_id="g")
    code = code_of(check_guest_stays_welcome, guest, CLOSED_ROOM, ON, site_wants=True)
    assert code == (None if state is PersonState.INSIDE or admitted else "guest_access_off")


def test_who_is_no_guest_is_never_asked_for_a_guest_link():
    member = Person(participant_id="p", name="Ann", state=PersonState.WAITING)
    check_guest_stays_welcome(member, CLOSED_ROOM, None, site_wants=False)


@pytest.mark.parametrize(
    ("clicks", "max_clicks", "expires_at_ms", "code"),
    [
        (0, None, None, None),
        (10_000, None, None, None),
        (2, 3, None, None),
        (3, 3, None, "guest_link_full"),
        (4, 3, None, "guest_link_full"),
        (0, None, 1_001, None),
        (0, None, 1_000, "invite_expired"),
        (3, 3, 1_000, "invite_expired"),
    ],
)
def test_a_new_device_needs_a_click_that_is_left_and_a_day_that_is_left(clicks, max_clicks, expires_at_ms, code):
    link = GuestLink(guest_link_id="g", name="All", clicks=clicks, max_clicks=max_clicks, expires_at_ms=expires_at_ms)
    assert code_of(check_new_guest, link, 1_000) == code


@pytest.mark.parametrize("state", PersonState)
@pytest.mark.parametrize("admitted", [True, False])
@pytest.mark.parametrize("theirs", ["g", "another"])
def test_another_link_is_clicked_by_whoever_is_new_or_not_in_yet(state, admitted, theirs):
    guest = Person(participant_id="p", name="Gus", state=state, admitted=admitted, guest_link_id=theirs)
    assert needs_click(guest, ON) == (theirs == "another" and state is not PersonState.INSIDE and not admitted)
    assert needs_click(None, ON)


@pytest.mark.parametrize(("days", "expires_at_ms"), [(None, None), (0, None), (2, 5 + 2 * DAY_MS)])
def test_days_count_from_now_and_none_is_no_limit(days, expires_at_ms):
    assert expires_at_ms_for(days, 5) == expires_at_ms


def test_a_ban_holds_for_the_guest_and_for_the_device():
    banned = Person(participant_id="p", name="Gus", state=PersonState.BANNED)
    assert code_of(check_guest_not_banned, banned, 0) == "banned"
    assert code_of(check_guest_not_banned, None, 1) == "banned"
    assert code_of(check_guest_not_banned, None, 0) is None
