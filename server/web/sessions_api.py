"""HTTP for a room's sessions after the first end: going on with one, and the next one of a channel's room."""

from __future__ import annotations

from server.actions.sessions import begin_next_session, reopen_session
from server.domain.refusals import (
    AlreadyLive,
    AlreadyPlanned,
    NotLive,
    ParticipantUnknown,
    RoleForbidden,
    RoomDeleted,
    SessionEnded,
)
from server.web.answers import Body
from server.web.callers import Caller
from server.web.operations import Call, Operations
from server.web.shapes import EmptyAnswer, SessionBegunAnswer
from server.wire.messages import Instant

operations = Operations("Sessions")


class BeginSessionBody(Body):
    starts_at_ms: Instant | None = None
    ends_at_ms: Instant | None = None


class ReopenBody(Body):
    pass


@operations.post(
    "/v1/rooms/{room_id}/sessions", caller=Caller.SITE_OR_PERSON, status=201,
    refuses=(RoomDeleted, SessionEnded, AlreadyLive, AlreadyPlanned, RoleForbidden, ParticipantUnknown),
)
async def begin_session(call: Call, body: BeginSessionBody) -> SessionBegunAnswer:
    """Begin the next session of a channel's room, once the last one has ended.

    It is live at once where it has no start. Nobody of the last session is left in it, its roles and bans are gone, and its
    links answer `session_ended`. A standalone room has one session only. Hosts of the last session may do this too.
    """
    begun = await begin_next_session(
        call.services, call.request, starts_at_ms=body.starts_at_ms, ends_at_ms=body.ends_at_ms
    )
    return SessionBegunAnswer(session_no=begun["session_no"])


@operations.post(
    "/v1/rooms/{room_id}/reopen", caller=Caller.SITE_OR_PERSON,
    refuses=(RoomDeleted, SessionEnded, AlreadyLive, NotLive, RoleForbidden, ParticipantUnknown),
)
async def reopen(call: Call, body: ReopenBody) -> EmptyAnswer:
    """Go on with a session that has ended, while the room's `reopen_s` lasts.

    Claims, roles, bans and who was let in hold: everybody may come again as they came before.
    """
    await reopen_session(call.services, call.request)
    return EmptyAnswer()
