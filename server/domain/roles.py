"""Roles, standings, what each may do, and who may move whom."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from server.domain.refusals import RoleForbidden


class Role(StrEnum):
    VIEWER = "viewer"
    SPEAKER = "speaker"
    MODERATOR = "moderator"
    MANAGER = "manager"


class Standing(StrEnum):
    """A manager's lasting relation to the room, given by the room product; it makes the role `manager`."""

    OWNER = "owner"
    CO_OWNER = "co_owner"
    CO_EDITOR = "co_editor"
    CO_PUBLISHER = "co_publisher"


class Permission(StrEnum):
    CHAT = "chat"
    ANSWER_INTERACTIONS = "answer_interactions"
    ASK_QUESTIONS = "ask_questions"
    RAISE_HAND = "raise_hand"
    BACKCHANNEL = "backchannel"
    INITIATE_INTERACTIONS = "initiate_interactions"
    SEE_LINE = "see_line"
    ADMIT = "admit"
    LOCK = "lock"
    CHANGE_ROLES = "change_roles"
    REMOVE = "remove"
    BAN = "ban"
    CLEAR_HANDS = "clear_hands"
    START_SESSION = "start_session"
    END_SESSION = "end_session"
    INVITE = "invite"
    MANAGE_INVITATIONS = "manage_invitations"
    EDIT_ROOM = "edit_room"
    DELETE_ROOM = "delete_room"
    READ_AUDIT = "read_audit"


RANK: dict[Role, int] = {Role.VIEWER: 0, Role.SPEAKER: 1, Role.MODERATOR: 2, Role.MANAGER: 3}

_VIEWER = frozenset({Permission.CHAT, Permission.ANSWER_INTERACTIONS, Permission.ASK_QUESTIONS, Permission.RAISE_HAND})
_SPEAKER = _VIEWER | {Permission.BACKCHANNEL}
_MODERATOR = _SPEAKER | {
    Permission.INITIATE_INTERACTIONS,
    Permission.SEE_LINE,
    Permission.ADMIT,
    Permission.LOCK,
    Permission.CHANGE_ROLES,
    Permission.REMOVE,
    Permission.BAN,
    Permission.CLEAR_HANDS,
    Permission.START_SESSION,
    Permission.END_SESSION,
}
_MANAGER = _MODERATOR | {
    Permission.INVITE,
    Permission.MANAGE_INVITATIONS,
    Permission.EDIT_ROOM,
    Permission.DELETE_ROOM,
    Permission.READ_AUDIT,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.SPEAKER: _SPEAKER,
    Role.MODERATOR: _MODERATOR,
    Role.MANAGER: _MANAGER,
}


class Widening(Protocol):
    """A room's switches that let a role do more than its own."""

    @property
    def moderators_invite(self) -> bool: ...
    @property
    def speakers_initiate(self) -> bool: ...


# A room's switch → the role that it widens, and by what.
WIDENED: dict[str, tuple[Role, Permission]] = {
    "moderators_invite": (Role.MODERATOR, Permission.INVITE),
    "speakers_initiate": (Role.SPEAKER, Permission.INITIATE_INTERACTIONS),
}

# Whom an actor may move, and to where: both the present and the wanted role must be in the actor's set.
GRANTABLE: dict[Role, frozenset[Role]] = {
    Role.MODERATOR: frozenset({Role.VIEWER, Role.SPEAKER, Role.MODERATOR}),
    Role.MANAGER: frozenset({Role.VIEWER, Role.SPEAKER, Role.MODERATOR}),
}

# What an invitation may name: a manager's standing comes from the room product alone.
INVITABLE: frozenset[Role] = frozenset({Role.VIEWER, Role.SPEAKER, Role.MODERATOR})


def is_host(role: Role) -> bool:
    """A host admits, locks and promotes: a moderator or a manager."""
    return RANK[role] >= RANK[Role.MODERATOR]


def permissions_in(room: Widening, role: Role) -> frozenset[Permission]:
    """What `role` may do in `room`: its own, and what the room's switches give it."""
    return PERMISSIONS[role] | {
        permission for switch, (widened, permission) in WIDENED.items() if widened is role and getattr(room, switch)
    }


def widened_between(before: Widening, after: Widening) -> list[Role]:
    """The roles whose permissions a change of the room's switches moves."""
    return [role for switch, (role, _) in WIDENED.items() if getattr(before, switch) != getattr(after, switch)]


def permissions_of(role: Role, room: Widening) -> list[str]:
    """What `role` may do in `room`, sorted, as it goes on the wire."""
    return sorted(permissions_in(room, role))


def check_permission(role: Role, permission: Permission, room: Widening | None = None) -> None:
    """Refuse unless `role` holds `permission`; `room` is needed for what its switches may give.

    Raises:
        RoleForbidden: it does not.
    """
    held = PERMISSIONS[role] if room is None else permissions_in(room, role)
    if permission not in held:
        raise RoleForbidden(f"A {role} may not do this.")


def check_role_change(*, actor: Role, current: Role, wanted: Role) -> None:
    """Refuse unless `actor` may move somebody from `current` to `wanted`.

    Raises:
        RoleForbidden: `actor` may not grant `wanted`, or may not take `current` away.
    """
    grantable = GRANTABLE.get(actor, frozenset())
    if wanted not in grantable or current not in grantable:
        raise RoleForbidden(f"A {actor} cannot move a {current} to {wanted}.")


def check_sanction(*, actor: Role, target: Role) -> None:
    """Refuse unless `actor` may send `target` out of the room: never a manager, never above one's rank.

    Raises:
        RoleForbidden: `actor` is no host, or `target` is a manager or above the actor.
    """
    check_permission(actor, Permission.REMOVE)
    if target is Role.MANAGER or RANK[target] > RANK[actor]:
        raise RoleForbidden(f"A {actor} cannot remove a {target}.")


def highest(first: Role, second: Role) -> Role:
    """The higher of two roles: an invitation raises and never lowers."""
    return first if RANK[first] >= RANK[second] else second
