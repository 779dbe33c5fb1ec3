"""A room's page on the site, for those whom the site has signed in: it is read only, and makes nobody a person of the room."""

from __future__ import annotations

from dataclasses import dataclass

from server.actions.services import Services
from server.actions.sign_in import check_access, identities_of
from server.domain.refusals import RoomDeleted
from server.domain.room import Phase, Room
from server.domain.site import Site
from server.domain.standings import permissions_from_outside


@dataclass(frozen=True, kw_only=True)
class Media:
    """`standing`: theirs who ask, or None; `permissions`: what they may do for the room without being in it."""

    room: Room
    site: Site
    standing: str | None
    permissions: list[str]
    now_ms: int


async def read_media(services: Services, room_id: str, site_token: str) -> Media:
    """The room as it is announced to somebody whom its access covers; one that has ended, too.

    Raises:
        TokenInvalid, TokenExpired, RoomUnknown, RoomDeleted, NotInvited, InviteRevoked, InviteReplaced
    """
    user = services.site_tokens.read(site_token, services.now_ms())
    identities = identities_of(user)
    facts = await services.store.facts(room_id, identities=identities)
    room = facts.room
    if room.phase is Phase.DELETED:
        raise RoomDeleted
    known = [person for identity in identities if (person := facts.identified(identity))]
    await check_access(services, facts, user, known)
    return Media(
        room=room, site=services.site_of(facts), standing=room.standings.get(user.user_id),
        permissions=permissions_from_outside(room, user.user_id, facts.identified(identities[0])), now_ms=facts.now_ms,
    )
