"""Entering with the site's own sign-in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from server.actions.services import Services
from server.domain.access import check_invited, covers
from server.domain.person import EmailProof, Person
from server.domain.reopening import check_open_to, is_reopenable
from server.domain.roles import Role
from server.domain.room import Room
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
        TokenInvalid, TokenExpired, RoomUnknown, RoomDeleted, SessionEnded, NotInvited, InviteRevoked, InviteReplaced
    """
    user = services.site_tokens.read(site_token, services.now_ms())
    identities = identities_of(user)
    facts = await services.store.facts(room_id, identities=identities)
    known_here = [person for identity in identities if (person := facts.identified(identity))]
    standing = facts.room.standings.get(user.user_id)
    _check_open(facts, standing, known_here)
    await check_access(services, facts, user, known_here)
    known = {"name": user.name, "user_id": user.user_id, "standing": standing}
    if user.email:
        known |= {"email": user.email, "email_proof": EmailProof.SIGN_IN}
    answer = await services.store.people.identify(
        room_id, identities=identities, participant_id="p" + secrets.token_hex(8),
        person={**known, "role": Role.MANAGER if standing else Role.VIEWER},
    )
    participant_id = answer["participant_id"]
    # Somebody known with another role, through a link for instance, has a manager's standing by their sign-in; and nobody one
    # that was given or taken since the facts were read.
    await services.store.people.settle_standing(room_id, participant_id)
    return issue_session(services, facts.room, SessionClaims(room_id=room_id, participant_id=participant_id))


def identities_of(user: SiteUser) -> list[str]:
    """What the site's sign-in proves, the lasting id first."""
    return [f"user:{user.user_id}", *([f"email:{user.email}"] if user.email else [])]


def issue_session(services: Services, room: Room, claims: SessionClaims) -> SignedIn:
    token, expires_at_ms = services.tokens.mint_session(claims, services.now_ms())
    return SignedIn(room=room, participant_id=claims.participant_id, session_token=token, expires_at_ms=expires_at_ms)


def _check_open(facts: Facts, standing: str | None, known: list[Person]) -> None:
    """Refuse where nothing lives any more, but for hosts who may bring the session back.

    Raises:
        RoomDeleted, SessionEnded
    """
    if not (standing and is_reopenable(facts.room, facts.now_ms)):
        check_open_to(facts.room, known[0] if known else None, facts.now_ms)


async def check_access(services: Services, facts: Facts, user: SiteUser, known: list[Person]) -> None:
    """Refuse whom the room's access keeps out. `known`: who they are in the room already.

    Raises:
        NotInvited, InviteRevoked, InviteReplaced
    """
    if covers(facts.room, user.user_id, user.channels):
        return
    claimed = [person.invitation_id for person in known if person.invitation_id]
    invited = await services.store.facts(facts.room.room_id, invitations=claimed)
    check_invited(known, invited.invitations.values())
