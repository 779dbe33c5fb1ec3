"""From an entry of the log to what each audience hears of it.

A function of the entry alone, so that a tab that resumes hears the same as one that was there. It never depends on what a
replica held before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server.domain import events
from server.domain.events import Entry
from server.domain.invitation import Invitation
from server.domain.person import Person, PersonState
from server.domain.room import Room
from server.wire.audiences import Audience, has_open_request, sees_device_request, sees_invitations, sees_line
from server.wire.events import (
    AnyWireEvent,
    DeviceRequestClosedEvent,
    DeviceRequestedEvent,
    InvitationChangedEvent,
    ParticipantRoleChangedEvent,
    ParticipantsJoinedEvent,
    ParticipantsLeftEvent,
    ParticipantsUpdatedEvent,
    RoomChangedEvent,
    WaitersAddedEvent,
    WaitersRemovedEvent,
)
from server.wire.showing import (
    show_device_request,
    show_invitation,
    show_participant,
    show_room,
    show_waiter,
)

Told = list[AnyWireEvent]


def tell(entry: Entry, audience: Audience) -> Told:
    """What `audience` hears of `entry`, in order; nothing where it is none of its business."""
    return _TELLERS[type(entry.event)](entry, entry.event, audience)


def _ids(people: list[Person]) -> list[str]:
    return [person.participant_id for person in people]


def _room_changed(entry: Entry, event: events.RoomChanged, audience: Audience) -> Told:
    rooms = [change.record for change in entry.changes if change.kind == "room"]
    return [
        RoomChangedEvent(seq=entry.seq, room=show_room(room), what=event.what, by=event.by)
        for room in rooms
        if isinstance(room, Room)
    ]


def _joined(entry: Entry, event: events.ParticipantsJoined, audience: Audience) -> Told:
    told: Told = []
    joined = [show_participant(person, audience) for person in entry.people() if person.is_participant]
    if joined:
        told.append(ParticipantsJoinedEvent(seq=entry.seq, participants=joined, admitted=event.admitted, by=event.by))
    if event.admitted and sees_line(audience):
        told.append(WaitersRemovedEvent(seq=entry.seq, participant_ids=_ids(entry.people()), reason="admitted", by=event.by))
    return told


def _left(entry: Entry, event: events.PeopleLeft, audience: Audience) -> Told:
    told: Told = []
    inside = [person for person in entry.people() if person.state is PersonState.INSIDE]
    waiters = [person for person in entry.people() if person.state is not PersonState.INSIDE]
    if inside:
        told.append(ParticipantsLeftEvent(seq=entry.seq, participant_ids=_ids(inside), reason=event.reason, by=event.by))
    if waiters and sees_line(audience):
        told.append(WaitersRemovedEvent(seq=entry.seq, participant_ids=_ids(waiters), reason="left", by=event.by))
    return told


def _waiters_added(entry: Entry, event: events.Event, audience: Audience) -> Told:
    waiters = [show_waiter(person) for person in entry.people() if person.is_waiter]
    return [WaitersAddedEvent(seq=entry.seq, waiters=waiters)] if waiters and sees_line(audience) else []


def _declined(entry: Entry, event: events.WaiterDeclined, audience: Audience) -> Told:
    if not sees_line(audience):
        return []
    return [WaitersRemovedEvent(seq=entry.seq, participant_ids=_ids(entry.people()), reason="declined", by=event.by)]


def _sent_back(entry: Entry, event: events.SentBack, audience: Audience) -> Told:
    gone = ParticipantsLeftEvent(seq=entry.seq, participant_ids=_ids(entry.people()), reason="sent_back", by=event.by)
    return [gone, *_waiters_added(entry, event, audience)]


def _removed(entry: Entry, event: events.ParticipantRemoved, audience: Audience) -> Told:
    reason = "banned" if event.ban else "removed"
    if not event.from_line:
        return [ParticipantsLeftEvent(seq=entry.seq, participant_ids=_ids(entry.people()), reason=reason, by=event.by)]
    if not sees_line(audience):
        return []
    return [WaitersRemovedEvent(seq=entry.seq, participant_ids=_ids(entry.people()), reason=reason, by=event.by)]


def _role_changed(entry: Entry, event: events.RoleChanged, audience: Audience) -> Told:
    changed: Told = [
        ParticipantRoleChangedEvent(
            seq=entry.seq, participant=show_participant(person, audience), old_role=event.old, new_role=event.new, by=event.by
        )
        for person in entry.people()
        if person.is_participant
    ]
    return [*changed, *_waiters_added(entry, event, audience)]


def _rows_changed(entry: Entry, event: events.Event, audience: Audience) -> Told:
    rows = [show_participant(person, audience) for person in entry.people() if person.is_participant]
    told: Told = [ParticipantsUpdatedEvent(seq=entry.seq, participants=rows)] if rows else []
    return [*told, *_waiters_added(entry, event, audience)]


def _invitation_changed(entry: Entry, event: events.InvitationChanged, audience: Audience) -> Told:
    told: Told = []
    for invitation in entry.invitations():
        if sees_invitations(audience):
            told.append(
                InvitationChangedEvent(seq=entry.seq, invitation=show_invitation(invitation), what=event.what, by=event.by)
            )
        if has_open_request(invitation) and sees_device_request(audience, invitation):
            told.append(DeviceRequestedEvent(seq=entry.seq, request=show_device_request(invitation, audience)))
        elif _closes_request(invitation, event.what, audience):
            told.append(DeviceRequestClosedEvent(seq=entry.seq, invitation_id=invitation.invitation_id))
    return [*told, *_rows_changed(entry, event, audience)]


def _closes_request(invitation: Invitation, what: str, audience: Audience) -> bool:
    """Whether a question that `audience` saw is answered or void now."""
    if what == "role":
        # As a moderator's link it is no longer the moderators' to decide on.
        return has_open_request(invitation) and sees_line(audience) and not sees_device_request(audience, invitation)
    was_asked = invitation.device_request is not None or what == "moved"
    return what in ("device_refused", "moved", "revoked", "replaced") and was_asked and sees_device_request(audience, invitation)


def _nothing(entry: Entry, event: events.Event, audience: Audience) -> Told:
    return []


_TELLERS: dict[type[events.Event], Callable[[Entry, Any, Audience], Told]] = {
    events.RoomCreated: _nothing,
    events.RoomChanged: _room_changed,
    events.PersonIdentified: _rows_changed,
    events.ParticipantsJoined: _joined,
    events.PeopleLeft: _left,
    events.WaitersAdded: _waiters_added,
    events.WaiterDeclined: _declined,
    events.SentBack: _sent_back,
    events.ParticipantRemoved: _removed,
    events.RoleChanged: _role_changed,
    events.RoleApplied: _nothing,
    events.TabReplaced: _nothing,
    events.HandsChanged: _rows_changed,
    events.InvitationChanged: _invitation_changed,
}
