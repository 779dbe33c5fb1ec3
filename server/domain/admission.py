"""Who walks in, who waits and why, and who is let in when the door opens."""

from __future__ import annotations

from enum import StrEnum

from server.domain.person import Hold, Person, PersonState
from server.domain.refusals import Banned
from server.domain.reopening import may_reopen
from server.domain.roles import is_host
from server.domain.room import (
    Opens,
    Phase,
    Room,
    check_exists,
    enter_at_ms_for,
    may_enter_before_start,
    walks_past_lock,
)


class Door(StrEnum):
    """What happens to somebody who arrives."""

    ENTER = "enter"
    WAIT = "wait"
    STAY_OUT = "stay_out"  # declined or removed: the page says so and offers to knock
    AFTER_END = "after_end"  # a host comes back who may go on with the session: the page offers it


class LobbyState(StrEnum):
    """What an invitee's page shows; one heading each."""

    EMAIL_ENTRY = "email_entry"
    COUNTDOWN = "countdown"
    WAITING_FOR_HOST = "waiting_for_host"
    WAITING_IN_LINE = "waiting_in_line"
    ROOM_FULL = "room_full"
    ENTERING = "entering"
    DECLINED = "declined"
    REMOVED = "removed"
    LEFT_LINE = "left_line"
    USED = "used_on_another_device"
    DEVICE_ALLOWED = "device_allowed"
    SESSION_ENDED = "session_ended"


# Where only a host can help: by a yes, or by starting the session.
WAITS_FOR_HOST = frozenset({LobbyState.WAITING_FOR_HOST, LobbyState.WAITING_IN_LINE})


def door_for(room: Room, person: Person, now_ms: int) -> Door:
    """What the door does when `person` arrives at `now_ms`. Whether there is a seat is counted where they enter.

    An admitted person returns past the lock; managers and moderators walk in; before the start a role may enter from
    its own instant on; everybody else waits.

    Raises:
        RoomDeleted, SessionEnded, Banned
    """
    if may_reopen(room, person, now_ms):
        return Door.AFTER_END
    check_exists(room)
    if person.state is PersonState.BANNED:
        raise Banned
    if person.state in (PersonState.DECLINED, PersonState.REMOVED):
        return Door.STAY_OUT
    if person.state is PersonState.INSIDE:
        return Door.ENTER
    return Door.ENTER if may_walk_in(room, person, now_ms) else Door.WAIT


def may_walk_in(room: Room, person: Person, now_ms: int) -> bool:
    """Whether a waiter or a new arrival needs nobody's yes."""
    if person.hold is not None:
        return False
    if person.admitted:
        return True  # they have lost their seat, no more
    if room.locked and not walks_past_lock(person.role):
        return False
    if room.phase is Phase.SCHEDULED:
        return may_enter_before_start(room, person.role, now_ms)
    # While the line is being let in, arrivals join its end: nobody overtakes those who waited.
    return room.phase is Phase.OPEN or is_host(person.role)


def waiting_reason(room: Room, person: Person, now_ms: int) -> LobbyState:
    """What keeps a waiter in the line, seats apart; `ENTERING`: nothing does."""
    if person.hold is not None:
        return LobbyState.WAITING_IN_LINE
    if person.admitted:
        return LobbyState.ENTERING
    if room.phase is Phase.SCHEDULED:
        return _before_start(room, person, now_ms)
    if room.locked and not walks_past_lock(person.role):
        return LobbyState.WAITING_IN_LINE
    return LobbyState.ENTERING


def waits_for_host(room: Room, person: Person, now_ms: int) -> bool:
    """Whether somebody who waits, or is about to, gets in by a host alone: by their yes, or by their start."""
    return waiting_reason(room, person, now_ms) in WAITS_FOR_HOST


def _before_start(room: Room, person: Person, now_ms: int) -> LobbyState:
    if may_enter_before_start(room, person.role, now_ms):
        # Their time has come; only the lock can keep them here.
        return LobbyState.WAITING_IN_LINE if room.locked and not walks_past_lock(person.role) else LobbyState.ENTERING
    enter_at_ms = enter_at_ms_for(room, person.role)
    if enter_at_ms is None or room.start_reached:
        return LobbyState.WAITING_FOR_HOST
    if room.opens is Opens.BY_HOST and room.starts_at_ms is not None and now_ms >= room.starts_at_ms:
        return LobbyState.WAITING_FOR_HOST
    return LobbyState.COUNTDOWN


def lobby_state_for(room: Room, person: Person, now_ms: int, *, has_seat: bool = True) -> LobbyState:
    """Which page a proven invitee outside the room sees. `has_seat`: one is free for them; what else holds them comes first."""
    if room.phase is Phase.ENDED:
        return LobbyState.SESSION_ENDED
    if person.state is PersonState.DECLINED:
        return LobbyState.DECLINED
    if person.state is PersonState.REMOVED:
        return LobbyState.REMOVED
    if person.state is PersonState.KNOWN:
        return LobbyState.LEFT_LINE
    reason = waiting_reason(room, person, now_ms)
    return LobbyState.ROOM_FULL if reason is LobbyState.ENTERING and not has_seat else reason


def hold_after_knock(person: Person) -> Hold | None:
    """Why somebody who knocks again has to wait for a host even in an unlocked room."""
    if person.state is PersonState.REMOVED:
        return Hold.REMOVED
    if person.state is PersonState.DECLINED:
        return Hold.DECLINED
    return person.hold


def may_knock(person: Person) -> bool:
    """Who has left the line may come back; declined people may knock once more; removed people may ask."""
    if person.state in (PersonState.REMOVED, PersonState.KNOWN):
        return True
    return person.state is PersonState.DECLINED and person.knocks < 1
