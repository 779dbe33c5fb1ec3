"""Invitations as managers handle them: issuing, the link again, extending, revoking, another role."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from server.actions.sanctions import remove
from server.actions.services import Answer, Request, Services, check_actor, decide
from server.domain.domain_rules import check_domain
from server.domain.invitation import (
    Invitation,
    InvitationStatus,
    check_changeable,
    check_may_invite,
)
from server.domain.person import PersonState
from server.domain.refusals import AlreadyDecided, BadMessage, InvitationClosed, InvitationUnknown
from server.domain.roles import Permission, Role, check_permission, check_sanction, highest
from server.domain.room import link_expires_at_ms
from server.store.facts import Facts
from server.store.invitations import Promotion
from server.store.mail import new_mail_id
from server.store.scripting import FactsMoved
from server.trust.domain_names import normalise_address
from server.trust.link_secrets import hash_secret
from server.trust.site_tokens import clean_name


@dataclass(frozen=True, kw_only=True)
class Invitee:
    """Whom to invite, as typed. `at_once`: if they are inside under a proven address, the role is theirs now. `send_email`:
    the link goes to them by e-mail, in `language` where there is a template of it."""

    email: str
    first_name: str
    last_name: str
    role: Role
    at_once: bool = False
    send_email: bool = False
    link_devices: int | None = None
    language: str | None = None


async def invite(services: Services, request: Request, invitee: Invitee) -> Answer:
    """A new invitation and its link; an older unclaimed one for the address is replaced.

    Raises:
        BadMessage: no address. RoleForbidden, ModuleDisabled, CncDisabled, DomainBlocked, TooManyInvitations,
        EmailNotConfigured, MailQueueFull
    """
    if invitee.link_devices == 0:
        raise BadMessage("link_devices is a number of devices, or -1 for any.")
    email = normalise_address(invitee.email)
    # Not made from the request's id: that is unique for two minutes only, and one id is one link for ever.
    invitation_id = "i" + secrets.token_hex(8)

    async def attempt() -> Answer:
        facts = await services.store.facts(
            request.room_id, *request.people(), identities=[f"email:{email}"], request_id=request.request_id
        )
        if (answer := facts.replay()) is not None:
            return answer
        check_invitee(services, facts, request, email, invitee.role)
        if invitee.send_email:
            services.sends_mail()
        made = make_invitation(services, facts, request, invitation_id, email, invitee)
        promotion = _at_once(facts, email, invitee)
        people = request.people(*([promotion.participant_id] if promotion else []))
        return await services.store.invitations.create(
            request.room_id, made, by=request.actor_id, seen=facts.seen(*people, site=True), request_id=request.request_id,
            mail_id=new_mail_id() if invitee.send_email else None, promotion=promotion,
        )

    return await _with_link(services, request, await decide(attempt))


def check_invitee(services: Services, facts: Facts, request: Request, email: str, role: Role) -> None:
    """Refuse unless who asks may invite this address as this now.

    Raises:
        NotInside, RoleForbidden, ModuleDisabled, CncDisabled, RoomDeleted, SessionEnded, DomainBlocked
    """
    actor = check_actor(facts, request)
    site = services.site_of(facts)
    check_may_invite(room=facts.room, actor=actor.role, role=role, site_invites=site.invite_to_media)
    check_domain(email, site, facts.room)


async def link_again(services: Services, request: Request, invitation_id: str) -> Answer:
    """The same link, made again from ids.

    Raises:
        InvitationUnknown, InvitationClosed, RoleForbidden
    """
    facts = await services.store.facts(request.room_id, *request.people(), invitations=[invitation_id])
    invitation = _find(facts, request, invitation_id)
    check_changeable(invitation)
    return {"link": _link_of(services, request, invitation)}


async def extend(services: Services, request: Request, invitation_id: str) -> Answer:
    """Claimable for the room's `link_ttl_s` from now; never for less than before.

    Raises:
        InvitationUnknown, InvitationClosed, RoleForbidden
    """

    def extended(facts: Facts, invitation: Invitation) -> Invitation:
        check_changeable(invitation)
        expires_at_ms = max(invitation.expires_at_ms, link_expires_at_ms(facts.room, facts.now_ms))
        return replace(invitation, expires_at_ms=expires_at_ms)

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

    async def attempt() -> Answer:
        # Who has claimed it is known only by the record, so that it is read first; the script checks both together.
        claimed = (await services.store.facts(request.room_id, invitations=[invitation_id])).invitations.get(invitation_id)
        who = [claimed.participant_id] if claimed and claimed.participant_id else []
        facts = await services.store.facts(
            request.room_id, *request.people(*who), invitations=[invitation_id], request_id=request.request_id
        )
        if (answer := facts.replay()) is not None:
            return answer
        invitation = _find(facts, request, invitation_id)
        check_changeable(invitation)
        if invitation.participant_id and invitation.participant_id not in who:
            raise FactsMoved
        return await services.store.invitations.put_role(
            request.room_id, replace(invitation, role=role), promotion=_promotion_of(facts, invitation, role),
            by=request.actor_id, seen=facts.seen(*request.people(*who), invitations=[invitation_id]),
            request_id=request.request_id,
        )

    return await decide(attempt)


def _promotion_of(facts: Facts, invitation: Invitation, role: Role) -> Promotion | None:
    """A manager's standing is not the invitation's to change."""
    person = facts.people.get(invitation.participant_id or "")
    if person is None or person.role in (Role.MANAGER, role):
        return None
    return Promotion(participant_id=person.participant_id, old=person.role, new=role)


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
            return _as_answered(facts.invitations[invitation_id], answer), answer
        changed = change(facts, _find(facts, request, invitation_id))
        answer = await services.store.invitations.put(
            request.room_id, changed, what=what, by=request.actor_id,
            seen=facts.seen(*request.people(), invitations=[invitation_id]), request_id=request.request_id,
        )
        return _as_answered(changed, answer), answer

    return await decide(attempt)


def _as_answered(invitation: Invitation, answer: Answer) -> Invitation:
    """With the end that the first answer to this request had: a repetition at the same instant has worked out one of its own."""
    return replace(invitation, expires_at_ms=answer.pop("expires_at_ms", invitation.expires_at_ms))


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
    """The answer names the invitation that the first such request made; its link is made again from ids.

    Raises:
        InvitationClosed: the request was answered long ago, and what it made went with its session.
    """
    invitation_id = answer["invitation_id"]
    facts = await services.store.facts(request.room_id, invitations=[invitation_id])
    if invitation_id not in facts.invitations:
        raise InvitationClosed
    return {
        "invitation_id": invitation_id,
        "link": _link_of(services, request, facts.invitations[invitation_id]),
        "replaced": answer.get("replaced"),
        "seq": answer["seq"],
    }


def _link_of(services: Services, request: Request, invitation: Invitation) -> str:
    """Raises: InvitationClosed."""
    try:
        return services.links.link_for(request.room_id, invitation)
    except KeyError:
        raise InvitationClosed("The key of this link was retired; create a new invitation.") from None


def make_invitation(
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
        link_devices=invitee.link_devices or facts.room.link_devices,
        email_proof=facts.room.email_proof,
        created_by=request.actor_id,
        expires_at_ms=link_expires_at_ms(facts.room, facts.now_ms),
        language=invitee.language,
    )


def _at_once(facts: Facts, email: str, invitee: Invitee) -> Promotion | None:
    """The role of whoever is inside already. Only addresses proven by sign-in or by a claimed link are identities: what somebody
    typed never counts. An invitation raises and never lowers."""
    person = facts.identified(f"email:{email}") if invitee.at_once else None
    if person is None or person.state is not PersonState.INSIDE or highest(person.role, invitee.role) is person.role:
        return None
    return Promotion(participant_id=person.participant_id, old=person.role, new=invitee.role)


def _following(request: Request, step: str) -> Request:
    """A second step of the same request, with a name of its own."""
    return request.step(step)
