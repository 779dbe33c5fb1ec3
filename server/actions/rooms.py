"""Rooms: creating, editing, locking, deleting; opening and ending their sessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from server.actions.let_in import let_everybody_in
from server.actions.services import Answer, Request, Services, check_actor, decide_on
from server.actions.site import read_site
from server.domain.domain_rules import DOMAIN_LISTS
from server.domain.refusals import RoleForbidden
from server.domain.roles import Permission, check_permission, widened_between
from server.domain.room import ClaimProof, EndedBecause, Phase, Room, check_can_start, check_exists, check_live
from server.domain.room_settings import check_editable, check_settings, edited
from server.domain.standings import check_owner_kept, moved_standings
from server.store.facts import Facts
from server.trust.domain_names import with_clean_rules


async def create_room(services: Services, room: Room, request_id: str) -> Answer:
    """A new room, open at once where it has no start.

    Raises:
        BadMessage, RoomExists, EmailNotConfigured, DomainInvalid, RuleTooWide, TooManyRules
    """
    room = replace(room, **with_clean_rules({name: getattr(room, name) for name in DOMAIN_LISTS}))
    check_settings(room)
    _check_can_mail(services, room.email_proof)
    if room.starts_at_ms is None:
        room = replace(room, phase=Phase.OPEN)
    return await services.store.rooms.create(room, request_id=request_id)


def _check_can_mail(services: Services, email_proof: str) -> None:
    """Codes need somebody to mail them. Raises: EmailNotConfigured."""
    if email_proof == ClaimProof.CODE:
        services.sends_mail()


async def switches_for(
    services: Services, moderators_invite: bool | None, speakers_initiate: bool | None
) -> dict[str, bool]:
    """A new room's switches; the site's, where nothing was said."""
    site = await read_site(services)
    return {
        "moderators_invite": site.moderators_invite if moderators_invite is None else moderators_invite,
        "speakers_initiate": site.speakers_initiate if speakers_initiate is None else speakers_initiate,
    }


async def edit_room(services: Services, request: Request, changes: dict[str, Any]) -> Answer:
    """Other settings. A new start moves everybody's countdown at once, another standing its person's role.

    Raises:
        BadMessage, RoleForbidden, AlreadyLive, LastOwner, DomainInvalid, RuleTooWide, TooManyRules
    """
    changes = with_clean_rules(changes)
    _check_can_mail(services, changes.get("email_proof", ClaimProof.TYPED))
    if "standings" in changes and request.actor_id is not None:
        raise RoleForbidden("Standings come from the room product alone.")

    def with_changes(facts: Facts) -> Room:
        changed = edited(facts.room, changes)
        check_owner_kept(facts.room.standings, changed.standings)
        return changed

    answer = await _change(services, request, "edited", Permission.EDIT_ROOM, with_changes)
    if "capacity" in changes:
        await let_everybody_in(services, request.room_id)
    return answer


async def lock_room(services: Services, request: Request) -> Answer:
    return await _change(services, request, "locked", Permission.LOCK, lambda facts: replace(facts.room, locked=True))


async def unlock_room(services: Services, request: Request) -> Answer:
    """Arrivals walk in from now on, and so does the line."""
    answer = await _change(services, request, "unlocked", Permission.LOCK, lambda facts: replace(facts.room, locked=False))
    await let_everybody_in(services, request.room_id)
    return answer


async def write_lobby_message(services: Services, request: Request, text: str | None) -> Answer:
    return await _change(
        services, request, "messaged", Permission.ADMIT, lambda facts: replace(facts.room, lobby_message=text or None)
    )


async def start_session(services: Services, request: Request) -> Answer:
    """Open now, whatever the schedule says; the line is let in, in its order.

    Raises:
        AlreadyLive, RoleForbidden
    """

    async def act(facts: Facts) -> Answer:
        check_permission(check_actor(facts, request).role, Permission.START_SESSION)
        check_can_start(facts.room)
        seen = facts.seen(*request.people())
        return await services.store.rooms.open_session(
            request.room_id, by_time=False, by=request.actor_id, seen=seen, request_id=request.request_id
        )

    answer = await decide_on(services, request, act)
    await let_everybody_in(services, request.room_id)
    return answer


async def end_session(services: Services, request: Request) -> Answer:
    """End it for everybody.

    Raises:
        NotLive, RoleForbidden
    """

    def ended(facts: Facts) -> Room:
        check_live(facts.room)
        because = EndedBecause.HOST if request.actor_id else EndedBecause.SITE
        return replace(facts.room, phase=Phase.ENDED, ended_at_ms=facts.now_ms, ended_because=because)

    return await _change(services, request, "ended", Permission.END_SESSION, ended)


async def delete_room(services: Services, request: Request) -> Answer:
    return await _change(
        services, request, "deleted", Permission.DELETE_ROOM, lambda facts: replace(facts.room, phase=Phase.DELETED)
    )


async def _change(
    services: Services, request: Request, what: str, permission: Permission, change: Callable[[Facts], Room]
) -> Answer:
    async def act(facts: Facts) -> Answer:
        check_permission(check_actor(facts, request).role, permission)
        if what == "edited":
            check_editable(facts.room, by_site=request.actor_id is None)
        elif what != "deleted":
            check_exists(facts.room)
        request.check_rev(facts.room.rev)
        changed = change(facts)
        seen = facts.seen(*request.people())
        if changed == facts.room:
            return await services.store.settle(request.room_id, {}, seen, request.request_id)
        return await services.store.rooms.put(
            changed, what=what, by=request.actor_id, seen=seen, request_id=request.request_id,
            moved_users=moved_standings(facts.room.standings, changed.standings), widened=widened_between(facts.room, changed),
        )

    return await decide_on(services, request, act)
