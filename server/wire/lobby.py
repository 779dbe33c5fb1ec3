"""What a tab outside the room shows: one page at a time, and nothing about the people inside."""

from __future__ import annotations

from functools import cached_property

from server.domain.admission import LobbyState, lobby_state_for, may_knock
from server.domain.contents import RoomContents
from server.domain.invitation import Invitation, InvitationStatus, has_free_device
from server.domain.person import Person
from server.domain.room import Phase, Room, enter_at_ms_for, may_enter_before_start
from server.wire.showing import show_room_outside
from server.wire.views import LobbyView

EXACT_PLACES = 100
_HELD_BY_HOST = frozenset({LobbyState.WAITING_FOR_HOST, LobbyState.WAITING_IN_LINE})


class Places:
    """The first hundred places of the line, and whether a host is there to admit: computed once for all who ask, when the
    first does."""

    def __init__(self, contents: RoomContents) -> None:
        self._contents = contents

    @cached_property
    def _places(self) -> dict[str, int]:
        line = self._contents.line()[:EXACT_PLACES]
        return {person.participant_id: place for place, person in enumerate(line, start=1)}

    @cached_property
    def has_host_inside(self) -> bool:
        return self._contents.has_host_inside()

    def of(self, person: Person) -> tuple[int | None, int | None]:
        """(own place, None), or (None, 100) beyond that, or (None, None) for somebody who is not in the line."""
        if not person.is_waiter:
            return None, None
        place = self._places.get(person.participant_id)
        return (place, None) if place else (None, EXACT_PLACES)


def lobby_of_person(contents: RoomContents, person: Person, places: Places, now_ms: int) -> LobbyView:
    """The page of somebody who has proven who they are. `rev` is left to the connection."""
    room = contents.room
    state = lobby_state_for(room, person, now_ms)
    place, more_than = places.of(person) if state is LobbyState.WAITING_IN_LINE else (None, None)
    return LobbyView(
        rev=0,
        state=state,
        needs_email=False,
        room=show_room_outside(room, proven=True),
        enter_at_ms=enter_at_ms_for(room, person.role) if room.phase is Phase.SCHEDULED else None,
        position=place,
        more_than=more_than,
        host_message=room.lobby_message,
        decline_message=person.decline_message if state is LobbyState.DECLINED else None,
        can_be_admitted=state not in _HELD_BY_HOST or places.has_host_inside,
        can_knock=may_knock(person),
        device_request=None,
    )


def lobby_of_link(room: Room, invitation: Invitation, device_id: str | None, now_ms: int) -> LobbyView:
    """The page of a link whose address is not proven yet on this device."""
    state, request = _state_of_link(room, invitation, device_id, now_ms)
    return LobbyView(
        rev=0,
        state=state,
        needs_email=state in (LobbyState.COUNTDOWN, LobbyState.EMAIL_ENTRY),
        room=show_room_outside(room, proven=False),
        enter_at_ms=enter_at_ms_for(room, invitation.role) if room.phase is Phase.SCHEDULED else None,
        position=None,
        more_than=None,
        host_message=None,
        decline_message=None,
        can_be_admitted=True,
        can_knock=False,
        device_request=request,
    )


def _state_of_link(
    room: Room, invitation: Invitation, device_id: str | None, now_ms: int
) -> tuple[LobbyState, str | None]:
    if device_id in invitation.devices:
        return LobbyState.DEVICE_ALLOWED, None
    asked = invitation.device_request
    mine = asked.status.value if asked and asked.device.device_id == device_id else None
    if invitation.status is InvitationStatus.CLAIMED and not has_free_device(invitation):
        return LobbyState.USED, mine
    may_enter = may_enter_before_start(room, invitation.role, now_ms)
    if room.phase is Phase.SCHEDULED and not room.start_reached and not may_enter:
        return LobbyState.COUNTDOWN, None
    return LobbyState.EMAIL_ENTRY, None
