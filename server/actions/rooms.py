"""Rooms: creating, editing, locking, deleting; opening and ending their sessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from server.actions.let_in import let_everybody_in
from server.actions.services import Answer, Request, Services, check_actor, decide_on
from server.domain.roles import Permission, check_permission
from server.domain.room import Phase, Room, check_can_start, check_exists, check_live
from server.store.facts import Facts


async def create_room(services: Services, room: Room, request_id: str) -> Answer:
    """A new room, open at once where it has no start.

    Raises:
        RoomExists
    """
    if room.starts_at_ms is None:
        room = replace(room, phase=Phase.OPEN)
    return await services.store.rooms.create(room, request_id=request_id)


async def edit_room(services: Services, request: Request, changes: dict[str, Any]) -> Answer:
    """Other title, description or start. A new start moves everybody's countdown at once."""

    def edited(facts: Facts) -> Room:
        if "starts_at_ms" in changes and facts.room.phase is not Phase.SCHEDULED:
            check_can_start(facts.room)
        start_reached = facts.room.start_reached and "starts_at_ms" not in changes
        return replace(facts.room, **changes, start_reached=start_reached)

    return await _change(services, request, "edited", Permission.EDIT_ROOM, edited)


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
        return replace(facts.room, phase=Phase.ENDED, ended_at_ms=facts.now_ms)

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
        if what != "deleted":
            check_exists(facts.room)
        changed = change(facts)
        if changed == facts.room:
            return {}
        seen = facts.seen(*request.people())
        return await services.store.rooms.put(
            changed, what=what, by=request.actor_id, seen=seen, request_id=request.request_id
        )

    return await decide_on(services, request, act)
