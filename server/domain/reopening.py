"""After the end: who may go on with the session, until when, and when the next one of a channel's room may begin."""

from __future__ import annotations

from server.domain.person import Person, PersonState
from server.domain.refusals import AlreadyLive, AlreadyPlanned, NotLive, RoleForbidden, SessionEnded
from server.domain.roles import Permission, Role, check_permission, is_host
from server.domain.room import Kind, Phase, Room, check_exists, check_not_deleted

_SENT_AWAY = (PersonState.REMOVED, PersonState.BANNED, PersonState.DECLINED)


def reopenable_until_ms(room: Room) -> int | None:
    """When an ended session is over for good; None where it has not ended."""
    if room.phase is not Phase.ENDED or room.ended_at_ms is None:
        return None
    return room.ended_at_ms + room.reopen_s * 1000


def is_reopenable(room: Room, now_ms: int) -> bool:
    until_ms = reopenable_until_ms(room)
    return until_ms is not None and now_ms < until_ms


def may_reopen(room: Room, person: Person | None, now_ms: int) -> bool:
    """Whether `person` may go on with an ended session: a host who was not sent away by another."""
    return person is not None and is_reopenable(room, now_ms) and is_host_still(person)


def is_host_still(person: Person) -> bool:
    return is_host(person.role) and person.state not in _SENT_AWAY and person.hold is None


def check_open_to(room: Room, person: Person | None, now_ms: int) -> None:
    """Refuse what no longer lives, but for those who may bring it back.

    Raises:
        RoomDeleted, SessionEnded
    """
    if not may_reopen(room, person, now_ms):
        check_exists(room)


def check_can_reopen(room: Room, person: Person | None, now_ms: int) -> None:
    """Refuse to go on with a session that is over for good or not over at all; `person` None: the site asks.

    Raises:
        RoomDeleted, SessionEnded, NotLive, AlreadyLive, RoleForbidden
    """
    check_not_deleted(room)
    if room.phase is Phase.SCHEDULED:
        raise NotLive
    if room.phase is not Phase.ENDED:
        raise AlreadyLive
    if not is_reopenable(room, now_ms):
        raise SessionEnded
    if person is not None and not is_host_still(person):
        raise RoleForbidden


def check_can_begin_next(room: Room, role: Role) -> None:
    """Refuse a next session to who may not start one, while one is planned or live, and to a room that has one session only.

    Raises:
        RoleForbidden, RoomDeleted, AlreadyPlanned, AlreadyLive, SessionEnded
    """
    check_permission(role, Permission.START_SESSION)
    check_not_deleted(room)
    if room.phase is Phase.SCHEDULED:
        raise AlreadyPlanned
    if room.phase is not Phase.ENDED:
        raise AlreadyLive
    if room.kind is Kind.STANDALONE:
        raise SessionEnded
