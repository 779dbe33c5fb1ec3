"""A room's sessions after the first end: going on with one, and the next one of a channel's room."""

from __future__ import annotations

from dataclasses import replace

from server.actions.services import Answer, Request, Services, decide_on
from server.domain.person import Person
from server.domain.reopening import check_can_begin_next, check_can_reopen
from server.domain.roles import Role
from server.domain.room import Phase, Room
from server.domain.room_settings import check_settings
from server.store.facts import Facts

# Of links of earlier sessions, whose hashes are kept so that they get the right answer.
MAX_PAST_LINKS = 20_000


async def reopen_session(services: Services, request: Request) -> Answer:
    """Go on with a session that has ended. Hosts who wait for that are in at once.

    Raises:
        SessionEnded: for good. AlreadyLive, NotLive, RoomDeleted, RoleForbidden, ParticipantUnknown
    """

    async def act(facts: Facts) -> Answer:
        # Whoever asks need not be inside: nobody is.
        check_can_reopen(facts.room, _asking(facts, request), facts.now_ms)
        return await services.store.rooms.reopen(
            request.room_id, by=request.actor_id, seen=facts.seen(*request.people()), request_id=request.request_id
        )

    return await decide_on(services, request, act)


async def begin_next_session(
    services: Services, request: Request, *, starts_at_ms: int | None, ends_at_ms: int | None
) -> Answer:
    """The next session of a channel's room: planned, or live at once where it has no start. Nobody of the last one is left in
    it, and its invitations are over.

    Raises:
        RoleForbidden, ParticipantUnknown, RoomDeleted, AlreadyPlanned, AlreadyLive, SessionEnded, BadMessage
    """

    async def act(facts: Facts) -> Answer:
        person = _asking(facts, request)
        check_can_begin_next(facts.room, person.role if person else Role.MANAGER)
        check_settings(begun := _next(facts.room, starts_at_ms, ends_at_ms))
        return await services.store.rooms.begin_next(
            begun, by=request.actor_id, seen=facts.seen(*request.people()), max_past_links=MAX_PAST_LINKS,
            request_id=request.request_id,
        )

    return await decide_on(services, request, act)


def _asking(facts: Facts, request: Request) -> Person | None:
    return facts.person(request.actor_id) if request.actor_id is not None else None


def _next(room: Room, starts_at_ms: int | None, ends_at_ms: int | None) -> Room:
    """What the room's settings say stays, the lock among them; what was the last session's goes."""
    return replace(
        room, session_no=room.session_no + 1, phase=Phase.OPEN if starts_at_ms is None else Phase.SCHEDULED,
        starts_at_ms=starts_at_ms, ends_at_ms=ends_at_ms, start_reached=False, lobby_message=None, opened_at_ms=None,
        ended_at_ms=None, ended_because=None, host_seen=False, host_absent_since_ms=None, hosts_pinged_at_ms=None,
    )
