"""The list of a room's invitations, by how far they have come, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from server.actions.services import Request, Services, check_actor
from server.domain.contents import RoomContents
from server.domain.invitation import Invitation
from server.domain.refusals import InvitationUnknown
from server.domain.roles import Permission, check_permission
from server.domain.room import Room
from server.domain.roster import folded
from server.domain.stages import is_awaited, stage_at
from server.store.facts import Facts

NOT_COME = "not_come"
Place = tuple[int, str]  # in the order of the list: when it was made, and its id


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which part of the list. `stage`: only those, or `not_come`. `search`: each word of it begins a word of the name or of the
    address. `after`: the place of the last of the page before."""

    stage: str | None = None
    search: str = ""
    newest_first: bool = False
    after: Place | None = None
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class InvitationPage:
    """Some of a room's invitations as they were at `now_ms`. `total`: how many are wanted on all pages. `last`: the place of the
    last, where more follow; else None."""

    room: Room
    now_ms: int
    invitations: list[Invitation]
    total: int
    last: Place | None = None


async def read_page(services: Services, request: Request, wanted: Wanted) -> InvitationPage:
    """For managers. Raises: RoomUnknown, NotInside, RoleForbidden."""
    contents = await services.store.rooms.load(request.room_id)
    facts = Facts(now_ms=contents.now_ms, seq=contents.seq, room=contents.room, people=contents.people)
    check_permission(check_actor(facts, request).role, Permission.MANAGE_INVITATIONS)
    words = folded(wanted.search).split()
    found = [
        one for one in contents.invitations.values()
        if _is_at(one, contents, wanted.stage) and all(f" {word}" in _searched(one) for word in words)
    ]
    ordered = sorted(found, key=_place, reverse=wanted.newest_first)
    rest = [one for one in ordered if _is_after(one, wanted)]
    page = rest[: wanted.limit]
    return InvitationPage(
        room=contents.room, now_ms=contents.now_ms, invitations=page, total=len(found),
        last=_place(page[-1]) if len(rest) > wanted.limit else None,
    )


async def read_one(services: Services, request: Request, invitation_id: str) -> InvitationPage:
    """For managers. Raises: RoomUnknown, InvitationUnknown, NotInside, RoleForbidden."""
    facts = await services.store.facts(request.room_id, *request.people(), invitations=[invitation_id])
    check_permission(check_actor(facts, request).role, Permission.MANAGE_INVITATIONS)
    if invitation_id not in facts.invitations:
        raise InvitationUnknown
    return InvitationPage(room=facts.room, now_ms=facts.now_ms, invitations=[facts.invitations[invitation_id]], total=1)


def _place(invitation: Invitation) -> Place:
    return invitation.created_at_ms, invitation.invitation_id


def _is_after(invitation: Invitation, wanted: Wanted) -> bool:
    if wanted.after is None:
        return True
    return _place(invitation) < wanted.after if wanted.newest_first else _place(invitation) > wanted.after


def _searched(invitation: Invitation) -> str:
    return _folded(invitation.name) + _folded(invitation.email)


# Whoever types asks for each letter anew, and folding thousands of names takes tens of milliseconds.
_folded = lru_cache(20_000)(folded)


def _is_at(invitation: Invitation, contents: RoomContents, stage: str | None) -> bool:
    if stage is None:
        return True
    if stage == NOT_COME:
        return is_awaited(invitation, contents.room, contents.now_ms)
    return stage_at(invitation, contents.room, contents.now_ms) == stage
