"""Using a claimed link on another device: asking, and the answer."""

from __future__ import annotations

import secrets
from dataclasses import replace

from server.actions.audit import Trail, keeping_refusals
from server.actions.invitations import change_invitation
from server.actions.services import Answer, Request, Services, check_actor, decide, decide_on
from server.actions.visitors import Visitor, check_proof, find_link
from server.domain.domain_rules import check_domain
from server.domain.invitation import (
    MAX_DEVICES_REMEMBERED,
    Device,
    DeviceRequest,
    Invitation,
    InvitationStatus,
    RequestStatus,
    check_changeable,
    check_not_banned,
    check_not_withdrawn,
    known_device,
)
from server.domain.refusals import AlreadyDecided, InvitationUnknown, InviteUnknown, TooManyAttempts
from server.domain.roles import RANK, Permission, Role, check_permission
from server.domain.room import check_exists
from server.store.facts import Facts
from server.trust.device_proof import check_claim_proof
from server.trust.site_tokens import clean_name

# Of one link, in a window. A browser that forgets its key and its cookie each time is another device each time.
QUESTIONS_PER_DEVICE, QUESTIONS_PER_NETWORK = 3, 10


async def ask_for_device(services: Services, room_id: str, secret: str, visitor: Visitor, label: str) -> Answer:
    """Ask those who may decide to move the link here; a later question takes an earlier one's place.

    Raises:
        InviteUnknown, InviteRevoked, InviteReplaced, RoomDeleted, SessionEnded, EmailMismatch, CodeRequired,
        CodeMismatch, TooManyAttempts, DomainBlocked, Banned, AlreadyDecided, ClaimNonceInvalid, ProofInvalid
    """
    async with keeping_refusals(services, room_id, "ask", visitor.network, but=(AlreadyDecided,)) as trail:
        return await _ask(services, room_id, secret, visitor, label, trail)


async def _ask(services: Services, room_id: str, secret: str, visitor: Visitor, label: str, trail: Trail) -> Answer:
    asked_id = "d" + secrets.token_hex(8)
    checked = counted = False

    async def attempt() -> Answer:
        nonlocal checked, counted
        facts, invitation = await find_link(services, room_id, secret, visitor)
        trail.invitation_id = invitation.invitation_id
        device = _asking_device(services, facts, invitation, visitor)
        trail.device_id = device.device_id
        if not checked:
            await check_proof(services, facts, invitation, visitor)
            checked = True
        check_domain(invitation.email, services.site_of(facts), facts.room)
        check_not_banned(invitation, facts.identified(f"email:{invitation.email}"), facts.device_banned_at_ms)
        if known_device(invitation, device) or invitation.status is not InvitationStatus.CLAIMED:
            raise AlreadyDecided("This device needs nobody's yes: open the link.")
        if not counted:
            await _count_question(services, room_id, invitation, device, visitor.network)
            counted = True
        request = DeviceRequest(
            request_id=asked_id, device=device, label=clean_name(label or "unnamed device"), asked_at_ms=facts.now_ms
        )
        await services.store.invitations.put(
            room_id, replace(invitation, device_request=request), what="device_asked", by=None,
            seen=facts.seen(invitations=[invitation.invitation_id]), request_id=None,
        )
        return {"request_id": asked_id, "status": RequestStatus.PENDING}

    return await decide(attempt)


async def _count_question(
    services: Services, room_id: str, invitation: Invitation, device: Device, network: str
) -> None:
    """A device that was told no may ask again, a few times. Raises: TooManyAttempts."""
    window_s = services.settings.claim_window_s
    bounds = {f"ask-{device.device_id}": QUESTIONS_PER_DEVICE, f"asks-{network}": QUESTIONS_PER_NETWORK}
    for counted, most in bounds.items():
        is_taken = await services.store.invitations.take_attempt(
            room_id, invitation.invitation_id, counted, is_right=False, most_wrong=most, window_s=window_s
        )
        if not is_taken:
            raise TooManyAttempts("This has been asked too often.", retry_after_ms=window_s * 1000)


async def release_claim(services: Services, request: Request, invitation_id: str) -> Answer:
    """Take the link from the devices that have it: they are told that it moved, and the invited address may claim it again.

    Raises:
        AlreadyDecided: no device has it. InvitationUnknown, InvitationClosed, RoleForbidden
    """

    def released(facts: Facts, invitation: Invitation) -> Invitation:
        check_changeable(invitation)
        if not invitation.devices:
            raise AlreadyDecided("No device has this link.")
        moved = invitation.moved_devices | dict.fromkeys(invitation.devices, facts.now_ms)
        # All that have it now are remembered, so that each of them is told.
        most = max(MAX_DEVICES_REMEMBERED, len(invitation.devices))
        return replace(invitation, devices={}, moved_devices=_newest(moved, most), device_request=None)

    _, answer = await change_invitation(services, request, invitation_id, "released", released)
    return answer


async def decide_device(services: Services, request: Request, invitation_id: str, asked_id: str, *, allow: bool) -> Answer:
    """Yes moves the claim, and the old device is told so; no leaves it.

    Raises:
        AlreadyDecided, InvitationUnknown, InvitationClosed, RoleForbidden
    """

    async def act(facts: Facts) -> Answer:
        invitation = _find(facts, request, invitation_id)
        check_changeable(invitation)
        asked = invitation.device_request
        if asked is None or asked.request_id != asked_id or asked.status is not RequestStatus.PENDING:
            raise AlreadyDecided
        changed = _moved(invitation, asked.device, facts.now_ms) if allow else _refused(invitation, asked)
        return await services.store.invitations.put(
            request.room_id, changed, what="moved" if allow else "device_refused", by=request.actor_id,
            seen=facts.seen(*request.people(), invitations=[invitation_id]), request_id=request.request_id,
        )

    return await decide_on(services, request, act, invitations=[invitation_id])


def _asking_device(services: Services, facts: Facts, invitation: Invitation, visitor: Visitor) -> Device:
    check_not_withdrawn(invitation)
    check_exists(facts.room)
    services.tokens.check_nonce(visitor.nonce, facts.room.room_id, invitation.invitation_id, facts.now_ms)
    if visitor.device_key is None and visitor.cookie is None:
        raise InviteUnknown("This browser keeps neither a key nor a cookie, so it cannot be recognised again.")
    if visitor.device_key is not None:
        check_claim_proof(visitor.device_key, visitor.nonce, visitor.proof or "")
    return visitor.device()


def _find(facts: Facts, request: Request, invitation_id: str) -> Invitation:
    """Managers decide on every link; moderators on viewers' and speakers'."""
    role = check_actor(facts, request).role
    check_permission(role, Permission.ADMIT)
    invitation = facts.invitations.get(invitation_id)
    if invitation is None:
        raise InvitationUnknown
    if RANK[invitation.role] >= RANK[Role.MODERATOR]:
        check_permission(role, Permission.MANAGE_INVITATIONS)
    return invitation


def _moved(invitation: Invitation, device: Device, now_ms: int) -> Invitation:
    """The claim on `device`; the devices that it takes the place of are remembered as moved, the newest twenty."""
    others = [known for known in invitation.devices.values() if known.device_id != device.device_id]
    kept = sorted(others, key=lambda known: known.claimed_at_ms)
    surplus = len(kept) + 1 - invitation.link_devices if invitation.link_devices != -1 else 0
    gone, kept = kept[: max(surplus, 0)], kept[max(surplus, 0) :]
    moved = invitation.moved_devices | {known.device_id: now_ms for known in gone}
    moved.pop(device.device_id, None)
    devices = {known.device_id: known for known in [*kept, replace(device, claimed_at_ms=now_ms)]}
    return replace(
        invitation, devices=devices, moved_devices=_newest(moved, MAX_DEVICES_REMEMBERED), device_request=None
    )


def _newest(moved: dict[str, int], most: int) -> dict[str, int]:
    return dict(sorted(moved.items(), key=lambda item: item[1])[-most:])


def _refused(invitation: Invitation, asked: DeviceRequest) -> Invitation:
    return replace(invitation, device_request=replace(asked, status=RequestStatus.REFUSED))
