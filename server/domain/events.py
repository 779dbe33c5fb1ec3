"""What happened, in the past tense: the events on a room's log.

An event says what happened and who did it; the records that it changed travel beside it (see `Change`), written by the
script that made the change. So a replica applies the records, and a teller words the event.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from server.domain.application import Application
from server.domain.crowd import FEW, Crowd
from server.domain.guests import GuestLink
from server.domain.invitation import Invitation
from server.domain.person import Person
from server.domain.room import Room

Record = Room | Person | Invitation | Application | GuestLink


@dataclass(frozen=True)
class Change:
    """One record that an event changed: `kind` is room, person, invitation or application."""

    kind: str
    record_id: str
    record: Record


@dataclass(frozen=True, kw_only=True)
class Event:
    name: ClassVar[str]
    by: str | None = None  # the participant who caused it; None where time or the site did


@dataclass(frozen=True, kw_only=True)
class RoomCreated(Event):
    name = "room_created"


@dataclass(frozen=True, kw_only=True)
class RoomChanged(Event):
    """`what`: edited, locked, unlocked, messaged, start_reached, opening, opened, ended, reopened, deleted."""

    name = "room_changed"
    what: str = "edited"


@dataclass(frozen=True, kw_only=True)
class SessionBegun(Event):
    """The next session of a channel's room: of the one before nobody and no invitation is left. No tab outlives it."""

    name = "session_begun"


@dataclass(frozen=True, kw_only=True)
class PersonIdentified(Event):
    """Somebody is known now, or known better: their row may change, no more."""

    name = "person_identified"


@dataclass(frozen=True, kw_only=True)
class PersonRenamed(Event):
    """Somebody changed their own name."""

    name = "person_renamed"


@dataclass(frozen=True, kw_only=True)
class CameAfterEnd(Event):
    """A host whom the end of the session found inside, or in the line, is on the page that offers to go on with it."""

    name = "came_after_end"
    from_line: bool = False


@dataclass(frozen=True, kw_only=True)
class ParticipantsJoined(Event):
    """Arrived, admitted by a host, let in at the start, or back after having left. `admitted`: they stood in the line."""

    name = "participants_joined"
    admitted: bool = False


@dataclass(frozen=True, kw_only=True)
class PeopleLeft(Event):
    """Their last tab went and the grace is over, or they left on purpose: participants and waiters alike."""

    name = "people_left"
    reason: str = "left"


@dataclass(frozen=True, kw_only=True)
class WaitersAdded(Event):
    name = "waiters_added"


@dataclass(frozen=True, kw_only=True)
class HostsWanted(Event):
    """Somebody waits whom only a host can let in, and none is there: the absent ones are called."""

    name = "hosts_wanted"


@dataclass(frozen=True, kw_only=True)
class WaiterDeclined(Event):
    name = "waiter_declined"


@dataclass(frozen=True, kw_only=True)
class SentBack(Event):
    """Out of the room and into the line."""

    name = "sent_back"


@dataclass(frozen=True, kw_only=True)
class ParticipantRemoved(Event):
    """`ban`: until the session ends. `from_line`: they were not inside, so that only hosts may hear of it."""

    name = "participant_removed"
    ban: bool = False
    from_line: bool = False


@dataclass(frozen=True, kw_only=True)
class RoleChanged(Event):
    name = "role_changed"
    old: str = ""
    new: str = ""


@dataclass(frozen=True, kw_only=True)
class RoleApplied(Event):
    """A tab acknowledged a role, or a tab that had yet to do so went; whoever promoted is told."""

    name = "role_applied"


@dataclass(frozen=True, kw_only=True)
class TabReplaced(Event):
    """A newer connection of the same tab took over; the older one ends, on whatever node it is. Nobody else is told."""

    name = "tab_replaced"
    connection_id: str = ""


@dataclass(frozen=True, kw_only=True)
class HandsChanged(Event):
    name = "hands_changed"


@dataclass(frozen=True, kw_only=True)
class InvitationChanged(Event):
    """`what`: created, opened, claimed, extended, revoked, replaced, role, device_asked, device_refused, moved, released,
    reminded, mail_asked (it is to be sent, again), mail (what became of its mail)."""

    name = "invitation_changed"
    what: str = "created"


@dataclass(frozen=True, kw_only=True)
class GuestLinkChanged(Event):
    """`what`: created, edited, off, or clicked: a new device came in by it, whose person is known now."""

    name = "guest_link_changed"
    what: str = "created"


_ALL: tuple[type[Event], ...] = (
    RoomCreated, RoomChanged, SessionBegun, PersonIdentified, PersonRenamed, CameAfterEnd, ParticipantsJoined, PeopleLeft,
    WaitersAdded, HostsWanted, WaiterDeclined, SentBack, ParticipantRemoved, RoleChanged, RoleApplied, TabReplaced,
    HandsChanged, InvitationChanged, GuestLinkChanged,
)
EVENTS: dict[str, type[Event]] = {event.name: event for event in _ALL}


def event_fields(event: Event) -> dict[str, Any]:
    """What goes on the log for `event`, beside its name."""
    return asdict(event)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a room's log: `seq` is the room's own counter, without holes. `crowd`: how many people there were after it."""

    room_id: str
    seq: int
    event: Event
    changes: tuple[Change, ...] = field(default_factory=tuple)
    crowd: Crowd = FEW

    def people(self) -> list[Person]:
        return [change.record for change in self.changes if isinstance(change.record, Person)]

    def guest_links(self) -> list[GuestLink]:
        return [change.record for change in self.changes if isinstance(change.record, GuestLink)]

    def invitations(self) -> list[Invitation]:
        return [change.record for change in self.changes if isinstance(change.record, Invitation)]
