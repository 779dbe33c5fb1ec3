"""A person's row, and how far a change of role has come."""

from __future__ import annotations

import pytest

from server.domain.application import Application
from server.domain.person import Person, PersonState


@pytest.mark.parametrize("present", [False, True])
@pytest.mark.parametrize("state", list(PersonState))
def test_a_row_is_shown_for_who_is_inside_or_in_line_and_present(state, present):
    somebody = Person(participant_id="p", name="P", state=state, present=present)
    assert somebody.is_participant is (present and state == "inside")
    assert somebody.is_waiter is (present and state == "waiting")


@pytest.mark.parametrize(
    ("tabs", "applied", "expected", "status"),
    [
        ({}, 0, 0, "offline"),
        ({"a": False}, 0, 1, "pending"),
        ({"a": True}, 1, 1, "applied"),
        ({"a": True, "b": False}, 1, 2, "pending"),
        ({"a": True, "b": True}, 2, 2, "applied"),
    ],
)
def test_a_role_is_applied_when_every_expected_tab_has_it(tabs, applied, expected, status):
    application = Application(participant_id="p", role_rev=2, tabs=tabs)
    assert (application.applied, application.expected, application.status) == (applied, expected, status)
