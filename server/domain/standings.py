"""The standings of a room: whom the room product has made a manager of it, and how."""

from __future__ import annotations

from collections.abc import Mapping

from server.domain.refusals import LastOwner
from server.domain.roles import Standing


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
