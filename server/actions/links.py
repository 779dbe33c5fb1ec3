"""An invitation's link: looking at it uses nothing up, claiming it binds it to a device."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from enum import StrEnum

from server.actions.audit import Trail, keeping_refusals
from server.actions.services import Services, decide
from server.actions.sign_in import SignedIn, issue_session
from server.actions.visitors import Visitor, check_proof, find_link, proven_device
from server.domain.domain_rules import check_domain
from server.domain.invitation import (
    Device,
    Invitation,
    InvitationStatus,
    check_claim,
    check_claimable,
    check_not_banned,
    check_not_withdrawn,
    has_free_device,
    known_device,
    resembling_device,
    was_moved_away,
)
from server.domain.person import Person
from server.domain.reopening import check_open_to
from server.domain.roles import highest
from server.domain.room import ClaimProof, Room
from server.store.facts import Facts
from server.store.scripting import FactsMoved
from server.trust.tokens import LobbyClaims, SessionClaims


class LinkState(StrEnum):
    EMAIL_ENTRY = "email_entry"
    CLAIMED_HERE = "claimed_here"
    USED = "used_on_another_device"
    MOVED = "moved"


@dataclass(frozen=True, kw_only=True)
class LinkLook:
    state: LinkState
    room: Room
    nonce: str
    lobby_token: str
    email_proof: ClaimProof


async def look_at_link(services: Services, room_id: str, secret: str, visitor: Visitor) -> LinkLook:
    """What the page of a link shows first. The link stays unspent, whoever looks, however often.

    Raises:
        InviteUnknown, InviteRevoked, InviteReplaced, RoomDeleted, SessionEnded, InviteExpired
    """
    async with keeping_refusals(services, room_id, "look", visitor.network) as trail:
        return await _look(services, room_id, secret, visitor, trail)


async def _look(services: Services, room_id: str, secret: str, visitor: Visitor, trail: Trail) -> LinkLook:
    facts, invitation = await find_link(services, room_id, secret)
    trail.invitation_id = invitation.invitation_id
    device = visitor.device()
    trail.device_id = device.device_id
    person = facts.identified(f"email:{invitation.email}")
    state = link_state(room=facts.room, invitation=invitation, device=device, person=person, now_ms=facts.now_ms)
    await _note_opened(services, facts, invitation)
    known, resembled = known_device(invitation, device), resembling_device(invitation, device)
    lobby_token, _ = services.tokens.mint_lobby(
        LobbyClaims(
            room_id=room_id, invitation_id=invitation.invitation_id, issue=invitation.issue,
            device_id=(known or device).device_id, resembled_id=resembled.device_id if resembled and not known else None,
        ),
        facts.now_ms,
    )
    nonce = services.tokens.mint_nonce(room_id, invitation.invitation_id, facts.now_ms)
    return LinkLook(state=state, room=facts.room, nonce=nonce, lobby_token=lobby_token, email_proof=invitation.email_proof)


async def claim_link(services: Services, room_id: str, secret: str, visitor: Visitor) -> SignedIn:
    """A session for the invited person on this device; the same again for the same device, however often.

    The domain rules hold for the invited address, and are spoken of to nobody but whoever has given it.

    Raises:
        InviteUnknown, InviteRevoked, InviteReplaced, RoomDeleted, SessionEnded, InviteMoved, InviteUsed, InviteExpired,
        EmailMismatch, CodeRequired, CodeMismatch, TooManyAttempts, Banned, ClaimNonceInvalid, ProofInvalid, Unconfirmed
    """
    async with keeping_refusals(services, room_id, "claim", visitor.network) as trail:
        return await _claim_link(services, room_id, secret, visitor, trail)


async def _claim_link(services: Services, room_id: str, secret: str, visitor: Visitor, trail: Trail) -> SignedIn:
    counted = False

    async def attempt() -> SignedIn:
        nonlocal counted
        facts, invitation = await find_link(services, room_id, secret, visitor)
        trail.invitation_id = invitation.invitation_id
        device = proven_device(services, facts, invitation, visitor)
        trail.device_id = device.device_id
        person = facts.identified(f"email:{invitation.email}")
        check_claim(room=facts.room, invitation=invitation, device=device, now_ms=facts.now_ms, person=person)
        known = known_device(invitation, device)
        if known is None and not counted:
            await check_proof(services, facts, invitation, visitor)
            counted = True
        if known is None:
            check_domain(invitation.email, services.site_of(facts), facts.room)
        check_not_banned(invitation, person, facts.device_banned_at_ms)
        if known is not None and invitation.participant_id is not None:
            await services.store.invitations.confirm_claim(room_id, invitation.invitation_id, known)
            return _session_for(services, facts, invitation, known, visitor, invitation.participant_id)
        return await _claim(services, facts, invitation, device, visitor)

    return await decide(attempt)


def link_state(*, room: Room, invitation: Invitation, device: Device, person: Person | None, now_ms: int) -> LinkState:
    """What a link is to `device`, opened now. `person`: whose link it is, if they are known.

    Raises:
        InviteRevoked, InviteReplaced, RoomDeleted, SessionEnded, InviteExpired
    """
    check_not_withdrawn(invitation)
    check_open_to(room, person if known_device(invitation, device) else None, now_ms)
    state = _state_for(invitation, device)
    if state is LinkState.EMAIL_ENTRY and resembling_device(invitation, device) is None:
        check_claimable(room, invitation, now_ms)
    return state


def _state_for(invitation: Invitation, device: Device) -> LinkState:
    if known_device(invitation, device):
        return LinkState.CLAIMED_HERE
    if resembling_device(invitation, device) or has_free_device(invitation):
        return LinkState.EMAIL_ENTRY
    return LinkState.MOVED if was_moved_away(invitation, device) else LinkState.USED


async def _note_opened(services: Services, facts: Facts, invitation: Invitation) -> None:
    if invitation.status is not InvitationStatus.CREATED:
        return
    opened = replace(invitation, status=InvitationStatus.OPENED, opened_at_ms=facts.now_ms)
    seen = facts.seen(room=False, invitations=[invitation.invitation_id])
    try:
        await services.store.invitations.put(facts.room.room_id, opened, what="opened", by=None, seen=seen, request_id=None)
    except FactsMoved:
        return  # somebody else's look, or a change that says more, came first


async def _claim(
    services: Services, facts: Facts, invitation: Invitation, device: Device, visitor: Visitor
) -> SignedIn:
    identity = f"email:{invitation.email}"
    person = facts.identified(identity)
    resembled = resembling_device(invitation, device)
    if resembled is not None:
        device = replace(device, device_id=resembled.device_id, key_thumbprint=device.key_thumbprint or resembled.key_thumbprint)
    answer = await services.store.invitations.claim(
        facts.room.room_id, invitation, device,
        participant_id=person.participant_id if person else "p" + secrets.token_hex(8), identity=identity,
        old_role=person.role if person else None,
        role=highest(person.role, invitation.role) if person else invitation.role,
        seen=facts.seen(site=True), request_id=None,
    )
    return _session_for(services, facts, invitation, device, visitor, answer["participant_id"])


def _session_for(
    services: Services, facts: Facts, invitation: Invitation, recorded: Device, visitor: Visitor, participant_id: str
) -> SignedIn:
    """A session bound to the key shown now, where there is one; recognised by the cookie alone it is bound to nothing."""
    claims = SessionClaims(
        room_id=facts.room.room_id, participant_id=participant_id, invitation_id=invitation.invitation_id,
        device_id=recorded.device_id, key_thumbprint=visitor.device().key_thumbprint, public_key=visitor.device_key,
    )
    return issue_session(services, facts.room, claims)
