"""Letting the line in: at the start, at the unlocking, and when somebody's own time has come."""

from __future__ import annotations

import asyncio
import itertools

from server.actions.services import Answer, Request, Services, check_actor, decide_on
from server.domain.refusals import AlreadyLive, RoomFull
from server.domain.roles import Permission, check_permission
from server.domain.room import check_exists
from server.store.facts import Facts
from server.store.scripting import NotYet

# Between two batches, so that an audience arrives as a stream and not as a stampede.
BATCH_PAUSE_S = 0.02


async def let_everybody_in(services: Services, room_id: str) -> None:
    """Batch after batch in the order of the line, until nobody is left who may walk in.

    Any node may do it, several at once too: each batch takes whoever is first in the script.
    """
    answer = await services.store.line.let_in(room_id)
    while answer["more"]:
        await asyncio.sleep(BATCH_PAUSE_S)
        answer = await services.store.line.let_in(room_id)


async def open_by_time(services: Services, room_id: str) -> None:
    """The instant of the start has come: one node opens, the others find it done.

    Raises:
        RoomUnknown: the room is no more.
    """
    try:
        await services.store.rooms.open_session(room_id, by_time=True)
    except (AlreadyLive, NotYet):
        return
    await let_everybody_in(services, room_id)


async def admit(services: Services, request: Request, participant_ids: list[str]) -> Answer:
    """Let these waiters in, in this order, as many as there are seats for; the lock stays.

    Raises:
        AlreadyDecided: none of them waits any more.
        RoomFull: there is no seat for any of them.
        RoleForbidden, RoomDeleted, SessionEnded
    """

    async def act(facts: Facts) -> Answer:
        check_permission(check_actor(facts, request).role, Permission.ADMIT)
        check_exists(facts.room)
        seen = facts.seen(*request.people())
        return await services.store.line.admit(
            request.room_id, participant_ids, by=request.actor_id, seen=seen, request_id=request.request_id
        )

    return await decide_on(services, request, act)


async def admit_all(services: Services, request: Request) -> Answer:
    """Let in everybody who waits now and finds a seat; who comes later waits. Answers `admitted`, and `full`: for how many
    there was no seat. Between batches the actor's right is checked again.

    Raises:
        RoomFull: there is no seat for any of them.
        RoleForbidden, RoomDeleted, SessionEnded
    """
    count, upto = 0, 0
    for batch in itertools.count():
        # Each batch is a request of its own, so that the whole, asked for again, goes the same way and admits nobody else.
        answer = await _admit_batch(services, request.step(str(batch)), upto)
        count, upto = count + len(answer["admitted"] or ()), answer.get("upto", 0)
        if not answer["more"]:
            break
    if answer["full"] and not count:
        raise RoomFull
    return {"admitted": count, "full": answer["full"], "seq": answer.get("seq")}


async def _admit_batch(services: Services, request: Request, upto: int) -> Answer:
    async def act(facts: Facts) -> Answer:
        check_permission(check_actor(facts, request).role, Permission.ADMIT)
        check_exists(facts.room)
        seen = facts.seen(*request.people())
        return await services.store.line.let_in(
            request.room_id, upto=upto, by=request.actor_id, seen=seen, request_id=request.request_id
        )

    return await decide_on(services, request, act)


