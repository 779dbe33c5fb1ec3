"""What an invitation's link would show now, for its manager. Nothing is spent, opened or kept: it asks the rules that the link
itself asks, on a copy of the room."""

from __future__ import annotations

from dataclasses import dataclass, replace

from server.actions.links import LinkState, link_state
from server.actions.services import Request, Services, check_actor
from server.domain.admission import Door, LobbyState, door_for, lobby_state_for
from server.domain.contents import RoomContents
from server.domain.domain_rules import check_domain
from server.domain.invitation import (
    Device,
    Invitation,
    check_claim,
    check_not_banned,
    device_marks,
    known_device,
)
from server.domain.person import Person, PersonState
from server.domain.refusals import InvitationUnknown, Refusal
from server.domain.roles import Permission, check_permission, highest
from server.domain.site import Site
from server.store.facts import Facts

# Ids that no device and no person has.
NEW_DEVICE_ID, NEW_PERSON_ID = "new-device", "new-person"
_LAST_IN_LINE = 10**12


@dataclass(frozen=True, kw_only=True)
class LinkPreview:
    """`refusal`: what opening the link is answered; else `state`: what it is to `device`. `claim_refusal`: what the right
    address is answered there; else `person`: who would come of it, among the people of `contents`. `door`: what it does to
    them."""

    contents: RoomContents
    invitation: Invitation
    device: Device
    refusal: Refusal | None = None
    state: LinkState | None = None
    claim_refusal: Refusal | None = None
    person: Person | None = None
    door: Door | None = None

    def is_let_in(self, *, has_seat: bool) -> bool:
        """Whether the claim leads straight into the room."""
        if self.person is None or self.door is not Door.ENTER:
            return False
        now_ms = self.contents.now_ms
        state = lobby_state_for(self.contents.room, self.person, now_ms, has_seat=has_seat)
        return self.person.has_seat(now_ms) or state is LobbyState.ENTERING


async def preview_link(services: Services, request: Request, invitation_id: str, *, elsewhere: bool) -> LinkPreview:
    """What the invitee's own device would show: the newest that has claimed the link, or the first one to open it; with
    `elsewhere`: any other device.

    Raises:
        RoomUnknown, NotInside, RoleForbidden, InvitationUnknown
    """
    facts = await services.store.facts(request.room_id, *request.people(), invitations=[invitation_id])
    check_permission(check_actor(facts, request).role, Permission.MANAGE_INVITATIONS)
    contents = await services.store.rooms.load(request.room_id)
    invitation = contents.invitations.get(invitation_id)
    if invitation is None:
        raise InvitationUnknown
    device = Device(device_id=NEW_DEVICE_ID) if elsewhere else newest_device(invitation)
    facts = await services.store.facts(
        request.room_id, identities=[f"email:{invitation.email}"], device_marks=device_marks(device)
    )
    return preview(contents, invitation, device, facts, services.site_of(facts))


def preview(contents: RoomContents, invitation: Invitation, device: Device, facts: Facts, site: Site) -> LinkPreview:
    """`facts`: who has the invited address already, and whether the device is banned."""
    room, now_ms = contents.room, contents.now_ms
    person = facts.identified(f"email:{invitation.email}")
    found = LinkPreview(contents=contents, invitation=invitation, device=device)
    try:
        state = link_state(room=room, invitation=invitation, device=device, person=person, now_ms=now_ms)
    except Refusal as refusal:
        return replace(found, refusal=refusal)
    found = replace(found, state=state)
    try:
        check_claim(room=room, invitation=invitation, device=device, now_ms=now_ms, person=person)
        if known_device(invitation, device) is None:
            check_domain(invitation.email, site, room)
        check_not_banned(invitation, person, facts.device_banned_at_ms)
        comer = _claimed_by(invitation, person)
        return _arrived(found, comer, door_for(room, comer, now_ms))
    except Refusal as refusal:
        return replace(found, claim_refusal=refusal)


def newest_device(invitation: Invitation) -> Device:
    """The device that claimed the link last, else one that nobody has seen."""
    if not invitation.devices:
        return Device(device_id=NEW_DEVICE_ID)
    return max(invitation.devices.values(), key=lambda device: device.claimed_at_ms)


def _claimed_by(invitation: Invitation, person: Person | None) -> Person:
    """Whoever a claim makes of the invitee. One who was banned before this invitation is only known after it."""
    if person is None:
        return Person(
            participant_id=NEW_PERSON_ID, name=invitation.name, role=invitation.role, invitation_id=invitation.invitation_id
        )
    comer = replace(person, role=highest(person.role, invitation.role))
    return replace(comer, state=PersonState.KNOWN, hold=None) if person.state is PersonState.BANNED else comer


def _arrived(found: LinkPreview, person: Person, door: Door) -> LinkPreview:
    """With the person where the door leaves them. Whoever has no seat yet stands at the end of the line, even if only until
    one is found."""
    if door in (Door.ENTER, Door.WAIT) and not person.has_seat(found.contents.now_ms):
        line_no = person.line_no if person.is_waiter else _LAST_IN_LINE
        person = replace(person, state=PersonState.WAITING, present=True, line_no=line_no)
    people = {**found.contents.people, person.participant_id: person}
    return replace(found, contents=replace(found.contents, people=people), person=person, door=door)
