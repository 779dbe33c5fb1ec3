"""Who comes in with the site's sign-in alone."""

from __future__ import annotations

import pytest

from server.domain.access import check_invited, covers
from server.domain.invitation import Invitation, InvitationStatus
from server.domain.person import Person, PersonState
from server.domain.roles import Role
from server.domain.room import Access, Kind, Room
from tests.support.refusing import refused


def room(access: Access) -> Room:
    return Room(room_id="r", title="", access=access, kind=Kind.CHANNEL, channel_id="c1", standings={"olga": "owner"})


@pytest.mark.parametrize(
    ("access", "user", "channels", "covered"),
    [
        (Access.MEMBERS, "uma", (), True),
        (Access.CHANNEL_MEMBERS, "uma", (), False),
        (Access.CHANNEL_MEMBERS, "uma", ("c2", "c11", "C1"), False),
        (Access.CHANNEL_MEMBERS, "uma", ("c2", "c1"), True),
        (Access.INVITED, "uma", ("c1",), False),
        *((access, "olga", (), True) for access in Access),
    ],
)
def test_the_access_covers_whom_it_says_and_managers_always(access, user, channels, covered):
    assert covers(room(access), user, frozenset(channels)) is covered


def test_a_room_of_no_channel_covers_nobody_for_their_channels():
    standalone = Room(room_id="r", title="", access=Access.CHANNEL_MEMBERS)
    assert not covers(standalone, "uma", frozenset({"c1", "None"}))


def person(state: PersonState, **fields: object) -> Person:
    return Person(participant_id="p", name="", state=state, **fields)


def invitation(status: InvitationStatus) -> Invitation:
    return Invitation(invitation_id="i", email="", first_name="", last_name="", role=Role.VIEWER, status=status)


CLAIMED, REVOKED, REPLACED = (
    invitation(InvitationStatus(status)) for status in ("claimed", "revoked", "replaced")
)


@pytest.mark.parametrize(
    ("known", "claimed", "code"),
    [
        ([], [], "not_invited"),
        ([person(PersonState.KNOWN)], [], "not_invited"),
        ([person(PersonState.INSIDE)], [], None),
        ([person(PersonState.INSIDE)], [REVOKED], None),
        ([person(PersonState.KNOWN, admitted=True)], [], None),
        ([person(PersonState.KNOWN)], [CLAIMED], None),
        ([person(PersonState.KNOWN)], [REVOKED], "invite_revoked"),
        ([person(PersonState.KNOWN)], [CLAIMED, REPLACED], "invite_replaced"),
    ],
)
def test_others_need_to_have_been_let_in_or_an_invitation_that_holds(known, claimed, code):
    if code is None:
        check_invited(known, claimed)
    else:
        with refused(code):
            check_invited(known, claimed)
