"""What may be changed of a room, and what makes no sense together; and the standings, of which the last owner's stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain.refusals import Refusal
from server.domain.room import Access, Kind, Opens, Phase, Room
from server.domain.room_settings import check_editable, check_settings, edited
from server.domain.standings import check_owner_kept, moved_standings

STANDALONE = Room(room_id="r", title="A room")
CHANNEL = replace(STANDALONE, kind=Kind.CHANNEL, channel_id="c1")


def code_of(check: object, *args: object, **named: object) -> str | None:
    try:
        check(*args, **named)  # type: ignore[operator]
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("room", "fields", "is_good"),
    [
        (STANDALONE, {}, True),
        (CHANNEL, {}, True),
        (CHANNEL, {"access": Access.CHANNEL_MEMBERS}, True),
        (STANDALONE, {"access": Access.CHANNEL_MEMBERS}, False),
        (STANDALONE, {"channel_id": "c1"}, False),
        (CHANNEL, {"channel_id": None}, False),
        (STANDALONE, {"link_devices": 0}, False),
        (STANDALONE, {"link_devices": -1}, True),
        (STANDALONE, {"ends_at_ms": 5}, True),
        (STANDALONE, {"starts_at_ms": 5, "ends_at_ms": 6}, True),
        (STANDALONE, {"starts_at_ms": 5, "ends_at_ms": 5}, False),
        (STANDALONE, {"starts_at_ms": 6, "ends_at_ms": 5}, False),
    ],
)
def test_settings_that_contradict_each_other_are_refused(room, fields, is_good):
    assert code_of(check_settings, replace(room, **fields)) == (None if is_good else "bad_message")


@pytest.mark.parametrize(
    ("room", "phase", "by_site", "code"),
    [
        *((room, phase, by_site, None) for room in (STANDALONE, CHANNEL) for by_site in (True, False)
          for phase in (Phase.SCHEDULED, Phase.OPENING, Phase.OPEN)),
        (STANDALONE, Phase.ENDED, True, "session_ended"),
        (STANDALONE, Phase.ENDED, False, "session_ended"),
        (CHANNEL, Phase.ENDED, False, "session_ended"),
        (CHANNEL, Phase.ENDED, True, None),
        (CHANNEL, Phase.DELETED, True, "room_deleted"),
    ],
)
def test_what_is_over_is_edited_by_nobody_but_a_channels_room_by_the_site(room, phase, by_site, code):
    assert code_of(check_editable, replace(room, phase=phase), by_site=by_site) == code


@pytest.mark.parametrize(
    ("changes", "reached"),
    [
        ({"title": "New"}, True), ({"starts_at_ms": 9}, False), ({"starts_at_ms": None}, False), ({"starts_at_ms": 5}, True),
        ({"opens": "at_start"}, False), ({"opens": "by_host"}, True),
    ],
)
def test_another_start_or_way_to_open_forgets_that_the_start_was_reached(changes, reached):
    before = replace(STANDALONE, starts_at_ms=5, opens=Opens.BY_HOST, start_reached=True)
    assert edited(before, changes).start_reached is reached


def test_words_become_what_rules_compare_with():
    changed = edited(CHANNEL, {"opens": "by_host", "access": "channel_members"})
    assert (changed.opens, changed.access) == (Opens.BY_HOST, Access.CHANNEL_MEMBERS)
    assert isinstance(changed.opens, Opens)
    assert isinstance(changed.access, Access)


@pytest.mark.parametrize(
    ("phase", "code"),
    [
        (Phase.SCHEDULED, None), (Phase.OPENING, "already_live"), (Phase.OPEN, "already_live"),
        (Phase.ENDED, "session_ended"), (Phase.DELETED, "room_deleted"),
    ],
)
@pytest.mark.parametrize("starts_at_ms", [9, None])
def test_the_start_moves_before_it_alone(phase, code, starts_at_ms):
    assert code_of(edited, replace(STANDALONE, phase=phase, starts_at_ms=5), {"starts_at_ms": starts_at_ms}) == code


@pytest.mark.parametrize(
    ("before", "after", "is_kept"),
    [
        ({"a": "owner"}, {}, False),
        ({"a": "owner"}, {"a": "co_owner"}, False),
        ({"a": "owner"}, {"b": "owner"}, True),
        ({"a": "owner", "b": "owner"}, {"b": "owner"}, True),
        ({"a": "co_owner"}, {}, True),
        ({}, {"a": "owner"}, True),
    ],
)
def test_a_room_that_has_an_owner_keeps_one(before, after, is_kept):
    assert code_of(check_owner_kept, before, after) == (None if is_kept else "last_owner")


def test_a_standing_moves_where_it_comes_goes_or_is_another():
    before = {"a": "owner", "b": "co_owner", "c": "co_editor"}
    assert moved_standings(before, {"a": "owner", "b": "co_editor", "d": "owner"}) == ["b", "c", "d"]


def test_the_same_start_said_again_is_no_other_start():
    live = replace(STANDALONE, phase=Phase.OPEN, starts_at_ms=5)
    assert edited(live, {"title": "New", "starts_at_ms": 5}) == replace(live, title="New")
