"""From records to what a tab sees of them."""

from __future__ import annotations

from server.domain.contents import RoomContents
from server.domain.invitation import Invitation
from server.domain.person import Person
from server.domain.roles import permissions_of
from server.domain.room import Room
from server.wire.audiences import (
    Audience,
    has_open_request,
    sees_addresses,
    sees_device_request,
    sees_invitations,
    sees_line,
)
from server.wire.views import (
    DeviceRequestView,
    InvitationView,
    LobbyRoomView,
    ParticipantView,
    RoomView,
    SnapshotView,
    WaiterView,
    YouView,
)


def show_room(room: Room) -> RoomView:
    return RoomView(
        room_id=room.room_id,
        title=room.title,
        description=room.description,
        phase=room.phase,
        opens=room.opens,
        locked=room.locked,
        starts_at_ms=room.starts_at_ms,
        ends_at_ms=room.ends_at_ms,
        opened_at_ms=room.opened_at_ms,
        lobby_message=room.lobby_message,
        rev=room.rev,
    )


def show_room_outside(room: Room, *, proven: bool) -> LobbyRoomView:
    """The description only for those who have proven their address."""
    return LobbyRoomView(
        room_id=room.room_id,
        title=room.title,
        description=room.description if proven else None,
        phase=room.phase,
        opens=room.opens,
        starts_at_ms=room.starts_at_ms,
    )


def show_participant(person: Person, audience: Audience) -> ParticipantView:
    return ParticipantView(
        participant_id=person.participant_id,
        name=person.name,
        role=person.role,
        standing=person.standing,
        joined_at_ms=person.joined_at_ms,
        hand_raised_at_ms=person.hand_raised_at_ms,
        unverified=person.email_proof is None,
        email=person.email if sees_addresses(audience) else None,
    )


def show_waiter(person: Person) -> WaiterView:
    return WaiterView(
        participant_id=person.participant_id,
        name=person.name,
        role=person.role,
        email=person.email,
        unverified=person.email_proof is None,
        waiting_since_ms=person.waiting_since_ms or 0,
        line_no=person.line_no or 0,
        hold=person.hold,
    )


def show_invitation(invitation: Invitation) -> InvitationView:
    return InvitationView(
        invitation_id=invitation.invitation_id,
        email=invitation.email,
        first_name=invitation.first_name,
        last_name=invitation.last_name,
        role=invitation.role,
        status=invitation.status,
        issue=invitation.issue,
        link_devices=invitation.link_devices,
        devices=len(invitation.devices),
        created_at_ms=invitation.created_at_ms,
        expires_at_ms=invitation.expires_at_ms,
        opened_at_ms=invitation.opened_at_ms,
        claimed_at_ms=invitation.claimed_at_ms,
        participant_id=invitation.participant_id,
    )


def show_device_request(invitation: Invitation, audience: Audience) -> DeviceRequestView:
    """Only for an invitation with an open request. The invited address is for managers."""
    request = invitation.device_request
    assert request is not None
    return DeviceRequestView(
        invitation_id=invitation.invitation_id,
        request_id=request.request_id,
        name=invitation.name,
        email=invitation.email if sees_addresses(audience) else None,
        role=invitation.role,
        label=request.label,
        asked_at_ms=request.asked_at_ms,
    )


def show_you(person: Person) -> YouView:
    return YouView(
        participant_id=person.participant_id,
        name=person.name,
        role=person.role,
        standing=person.standing,
        role_rev=person.role_rev,
        permissions=permissions_of(person.role),
        state=person.state,
    )


UNPROVEN = YouView(participant_id=None, name=None, role=None, standing=None, role_rev=0, permissions=[], state="unproven")


def show_waiters(contents: RoomContents) -> list[WaiterView]:
    return [show_waiter(person) for person in contents.line()]


def show_device_requests(contents: RoomContents, audience: Audience) -> list[DeviceRequestView]:
    asked = [i for i in contents.invitations.values() if has_open_request(i) and sees_device_request(audience, i)]
    return [show_device_request(invitation, audience) for invitation in sorted(asked, key=lambda i: i.invitation_id)]


def show_snapshot(contents: RoomContents, audience: Audience) -> SnapshotView:
    """The room whole, as `audience` sees it."""
    participants = sorted(contents.participants(), key=lambda person: person.participant_id)
    invitations = sorted(contents.invitations.values(), key=lambda invitation: invitation.invitation_id)
    return SnapshotView(
        seq=contents.seq,
        room=show_room(contents.room),
        participants=[show_participant(person, audience) for person in participants],
        waiters=show_waiters(contents) if sees_line(audience) else None,
        device_requests=show_device_requests(contents, audience) if sees_line(audience) else None,
        invitations=[show_invitation(invitation) for invitation in invitations] if sees_invitations(audience) else None,
    )

