"""A room and its session: the record that Redis keeps, and the rules of its life."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from server.domain.refusals import AlreadyLive, NotLive, RoomDeleted, RoomUnknown, SessionEnded
from server.domain.roles import Role, is_host


class Phase(StrEnum):
    SCHEDULED = "scheduled"
    OPENING = "opening"
    OPEN = "open"
    ENDED = "ended"
    DELETED = "deleted"


class Opens(StrEnum):
    AT_START = "at_start"
    BY_HOST = "by_host"


class Access(StrEnum):
    """Who may enter without a link: everybody whom the site signed in, or nobody."""

    MEMBERS = "members"
    INVITED = "invited"


@dataclass(kw_only=True)
class Room:
    """One room, as stored: the source of truth. `rev` rises with every change of it; instants are epoch ms, UTC."""

    room_id: str
    title: str
    description: str | None = None
    opens: Opens = Opens.AT_START
    access: Access = Access.MEMBERS
    phase: Phase = Phase.SCHEDULED
    locked: bool = False
    cnc: bool = True
    starts_at_ms: int | None = None
    ends_at_ms: int | None = None
    start_reached: bool = False
    early_entry_s: int = 900
    link_ttl_s: int = 86_400
    link_devices: int = 1
    lobby_message: str | None = None
    standings: dict[str, str] = field(default_factory=dict)
    created_at_ms: int = 0
    opened_at_ms: int | None = None
    ended_at_ms: int | None = None
    rev: int = 0


_ROOM_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_room_id(room_id: str) -> None:
    """Refuse what cannot be a room's id before it becomes part of a key.

    Raises:
        RoomUnknown
    """
    if not _ROOM_ID.fullmatch(room_id):
        raise RoomUnknown


def check_exists(room: Room) -> None:
    """Refuse what no longer lives.

    Raises:
        RoomDeleted, SessionEnded
    """
    if room.phase is Phase.DELETED:
        raise RoomDeleted
    if room.phase is Phase.ENDED:
        raise SessionEnded


def check_can_start(room: Room) -> None:
    """Refuse to start a session that has started, or that is over.

    Raises:
        RoomDeleted, SessionEnded, AlreadyLive
    """
    check_exists(room)
    if room.phase is not Phase.SCHEDULED:
        raise AlreadyLive


def check_live(room: Room) -> None:
    """Refuse unless the session is live.

    Raises:
        RoomDeleted, SessionEnded, NotLive
    """
    check_exists(room)
    if room.phase is Phase.SCHEDULED:
        raise NotLive


def enter_at_ms_for(room: Room, role: Role) -> int | None:
    """The instant from which somebody of `role` may enter; None where there is nothing to wait for.

    Viewers wait for the start; speakers and moderators may come `early_entry_s` before it; a manager whenever they like.
    """
    if room.starts_at_ms is None or role is Role.MANAGER:
        return None
    if role is Role.VIEWER:
        return room.starts_at_ms
    return room.starts_at_ms - room.early_entry_s * 1000


def may_enter_before_start(room: Room, role: Role, now_ms: int) -> bool:
    """Whether somebody of `role` may be inside while the room is still scheduled."""
    if role is Role.MANAGER:
        return True
    if role is Role.VIEWER:
        return False
    enter_at_ms = enter_at_ms_for(room, role)
    return enter_at_ms is None or now_ms >= enter_at_ms


def walks_past_lock(role: Role) -> bool:
    """Managers and moderators walk into a locked room; everybody else who is new waits."""
    return is_host(role)


def link_expires_at_ms(room: Room, now_ms: int) -> int:
    """When the own time of a link, made or extended now, is over. The session's planned end may make it good for longer."""
    return now_ms + room.link_ttl_s * 1000


def planned_end_ms(room: Room) -> int:
    """When the session is to be over, 0 where nothing is planned.

    Where only a start is, a link's time counts from there, so that one sent a month ahead is good on the day, also when the
    day moves.
    """
    if room.ends_at_ms is not None:
        return room.ends_at_ms
    return room.starts_at_ms + room.link_ttl_s * 1000 if room.starts_at_ms is not None else 0
