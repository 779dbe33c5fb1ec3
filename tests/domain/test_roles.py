"""Who may do what, who may move whom, and who may send whom out."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from server.domain.refusals import RoleForbidden
from server.domain.roles import (
    INVITABLE,
    Permission,
    Role,
    check_permission,
    check_role_change,
    check_sanction,
    highest,
    is_host,
    permissions_of,
    widened_between,
)
from server.domain.room import Room

PLAIN = Room(room_id="room-1", title="A room")

# What the product says of each, from the lowest role that may (the list of actions is written out, not computed).
LOWEST = {
    "chat": "viewer",
    "answer_interactions": "viewer",
    "ask_questions": "viewer",
    "raise_hand": "viewer",
    "backchannel": "speaker",
    "initiate_interactions": "moderator",
    "see_line": "moderator",
    "admit": "moderator",
    "lock": "moderator",
    "change_roles": "moderator",
    "remove": "moderator",
    "ban": "moderator",
    "clear_hands": "moderator",
    "start_session": "moderator",
    "end_session": "moderator",
    "invite": "manager",
    "manage_invitations": "manager",
    "edit_room": "manager",
    "delete_room": "manager",
    "read_audit": "manager",
}
ORDER = ["viewer", "speaker", "moderator", "manager"]

# actor: present role → the roles that the actor may move somebody to. What is missing is refused.
MOVES = {
    "moderator": {
        "viewer": {"viewer", "speaker", "moderator"},
        "speaker": {"viewer", "speaker", "moderator"},
        "moderator": {"viewer", "speaker", "moderator"},
    },
    "manager": {
        "viewer": {"viewer", "speaker", "moderator"},
        "speaker": {"viewer", "speaker", "moderator"},
        "moderator": {"viewer", "speaker", "moderator"},
    },
}

# actor → whom the actor may send back, remove or ban.
SANCTIONS = {
    "viewer": set(),
    "speaker": set(),
    "moderator": {"viewer", "speaker", "moderator"},
    "manager": {"viewer", "speaker", "moderator"},
}


def test_the_product_has_four_roles():
    assert {role.value for role in Role} == set(ORDER)


def test_every_permission_is_written_out_here():
    assert {permission.value for permission in Permission} == set(LOWEST)


@pytest.mark.parametrize(("role", "permission"), list(itertools.product(ORDER, LOWEST)))
def test_a_role_may_do_what_the_product_says_and_no_more(role, permission):
    allowed = ORDER.index(role) >= ORDER.index(LOWEST[permission])
    assert (permission in permissions_of(Role(role), PLAIN)) is allowed
    if allowed:
        check_permission(Role(role), Permission(permission))
    else:
        with pytest.raises(RoleForbidden):
            check_permission(Role(role), Permission(permission))


@pytest.mark.parametrize("role", ORDER)
def test_permissions_go_on_the_wire_sorted(role):
    assert permissions_of(Role(role), PLAIN) == sorted(permissions_of(Role(role), PLAIN))


@pytest.mark.parametrize(
    ("switch", "role", "permission"),
    [
        ("moderators_invite", Role.MODERATOR, Permission.INVITE),
        ("speakers_initiate", Role.SPEAKER, Permission.INITIATE_INTERACTIONS),
    ],
)
def test_a_switch_of_the_room_gives_one_role_one_permission_more(switch, role, permission):
    wide = replace(PLAIN, **{switch: True})
    gained = {one: set(permissions_of(one, wide)) - set(permissions_of(one, PLAIN)) for one in Role}
    assert gained == {one: {permission} if one is role else set() for one in Role}
    check_permission(role, permission, wide)
    for room in (PLAIN, None):
        with pytest.raises(RoleForbidden):
            check_permission(role, permission, room)
    assert widened_between(PLAIN, wide) == widened_between(wide, PLAIN) == [role]
    assert widened_between(wide, wide) == []


@pytest.mark.parametrize(("actor", "current", "wanted"), list(itertools.product(ORDER, repeat=3)))
def test_a_host_moves_people_among_viewer_speaker_and_moderator_and_never_a_manager(actor, current, wanted):
    change = {"actor": Role(actor), "current": Role(current), "wanted": Role(wanted)}
    if wanted in MOVES.get(actor, {}).get(current, set()):
        check_role_change(**change)
    else:
        with pytest.raises(RoleForbidden):
            check_role_change(**change)


@pytest.mark.parametrize(("actor", "target"), list(itertools.product(ORDER, repeat=2)))
def test_a_host_sends_out_people_up_to_the_hosts_own_rank_and_never_a_manager(actor, target):
    if target in SANCTIONS[actor]:
        check_sanction(actor=Role(actor), target=Role(target))
    else:
        with pytest.raises(RoleForbidden):
            check_sanction(actor=Role(actor), target=Role(target))


def test_hosts_are_moderators_and_managers():
    assert {role.value for role in Role if is_host(role)} == {"moderator", "manager"}


def test_an_invitation_makes_nobody_a_manager():
    assert {role.value for role in INVITABLE} == {"viewer", "speaker", "moderator"}


@pytest.mark.parametrize(("first", "second"), list(itertools.product(ORDER, repeat=2)))
def test_of_two_roles_the_higher_counts(first, second):
    expected = ORDER[max(ORDER.index(first), ORDER.index(second))]
    assert highest(Role(first), Role(second)) == highest(Role(second), Role(first)) == expected
