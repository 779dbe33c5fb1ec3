"""Entering with the site's own sign-in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from server.actions.services import Services, decide
from server.domain.invitation import check_not_withdrawn
from server.domain.person import EmailProof, PersonState
from server.domain.refusals import NotInvited
from server.domain.roles import Role
from server.domain.room import Access, Room, check_exists
from server.store.facts import Facts
from server.trust.site_tokens import SiteUser
from server.trust.tokens import SessionClaims


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A session for a participant; `expires_at_ms` is the token's."""

    room: Room
    participant_id: str
    session_token: str
    expires_at_ms: int


async def sign_in(services: Services, room_id: str, site_token: str) -> SignedIn:
    """Who the site has signed in becomes a person of the room, where its rules let them.

    Raises:
        TokenInvalid, TokenExpired, RoomUnknown, RoomDeleted, NotInvited
    """
    user = services.site_tokens.read(site_token, services.now_ms())
    identities = identities_of(user)
    facts = await services.store.facts(room_id, identities=identities)
    check_exists(facts.room)
    await _check_access(services, facts, user, identities)
    standing = facts.room.standings.get(user.user_id)
    known = {"name": user.name, "user_id": user.user_id, "standing": standing}
    if user.email:
        known |= {"email": user.email, "email_proof": EmailProof.SIGN_IN}
    answer = await services.store.people.identify(
        room_id, identities=identities, participant_id="p" + secrets.token_hex(8),
        person={**known, "role": Role.MANAGER if standing else Role.VIEWER},
    )
    participant_id = answer["participant_id"]
    if standing:
        await _raise_to_manager(services, room_id, participant_id)
    return issue_session(services, facts.room, SessionClaims(room_id=room_id, participant_id=participant_id))


def identities_of(user: SiteUser) -> list[str]:
    """What the site's sign-in proves, the lasting id first."""
    return [f"user:{user.user_id}", *([f"email:{user.email}"] if user.email else [])]


def issue_session(services: Services, room: Room, claims: SessionClaims) -> SignedIn:
    token, expires_at_ms = services.tokens.mint_session(claims, services.now_ms())
    return SignedIn(room=room, participant_id=claims.participant_id, session_token=token, expires_at_ms=expires_at_ms)


async def _check_access(services: Services, facts: Facts, user: SiteUser, identities: list[str]) -> None:
    """Members' rooms are open to everybody signed in; others to managers, to those inside, and to those whose claimed
    invitation still holds.

    Raises:
        NotInvited, InviteRevoked, InviteReplaced
    """
    if facts.room.access is Access.MEMBERS or user.user_id in facts.room.standings:
        return
    known = [person for identity in identities if (person := facts.identified(identity))]
    if any(person.state is PersonState.INSIDE for person in known):
        return
    claimed = [person.invitation_id for person in known if person.invitation_id]
    if not claimed:
        raise NotInvited
    invited = await services.store.facts(facts.room.room_id, invitations=claimed)
    for invitation in invited.invitations.values():
        check_not_withdrawn(invitation)


async def _raise_to_manager(services: Services, room_id: str, participant_id: str) -> None:
    """Somebody known with a lower role, through a link for instance, has a manager's standing by their sign-in."""

    async def attempt() -> None:
        facts = await services.store.facts(room_id, participant_id)
        person = facts.person(participant_id)
        if person.role is not Role.MANAGER:
            await services.store.people.change_role(
                room_id, participant_id, old=person.role, new=Role.MANAGER, by=None,
                seen=facts.seen(participant_id), request_id=None,
            )

    await decide(attempt)
