"""The standings of a room: whom the room product has made a manager of it, and how."""

from __future__ import annotations

from collections.abc import Mapping

from server.domain.person import Person, PersonState
from server.domain.refusals import LastOwner
from server.domain.roles import Permission, Role, Standing, permissions_in
from server.domain.room import Room

# What looks after a room, and needs nobody in it.
FROM_OUTSIDE = frozenset({Permission.INVITE, Permission.MANAGE_INVITATIONS, Permission.EDIT_ROOM, Permission.DELETE_ROOM})
_SENT_AWAY = frozenset({PersonState.BANNED, PersonState.REMOVED, PersonState.DECLINED})


def check_owner_kept(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Refuse to take the last owner away from a room that has one.

    Raises:
        LastOwner
    """
    if Standing.OWNER in before.values() and Standing.OWNER not in after.values():
        raise LastOwner


def moved_standings(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The users whose standing is another one, sorted."""
    return sorted(user for user in {*before, *after} if before.get(user) != after.get(user))


def manages_from_outside(room: Room, person: Person) -> bool:
    """Whether somebody who is not inside looks after the room all the same: the room names them a manager, now, and no host has
    sent them away. Who was sent away and waits in the line for a host's word has not come back."""
    return person.user_id in room.standings and person.state not in _SENT_AWAY and person.hold is None


def permissions_from_outside(room: Room, user_id: str, known: Person | None = None) -> list[str]:
    """What the site's user may do for the room without being in it, sorted, as it goes on the wire. `known`: who they are in the
    room already."""
    if user_id not in room.standings or (known is not None and not manages_from_outside(room, known)):
        return []
    return sorted(FROM_OUTSIDE & permissions_in(room, Role.MANAGER))
