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
    """Who may enter without a link: everybody whom the site signed in, those of the room's channel among them, or nobody."""

    MEMBERS = "members"
    CHANNEL_MEMBERS = "channel_members"
    INVITED = "invited"


class ClaimProof(StrEnum):
    """What a link asks for beside itself: the invited address typed, or typed and proven by a code that is mailed to it."""

    TYPED = "typed"
    CODE = "code"


class Kind(StrEnum):
    """A standalone room has one session, and is over with it; the sessions of a channel's room come and go."""

    STANDALONE = "standalone"
    CHANNEL = "channel"


class EndedBecause(StrEnum):
    """Why a session is over: a host ended it, the site did, or the hosts stayed away."""

    HOST = "host"
    SITE = "site"
    HOST_ABSENCE = "host_absence"


@dataclass(kw_only=True)
class Room:
    """One room, as stored: the source of truth. `rev` rises with every change of it; instants are epoch ms, UTC.

    `capacity`: how many seats there are, None where nobody counts. `host_absence_s`: how long a live session goes on without
    the hosts that it had, 0 for ever. `host_seen`, `host_absent_since_ms` are the scripts' to write. `session_no`: which of
    the room's sessions this is, from 1. `reopen_s`: how long after the end a host may go on with it. `moderators_invite`,
    `speakers_initiate`: what these roles may do here beside their own. `rename`: people may change their own name.
    """

    room_id: str
    title: str
    description: str | None = None
    kind: Kind = Kind.STANDALONE
    channel_id: str | None = None
    session_no: int = 1
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
    email_proof: ClaimProof = ClaimProof.TYPED
    capacity: int | None = None
    host_absence_s: int = 900
    reopen_s: int = 86_400
    moderators_invite: bool = False
    speakers_initiate: bool = False
    rename: bool = False
    lobby_message: str | None = None
    guest_access: bool = True
    allowed_domains: list[str] = field(default_factory=list)
    blocked_domains: list[str] = field(default_factory=list)
    standings: dict[str, str] = field(default_factory=dict)
    created_at_ms: int = 0
    opened_at_ms: int | None = None
    ended_at_ms: int | None = None
    ended_because: EndedBecause | None = None
    host_seen: bool = False
    host_absent_since_ms: int | None = None
    hosts_pinged_at_ms: int | None = None
    rev: int = 0


def host_absence_ends_at_ms(room: Room) -> int | None:
    """When a session ends for want of a host; None while one is there, or where that ends nothing."""
    if room.host_absent_since_ms is None or room.host_absence_s == 0:
        return None
    return room.host_absent_since_ms + room.host_absence_s * 1000


_ROOM_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_room_id(room_id: str) -> None:
    """Refuse what cannot be a room's id before it becomes part of a key.

    Raises:
        RoomUnknown
    """
    if not _ROOM_ID.fullmatch(room_id):
        raise RoomUnknown


def is_over(room: Room) -> bool:
    """Whether the session has ended, or the room is deleted."""
    return room.phase in (Phase.ENDED, Phase.DELETED)


def check_not_deleted(room: Room) -> None:
    """Refuse a room that is gone; one whose session has ended may go on.

    Raises:
        RoomDeleted
    """
    if room.phase is Phase.DELETED:
        raise RoomDeleted


def check_exists(room: Room) -> None:
    """Refuse what no longer lives.

    Raises:
        RoomDeleted, SessionEnded
    """
    check_not_deleted(room)
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
