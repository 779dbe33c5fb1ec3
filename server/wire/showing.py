"""From records to what a tab sees of them."""

from __future__ import annotations

import msgspec

from server.domain.audit import AuditLine, RefusalLine, shorten_device
from server.domain.contents import RoomContents
from server.domain.guests import GuestLink
from server.domain.invitation import Device, Invitation
from server.domain.mail import MailState
from server.domain.person import Person
from server.domain.roles import permissions_of
from server.domain.room import Room, host_absence_ends_at_ms, planned_end_ms
from server.domain.site import Site
from server.domain.stages import good_until_ms, stage_at, stage_of
from server.wire.audiences import (
    Audience,
    has_open_request,
    hears_line,
    is_told,
    sees_addresses,
    sees_device_request,
    sees_guest_links,
    sees_invitations,
    sees_line,
)
from server.wire.views import (
    AuditLineView,
    DeviceRequestView,
    DeviceView,
    Features,
    GuestLinkView,
    InvitationPresenceView,
    InvitationRowView,
    InvitationView,
    LobbyRoomView,
    MailView,
    ParticipantView,
    RefusalLineView,
    RoomView,
    SnapshotView,
    SubjectView,
    WaiterView,
    YouView,
)


def show_room(room: Room) -> RoomView:
    return RoomView(
        room_id=room.room_id,
        title=room.title,
        description=room.description,
        kind=room.kind,
        session_no=room.session_no,
        cnc=room.cnc,
        moderators_invite=room.moderators_invite,
        speakers_initiate=room.speakers_initiate,
        rename=room.rename,
        phase=room.phase,
        opens=room.opens,
        locked=room.locked,
        starts_at_ms=room.starts_at_ms,
        ends_at_ms=room.ends_at_ms,
        opened_at_ms=room.opened_at_ms,
        links_good_until_ms=planned_end_ms(room),
        capacity=room.capacity,
        host_absence_s=room.host_absence_s,
        host_absence_ends_at_ms=host_absence_ends_at_ms(room),
        ended_because=room.ended_because,
        lobby_message=room.lobby_message,
        guest_access=room.guest_access,
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


def show_features(site: Site, *, email: bool) -> Features:
    """`email`: whether this node has somebody to give mails to."""
    return Features(invite_to_media=site.invite_to_media, email=email, guest_access=site.guest_access)


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
        claimed_email=person.claimed_email if sees_addresses(audience) else None,
    )


def show_waiter(person: Person) -> WaiterView:
    return WaiterView(
        participant_id=person.participant_id,
        name=person.name,
        role=person.role,
        email=person.email,
        claimed_email=person.claimed_email,
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
        role=invitation.role_now,
        invited_role=invitation.role,
        status=invitation.status,
        stage=stage_of(invitation),
        person_state=invitation.person_state,
        issue=invitation.issue,
        link_devices=invitation.link_devices,
        devices=len(invitation.devices),
        created_at_ms=invitation.created_at_ms,
        expires_at_ms=invitation.expires_at_ms,
        opened_at_ms=invitation.opened_at_ms,
        claimed_at_ms=invitation.claimed_at_ms,
        came_at_ms=invitation.came_at_ms,
        last_device_at_ms=max((device.claimed_at_ms for device in invitation.devices.values()), default=None),
        moved_at_ms=max(invitation.moved_devices.values(), default=None),
        reminded_at_ms=invitation.reminded_at_ms,
        participant_id=invitation.participant_id,
        mail=show_mail(invitation.mail) if invitation.mail else None,
    )


def show_mail(mail: MailState) -> MailView:
    return MailView(
        mail_id=mail.mail_id, kind=mail.kind, status=mail.status, at_ms=mail.at_ms, tries=mail.tries, error=mail.error
    )


def show_invitation_row(invitation: Invitation, room: Room, now_ms: int) -> InvitationRowView:
    shown = msgspec.structs.asdict(show_invitation(invitation))
    shown |= {"stage": stage_at(invitation, room, now_ms), "expires_at_ms": good_until_ms(invitation, room)}
    devices = sorted(invitation.devices.values(), key=lambda device: device.claimed_at_ms)
    return InvitationRowView(
        **shown,
        device_list=[_show_device(device) for device in devices],
        device_request=show_device_request(invitation, Audience.MANAGERS) if has_open_request(invitation) else None,
    )


def _show_device(device: Device) -> DeviceView:
    return DeviceView(
        device_id=shorten_device(device.device_id), claimed_at_ms=device.claimed_at_ms, has_key=device.key_thumbprint is not None
    )


def show_presence(invitation: Invitation) -> InvitationPresenceView:
    return InvitationPresenceView(
        invitation_id=invitation.invitation_id,
        role=invitation.role_now,
        stage=stage_of(invitation),
        person_state=invitation.person_state,
        came_at_ms=invitation.came_at_ms,
    )


def show_guest_link(link: GuestLink) -> GuestLinkView:
    return GuestLinkView(
        guest_link_id=link.guest_link_id,
        name=link.name,
        clicks=link.clicks,
        max_clicks=link.max_clicks,
        expires_at_ms=link.expires_at_ms,
        created_at_ms=link.created_at_ms,
        created_by=link.created_by,
    )


def show_guest_links(contents: RoomContents) -> list[GuestLinkView]:
    """Those that are on; one switched off is off for good."""
    active = [link for link in contents.guest_links.values() if link.is_active]
    return [show_guest_link(link) for link in sorted(active, key=lambda link: link.guest_link_id)]


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


def show_you(person: Person, room: Room) -> YouView:
    return YouView(
        participant_id=person.participant_id,
        name=person.name,
        role=person.role,
        standing=person.standing,
        role_rev=person.role_rev,
        permissions=permissions_of(person.role, room),
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
    crowd = contents.crowd
    participants = sorted(
        (person for person in contents.participants() if is_told(person, crowd)), key=lambda person: person.participant_id
    )
    invitations = sorted(contents.invitations.values(), key=lambda invitation: invitation.invitation_id)
    return SnapshotView(
        seq=contents.seq,
        large=crowd.large,
        room=show_room(contents.room),
        participants=[show_participant(person, audience) for person in participants],
        waiters=show_waiters(contents) if hears_line(audience, crowd) else None,
        device_requests=show_device_requests(contents, audience) if sees_line(audience) else None,
        invitations=[show_invitation(invitation) for invitation in invitations] if sees_invitations(audience) else None,
        guest_links=show_guest_links(contents) if sees_guest_links(audience) else None,
    )


def show_audit_line(line: AuditLine) -> AuditLineView:
    return AuditLineView(
        seq=line.seq,
        at_ms=line.at_ms,
        name=line.name,
        by=line.by,
        details=line.details,
        subjects=[SubjectView(kind=kind, id=record_id) for kind, record_id in line.subjects],
    )


def show_refusal_line(line: RefusalLine) -> RefusalLineView:
    return RefusalLineView(
        at_ms=line.at_ms,
        door=line.door,
        code=line.code,
        network=line.network,
        invitation_id=line.invitation_id,
        participant_id=line.participant_id,
        device_id=line.device_id,
    )
