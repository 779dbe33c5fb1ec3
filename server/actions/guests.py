"""Guests at the door: looking at a guest link, and coming in by it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum

from server.actions.audit import Trail, keeping_refusals
from server.actions.services import Services, decide
from server.actions.sign_in import SignedIn, issue_session
from server.actions.visitors import Visitor
from server.domain.domain_rules import check_domain
from server.domain.guests import (
    GuestLink,
    check_guest_not_banned,
    check_guest_stays_welcome,
    check_guests_wanted,
    check_new_guest,
    needs_click,
)
from server.domain.invitation import Device, device_marks
from server.domain.person import Person
from server.domain.refusals import BadMessage, InviteUnknown, RoomUnknown
from server.domain.reopening import check_open_to
from server.domain.room import Room
from server.store.facts import Facts
from server.trust.device_proof import check_claim_proof
from server.trust.domain_names import normalise_address
from server.trust.link_secrets import hash_secret
from server.trust.site_tokens import clean_name
from server.trust.tokens import SessionClaims


class GuestLinkState(StrEnum):
    GUEST_ENTRY = "guest_entry"
    KNOWN_HERE = "known_here"  # this device came in before: nothing need be typed again


@dataclass(frozen=True, kw_only=True)
class GuestLook:
    state: GuestLinkState
    room: Room
    nonce: str


async def look_at_guest_link(services: Services, room_id: str, secret: str, visitor: Visitor) -> GuestLook:
    """What the page of a guest link shows first. No click is spent, whoever looks, however often.

    Raises:
        InviteUnknown, InviteRevoked, GuestAccessOff, RoomDeleted, SessionEnded, Banned, InviteExpired, GuestLinkFull
    """
    async with keeping_refusals(services, room_id, "guest_look", visitor.network) as trail:
        facts, link = await _find(services, room_id, secret, visitor.device(), trail)
        known = _check_welcome(services, facts, link, visitor.device())
        nonce = services.tokens.mint_nonce(room_id, link.guest_link_id, facts.now_ms)
        state = GuestLinkState.KNOWN_HERE if known else GuestLinkState.GUEST_ENTRY
        return GuestLook(state=state, room=facts.room, nonce=nonce)


async def enter_as_guest(
    services: Services, room_id: str, secret: str, visitor: Visitor, *, name: str | None, email: str | None
) -> SignedIn:
    """A session for this device's guest, who needs `name` and `email` the first time only. They prove nothing.

    Raises:
        InviteUnknown, InviteRevoked, GuestAccessOff, RoomDeleted, SessionEnded, Banned, InviteExpired, GuestLinkFull,
        GuestsFull, BadMessage, DomainBlocked, ClaimNonceInvalid, ProofInvalid
    """
    async with keeping_refusals(services, room_id, "guest_enter", visitor.network) as trail:
        return await _enter(services, room_id, secret, visitor, name=name, email=email, trail=trail)


async def _enter(
    services: Services, room_id: str, secret: str, visitor: Visitor, *, name: str | None, email: str | None, trail: Trail
) -> SignedIn:
    participant_id = "p" + secrets.token_hex(8)

    async def attempt() -> SignedIn:
        device = visitor.device()
        facts, link = await _find(services, room_id, secret, device, trail)
        services.tokens.check_nonce(visitor.nonce, room_id, link.guest_link_id, facts.now_ms)
        if visitor.device_key is not None:
            check_claim_proof(visitor.device_key, visitor.nonce, visitor.proof or "")
        known = _check_welcome(services, facts, link, device)
        if known is not None and not needs_click(known, link):
            return _session_for(services, facts, known.guest_link_id, known.participant_id, device, visitor)
        entered = await services.store.guests.enter(
            room_id, link, identity=identity_of(device), participant_id=participant_id,
            name=known.name if known else _typed_name(name),
            claimed_email=_typed_address(services, facts, known.claimed_email if known else email),
            device_marks=device_marks(device), seen=facts.seen(site=True),
        )
        return _session_for(services, facts, link.guest_link_id, entered, device, visitor)

    return await decide(attempt)


def identity_of(device: Device) -> str:
    """What a guest is known by: the device's key or, in a browser that has none, its cookie. The cookie of a device that has a
    key is worth nothing without it."""
    return f"device:{device.device_id}"


async def _find(
    services: Services, room_id: str, secret: str, device: Device, trail: Trail
) -> tuple[Facts, GuestLink]:
    """Raises: InviteUnknown: unknown, mangled, an invitation's, of another room, or no room at all: the same answer."""
    try:
        facts = await services.store.facts(
            room_id, secret_hash=hash_secret(secret), identities=[identity_of(device)], device_marks=device_marks(device)
        )
    except RoomUnknown:
        raise InviteUnknown from None
    if not facts.guest_links:
        raise InviteUnknown
    trail.device_id = device.device_id
    trail.participant_id = facts.identities.get(identity_of(device))
    return facts, next(iter(facts.guest_links.values()))


def _check_welcome(services: Services, facts: Facts, link: GuestLink, device: Device) -> Person | None:
    """The guest whom the device is known as, None for a new one; refused in the documented order."""
    known = facts.identified(identity_of(device))
    site_wants = services.site_of(facts).guest_access
    if known is None:
        check_guests_wanted(facts.room, link, site_wants=site_wants)
    else:
        check_guest_stays_welcome(known, facts.room, link, site_wants=site_wants)
    check_open_to(facts.room, known, facts.now_ms)
    check_guest_not_banned(known, facts.device_banned_at_ms)
    if needs_click(known, link):
        check_new_guest(link, facts.now_ms)
    return known


def _typed_name(name: str | None) -> str:
    if not name or not name.strip():
        raise BadMessage("A guest gives a name.")
    return clean_name(name)


def _typed_address(services: Services, facts: Facts, email: str | None) -> str:
    """What was typed as an address. Nobody was invited, so that the rules may be spoken of."""
    address = normalise_address(email or "")
    check_domain(address, services.site_of(facts), facts.room)
    return address


def _session_for(
    services: Services, facts: Facts, guest_link_id: str | None, participant_id: str, device: Device, visitor: Visitor
) -> SignedIn:
    claims = SessionClaims(
        room_id=facts.room.room_id, participant_id=participant_id, guest_link_id=guest_link_id, device_id=device.device_id,
        key_thumbprint=device.key_thumbprint, public_key=visitor.device_key,
    )
    return issue_session(services, facts.room, claims)
