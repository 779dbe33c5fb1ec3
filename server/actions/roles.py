"""Roles and hands."""

from __future__ import annotations

from server.actions.services import Answer, Request, Services, check_actor, decide_on
from server.domain.refusals import NotInside
from server.domain.roles import Permission, Role, check_permission, check_role_change
from server.domain.room import check_not_deleted
from server.store.facts import Facts


async def change_role(services: Services, request: Request, participant_id: str, wanted: Role) -> Answer:
    """Move somebody to another role. Enforced when this returns; their tabs are told by the log.

    Raises:
        RoleForbidden, ParticipantUnknown, NotInside, RoomDeleted
    """

    async def act(facts: Facts) -> Answer:
        actor, target = check_actor(facts, request), facts.person(participant_id)
        check_role_change(actor=actor.role, current=target.role, wanted=wanted)
        check_not_deleted(facts.room)
        if target.role is wanted:
            unchanged = {"changed": False, "role_rev": target.role_rev, "expected": 0}
            seen = facts.seen(*request.people(participant_id))
            return await services.store.settle(request.room_id, unchanged, seen, request.request_id)
        return await services.store.people.change_role(
            request.room_id, participant_id, old=target.role, new=wanted, by=request.actor_id,
            seen=facts.seen(*request.people(participant_id)), request_id=request.request_id,
        )

    return {"changed": True, **await decide_on(services, request, act, participant_id)}


async def raise_hand(services: Services, request: Request) -> Answer:
    """Raises: NotInside, RoomDeleted."""
    if request.actor_id is None:
        raise NotInside
    return await _change_hand(services, request, request.actor_id, Permission.RAISE_HAND, raised=True)


async def lower_hand(services: Services, request: Request, participant_id: str | None) -> Answer:
    """One's own, or as a host somebody's. Raises: NotInside, RoleForbidden, ParticipantUnknown, RoomDeleted."""
    if participant_id is None and request.actor_id is None:
        raise NotInside
    own = participant_id in (None, request.actor_id)
    permission = Permission.RAISE_HAND if own else Permission.CLEAR_HANDS
    return await _change_hand(services, request, participant_id or request.actor_id, permission, raised=False)


async def clear_hands(services: Services, request: Request) -> Answer:
    """Raises: NotInside, RoleForbidden, RoomDeleted."""
    return await _change_hand(services, request, None, Permission.CLEAR_HANDS, raised=False)


async def _change_hand(
    services: Services, request: Request, participant_id: str | None, permission: Permission, *, raised: bool
) -> Answer:
    async def act(facts: Facts) -> Answer:
        check_permission(check_actor(facts, request).role, permission)
        check_not_deleted(facts.room)
        if participant_id is not None:
            facts.person(participant_id)
        return await services.store.people.change_hands(
            request.room_id, participant_id, raised=raised, by=request.actor_id,
            seen=facts.seen(*request.people()), request_id=request.request_id,
        )

    return await decide_on(services, request, act, *([participant_id] if participant_id else []))
