"""What may be changed of a room, when, and what settings make no sense together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from server.domain.refusals import BadMessage
from server.domain.room import Access, Kind, Opens, Phase, Room, check_can_start, check_exists

MAX_STANDINGS = 200
MAX_REOPEN_S = 30 * 86_400


def _as_it_is(value: Any) -> Any:
    return value


_READERS: dict[str, Callable[[Any], Any]] = {"opens": Opens, "access": Access}


def check_settings(room: Room) -> None:
    """Refuse settings that contradict each other.

    Raises:
        BadMessage
    """
    if room.link_devices == 0:
        raise BadMessage("link_devices is a number of devices, or -1 for any.")
    if room.ends_at_ms is not None and room.ends_at_ms <= (room.starts_at_ms or 0):
        raise BadMessage("ends_at_ms must come after starts_at_ms: give both.")
    if (room.kind is Kind.CHANNEL) is (room.channel_id is None):
        raise BadMessage("A channel's room names its channel_id, and no other does.")
    if room.access is Access.CHANNEL_MEMBERS and room.kind is not Kind.CHANNEL:
        raise BadMessage("Only a channel's room can be for the members of a channel.")


def check_editable(room: Room, *, by_site: bool) -> None:
    """Refuse to edit what is over; between two sessions of a channel's room the site may.

    Raises:
        RoomDeleted, SessionEnded
    """
    if not (by_site and room.kind is Kind.CHANNEL and room.phase is Phase.ENDED):
        check_exists(room)


def edited(room: Room, changes: dict[str, Any]) -> Room:
    """`room` with `changes`. Another start, or another way to open, forgets that the start was reached; the same start said
    again, as a form with all settings says it, is no other.

    Raises:
        AlreadyLive: the start of a live session. BadMessage
    """
    changes = {name: _READERS.get(name, _as_it_is)(value) for name, value in changes.items()}
    is_moved = changes.get("starts_at_ms", room.starts_at_ms) != room.starts_at_ms
    if is_moved and room.phase is not Phase.SCHEDULED:
        check_can_start(room)
    forgets = is_moved or changes.get("opens", room.opens) != room.opens
    changed = replace(room, **changes, start_reached=room.start_reached and not forgets)
    check_settings(changed)
    return changed
