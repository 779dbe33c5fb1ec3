"""Tabs coming and going."""

from __future__ import annotations

from server.actions.services import Services, decide
from server.domain.admission import Door, door_for, waits_for_host
from server.domain.guests import check_guest_stays_welcome
from server.domain.invitation import Device, check_not_withdrawn, device_marks, known_device, was_moved_away
from server.domain.person import Person, PersonState
from server.domain.refusals import (
    InviteMoved,
    InviteReplaced,
    InviteUnknown,
    InviteUsed,
    Refusal,
    RoomDeleted,
    SessionEnded,
    StoreUnavailable,
    TokenInvalid,
)
from server.domain.room import Phase, Room, check_exists
from server.store.facts import Facts
from server.store.scripting import NodeFenced, NotYet
from server.trust.tokens import LobbyClaims, SessionClaims


async def enter(services: Services, claims: SessionClaims, connection_id: str, *, replaces: str | None = None) -> int:
    """A tab of a person connects: into the room, into the line, or to the page that says no.

    Returns the seq that its view must have reached. Repeating it changes nothing.

    Raises:
        TokenInvalid, RoomUnknown, RoomDeleted, SessionEnded, Banned, InviteRevoked, InviteReplaced, InviteMoved,
        InviteUsed, GuestAccessOff, TooManyTabs, LineFull, StoreUnavailable
    """

    async def attempt() -> int:
        invitations = [claims.invitation_id] if claims.invitation_id else []
        facts = await _facts_for(services, claims, invitations, claims.guest_link_id)
        person = facts.people.get(claims.participant_id)
        if person is None:
            raise _nobody(facts.room)
        if person.guest_link_id != claims.guest_link_id:
            facts = await _facts_for(services, claims, invitations, person.guest_link_id)  # they came by another link since
            person = facts.person(claims.participant_id)
        _check_link(facts, claims, let_in=person.state is PersonState.INSIDE or person.admitted)
        guest_link = facts.guest_links.get(person.guest_link_id or "")
        check_guest_stays_welcome(person, facts.room, guest_link, site_wants=services.site_of(facts).guest_access)
        door = door_for(facts.room, person, facts.now_ms)
        return await services.store.tabs.enter(
            claims.room_id, claims.participant_id, connection_id, door=door, replaces=replaces,
            waits_for_host=door is Door.WAIT and waits_for_host(facts.room, person, facts.now_ms),
            device_marks=_marks_of(facts, claims, person),
            seen=facts.seen(claims.participant_id, invitations=invitations),
        )

    try:
        return await decide(attempt)
    except NodeFenced:
        raise StoreUnavailable from None


async def enter_with_link(services: Services, claims: LobbyClaims) -> int:
    """A page whose address is not proven yet connects; it is nobody's presence. Returns the seq that its view must reach.

    Raises:
        RoomUnknown, RoomDeleted, SessionEnded, InviteUnknown, InviteRevoked, InviteReplaced
    """
    facts = await services.store.facts(claims.room_id, invitations=[claims.invitation_id])
    check_exists(facts.room)
    invitation = facts.invitations.get(claims.invitation_id)
    if invitation is None:
        raise SessionEnded if facts.room.session_no > 1 else InviteUnknown
    check_not_withdrawn(invitation)
    if invitation.issue != claims.issue:
        raise InviteReplaced
    return facts.seq


async def check_device(services: Services, claims: SessionClaims) -> None:
    """Refuse a session made from a link whose device has the link no more, at every door that takes no hello.

    Raises:
        TokenInvalid, RoomUnknown, StoreUnavailable
    """
    if claims.invitation_id is None:
        return
    facts = await services.store.facts(claims.room_id, invitations=[claims.invitation_id])
    try:
        _check_link(facts, claims, let_in=True)  # whether they are in is for the use case to say
    except (InviteMoved, InviteUsed) as refusal:
        raise TokenInvalid(refusal.message) from None


async def leave(services: Services, claims: SessionClaims, connection_id: str, *, at_once: bool) -> None:
    """A tab of this node is gone; `at_once`: on purpose, so that no grace is needed."""
    await services.store.tabs.leave(claims.room_id, [(claims.participant_id, connection_id)], at_once=at_once)


async def grace_over(services: Services, room_id: str, participant_id: str) -> None:
    """Somebody's last tab went a grace ago."""
    try:
        await services.store.tabs.gone(room_id, participant_id)
    except NotYet:
        return


async def _facts_for(services: Services, claims: SessionClaims, invitations: list[str], guest_link_id: str | None) -> Facts:
    guest_links = [guest_link_id] if guest_link_id else []
    return await services.store.facts(
        claims.room_id, claims.participant_id, invitations=invitations, guest_links=guest_links
    )


def _marks_of(facts: Facts, claims: SessionClaims, person: Person) -> list[str]:
    """What a ban of anybody on this device has marked; nothing where the site's sign-in brought them."""
    invitation = facts.invitations.get(claims.invitation_id or "")
    if invitation is None:
        return person.device_marks
    device = Device(device_id=claims.device_id or "", key_thumbprint=claims.key_thumbprint)
    recorded = invitation.devices.get(device.device_id) or known_device(invitation, device)
    return device_marks(recorded or device)


def _nobody(room: Room) -> Refusal:
    """What a token says that names somebody whom the room does not know: in a channel's room, of an earlier session."""
    if room.phase is Phase.DELETED:
        return RoomDeleted()
    return SessionEnded() if room.session_no > 1 else TokenInvalid()


def _check_link(facts: Facts, claims: SessionClaims, *, let_in: bool) -> None:
    """A session made from a link is good while its device holds the claim; a link withdrawn puts nobody out who is in."""
    if claims.invitation_id is None:
        return
    invitation = facts.invitations.get(claims.invitation_id)
    if invitation is None:
        raise TokenInvalid
    device = Device(device_id=claims.device_id or "", key_thumbprint=claims.key_thumbprint)
    if was_moved_away(invitation, device):
        raise InviteMoved
    if device.device_id not in invitation.devices and known_device(invitation, device) is None:
        raise InviteUsed
    if not let_in:
        check_not_withdrawn(invitation)
