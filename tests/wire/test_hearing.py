"""Who hears of what: for every event, what the people inside, the moderators and the managers are told, and what not."""

from __future__ import annotations

import inspect
import typing
from dataclasses import replace

import pytest

from server.domain import events as e
from server.domain.application import Application
from server.domain.crowd import Crowd
from server.domain.guests import GuestLinkStatus
from server.domain.invitation import InvitationStatus, RequestStatus
from server.domain.person import PersonState
from server.domain.roles import Role
from server.wire import events as told
from server.wire.audiences import Audience, audience_of
from server.wire.telling import tell
from tests.wire.people import a_guest_link, a_person, a_room, an_entry, an_invitation

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
LINK, LINK_OFF = a_guest_link("open"), a_guest_link("open", status=GuestLinkStatus.OFF)
MO = a_person("mo", PersonState.INSIDE, Role.MODERATOR)
LARGE, LONG = Crowd(large=True), Crowd(long_line=True)
ANSWERED = ([], ["device.request_closed"], ["invitation.changed", "device.request_closed"])

HOSTED, DESERTED = a_room(host_seen=True), a_room(host_seen=True, host_absent_since_ms=5)

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
    "the next session begins": (an_entry(e.SessionBegun(), a_room(session_no=2)), NOBODY),
    "a participant takes another name": (an_entry(e.PersonRenamed(by="p-vic"), VIC), everybody("participants.updated")),
    "a waiter takes another name": (an_entry(e.PersonRenamed(by="p-wanda"), WANDA), hosts("waiters.added")),
    "a host is back after the end": (an_entry(e.CameAfterEnd(by="p-known"), KNOWN), everybody("participants.left")),
    "a host is back after the end who waited": (
        an_entry(e.CameAfterEnd(by="p-known", from_line=True), KNOWN), hosts("waiters.removed")
    ),
    "somebody comes in": (an_entry(e.ParticipantsJoined(), VIC), everybody("participants.joined")),
    "somebody is admitted": (
        an_entry(e.ParticipantsJoined(admitted=True, by="p-boss"), VIC),
        (["participants.joined"], ["participants.joined", "waiters.removed"], ["participants.joined", "waiters.removed"]),
    ),
    "the first host comes in": (an_entry(e.ParticipantsJoined(), MO, HOSTED), everybody("participants.joined", "room.changed")),
    "the last host leaves": (
        an_entry(e.PeopleLeft(), replace(MO, present=False), DESERTED), everybody("participants.left", "room.changed")
    ),
    "the last host is one no more": (
        an_entry(e.RoleChanged(old="moderator", new="viewer"), VIC, DESERTED),
        everybody("participant.role_changed", "room.changed"),
    ),
    "absent hosts are called": (an_entry(e.HostsWanted(), DESERTED), everybody("room.changed")),
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
    "somebody invited comes in": (
        an_entry(e.ParticipantsJoined(), VIC, CLAIMED),
        (["participants.joined"], ["participants.joined"], ["participants.joined", "invitations.presence"]),
    ),
    "somebody invited goes": (
        an_entry(e.PeopleLeft(), GONE, CLAIMED),
        (["participants.left"], ["participants.left"], ["participants.left", "invitations.presence"]),
    ),
    "the role of somebody invited": (
        an_entry(e.RoleChanged(old="viewer", new="speaker"), VIC, CLAIMED),
        (["participant.role_changed"], ["participant.role_changed"], ["participant.role_changed", "invitations.presence"]),
    ),
    "a viewer comes into a large room": (an_entry(e.ParticipantsJoined(), VIC, crowd=LARGE), NOBODY),
    "a host comes into a large room": (an_entry(e.ParticipantsJoined(), MO, VIC, crowd=LARGE), everybody("participants.joined")),
    "a viewer leaves a large room": (an_entry(e.PeopleLeft(), GONE, crowd=LARGE), NOBODY),
    "a host leaves a large room": (
        an_entry(e.PeopleLeft(), replace(MO, present=False), crowd=LARGE), everybody("participants.left")
    ),
    "a viewer's hand in a large room": (an_entry(e.HandsChanged(), VIC, crowd=LARGE), NOBODY),
    "a host's hand in a large room": (an_entry(e.HandsChanged(), MO, crowd=LARGE), everybody("participants.updated")),
    "a viewer becomes a speaker in a large room": (
        an_entry(e.RoleChanged(old="viewer", new="speaker"), VIC, crowd=LARGE), NOBODY
    ),
    "a viewer becomes a host in a large room": (
        an_entry(e.RoleChanged(old="viewer", new="moderator"), MO, crowd=LARGE), everybody("participant.role_changed")
    ),
    "a host becomes a viewer in a large room": (
        an_entry(e.RoleChanged(old="moderator", new="viewer"), VIC, crowd=LARGE),
        everybody("participant.role_changed", "participants.hidden"),
    ),
    "somebody waits in a long line": (an_entry(e.WaitersAdded(), WANDA, crowd=LONG), NOBODY),
    "somebody of a long line is admitted": (
        an_entry(e.ParticipantsJoined(admitted=True), VIC, crowd=LONG), everybody("participants.joined")
    ),
    "somebody of a long line is declined": (an_entry(e.WaiterDeclined(), DORA, crowd=LONG), NOBODY),
    "somebody leaves a long line": (an_entry(e.PeopleLeft(), KNOWN, crowd=LONG), NOBODY),
    "somebody is put out of a long line": (an_entry(e.ParticipantRemoved(from_line=True), OUT, crowd=LONG), NOBODY),
    "somebody is sent back into a long line": (an_entry(e.SentBack(), WANDA, crowd=LONG), everybody("participants.left")),
    "a role is applied": (an_entry(e.RoleApplied(), APPLICATION), NOBODY),
    "a tab is replaced": (an_entry(e.TabReplaced(connection_id="c", by="p-vic")), NOBODY),
    "hands": (an_entry(e.HandsChanged(), VIC), everybody("participants.updated")),
    "a guest link": (an_entry(e.GuestLinkChanged(what="created"), LINK), ([], [], ["guest_link.changed"])),
    "a click on a guest link": (an_entry(e.GuestLinkChanged(what="clicked"), LINK, KNOWN), ([], [], ["guest_link.changed"])),
    "a guest link is switched off": (an_entry(e.GuestLinkChanged(what="off"), LINK_OFF), ([], [], ["guest_link.removed"])),
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


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("the first host comes in", "host_here"), ("the last host leaves", "host_absent"),
        ("the last host is one no more", "host_absent"), ("absent hosts are called", "hosts_pinged"),
    ],
)
@pytest.mark.parametrize("audience", Audience)
def test_what_became_of_the_hosts_is_said_with_the_room(what, said, audience):
    changed = [event for event in tell(HEARING[what][0], audience) if isinstance(event, told.RoomChangedEvent)]
    assert [event.what for event in changed] == [said]
    assert (changed[0].room.host_absence_ends_at_ms is None) == (said == "host_here")


def test_every_event_of_the_log_is_in_the_table():
    assert {type(entry.event) for entry, _ in HEARING.values()} == set(e.EVENTS.values())


def test_every_event_on_the_wire_is_heard_by_somebody_and_some_not_by_everybody():
    heard = {audience: {tag for _, by in HEARING.values() for tag in by[index]} for index, audience in enumerate(Audience)}
    wire = {str(event.__struct_config__.tag) for event in typing.get_args(told.AnyWireEvent)}
    # `refresh` is made for one tab, beside the log.
    assert heard[MANAGERS] == wire - {"refresh"}
    assert heard[STAFF] == heard[MANAGERS] - {
        "invitation.changed", "invitations.presence", "guest_link.changed", "guest_link.removed",
    }
    assert heard[INSIDE] == heard[STAFF] - {"waiters.added", "waiters.removed", "device.requested", "device.request_closed"}


def test_telling_takes_the_entry_and_the_audience_and_nothing_else():
    assert list(inspect.signature(tell).parameters) == ["entry", "audience"]


@pytest.mark.parametrize("state", PersonState)
@pytest.mark.parametrize("role", Role)
def test_only_who_is_inside_belongs_to_an_audience(state, role):
    audiences = {Role.VIEWER: INSIDE, Role.SPEAKER: INSIDE, Role.MODERATOR: STAFF, Role.MANAGER: MANAGERS}
    expected = audiences[role] if state is PersonState.INSIDE else None
    assert audience_of(a_person("x", state, role)) is expected
