"""The list of a room's invitations, by how far they have come, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from server.actions.services import Request, Services
from server.domain.contents import RoomContents
from server.domain.invitation import Invitation
from server.domain.refusals import InvitationUnknown
from server.domain.room import Room
from server.domain.stages import is_awaited, stage_at

NOT_COME = "not_come"
Place = tuple[int, str]  # in the order of the list: when it was made, and its id


@dataclass(frozen=True, kw_only=True)
class InvitationPage:
    """Some of a room's invitations as they were at `now_ms`, the oldest first. `last`: the place of the last, where
    more follow; else None."""

    room: Room
    now_ms: int
    invitations: list[Invitation]
    last: Place | None = None


async def read_page(
    services: Services, room_id: str, *, stage: str | None, after: Place | None, limit: int
) -> InvitationPage:
    """`stage`: only those, or `not_come`. `after`: the place of the last of the page before. Raises: RoomUnknown."""
    contents = await services.store.rooms.load(room_id)
    wanted = [one for one in sorted(contents.invitations.values(), key=_place) if _is_wanted(one, contents, stage)]
    rest = [one for one in wanted if after is None or _place(one) > after]
    page = rest[:limit]
    return InvitationPage(
        room=contents.room, now_ms=contents.now_ms, invitations=page,
        last=_place(page[-1]) if len(rest) > limit else None,
    )


async def read_one(services: Services, request: Request, invitation_id: str) -> InvitationPage:
    """Raises: RoomUnknown, InvitationUnknown."""
    facts = await services.store.facts(request.room_id, invitations=[invitation_id])
    if invitation_id not in facts.invitations:
        raise InvitationUnknown
    return InvitationPage(room=facts.room, now_ms=facts.now_ms, invitations=[facts.invitations[invitation_id]])


def _place(invitation: Invitation) -> Place:
    return invitation.created_at_ms, invitation.invitation_id


def _is_wanted(invitation: Invitation, contents: RoomContents, stage: str | None) -> bool:
    if stage is None:
        return True
    if stage == NOT_COME:
        return is_awaited(invitation, contents.room, contents.now_ms)
    return stage_at(invitation, contents.room, contents.now_ms) == stage
