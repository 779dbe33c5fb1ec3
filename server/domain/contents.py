"""Everything there is to know of one room at one `seq`: what a replica starts from, and what it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field

from server.domain.application import Application
from server.domain.crowd import FEW, Crowd
from server.domain.events import Entry, SessionBegun
from server.domain.guests import GuestLink
from server.domain.invitation import Invitation
from server.domain.person import Person
from server.domain.roles import is_host
from server.domain.room import Room


class LogGap(Exception):
    """An entry does not follow the last one: something is missing, or the log was rolled back."""


@dataclass(kw_only=True)
class RoomContents:
    """A room whole, at `seq`. `now_ms`: when it was read, by Redis's clock. `resized_seq`: since when `crowd` is as it is."""

    now_ms: int
    seq: int
    room: Room
    people: dict[str, Person] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)
    guest_links: dict[str, GuestLink] = field(default_factory=dict)
    crowd: Crowd = FEW
    resized_seq: int = 0

    def apply(self, entry: Entry) -> None:
        """Put in the records that `entry` changed.

        Raises:
            LogGap: `entry` is not the next one.
        """
        if entry.seq != self.seq + 1:
            raise LogGap(f"{entry.room_id}: {entry.seq} after {self.seq}")
        if isinstance(entry.event, SessionBegun):
            self.people, self.invitations, self.applications = {}, {}, {}
            self.guest_links = {link_id: link for link_id, link in self.guest_links.items() if link.is_active}
        for change in entry.changes:
            record = change.record
            if isinstance(record, Room):
                self.room = record
            elif isinstance(record, Person):
                self.people[change.record_id] = record
            elif isinstance(record, Invitation):
                self.invitations[change.record_id] = record
            elif isinstance(record, GuestLink):
                self.guest_links[change.record_id] = record
            else:
                self.applications[change.record_id] = record
        if entry.crowd != self.crowd:
            self.crowd, self.resized_seq = entry.crowd, entry.seq
        self.seq = entry.seq

    def participants(self) -> list[Person]:
        return [person for person in self.people.values() if person.is_participant]

    def line(self) -> list[Person]:
        """The waiters in the order of the line."""
        return sorted((person for person in self.people.values() if person.is_waiter), key=lambda person: person.line_no or 0)

    def free_seats(self, now_ms: int) -> int | None:
        """How many more may come in who are no hosts; None where nobody counts, and never below zero."""
        capacity = self.room.capacity
        if capacity is None:
            return None
        return max(0, capacity - sum(person.has_seat(now_ms) for person in self.people.values()))

    def has_host_inside(self) -> bool:
        """Whether somebody is there who could admit."""
        return any(person.is_participant and is_host(person.role) for person in self.people.values())
