"""Who stands at a link, and what proves that it is for them: possession, a device, the invited address, a mailed code."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass
from typing import Any

from server.actions.services import Services
from server.domain.invitation import Device, Invitation, device_marks
from server.domain.refusals import (
    BadMessage,
    CodeMismatch,
    CodeRequired,
    EmailMismatch,
    InviteUnknown,
    Refusal,
    RoomDeleted,
    RoomUnknown,
    SessionEnded,
    TooManyAttempts,
)
from server.domain.room import ClaimProof, Phase
from server.store.facts import Facts
from server.trust.device_proof import check_claim_proof, thumbprint_of
from server.trust.domain_names import normalise_address
from server.trust.link_secrets import hash_secret

logger = logging.getLogger(__name__)

CODE_GOOD_FOR_MS = 600_000
TRIES_PER_CODE = 10
# So many wrong guesses at one link within `claim_window_s`, from wherever, and each further answer takes so long.
SLOW_FROM, SLOW_S = 50, 1.0


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
    code: str | None = None

    def device(self) -> Device:
        """Raises: ProofInvalid: the key is no key."""
        thumbprint = thumbprint_of(self.device_key) if self.device_key else None
        cookie_hash = hashlib.sha256(self.cookie.encode()).hexdigest() if self.cookie else None
        device_id = thumbprint or (f"c-{cookie_hash[:32]}" if cookie_hash else f"n-{secrets.token_hex(16)}")
        return Device(device_id=device_id, key_thumbprint=thumbprint, cookie_hash=cookie_hash)


async def find_link(
    services: Services, room_id: str, secret: str, visitor: Visitor | None = None
) -> tuple[Facts, Invitation]:
    """The invitation that a secret belongs to: of this room, else there is none.

    Raises:
        InviteUnknown: unknown, mangled, of another room, or no room at all: the same answer.
        SessionEnded, RoomDeleted: it was a link of an earlier session.
    """
    marks = device_marks(visitor.device()) if visitor else []
    try:
        facts = await services.store.facts(room_id, secret_hash=hash_secret(secret), device_marks=marks)
    except RoomUnknown:
        raise InviteUnknown from None
    if not facts.invitations:
        raise await _no_invitation(services, facts, secret)
    return facts, next(iter(facts.invitations.values()))


async def _no_invitation(services: Services, facts: Facts, secret: str) -> Refusal:
    """What a secret is told that finds no invitation: one of an earlier session is known to have been one."""
    if facts.room.session_no > 1 and await services.store.invitations.is_past(facts.room.room_id, hash_secret(secret)):
        return RoomDeleted() if facts.room.phase is Phase.DELETED else SessionEnded()
    return InviteUnknown()


async def check_address(services: Services, facts: Facts, invitation: Invitation, visitor: Visitor) -> None:
    """Refuse any address but the invited one. After too many wrong ones from a network even the right one is not taken, so
    that no guess is free.

    Raises:
        EmailMismatch, TooManyAttempts, TokenInvalid, TokenExpired
    """
    given = given_address(services, facts, visitor)
    is_right = hmac.compare_digest(given.encode(), invitation.email.encode())
    await _take_guess(services, facts, invitation, visitor, is_right=is_right)
    if not is_right:
        raise EmailMismatch


def given_address(services: Services, facts: Facts, visitor: Visitor) -> str:
    if visitor.site_token:
        return services.site_tokens.read(visitor.site_token, facts.now_ms).email or ""
    try:
        return normalise_address(visitor.email or "")
    except BadMessage:
        return ""


def proven_device(services: Services, facts: Facts, invitation: Invitation, visitor: Visitor) -> Device:
    services.tokens.check_nonce(visitor.nonce, facts.room.room_id, invitation.invitation_id, facts.now_ms)
    device = visitor.device()
    if visitor.device_key is not None:
        check_claim_proof(visitor.device_key, visitor.nonce, visitor.proof or "")
    return device


async def check_proof(services: Services, facts: Facts, invitation: Invitation, visitor: Visitor) -> None:
    """Refuse whoever has not proven the invited address as the invitation asks for: typed, or with a mailed code beside. The
    site's sign-in proves it in either case.

    Raises:
        EmailMismatch, CodeRequired, CodeMismatch, TooManyAttempts, TokenInvalid, TokenExpired
    """
    if invitation.email_proof is ClaimProof.TYPED or visitor.site_token:
        await check_address(services, facts, invitation, visitor)
        return
    if not visitor.code:
        raise CodeRequired
    await _check_code(services, facts, invitation, visitor, visitor.code)


async def _check_code(services: Services, facts: Facts, invitation: Invitation, visitor: Visitor, code: str) -> None:
    """One answer for a wrong address and a wrong code: neither may be tried without the other."""
    room_id = facts.room.room_id
    is_address = hmac.compare_digest(given_address(services, facts, visitor).encode(), invitation.email.encode())
    # Whoever has the link alone must not be able to use up the tries of the invited person.
    issued_at_ms = await services.store.codes.take_try(
        room_id, invitation.invitation_id, good_for_ms=CODE_GOOD_FOR_MS, most=TRIES_PER_CODE, counts=is_address
    )
    expected = services.links.code_for(room_id, invitation, issued_at_ms)
    is_code = hmac.compare_digest(code.encode(), expected.encode())
    is_right = issued_at_ms > 0 and is_code and is_address
    await _take_guess(services, facts, invitation, visitor, is_right=is_right)
    if not is_right or not await services.store.codes.spend(room_id, invitation.invitation_id, issued_at_ms):
        raise CodeMismatch


async def _take_guess(
    services: Services, facts: Facts, invitation: Invitation, visitor: Visitor, *, is_right: bool
) -> None:
    """Count a guess. From one network there are few; from many of them each answer takes its time, the right one as well, and
    the operator hears of it, but nobody is refused: the invited person may be anywhere.

    Raises:
        TooManyAttempts
    """
    settings = services.settings
    is_taken, wrong = await services.store.invitations.take_guess(
        facts.room.room_id, invitation.invitation_id, visitor.network,
        is_right=is_right, most_wrong=settings.claim_failures, window_s=settings.claim_window_s,
    )
    if wrong == SLOW_FROM and not is_right:
        logger.warning("room %s: somebody guesses at invitation %s", facts.room.room_id, invitation.invitation_id)
    if wrong >= SLOW_FROM:
        await asyncio.sleep(SLOW_S)
    if not is_taken:
        raise TooManyAttempts(retry_after_ms=settings.claim_window_s * 1000)
