"""Events: their names, and what travels with them."""

from __future__ import annotations

import re

import pytest

from server.domain.events import EVENTS, Change, Entry, Event, RoleChanged, event_fields
from server.domain.invitation import Invitation
from server.domain.person import Person
from server.domain.roles import Role

PERSON = Person(participant_id="p", name="P")
INVITATION = Invitation(invitation_id="i", email="a@b.example", first_name="A", last_name="B", role=Role.VIEWER)


def test_every_event_can_be_found_by_its_name():
    assert set(EVENTS.values()) == set(Event.__subclasses__())


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_named_after_its_class_and_made_from_its_fields(name):
    event = EVENTS[name]()
    assert re.sub(r"(?<!^)([A-Z])", r"_\1", type(event).__name__).lower() == name
    assert EVENTS[name](**event_fields(event)) == event


def test_the_fields_of_an_event_do_not_repeat_its_name():
    fields = {"by": "p", "old": "viewer", "new": "speaker"}
    assert event_fields(RoleChanged(**fields)) == fields


def test_an_entry_gives_its_records_by_kind():
    changes = (Change("person", "p", PERSON), Change("invitation", "i", INVITATION))
    entry = Entry(room_id="r", seq=1, event=RoleChanged(), changes=changes)
    assert entry.people() == [PERSON]
    assert entry.invitations() == [INVITATION]
