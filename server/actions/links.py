"""An invitation's link: looking at it uses nothing up, claiming it binds it to a device."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from server.actions.services import Services, decide
from server.actions.sign_in import SignedIn, issue_session
from server.domain.invitation import (
    Device,
    Invitation,
    InvitationStatus,
    check_claim,
    check_claimable,
    check_not_banned,
    check_not_withdrawn,
    device_marks,
    has_free_device,
    known_device,
    normalise_email,
    resembling_device,
    was_moved_away,
)
from server.domain.refusals import BadMessage, EmailMismatch, InviteUnknown, RoomUnknown, TooManyAttempts
from server.domain.roles import highest
from server.domain.room import Room, check_exists
from server.store.facts import Facts
from server.store.scripting import FactsMoved
from server.trust.device_proof import check_claim_proof, thumbprint_of
from server.trust.link_secrets import hash_secret
from server.trust.tokens import LobbyClaims, SessionClaims


class LinkState(StrEnum):
    EMAIL_ENTRY = "email_entry"
    CLAIMED_HERE = "claimed_here"
    USED = "used_on_another_device"
    MOVED = "moved"


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who opens a link: from which network, with which device key and cookie, and what they give as proof.

    `network`: the address, or an IPv6 one's /64. `cookie`: the device cookie. `device_key`: a public JWK.
    """

    network: str
    cookie: str | None = None
    device_key: dict[str, Any] | None = None
    proof: str | None = None
    nonce: str = ""
    email: str | None = None
    site_token: str | None = None

    def device(self) -> Device:
        """Raises: ProofInvalid: the key is no key."""
        thumbprint = thumbprint_of(self.device_key) if self.device_key else None
        cookie_hash = hashlib.sha256(self.cookie.encode()).hexdigest() if self.cookie else None
        device_id = thumbprint or (f"c-{cookie_hash[:32]}" if cookie_hash else f"n-{secrets.token_hex(16)}")
        return Device(device_id=device_id, key_thumbprint=thumbprint, cookie_hash=cookie_hash)


@dataclass(frozen=True, kw_only=True)
class LinkLook:
    state: LinkState
    room: Room
    nonce: str
    lobby_token: str


async def look_at_link(services: Services, room_id: str, secret: str, visitor: Visitor) -> LinkLook:
    """What the page of a link shows first. The link stays unspent, whoever looks, however often.

    Raises:
        InviteUnknown, InviteRevoked, InviteReplaced, RoomDeleted, SessionEnded, InviteExpired
    """
    facts, invitation = await find_link(services, room_id, secret)
    device = visitor.device()
    check_not_withdrawn(invitation)
    check_exists(facts.room)
    state = _state_for(invitation, device)
    if state is LinkState.EMAIL_ENTRY and resembling_device(invitation, device) is None:
        check_claimable(facts.room, invitation, facts.now_ms)
    await _note_opened(services, facts, invitation)
    known = known_device(invitation, device)
    lobby_token, _ = services.tokens.mint_lobby(
        LobbyClaims(
            room_id=room_id, invitation_id=invitation.invitation_id, issue=invitation.issue,
            device_id=(known or device).device_id,
        ),
        facts.now_ms,
    )
    nonce = services.tokens.mint_nonce(room_id, invitation.invitation_id, facts.now_ms)
    return LinkLook(state=state, room=facts.room, nonce=nonce, lobby_token=lobby_token)


async def claim_link(services: Services, room_id: str, secret: str, visitor: Visitor) -> SignedIn:
    """A session for the invited person on this device; the same again for the same device, however often.

    Raises:
        InviteUnknown, InviteRevoked, InviteReplaced, RoomDeleted, SessionEnded, InviteMoved, InviteUsed, InviteExpired,
        EmailMismatch, TooManyAttempts, Banned, ClaimNonceInvalid, ProofInvalid
    """
    counted = False

    async def attempt() -> SignedIn:
        nonlocal counted
        facts, invitation = await find_link(services, room_id, secret, visitor)
        device = _proven_device(services, facts, invitation, visitor)
        check_claim(room=facts.room, invitation=invitation, device=device, now_ms=facts.now_ms)
        known = known_device(invitation, device)
        if known is None and not counted:
            await check_address(services, facts, invitation, visitor)
            counted = True
        person = facts.identified(f"email:{invitation.email}")
        check_not_banned(invitation, person, facts.device_banned_at_ms)
        if known is not None and invitation.participant_id is not None:
            return _session_for(services, facts, invitation, known, visitor, invitation.participant_id)
        return await _claim(services, facts, invitation, device, visitor)

    return await decide(attempt)


async def find_link(
    services: Services, room_id: str, secret: str, visitor: Visitor | None = None
) -> tuple[Facts, Invitation]:
    """The invitation that a secret belongs to: of this room, else there is none.

    Raises:
        InviteUnknown: unknown, mangled, of another room, or no room at all: the same answer.
    """
    marks = device_marks(visitor.device()) if visitor else []
    try:
        facts = await services.store.facts(room_id, secret_hash=hash_secret(secret), device_marks=marks)
    except RoomUnknown:
        raise InviteUnknown from None
    if not facts.invitations:
        raise InviteUnknown
    return facts, next(iter(facts.invitations.values()))


async def check_address(services: Services, facts: Facts, invitation: Invitation, visitor: Visitor) -> None:
    """Refuse any address but the invited one. After too many wrong ones from a network even the right one is not taken, so
    that no guess is free.

    Raises:
        EmailMismatch, TooManyAttempts, TokenInvalid, TokenExpired
    """
    settings = services.settings
    given = _given_address(services, facts, visitor)
    is_right = hmac.compare_digest(given.encode(), invitation.email.encode())
    is_taken = await services.store.invitations.take_attempt(
        facts.room.room_id, invitation.invitation_id, visitor.network,
        is_right=is_right, most_wrong=settings.claim_failures, window_s=settings.claim_window_s,
    )
    if not is_taken:
        raise TooManyAttempts(retry_after_ms=settings.claim_window_s * 1000)
    if not is_right:
        raise EmailMismatch


def _given_address(services: Services, facts: Facts, visitor: Visitor) -> str:
    if visitor.site_token:
        return services.site_tokens.read(visitor.site_token, facts.now_ms).email or ""
    try:
        return normalise_email(visitor.email or "")
    except BadMessage:
        return ""


def _state_for(invitation: Invitation, device: Device) -> LinkState:
    if known_device(invitation, device):
        return LinkState.CLAIMED_HERE
    if resembling_device(invitation, device) or has_free_device(invitation):
        return LinkState.EMAIL_ENTRY
    return LinkState.MOVED if was_moved_away(invitation, device) else LinkState.USED


def _proven_device(services: Services, facts: Facts, invitation: Invitation, visitor: Visitor) -> Device:
    services.tokens.check_nonce(visitor.nonce, facts.room.room_id, invitation.invitation_id, facts.now_ms)
    device = visitor.device()
    if visitor.device_key is not None:
        check_claim_proof(visitor.device_key, visitor.nonce, visitor.proof or "")
    return device


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
        seen=facts.seen(), request_id=None,
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
