"""Using a claimed link on another device: asking, and the answer."""

from __future__ import annotations

import secrets
from dataclasses import replace

from server.actions.links import Visitor, check_address, find_link
from server.actions.services import Answer, Request, Services, check_actor, decide, decide_on
from server.domain.invitation import (
    MAX_DEVICES_REMEMBERED,
    Device,
    DeviceRequest,
    Invitation,
    InvitationStatus,
    RequestStatus,
    check_changeable,
    check_not_withdrawn,
    known_device,
)
from server.domain.refusals import AlreadyDecided, InvitationUnknown, InviteUnknown
from server.domain.roles import RANK, Permission, Role, check_permission
from server.domain.room import check_exists
from server.store.facts import Facts
from server.trust.device_proof import check_claim_proof
from server.trust.site_tokens import clean_name


async def ask_for_device(services: Services, room_id: str, secret: str, visitor: Visitor, label: str) -> Answer:
    """Ask those who may decide to move the link here; a later question takes an earlier one's place.

    Raises:
        InviteUnknown, InviteRevoked, InviteReplaced, RoomDeleted, SessionEnded, EmailMismatch, TooManyAttempts,
        ClaimNonceInvalid, ProofInvalid
    """
    asked_id = "d" + secrets.token_hex(8)
    checked = False

    async def attempt() -> Answer:
        nonlocal checked
        facts, invitation = await find_link(services, room_id, secret)
        device = _asking_device(services, facts, invitation, visitor)
        if not checked:
            await check_address(services, facts, invitation, visitor)
            checked = True
        if known_device(invitation, device) or invitation.status is not InvitationStatus.CLAIMED:
            raise AlreadyDecided("This device needs nobody's yes: open the link.")
        request = DeviceRequest(
            request_id=asked_id, device=device, label=clean_name(label or "unnamed device"), asked_at_ms=facts.now_ms
        )
        await services.store.invitations.put(
            room_id, replace(invitation, device_request=request), what="device_asked", by=None,
            seen=facts.seen(invitations=[invitation.invitation_id]), request_id=None,
        )
        return {"request_id": asked_id, "status": RequestStatus.PENDING}

    return await decide(attempt)


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
    newest = dict(sorted(moved.items(), key=lambda item: item[1])[-MAX_DEVICES_REMEMBERED:])
    devices = {known.device_id: known for known in [*kept, replace(device, claimed_at_ms=now_ms)]}
    return replace(invitation, devices=devices, moved_devices=newest, device_request=None)


def _refused(invitation: Invitation, asked: DeviceRequest) -> Invitation:
    return replace(invitation, device_request=replace(asked, status=RequestStatus.REFUSED))
