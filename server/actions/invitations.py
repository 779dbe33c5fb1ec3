"""Invitations as managers handle them: issuing, the link again, extending, revoking, another role."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from server.actions.roles import change_role
from server.actions.sanctions import remove
from server.actions.services import Answer, Request, Services, check_actor, decide
from server.domain.invitation import (
    Invitation,
    InvitationStatus,
    check_changeable,
    check_may_invite,
    normalise_email,
)
from server.domain.person import PersonState
from server.domain.refusals import AlreadyDecided, InvitationClosed, InvitationUnknown
from server.domain.roles import Permission, Role, check_permission, check_sanction, highest
from server.domain.room import link_expires_at_ms
from server.store.facts import Facts
from server.trust.link_secrets import hash_secret
from server.trust.site_tokens import clean_name


@dataclass(frozen=True, kw_only=True)
class Invitee:
    """Whom to invite, as typed. `at_once`: if they are inside under a proven address, the role is theirs now."""

    email: str
    first_name: str
    last_name: str
    role: Role
    at_once: bool = False


async def invite(services: Services, request: Request, invitee: Invitee) -> Answer:
    """A new invitation and its link; an older unclaimed one for the address is replaced.

    Raises:
        BadMessage: no address. RoleForbidden, ModuleDisabled, CncDisabled, TooManyInvitations
    """
    email = normalise_email(invitee.email)
    # Not made from the request's id: that is unique for two minutes only, and one id is one link for ever.
    invitation_id = "i" + secrets.token_hex(8)

    async def attempt() -> tuple[Facts, Answer]:
        facts = await services.store.facts(
            request.room_id, *request.people(), identities=[f"email:{email}"], request_id=request.request_id
        )
        if (answer := facts.replay()) is not None:
            return facts, answer
        actor = check_actor(facts, request)
        check_may_invite(
            room=facts.room, actor=actor.role, role=invitee.role, site_invites=services.settings.invite_to_media
        )
        made = _make(services, facts, request, invitation_id, email, invitee)
        answer = await services.store.invitations.create(
            request.room_id, made, by=request.actor_id, seen=facts.seen(*request.people()), request_id=request.request_id
        )
        return facts, answer

    facts, answer = await decide(attempt)
    if invitee.at_once:
        await _promote_at_once(services, request, facts, email, invitee.role)
    return await _with_link(services, request, answer)


async def link_again(services: Services, request: Request, invitation_id: str) -> Answer:
    """The same link, made again from ids.

    Raises:
        InvitationUnknown, InvitationClosed, RoleForbidden
    """
    facts = await services.store.facts(request.room_id, *request.people(), invitations=[invitation_id])
    invitation = _find(facts, request, invitation_id)
    check_changeable(invitation)
    try:
        return {"link": services.links.link_for(request.room_id, invitation)}
    except KeyError:
        raise InvitationClosed("The key of this link was retired; create a new invitation.") from None


async def extend(services: Services, request: Request, invitation_id: str) -> Answer:
    """Raises: InvitationUnknown, InvitationClosed, RoleForbidden."""

    def extended(facts: Facts, invitation: Invitation) -> Invitation:
        check_changeable(invitation)
        return replace(invitation, expires_at_ms=link_expires_at_ms(facts.room, facts.now_ms))

    changed, answer = await change_invitation(services, request, invitation_id, "extended", extended)
    return {**answer, "expires_at_ms": changed.expires_at_ms}


async def revoke(services: Services, request: Request, invitation_id: str, *, remove_person: bool) -> Answer:
    """Withdraw it; pages that hang on it hear so. Who is inside stays, unless `remove_person`.

    Raises:
        InvitationUnknown, InvitationClosed, RoleForbidden
    """

    def revoked(facts: Facts, invitation: Invitation) -> Invitation:
        check_changeable(invitation)
        return replace(invitation, status=InvitationStatus.REVOKED)

    if remove_person:
        await _check_removable(services, request, invitation_id)
    changed, answer = await change_invitation(services, request, invitation_id, "revoked", revoked)
    if remove_person and changed.participant_id:
        with contextlib.suppress(AlreadyDecided):  # out already
            await remove(services, _following(request, "remove"), changed.participant_id)
    return answer


async def change_invited_role(services: Services, request: Request, invitation_id: str, role: Role) -> Answer:
    """Another role for the invitation, and at once for the person who has claimed it.

    Raises:
        InvitationUnknown, InvitationClosed, RoleForbidden
    """

    def with_role(facts: Facts, invitation: Invitation) -> Invitation:
        check_changeable(invitation)
        return replace(invitation, role=role)

    changed, answer = await change_invitation(services, request, invitation_id, "role", with_role)
    if changed.participant_id:
        facts = await services.store.facts(request.room_id, changed.participant_id)
        if facts.person(changed.participant_id).role is not Role.MANAGER:
            await change_role(services, _following(request, "role"), changed.participant_id, role)
    return answer


async def change_invitation(
    services: Services,
    request: Request,
    invitation_id: str,
    what: str,
    change: Callable[[Facts, Invitation], Invitation],
) -> tuple[Invitation, Answer]:
    """Put `change(facts, invitation)` in the invitation's place, for a manager. `change` raises refusals of its own.

    Raises:
        InvitationUnknown, RoleForbidden
    """

    async def attempt() -> tuple[Invitation, Answer]:
        facts = await services.store.facts(
            request.room_id, *request.people(), invitations=[invitation_id], request_id=request.request_id
        )
        # An id used before for another invitation does not make this one known.
        if (answer := facts.replay()) is not None and invitation_id in facts.invitations:
            return facts.invitations[invitation_id], answer
        changed = change(facts, _find(facts, request, invitation_id))
        answer = await services.store.invitations.put(
            request.room_id, changed, what=what, by=request.actor_id,
            seen=facts.seen(*request.people(), invitations=[invitation_id]), request_id=request.request_id,
        )
        return changed, answer

    return await decide(attempt)


async def _check_removable(services: Services, request: Request, invitation_id: str) -> None:
    """Refuse while nothing is done yet, and not when the link is withdrawn and the person still there.

    Raises:
        RoleForbidden
    """
    facts = await services.store.facts(request.room_id, invitations=[invitation_id])
    invitation = facts.invitations.get(invitation_id)
    if invitation is not None and invitation.participant_id is not None:
        who = invitation.participant_id
        facts = await services.store.facts(request.room_id, *request.people(who))
        check_sanction(actor=check_actor(facts, request).role, target=facts.person(who).role)


def _find(facts: Facts, request: Request, invitation_id: str) -> Invitation:
    check_permission(check_actor(facts, request).role, Permission.MANAGE_INVITATIONS)
    if invitation_id not in facts.invitations:
        raise InvitationUnknown
    return facts.invitations[invitation_id]


async def _with_link(services: Services, request: Request, answer: Answer) -> Answer:
    """The answer names the invitation that the first such request made; its link is made again from ids."""
    invitation_id = answer["invitation_id"]
    facts = await services.store.facts(request.room_id, invitations=[invitation_id])
    return {
        "invitation_id": invitation_id,
        "link": services.links.link_for(request.room_id, facts.invitations[invitation_id]),
        "replaced": answer.get("replaced"),
        "seq": answer["seq"],
    }


def _make(
    services: Services, facts: Facts, request: Request, invitation_id: str, email: str, invitee: Invitee
) -> Invitation:
    key_id = services.links.current_key_id
    secret = services.links.secret_for(request.room_id, invitation_id, 1, key_id)
    return Invitation(
        invitation_id=invitation_id,
        email=email,
        first_name=clean_name(invitee.first_name),
        last_name=clean_name(invitee.last_name),
        role=invitee.role,
        key_id=key_id,
        secret_hash=hash_secret(secret),
        link_devices=facts.room.link_devices,
        created_by=request.actor_id,
        expires_at_ms=link_expires_at_ms(facts.room, facts.now_ms),
    )


async def _promote_at_once(services: Services, request: Request, facts: Facts, email: str, role: Role) -> None:
    """Only addresses proven by sign-in or by a claimed link are identities: what somebody typed never counts."""
    person = facts.identified(f"email:{email}")
    if person is None or person.state is not PersonState.INSIDE or highest(person.role, role) is person.role:
        return
    await change_role(services, _following(request, "at-once"), person.participant_id, role)


def _following(request: Request, step: str) -> Request:
    """A second step of the same request, with a name of its own."""
    return replace(request, request_id=f"{request.request_id}.{step}")
