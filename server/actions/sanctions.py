"""Putting people out: removed until a host lets them back, or banned until the session ends."""

from __future__ import annotations

from server.actions.services import Answer, Request, Services, check_actor, decide_on
from server.domain.roles import check_sanction
from server.domain.room import check_not_deleted
from server.store.facts import Facts


async def remove(services: Services, request: Request, participant_id: str) -> Answer:
    """Raises: AlreadyDecided, RoleForbidden, ParticipantUnknown, RoomDeleted."""
    return await _put_out(services, request, participant_id, ban=False)


async def ban(services: Services, request: Request, participant_id: str) -> Answer:
    """Raises: AlreadyDecided, RoleForbidden, ParticipantUnknown, RoomDeleted."""
    return await _put_out(services, request, participant_id, ban=True)


async def _put_out(services: Services, request: Request, participant_id: str, *, ban: bool) -> Answer:
    async def act(facts: Facts) -> Answer:
        check_sanction(actor=check_actor(facts, request).role, target=facts.person(participant_id).role)
        check_not_deleted(facts.room)
        return await services.store.people.remove(
            request.room_id, participant_id, ban=ban, by=request.actor_id,
            seen=facts.seen(*request.people(participant_id)), request_id=request.request_id,
        )

    return await decide_on(services, request, act, participant_id)
