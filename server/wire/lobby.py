"""What a tab outside the room shows: one page at a time, and nothing about the people inside."""

from __future__ import annotations

from functools import cached_property
from itertools import islice

from server.domain.admission import WAITS_FOR_HOST, LobbyState, lobby_state_for, may_knock, waiting_reason
from server.domain.contents import RoomContents
from server.domain.invitation import Invitation, InvitationStatus, has_free_device
from server.domain.person import Person
from server.domain.reopening import may_reopen
from server.domain.roles import is_host
from server.domain.room import ClaimProof, Phase, Room, enter_at_ms_for, may_enter_before_start
from server.wire.showing import show_room_outside
from server.wire.views import LobbyView

EXACT_PLACES = 100
_SHOWS_PLACE = frozenset({LobbyState.WAITING_IN_LINE, LobbyState.ROOM_FULL})
_CALLS_FOR_HOST = WAITS_FOR_HOST | {LobbyState.ROOM_FULL}


class Places:
    """The first hundred places of the line, whether a host is there to admit, and for whom there is a seat: computed once
    for all who ask, when the first does."""

    def __init__(self, contents: RoomContents) -> None:
        self._contents = contents
        self._seated: set[str] | None = None

    @cached_property
    def _places(self) -> dict[str, int]:
        line = self._contents.line()[:EXACT_PLACES]
        return {person.participant_id: place for place, person in enumerate(line, start=1)}

    @cached_property
    def has_host_inside(self) -> bool:
        return self._contents.has_host_inside()

    def has_seat(self, person: Person, now_ms: int) -> bool:
        """Whether a seat is free for a waiter, once those before them have taken theirs. Hosts need none."""
        if self._seated is None:
            self._seated = self._next_in(now_ms)
        return self._contents.room.capacity is None or is_host(person.role) or person.participant_id in self._seated

    def _next_in(self, now_ms: int) -> set[str]:
        free, room = self._contents.free_seats(now_ms), self._contents.room
        if not free:
            return set()
        going = (p for p in self._contents.line() if waiting_reason(room, p, now_ms) is LobbyState.ENTERING)
        return {person.participant_id for person in islice(going, free)}

    def of(self, person: Person) -> tuple[int | None, int | None]:
        """(own place, None), or (None, 100) beyond that, or (None, None) for somebody who is not in the line."""
        if not person.is_waiter:
            return None, None
        place = self._places.get(person.participant_id)
        return (place, None) if place else (None, EXACT_PLACES)


def lobby_of_person(contents: RoomContents, person: Person, places: Places, now_ms: int) -> LobbyView:
    """The page of somebody who has proven who they are. `rev` is left to the connection."""
    room = contents.room
    state = lobby_state_for(room, person, now_ms, has_seat=places.has_seat(person, now_ms))
    place, more_than = places.of(person) if state in _SHOWS_PLACE else (None, None)
    return LobbyView(
        rev=0,
        state=state,
        needs_email=False,
        needs_code=False,
        room=show_room_outside(room, proven=True),
        enter_at_ms=enter_at_ms_for(room, person.role) if room.phase is Phase.SCHEDULED else None,
        position=place,
        more_than=more_than,
        host_message=room.lobby_message,
        decline_message=person.decline_message if state is LobbyState.DECLINED else None,
        can_be_admitted=state not in _CALLS_FOR_HOST or places.has_host_inside,
        can_knock=state is not LobbyState.SESSION_ENDED and may_knock(person),
        can_reopen=state is LobbyState.SESSION_ENDED and may_reopen(room, person, now_ms),
        device_request=None,
    )


def lobby_of_link(
    room: Room, invitation: Invitation, device_id: str | None, now_ms: int, *, resembled_id: str | None = None
) -> LobbyView:
    """The page of a link whose address is not proven yet on this device. One that resembles the device with the claim gives
    the address again and asks nobody."""
    state, request = _state_of_link(room, invitation, device_id, resembled_id, now_ms)
    return LobbyView(
        rev=0,
        state=state,
        needs_email=state in (LobbyState.COUNTDOWN, LobbyState.EMAIL_ENTRY),
        needs_code=invitation.email_proof is ClaimProof.CODE,
        room=show_room_outside(room, proven=False),
        enter_at_ms=enter_at_ms_for(room, invitation.role) if room.phase is Phase.SCHEDULED else None,
        position=None,
        more_than=None,
        host_message=None,
        decline_message=None,
        can_be_admitted=True,
        can_knock=False,
        can_reopen=False,
        device_request=request,
    )


def _state_of_link(
    room: Room, invitation: Invitation, device_id: str | None, resembled_id: str | None, now_ms: int
) -> tuple[LobbyState, str | None]:
    if device_id in invitation.devices:
        return LobbyState.DEVICE_ALLOWED, None
    asked = invitation.device_request
    mine = asked.status.value if asked and asked.device.device_id == device_id else None
    is_held = invitation.status is InvitationStatus.CLAIMED and not has_free_device(invitation)
    if is_held and resembled_id not in invitation.devices:
        return LobbyState.USED, mine
    may_enter = may_enter_before_start(room, invitation.role, now_ms)
    if room.phase is Phase.SCHEDULED and room.starts_at_ms is not None and not room.start_reached and not may_enter:
        return LobbyState.COUNTDOWN, None
    return LobbyState.EMAIL_ENTRY, None
