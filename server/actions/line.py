"""The line: declining, sending back, withdrawing and knocking again."""

from __future__ import annotations

from dataclasses import replace

from server.actions.services import Answer, Request, Services, check_actor, decide_on
from server.domain.admission import hold_after_knock, may_knock, waits_for_host
from server.domain.person import PersonState
from server.domain.refusals import Banned, Declined, NotWaiting
from server.domain.roles import Permission, check_permission, check_sanction
from server.domain.room import check_exists
from server.store.facts import Facts


async def decline(services: Services, request: Request, participant_id: str, message: str | None) -> Answer:
    """Send a waiter away, with an optional message.

    Raises:
        AlreadyDecided, RoleForbidden, ParticipantUnknown, RoomDeleted, SessionEnded
    """

    async def act(facts: Facts) -> Answer:
        check_permission(check_actor(facts, request).role, Permission.ADMIT)
        check_exists(facts.room)
        facts.person(participant_id)
        return await services.store.line.decline(
            request.room_id, participant_id, message or None, by=request.actor_id,
            seen=facts.seen(*request.people()), request_id=request.request_id,
        )

    return await decide_on(services, request, act, participant_id)


async def send_back(services: Services, request: Request, participant_id: str) -> Answer:
    """Out of the room and into the line.

    Raises:
        AlreadyDecided, RoleForbidden, ParticipantUnknown, RoomDeleted, SessionEnded
    """

    async def act(facts: Facts) -> Answer:
        check_sanction(actor=check_actor(facts, request).role, target=facts.person(participant_id).role)
        check_exists(facts.room)
        return await services.store.people.send_back(
            request.room_id, participant_id, by=request.actor_id,
            seen=facts.seen(*request.people(participant_id)), request_id=request.request_id,
        )

    return await decide_on(services, request, act, participant_id)


async def withdraw(services: Services, request: Request) -> Answer:
    """Leave the line by oneself.

    Raises:
        NotWaiting
    """

    async def act(facts: Facts) -> Answer:
        me = facts.person(request.actor_id or "")
        if me.state is not PersonState.WAITING:
            raise NotWaiting
        return await services.store.line.withdraw(
            request.room_id, me.participant_id, seen=facts.seen(me.participant_id), request_id=request.request_id
        )

    return await decide_on(services, request, act)


async def knock(services: Services, request: Request) -> Answer:
    """Ask again, after having left the line, been declined (once) or removed.

    Raises:
        Declined: twice is enough.
        Banned, NotWaiting, LineFull
    """

    async def act(facts: Facts) -> Answer:
        check_exists(facts.room)
        me = facts.person(request.actor_id or "")
        if not may_knock(me):
            raise {PersonState.DECLINED: Declined, PersonState.BANNED: Banned}.get(me.state, NotWaiting)
        hold = hold_after_knock(me)
        return await services.store.line.knock(
            request.room_id, me.participant_id, hold,
            waits_for_host=waits_for_host(facts.room, replace(me, hold=hold), facts.now_ms),
            seen=facts.seen(me.participant_id), request_id=request.request_id,
        )

    return await decide_on(services, request, act)
