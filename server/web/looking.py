"""Commands that only look at the room, answered from this node's replica: pages of the people in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import structs

from server.actions.services import Answer
from server.domain.refusals import NotInside, RoleForbidden
from server.domain.roster import Group
from server.hub.connection import Connection
from server.hub.hub import Hub
from server.hub.room import HubRoom
from server.wire import messages as m
from server.wire.audiences import Audience, sees_line
from server.wire.paging import query_for, show_page, show_waiters_page


def look(hub: Hub, connection: Connection, command: m.Command) -> Answer:
    """What somebody inside sees of the room's people, at the replica's `seq`.

    Raises:
        NotInside, RoleForbidden
        BadMessage: a cursor that was not given out.
    """
    room = hub.rooms.get(connection.identity.room_id)
    if room is None or connection.audience is None:
        raise NotInside
    return _LOOKS[type(command)](room, connection, connection.audience, command)


def _participants(room: HubRoom, connection: Connection, audience: Audience, command: m.ParticipantsPage) -> Answer:
    query = query_for(command.group, cursor=command.cursor, limit=command.limit, search=command.search)
    return structs.asdict(show_page(room.states.roster, query, audience, room.seq))


def _waiters(room: HubRoom, connection: Connection, audience: Audience, command: m.WaitersPage) -> Answer:
    if not sees_line(audience):
        raise RoleForbidden
    query = query_for(Group.LINE, cursor=command.cursor, limit=command.limit, search=command.search)
    return structs.asdict(show_waiters_page(room.states.roster, query, room.seq))


def _watch(room: HubRoom, connection: Connection, audience: Audience, command: m.ParticipantsWatch) -> Answer:
    page = command.page
    if page is None:
        room.states.watch(connection, None)
    else:
        query = query_for(page.group, cursor=page.cursor, limit=page.limit, search=page.search)
        room.states.watch(connection, query)
    return {}


_LOOKS: dict[type[m.Command], Callable[[HubRoom, Connection, Audience, Any], Answer]] = {
    m.ParticipantsPage: _participants,
    m.WaitersPage: _waiters,
    m.ParticipantsWatch: _watch,
}
LOOKS = tuple(_LOOKS)
