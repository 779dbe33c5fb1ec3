"""Names: taking another one."""

from __future__ import annotations

from server.actions.services import Answer, Request, Services, decide_on
from server.domain.person import PersonState
from server.domain.refusals import BadMessage, NotInside, RenameDisabled
from server.domain.room import check_exists
from server.store.facts import Facts
from server.trust.site_tokens import clean_name

NOTHING_LEFT = "?"


async def rename_oneself(services: Services, request: Request, name: str) -> Answer:
    """Another name for whoever asks, inside or in the line, where the room allows it. Their invitation keeps its names.

    Raises:
        BadMessage: nothing of it can be shown. RenameDisabled, NotInside, ParticipantUnknown, RoomDeleted, SessionEnded
    """
    cleaned = clean_name(name)
    if cleaned == NOTHING_LEFT:
        raise BadMessage("A name needs characters that can be shown.")

    async def act(facts: Facts) -> Answer:
        check_exists(facts.room)
        me = facts.person(request.actor_id or "")
        if me.state not in (PersonState.INSIDE, PersonState.WAITING):
            raise NotInside
        if not facts.room.rename:
            raise RenameDisabled
        return await services.store.people.rename(
            request.room_id, me.participant_id, cleaned, seen=facts.seen(me.participant_id), request_id=request.request_id
        )

    return await decide_on(services, request, act)
