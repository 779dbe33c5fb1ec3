"""Tabs coming and going."""

from __future__ import annotations

from server.actions.services import Services, decide
from server.domain.admission import door_for
from server.domain.invitation import Device, check_not_withdrawn, known_device, was_moved_away
from server.domain.person import PersonState
from server.domain.refusals import InviteMoved, InviteReplaced, InviteUnknown, InviteUsed, StoreUnavailable, TokenInvalid
from server.domain.room import check_exists
from server.store.facts import Facts
from server.store.scripting import NodeFenced, NotYet
from server.trust.tokens import LobbyClaims, SessionClaims


async def enter(services: Services, claims: SessionClaims, connection_id: str, *, replaces: str | None = None) -> int:
    """A tab of a person connects: into the room, into the line, or to the page that says no.

    Returns the seq that its view must have reached. Repeating it changes nothing.

    Raises:
        TokenInvalid, RoomUnknown, RoomDeleted, SessionEnded, Banned, InviteRevoked, InviteReplaced, InviteMoved,
        InviteUsed, TooManyTabs, LineFull, StoreUnavailable
    """

    async def attempt() -> int:
        invitations = [claims.invitation_id] if claims.invitation_id else []
        facts = await services.store.facts(claims.room_id, claims.participant_id, invitations=invitations)
        person = facts.people.get(claims.participant_id)
        if person is None:
            raise TokenInvalid
        _check_link(facts, claims, inside=person.state is PersonState.INSIDE)
        door = door_for(facts.room, person, facts.now_ms)
        return await services.store.tabs.enter(
            claims.room_id, claims.participant_id, connection_id, door=door, replaces=replaces,
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
        raise InviteUnknown
    check_not_withdrawn(invitation)
    if invitation.issue != claims.issue:
        raise InviteReplaced
    return facts.seq


async def leave(services: Services, claims: SessionClaims, connection_id: str, *, at_once: bool) -> None:
    """A tab of this node is gone; `at_once`: on purpose, so that no grace is needed."""
    await services.store.tabs.leave(claims.room_id, [(claims.participant_id, connection_id)], at_once=at_once)


async def grace_over(services: Services, room_id: str, participant_id: str) -> None:
    """Somebody's last tab went a grace ago."""
    try:
        await services.store.tabs.gone(room_id, participant_id)
    except NotYet:
        return


def _check_link(facts: Facts, claims: SessionClaims, *, inside: bool) -> None:
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
    if not inside:
        check_not_withdrawn(invitation)
