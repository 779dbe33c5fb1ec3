"""What must hold after every step: the store is as the reference says, and so is everything that follows its log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from server.domain.contents import RoomContents
from server.domain.person import Person, PersonState
from server.domain.roster import Group, Roster
from server.wire.audiences import Audience, has_open_request, resized
from tests.model.audience import Listener, snapshot_text
from tests.model.reference import Reference, Someone
from tests.model.world import World, device_id


class Follower:
    """A replica of the room and a tab of each audience, kept by the log alone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._replica = world.load()
        self._listeners = [Listener(audience, self._replica) for audience in Audience]
        self._roster = Roster(self._replica.people.values())

    def check(self, fresh: RoomContents) -> None:
        """Follow the log up to `fresh`, and compare everything with it."""
        entries = self._world.log_after(self._replica.seq, fresh.seq)
        assert entries is not None, f"the log has a hole between {self._replica.seq} and {fresh.seq}"
        for entry in entries:
            outside, crowd = _not_inside(self._replica), self._replica.crowd
            self._replica.apply(entry)  # a LogGap here is a seq that was left out
            for person in entry.people():
                self._roster.put(person)
            self._tell(entry, outside & _not_inside(self._replica), resized(crowd, entry.crowd)[0])
        assert replace(self._replica, now_ms=fresh.now_ms) == fresh, "the log does not lead to what the store holds"
        for listener in self._listeners:
            assert not listener.differs_from(fresh), f"{listener.audience}: what was told is not the fresh snapshot"
        assert _listed(self._roster) == _listed(Roster(fresh.people.values())), "the pages are not those of the fresh snapshot"
        _check_hidden(snapshot_text(fresh, Audience.INSIDE), _not_inside(fresh), "the viewers' snapshot")

    def _tell(self, entry: Any, outside: set[str], anew: frozenset[Audience]) -> None:
        """`anew`: who hears of other rows from this entry on, and gets the room whole in its place."""
        for listener in self._listeners:
            if listener.audience in anew:
                listener.begin_anew(self._replica)
                continue
            said = listener.hear(entry)
            if listener.audience is Audience.INSIDE:
                _check_hidden(said, outside - _brings_it_back(entry), f"what viewers hear of {entry.event.name}")


def _brings_it_back(entry: Any) -> set[str]:
    """Who goes on with a session that has ended is on the way in, and named as whoever starts one is."""
    is_reopening = entry.event.name == "room_changed" and entry.event.what == "reopened"
    return {entry.event.by} if is_reopening else set()


def _listed(roster: Roster) -> dict[Group, list[str]]:
    return {group: [person.participant_id for person in roster.first(group, roster.count(group))] for group in Group}


def _not_inside(contents: RoomContents) -> set[str]:
    return {who for who, person in contents.people.items() if person.state is not PersonState.INSIDE}


def _check_hidden(text: str, outside: set[str], what: str) -> None:
    named = [who for who in outside if who in text]
    assert not named, f"{what} names somebody who is not in the room: {named}"
    assert "@" not in text, f"{what} holds an address"


def check_store(world: World, room: Reference, fresh: RoomContents) -> None:
    """The store's records are the reference's."""
    shown = (fresh.room.phase, fresh.room.locked, fresh.room.start_reached, fresh.room.capacity)
    assert shown == (room.phase, room.locked, room.start_reached, room.capacity)
    absent, pinged = fresh.room.host_absent_since_ms is not None, fresh.room.hosts_pinged_at_ms is not None
    assert (fresh.room.host_seen, absent, pinged) == (room.host_seen, room.absent_since is not None, room.pinged_at is not None)
    assert {who: _person(person) for who, person in fresh.people.items()} == {
        who: _someone(someone) for who, someone in room.people.items()
    }
    seats = {who for who, someone in room.people.items() if someone.has_seat(room.now)}
    assert world.seats(fresh.now_ms) == seats == {w for w, person in fresh.people.items() if person.has_seat(fresh.now_ms)}
    assert world.hosts() == {who for who, someone in room.people.items() if someone.is_there and someone.is_host}
    assert world.line() == room.line
    assert [person.participant_id for person in fresh.line()] == room.line, "a waiting person is in the line once"
    assert world.tabs() == {who: sorted(someone.tabs) for who, someone in room.people.items() if someone.tabs}
    assert world.tabs_have_an_end(), "the tabs would be kept for ever"
    assert _invitations(fresh) == _invited(room)
    assert {which: (link.is_active, link.clicks) for which, link in fresh.guest_links.items()} == {
        which: (link.is_on, link.clicks) for which, link in room.guest_links.items()
    }
    _check_crowd(fresh, room)
    _check_rows(fresh)
    assert world.scheduled() == set(room.due)
    assert {who: (a.role_rev, a.applied, a.expected) for who, a in fresh.applications.items()} == {
        who: (role_rev, sum(tabs.values()), len(tabs)) for who, (role_rev, tabs) in room.applications.items()
    }


def _check_crowd(fresh: RoomContents, room: Reference) -> None:
    """Large above one number until below the other; between them it stays as it was."""
    there = sum(someone.is_there for someone in room.people.values())
    for word, count, above, below in (
        ("large", there, room.large_from, room.large_until), ("long_line", len(room.line), room.large_from, room.large_until),
    ):
        assert below <= count <= above or getattr(fresh.crowd, word) == (count > above), f"{word} with {count} people"


def _person(person: Person) -> dict[str, Any]:
    names = (
        "role", "role_rev", "state", "present", "hold", "knocks", "standing", "email", "invitation_id", "admitted",
        "guest_link_id",
    )
    shown = {name: getattr(person, name) for name in names}
    is_raised = person.hand_raised_at_ms is not None
    return shown | {"hand": is_raised, "proof": person.email_proof, "waits": person.line_no is not None}


def _someone(someone: Someone) -> dict[str, Any]:
    elsewhere = ("participant_id", "banned_at", "tabs", "seat_until", "device")
    shown = {name: value for name, value in vars(someone).items() if name not in elsewhere}
    return shown | {"waits": someone.state == "waiting"}


def _invitations(fresh: RoomContents) -> dict[str, Any]:
    return {
        which: (
            i.status, i.role, i.email, i.participant_id, set(i.devices), set(i.moved_devices), has_open_request(i), i.takes_over,
        )
        for which, i in fresh.invitations.items()
    }


def _check_rows(fresh: RoomContents) -> None:
    """The row of an invitation says where its person is, and as what."""
    for which, invitation in fresh.invitations.items():
        person = fresh.people.get(invitation.participant_id or "")
        if person is None or person.invitation_id != which:
            continue
        is_away = person.state is PersonState.KNOWN or (person.state is PersonState.INSIDE and not person.present)
        shown = (invitation.person_state, invitation.person_role)
        assert shown == ("away" if is_away else person.state, person.role), f"the row of {which} is not true"


def _invited(room: Reference) -> dict[str, Any]:
    return {
        which: (
            i.status, i.role, i.email, i.participant_id, {device_id(d) for d in i.devices}, {device_id(d) for d in i.moved},
            i.asked is not None, i.takes_over,
        )
        for which, i in room.invitations.items()
    }
