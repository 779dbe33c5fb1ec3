"""Which tabs end with the session, and which one another connection took over."""

from __future__ import annotations

from collections.abc import Mapping

from server.domain import events
from server.domain.contents import RoomContents
from server.domain.person import PersonState
from server.domain.refusals import Replaced, RoomDeleted, SessionEnded
from server.domain.reopening import may_reopen
from server.domain.room import Phase
from server.hub.connection import Connection


def end_all(connections: list[Connection], contents: RoomContents, now_ms: int, *, just_now: bool) -> bool:
    """The room is over: end everybody when that happens (`just_now`), and later who may not go on with it; whether nobody is
    left."""
    for connection in connections:
        if contents.room.phase is Phase.DELETED:
            connection.end(RoomDeleted())
        elif just_now or not _may_stay_after_end(connection, contents, now_ms):
            connection.end(SessionEnded())
    return all(connection.ended.done() for connection in connections)


def _may_stay_after_end(connection: Connection, contents: RoomContents, now_ms: int) -> bool:
    """Who came back after the end is no longer inside; whoever still is was on the way in, and is told that it is over."""
    person = contents.people.get(connection.participant_id or "")
    is_back = person is not None and person.state is PersonState.KNOWN
    return is_back and may_reopen(contents.room, person, now_ms)


def end_replaced(connections: Mapping[str, Connection], event: events.TabReplaced) -> None:
    connection = connections.get(event.connection_id)
    if connection is not None and connection.participant_id == event.by:
        connection.end(Replaced())
