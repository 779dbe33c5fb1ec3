"""What must hold after every step: the store is as the reference says, and so is everything that follows its log."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from server.domain.contents import RoomContents
from server.domain.person import Person, PersonState
from server.wire.audiences import Audience, has_open_request
from tests.model.audience import Listener, snapshot_text
from tests.model.reference import Reference, Someone
from tests.model.world import World, device_id


class Follower:
    """A replica of the room and a tab of each audience, kept by the log alone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._replica = world.load()
        self._listeners = [Listener(audience, self._replica) for audience in Audience]

    def check(self, fresh: RoomContents) -> None:
        """Follow the log up to `fresh`, and compare everything with it."""
        entries = self._world.log_after(self._replica.seq, fresh.seq)
        assert entries is not None, f"the log has a hole between {self._replica.seq} and {fresh.seq}"
        for entry in entries:
            outside = _not_inside(self._replica)
            self._replica.apply(entry)  # a LogGap here is a seq that was left out
            self._tell(entry, outside & _not_inside(self._replica))
        assert replace(self._replica, now_ms=fresh.now_ms) == fresh, "the log does not lead to what the store holds"
        for listener in self._listeners:
            assert not listener.differs_from(fresh), f"{listener.audience}: what was told is not the fresh snapshot"
        _check_hidden(snapshot_text(fresh, Audience.INSIDE), _not_inside(fresh), "the viewers' snapshot")

    def _tell(self, entry: Any, outside: set[str]) -> None:
        for listener in self._listeners:
            said = listener.hear(entry)
            if listener.audience is Audience.INSIDE:
                _check_hidden(said, outside, f"what viewers hear of {entry.event.name}")


def _not_inside(contents: RoomContents) -> set[str]:
    return {who for who, person in contents.people.items() if person.state is not PersonState.INSIDE}


def _check_hidden(text: str, outside: set[str], what: str) -> None:
    named = [who for who in outside if who in text]
    assert not named, f"{what} names somebody who is not in the room: {named}"
    assert "@" not in text, f"{what} holds an address"


def check_store(world: World, room: Reference, fresh: RoomContents) -> None:
    """The store's records are the reference's."""
    shown = (fresh.room.phase, fresh.room.locked, fresh.room.start_reached)
    assert shown == (room.phase, room.locked, room.start_reached)
    assert {who: _person(person) for who, person in fresh.people.items()} == {
        who: _someone(someone) for who, someone in room.people.items()
    }
    assert world.line() == room.line
    assert [person.participant_id for person in fresh.line()] == room.line, "a waiting person is in the line once"
    assert {who: sorted(json.loads(world.tabs_of(who))) for who in room.people} == {
        who: sorted(someone.tabs) for who, someone in room.people.items()
    }
    assert world.tabs_have_an_end(), "the tabs would be kept for ever"
    assert _invitations(fresh) == _invited(room)
    assert world.scheduled() == set(room.due)
    assert {who: (a.role_rev, a.applied, a.expected) for who, a in fresh.applications.items()} == {
        who: (role_rev, sum(tabs.values()), len(tabs)) for who, (role_rev, tabs) in room.applications.items()
    }


def _person(person: Person) -> dict[str, Any]:
    names = (
        "role", "role_rev", "state", "present", "hold", "knocks", "standing", "email", "invitation_id",
    )
    shown = {name: getattr(person, name) for name in names}
    is_raised = person.hand_raised_at_ms is not None
    return shown | {"hand": is_raised, "proof": person.email_proof, "waits": person.line_no is not None}


def _someone(someone: Someone) -> dict[str, Any]:
    shown = {name: value for name, value in vars(someone).items() if name not in ("participant_id", "banned_at", "tabs")}
    return shown | {"waits": someone.state == "waiting"}


def _invitations(fresh: RoomContents) -> dict[str, Any]:
    return {
        which: (
            i.status, i.role, i.email, i.participant_id, set(i.devices), set(i.moved_devices), has_open_request(i), i.takes_over,
        )
        for which, i in fresh.invitations.items()
    }


def _invited(room: Reference) -> dict[str, Any]:
    return {
        which: (
            i.status, i.role, i.email, i.participant_id, {device_id(d) for d in i.devices}, {device_id(d) for d in i.moved},
            i.asked is not None, i.takes_over,
        )
        for which, i in room.invitations.items()
    }
