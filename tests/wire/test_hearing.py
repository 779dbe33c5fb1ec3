"""Who hears of what: for every event, what the people inside, the moderators and the managers are told, and what not."""

from __future__ import annotations

import inspect
import typing
from dataclasses import replace

import pytest

from server.domain import events as e
from server.domain.application import Application
from server.domain.invitation import InvitationStatus, RequestStatus
from server.domain.person import PersonState
from server.domain.roles import Role
from server.wire import events as told
from server.wire.audiences import Audience, audience_of
from server.wire.telling import tell
from tests.wire.people import a_person, a_room, an_entry, an_invitation

INSIDE, STAFF, MANAGERS = Audience
VIC, GONE = a_person("vic", PersonState.INSIDE), a_person("gone", PersonState.INSIDE, present=False)
WANDA, DORA = a_person("wanda", PersonState.WAITING), a_person("dora", PersonState.DECLINED)
OUT, KNOWN, BANNED = (a_person(s.value, s) for s in (PersonState.REMOVED, PersonState.KNOWN, PersonState.BANNED))
APPLICATION = Application(participant_id="p-vic", role_rev=2)
CLAIMED, ASKED = an_invitation("cleo"), an_invitation("cleo", asked=True)
ASKED_MODERATOR = an_invitation("mo", Role.MODERATOR, asked=True)
REFUSED, REFUSED_MODERATOR = (
    an_invitation(name, role, device_request=replace(asked.device_request, status=RequestStatus.REFUSED))
    for name, role, asked in (("cleo", Role.VIEWER, ASKED), ("mo", Role.MODERATOR, ASKED_MODERATOR))
)
ANSWERED = ([], ["device.request_closed"], ["invitation.changed", "device.request_closed"])

NOBODY: tuple[list[str], list[str], list[str]] = ([], [], [])


def everybody(*tags: str) -> tuple[list[str], list[str], list[str]]:
    return ([*tags], [*tags], [*tags])


def hosts(*tags: str) -> tuple[list[str], list[str], list[str]]:
    return ([], [*tags], [*tags])


# An entry of the log → what those inside, the staff, the managers hear.
HEARING = {
    "a room is made": (an_entry(e.RoomCreated(), a_room()), NOBODY),
    "a room changes": (an_entry(e.RoomChanged(what="locked"), a_room(locked=True)), everybody("room.changed")),
    "a stranger is known": (an_entry(e.PersonIdentified(), KNOWN), NOBODY),
    "a participant is known better": (an_entry(e.PersonIdentified(), VIC), everybody("participants.updated")),
    "a waiter is known better": (an_entry(e.PersonIdentified(), WANDA), hosts("waiters.added")),
    "somebody comes in": (an_entry(e.ParticipantsJoined(), VIC), everybody("participants.joined")),
    "somebody is admitted": (
        an_entry(e.ParticipantsJoined(admitted=True, by="p-boss"), VIC),
        (["participants.joined"], ["participants.joined", "waiters.removed"], ["participants.joined", "waiters.removed"]),
    ),
    "a participant leaves": (an_entry(e.PeopleLeft(), GONE), everybody("participants.left")),
    "a waiter leaves": (an_entry(e.PeopleLeft(), KNOWN), hosts("waiters.removed")),
    "both leave": (
        an_entry(e.PeopleLeft(), GONE, KNOWN),
        (["participants.left"], ["participants.left", "waiters.removed"], ["participants.left", "waiters.removed"]),
    ),
    "somebody waits": (an_entry(e.WaitersAdded(), WANDA), hosts("waiters.added")),
    "a waiter is declined": (an_entry(e.WaiterDeclined(by="p-boss"), DORA), hosts("waiters.removed")),
    "somebody is sent back": (
        an_entry(e.SentBack(by="p-boss"), WANDA),
        (["participants.left"], ["participants.left", "waiters.added"], ["participants.left", "waiters.added"]),
    ),
    "a participant is removed": (an_entry(e.ParticipantRemoved(), OUT), everybody("participants.left")),
    "a waiter is removed": (an_entry(e.ParticipantRemoved(from_line=True), OUT), hosts("waiters.removed")),
    "a participant is banned": (an_entry(e.ParticipantRemoved(ban=True), BANNED), everybody("participants.left")),
    "a waiter is banned": (an_entry(e.ParticipantRemoved(ban=True, from_line=True), BANNED), hosts("waiters.removed")),
    "a participant's role": (an_entry(e.RoleChanged(old="viewer", new="speaker"), VIC), everybody("participant.role_changed")),
    "a waiter's role": (an_entry(e.RoleChanged(old="viewer", new="speaker"), WANDA), hosts("waiters.added")),
    "the role of somebody away": (an_entry(e.RoleChanged(old="viewer", new="speaker"), GONE), NOBODY),
    "a role is applied": (an_entry(e.RoleApplied(), APPLICATION), NOBODY),
    "a tab is replaced": (an_entry(e.TabReplaced(connection_id="c", by="p-vic")), NOBODY),
    "hands": (an_entry(e.HandsChanged(), VIC), everybody("participants.updated")),
    "an invitation": (an_entry(e.InvitationChanged(what="created"), CLAIMED), ([], [], ["invitation.changed"])),
    "a claim by a participant": (
        an_entry(e.InvitationChanged(what="claimed"), CLAIMED, VIC),
        (["participants.updated"], ["participants.updated"], ["invitation.changed", "participants.updated"]),
    ),
    "a question about a viewer's link": (
        an_entry(e.InvitationChanged(what="device_asked"), ASKED),
        ([], ["device.requested"], ["invitation.changed", "device.requested"]),
    ),
    "a question about a moderator's link": (
        an_entry(e.InvitationChanged(what="device_asked"), ASKED_MODERATOR),
        ([], [], ["invitation.changed", "device.requested"]),
    ),
    "an answer to a question": (
        an_entry(e.InvitationChanged(what="moved"), CLAIMED),
        ([], ["device.request_closed"], ["invitation.changed", "device.request_closed"]),
    ),
    "an answer to a question about a moderator's link": (
        an_entry(e.InvitationChanged(what="moved"), an_invitation("mo", Role.MODERATOR)),
        ([], [], ["invitation.changed", "device.request_closed"]),
    ),
    "no to a question": (an_entry(e.InvitationChanged(what="device_refused"), REFUSED), ANSWERED),
    "no to a question about a moderator's link": (
        an_entry(e.InvitationChanged(what="device_refused"), REFUSED_MODERATOR),
        ([], [], ["invitation.changed", "device.request_closed"]),
    ),
    "a link with a question is withdrawn": (
        an_entry(e.InvitationChanged(what="revoked"), an_invitation("cleo", asked=True, status=InvitationStatus.REVOKED)),
        ANSWERED,
    ),
    "a moderator's link with a question is withdrawn": (
        an_entry(
            e.InvitationChanged(what="revoked"),
            an_invitation("mo", Role.MODERATOR, asked=True, status=InvitationStatus.REVOKED),
        ),
        ([], [], ["invitation.changed", "device.request_closed"]),
    ),
    "a link without a question is withdrawn": (
        an_entry(e.InvitationChanged(what="revoked"), an_invitation("cleo", status=InvitationStatus.REVOKED)),
        ([], [], ["invitation.changed"]),
    ),
    "a link without a question is replaced": (
        an_entry(e.InvitationChanged(what="replaced"), an_invitation("cleo", status=InvitationStatus.REPLACED)),
        ([], [], ["invitation.changed"]),
    ),
    "another role for a link without a question": (
        an_entry(e.InvitationChanged(what="role"), an_invitation("mo", Role.MODERATOR)), ([], [], ["invitation.changed"])
    ),
    "a question that is no longer the staff's": (
        an_entry(e.InvitationChanged(what="role"), ASKED_MODERATOR),
        ([], ["device.request_closed"], ["invitation.changed", "device.requested"]),
    ),
}


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("what", HEARING)
def test_an_audience_hears_what_concerns_it_and_nothing_else(what, audience):
    entry, heard = HEARING[what]
    tags = [event.__struct_config__.tag for event in tell(entry, audience)]
    assert sorted(tags) == sorted(heard[list(Audience).index(audience)])


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("what", HEARING)
def test_all_of_it_carries_the_seq_of_the_entry_and_telling_again_tells_the_same(what, audience):
    entry, _ = HEARING[what]
    assert {event.seq for event in tell(entry, audience)} <= {entry.seq}
    assert tell(entry, audience) == tell(entry, audience)


def test_every_event_of_the_log_is_in_the_table():
    assert {type(entry.event) for entry, _ in HEARING.values()} == set(e.EVENTS.values())


def test_every_event_on_the_wire_is_heard_by_somebody_and_some_not_by_everybody():
    heard = {audience: {tag for _, by in HEARING.values() for tag in by[index]} for index, audience in enumerate(Audience)}
    wire = {str(event.__struct_config__.tag) for event in typing.get_args(told.AnyWireEvent)}
    # `refresh` is made for one tab, beside the log.
    assert heard[MANAGERS] == wire - {"refresh"}
    assert heard[STAFF] == heard[MANAGERS] - {"invitation.changed"}
    assert heard[INSIDE] == heard[STAFF] - {"waiters.added", "waiters.removed", "device.requested", "device.request_closed"}


def test_telling_takes_the_entry_and_the_audience_and_nothing_else():
    assert list(inspect.signature(tell).parameters) == ["entry", "audience"]


@pytest.mark.parametrize("state", PersonState)
@pytest.mark.parametrize("role", Role)
def test_only_who_is_inside_belongs_to_an_audience(state, role):
    audiences = {Role.VIEWER: INSIDE, Role.SPEAKER: INSIDE, Role.MODERATOR: STAFF, Role.MANAGER: MANAGERS}
    expected = audiences[role] if state is PersonState.INSIDE else None
    assert audience_of(a_person("x", state, role)) is expected
