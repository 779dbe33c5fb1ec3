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
from server.domain.roles import Role, is_host
from server.domain.room import Room
from server.wire.audiences import (
    Audience,
    has_open_request,
    hears_line,
    is_told,
    sees_device_request,
    sees_guest_links,
    sees_invitations,
    sees_line,
)
from server.wire.events import (
    AnyWireEvent,
    DeviceRequestClosedEvent,
    DeviceRequestedEvent,
    GuestLinkChangedEvent,
    GuestLinkRemovedEvent,
    InvitationChangedEvent,
    InvitationsPresenceEvent,
    ParticipantRoleChangedEvent,
    ParticipantsHiddenEvent,
    ParticipantsJoinedEvent,
    ParticipantsLeftEvent,
    ParticipantsUpdatedEvent,
    RoomChangedEvent,
    WaitersAddedEvent,
    WaitersRemovedEvent,
)
from server.wire.showing import (
    show_device_request,
    show_guest_link,
    show_invitation,
    show_participant,
    show_presence,
    show_room,
    show_waiter,
)
from server.wire.views import ParticipantView

Told = list[AnyWireEvent]

_HOSTS = frozenset(role for role in Role if is_host(role))


def tell(entry: Entry, audience: Audience) -> Told:
    """What `audience` hears of `entry`, in order; nothing where it is none of its business."""
    told = _TELLERS[type(entry.event)](entry, entry.event, audience)
    return [*told, *_presence(entry, audience), *_room_beside(entry)]


def _presence(entry: Entry, audience: Audience) -> Told:
    """What the coming and going of people changes in the list of invitations."""
    if not sees_invitations(audience) or isinstance(entry.event, events.InvitationChanged):
        return []
    rows = [show_presence(invitation) for invitation in entry.invitations()]
    return [InvitationsPresenceEvent(seq=entry.seq, rows=rows)] if rows else []


def _room_beside(entry: Entry) -> Told:
    """What something else changed in the room: whether a host is there, and that the absent ones were called."""
    if isinstance(entry.event, events.RoomCreated | events.RoomChanged | events.SessionBegun):
        return []
    rooms = [change.record for change in entry.changes if isinstance(change.record, Room)]
    return [RoomChangedEvent(seq=entry.seq, room=show_room(room), what=_what_beside(entry, room), by=None) for room in rooms]


def _what_beside(entry: Entry, room: Room) -> str:
    if isinstance(entry.event, events.HostsWanted):
        return "hosts_pinged"
    return "host_here" if room.host_absent_since_ms is None else "host_absent"


def _ids(people: list[Person]) -> list[str]:
    return [person.participant_id for person in people]


def _rows(entry: Entry, audience: Audience) -> list[ParticipantView]:
    people = [person for person in entry.people() if person.is_participant and is_told(person, entry.crowd)]
    return [show_participant(person, audience) for person in people]


def _room_changed(entry: Entry, event: events.RoomChanged, audience: Audience) -> Told:
    rooms = [change.record for change in entry.changes if change.kind == "room"]
    return [
        RoomChangedEvent(seq=entry.seq, room=show_room(room), what=event.what, by=event.by)
        for room in rooms
        if isinstance(room, Room)
    ]


def _joined(entry: Entry, event: events.ParticipantsJoined, audience: Audience) -> Told:
    told: Told = []
    joined = _rows(entry, audience)
    if joined:
        told.append(ParticipantsJoinedEvent(seq=entry.seq, participants=joined, admitted=event.admitted, by=event.by))
    if event.admitted and hears_line(audience, entry.crowd):
        told.append(WaitersRemovedEvent(seq=entry.seq, participant_ids=_ids(entry.people()), reason="admitted", by=event.by))
    return told


def _left(entry: Entry, event: events.PeopleLeft, audience: Audience) -> Told:
    told: Told = []
    inside = [person for person in entry.people() if person.state is PersonState.INSIDE and is_told(person, entry.crowd)]
    waiters = [person for person in entry.people() if person.state is not PersonState.INSIDE]
    if inside:
        told.append(ParticipantsLeftEvent(seq=entry.seq, participant_ids=_ids(inside), reason=event.reason, by=event.by))
    if waiters and hears_line(audience, entry.crowd):
        told.append(WaitersRemovedEvent(seq=entry.seq, participant_ids=_ids(waiters), reason="left", by=event.by))
    return told


def _waiters_added(entry: Entry, event: events.Event, audience: Audience) -> Told:
    waiters = [show_waiter(person) for person in entry.people() if person.is_waiter]
    return [WaitersAddedEvent(seq=entry.seq, waiters=waiters)] if waiters and hears_line(audience, entry.crowd) else []


def _declined(entry: Entry, event: events.WaiterDeclined, audience: Audience) -> Told:
    if not hears_line(audience, entry.crowd):
        return []
    return [WaitersRemovedEvent(seq=entry.seq, participant_ids=_ids(entry.people()), reason="declined", by=event.by)]


def _sent_back(entry: Entry, event: events.SentBack, audience: Audience) -> Told:
    gone = ParticipantsLeftEvent(seq=entry.seq, participant_ids=_ids(entry.people()), reason="sent_back", by=event.by)
    return [gone, *_waiters_added(entry, event, audience)]


def _removed(entry: Entry, event: events.ParticipantRemoved, audience: Audience) -> Told:
    reason = "banned" if event.ban else "removed"
    if not event.from_line:
        return [ParticipantsLeftEvent(seq=entry.seq, participant_ids=_ids(entry.people()), reason=reason, by=event.by)]
    if not hears_line(audience, entry.crowd):
        return []
    return [WaitersRemovedEvent(seq=entry.seq, participant_ids=_ids(entry.people()), reason=reason, by=event.by)]


def _came_after_end(entry: Entry, event: events.CameAfterEnd, audience: Audience) -> Told:
    """Nobody is inside an ended room; but who resumes after the session went on hears where everybody was."""
    if not event.from_line:
        return [ParticipantsLeftEvent(seq=entry.seq, participant_ids=_ids(entry.people()), reason="left", by=event.by)]
    if not sees_line(audience):
        return []
    return [WaitersRemovedEvent(seq=entry.seq, participant_ids=_ids(entry.people()), reason="left", by=event.by)]


def _role_changed(entry: Entry, event: events.RoleChanged, audience: Audience) -> Told:
    changed: Told = []
    for person in entry.people():
        was_told, now_told = not entry.crowd.large or event.old in _HOSTS, is_told(person, entry.crowd)
        if not person.is_participant or not (was_told or now_told):
            continue
        row = show_participant(person, audience)
        changed.append(
            ParticipantRoleChangedEvent(seq=entry.seq, participant=row, old_role=event.old, new_role=event.new, by=event.by)
        )
        if not now_told:
            changed.append(ParticipantsHiddenEvent(seq=entry.seq, participant_ids=[person.participant_id]))
    return [*changed, *_waiters_added(entry, event, audience)]


def _rows_changed(entry: Entry, event: events.Event, audience: Audience) -> Told:
    rows = _rows(entry, audience)
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
    if not sees_device_request(audience, invitation):
        return False
    # A claim that went elsewhere takes its question with it; a link that closes may never have had one.
    return what in ("moved", "released") or (
        what in ("device_refused", "revoked", "replaced") and invitation.device_request is not None
    )


def _guest_link_changed(entry: Entry, event: events.GuestLinkChanged, audience: Audience) -> Told:
    told: Told = []
    for link in entry.guest_links() if sees_guest_links(audience) else []:
        if link.is_active:
            shown = show_guest_link(link)
            told.append(GuestLinkChangedEvent(seq=entry.seq, guest_link=shown, what=event.what, by=event.by))
        else:
            told.append(GuestLinkRemovedEvent(seq=entry.seq, guest_link_id=link.guest_link_id, by=event.by))
    return told


def _nothing(entry: Entry, event: events.Event, audience: Audience) -> Told:
    return []


_TELLERS: dict[type[events.Event], Callable[[Entry, Any, Audience], Told]] = {
    events.RoomCreated: _nothing,
    events.RoomChanged: _room_changed,
    events.SessionBegun: _nothing,
    events.PersonIdentified: _rows_changed,
    events.PersonRenamed: _rows_changed,
    events.CameAfterEnd: _came_after_end,
    events.ParticipantsJoined: _joined,
    events.PeopleLeft: _left,
    events.WaitersAdded: _waiters_added,
    events.HostsWanted: _nothing,
    events.WaiterDeclined: _declined,
    events.SentBack: _sent_back,
    events.ParticipantRemoved: _removed,
    events.RoleChanged: _role_changed,
    events.RoleApplied: _nothing,
    events.TabReplaced: _nothing,
    events.HandsChanged: _rows_changed,
    events.InvitationChanged: _invitation_changed,
    events.GuestLinkChanged: _guest_link_changed,
}
