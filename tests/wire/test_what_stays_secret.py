"""In the bytes themselves: addresses, waiters and invitations reach nobody whom they do not concern."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import events as e
from server.domain.contents import RoomContents
from server.domain.events import Entry
from server.domain.person import Hold, Person, PersonState
from server.domain.roles import Role
from server.domain.room import Opens, Phase
from server.wire.audiences import Audience
from server.wire.codec import Encoding, encode
from server.wire.lobby import Places, lobby_of_link, lobby_of_person
from server.wire.messages import Events, Lobby
from server.wire.showing import UNPROVEN, show_snapshot, show_you
from server.wire.telling import tell
from tests.wire.people import a_guest, a_guest_link, a_person, a_room, an_entry, an_invitation

NAMES = ["ann", "bob", "cat", "dan", "eve", "fay"]


@st.composite
def people(draw: st.DrawFn) -> list[Person]:
    return [
        draw(st.sampled_from([a_person, a_guest]))(
            name,
            draw(st.sampled_from(PersonState)),
            draw(st.sampled_from(Role)),
            present=draw(st.booleans()),
            hold=draw(st.none() | st.sampled_from(Hold)),
            decline_message=draw(st.none() | st.just(f"Message-{name}")),
            invitation_id=f"i-{name}",
            user_id=f"user-{name}",
            line_no=number,
        )
        for number, name in enumerate(draw(st.lists(st.sampled_from(NAMES), unique=True)))
    ]


@st.composite
def rooms(draw: st.DrawFn) -> RoomContents:
    found = draw(people())
    invited = draw(st.lists(st.sampled_from([*NAMES, "guest"]), unique=True))
    return RoomContents(
        now_ms=0,
        seq=9,
        room=a_room(
            phase=draw(st.sampled_from(Phase)), opens=draw(st.sampled_from(Opens)), locked=draw(st.booleans()),
            standings={"user-eve": "owner"}, description="Description-of-the-room", lobby_message="A word to the lobby",
        ),
        people={person.participant_id: person for person in found},
        invitations={
            f"i-{name}": an_invitation(name, draw(st.sampled_from(Role)), asked=draw(st.booleans())) for name in invited
        },
        guest_links={f"g-{name}": a_guest_link(name) for name in draw(st.lists(st.sampled_from(NAMES), unique=True))},
    )


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    event = draw(
        st.sampled_from([kind() for kind in e.EVENTS.values()])
        | st.builds(e.ParticipantsJoined, admitted=st.booleans())
        | st.builds(e.ParticipantRemoved, ban=st.booleans(), from_line=st.booleans())
        | st.builds(e.GuestLinkChanged, what=st.sampled_from(["created", "clicked", "off"]))
        | st.builds(e.InvitationChanged, what=st.sampled_from(["device_asked", "moved", "role", "claimed", "revoked"]))
    )
    invited = [an_invitation(name, asked=draw(st.booleans())) for name in draw(st.lists(st.sampled_from(NAMES), max_size=2))]
    links = [a_guest_link(name) for name in draw(st.lists(st.sampled_from(NAMES), max_size=1))]
    return an_entry(event, *draw(people()), *invited, *links)


def bytes_of(told: list, encoding: Encoding) -> bytes:
    return encode(Events(after=8, upto=9, events=told), encoding)


INVITATION_MARKS = [b"First-", b"Last-", b"Label-", b"hash-", b"key-", b"device-", b"\"i-", b"user-", b"Link-", b"\"g-"]


@pytest.mark.parametrize("encoding", Encoding)
@given(entry=entries())
def test_an_event_to_those_inside_holds_no_address_no_waiter_and_no_invitation(encoding, entry):
    sent = bytes_of(tell(entry, Audience.INSIDE), encoding)
    assert b"@address.example" not in sent
    assert [mark for mark in INVITATION_MARKS if mark in sent] == []
    outside = [person for person in entry.people() if not person.is_participant]
    assert [person.name for person in outside if person.name.encode() in sent] == []


@pytest.mark.parametrize("encoding", Encoding)
@given(entry=entries())
def test_an_event_to_the_staff_holds_addresses_of_waiters_only_and_names_only_those_who_ask(encoding, entry):
    told = [event for event in tell(entry, Audience.STAFF) if event.__struct_config__.tag != "waiters.added"]
    assert b"@address.example" not in bytes_of(told, encoding)
    sent = bytes_of([event for event in told if event.__struct_config__.tag != "device.requested"], encoding)
    assert [mark for mark in INVITATION_MARKS if mark != b"\"i-" and mark in sent] == []


@pytest.mark.parametrize("encoding", Encoding)
@given(contents=rooms())
def test_the_snapshot_of_the_staff_holds_addresses_of_waiters_only(encoding, contents):
    sent = encode(show_snapshot(contents, Audience.STAFF), encoding)
    shown = {person.email or person.claimed_email for person in contents.line()}
    held = {person.email or person.claimed_email for person in contents.people.values()}
    held |= {invitation.email for invitation in contents.invitations.values()}
    assert {email for email in held if email and email.encode() in sent} == shown


def test_the_invited_address_of_a_question_is_shown_to_managers_and_to_no_moderator():
    contents = RoomContents(now_ms=0, seq=9, room=a_room(), invitations={"i-guest": an_invitation("guest", asked=True)})
    entry = an_entry(e.InvitationChanged(what="device_asked"), contents.invitations["i-guest"])
    for audience, email in ((Audience.STAFF, None), (Audience.MANAGERS, "guest@address.example")):
        (asked,) = [event for event in tell(entry, audience) if event.__struct_config__.tag == "device.requested"]
        (listed,) = show_snapshot(contents, audience).device_requests or []
        assert (asked.request.email, listed.email) == (email, email)
        assert (asked.request.name, listed.label) == ("First-guest Last-guest", "Label-guest")


@pytest.mark.parametrize("encoding", Encoding)
@given(contents=rooms())
def test_the_snapshot_of_those_inside_holds_no_address_no_waiter_and_no_invitation(encoding, contents):
    sent = encode(show_snapshot(contents, Audience.INSIDE), encoding)
    assert b"@address.example" not in sent
    assert [mark for mark in INVITATION_MARKS if mark in sent] == []
    hidden = [person for person in contents.people.values() if not person.is_participant]
    assert [p.participant_id for p in hidden if p.name.encode() in sent or p.participant_id.encode() in sent] == []


@pytest.mark.parametrize("encoding", Encoding)
@given(contents=rooms())
def test_nobody_is_shown_a_hash_a_key_a_device_or_somebodys_user_id(encoding, contents):
    for audience in Audience:
        sent = encode(show_snapshot(contents, audience), encoding)
        assert [mark for mark in (b"hash-", b"key-", b"device-", b"user-") if mark in sent] == []


@pytest.mark.parametrize("encoding", Encoding)
@given(contents=rooms())
def test_a_page_in_the_lobby_shows_nothing_of_anybody_else(encoding, contents):
    places = Places(contents)
    outside = [person for person in contents.people.values() if person.state is not PersonState.INSIDE]
    for person in outside:
        view = lobby_of_person(contents, person, places, 0)
        sent = encode(Lobby(lobby=view, you=show_you(person, contents.room), left=None), encoding)
        others = [other for other in contents.people.values() if other is not person]
        assert [p.participant_id for p in others if p.name.encode() in sent or p.participant_id.encode() in sent] == []
        assert b"@address.example" not in sent
        assert b"seq" not in sent


@pytest.mark.parametrize("encoding", Encoding)
@given(contents=rooms(), asked=st.booleans())
def test_the_page_of_an_unproven_link_shows_neither_people_nor_the_address_nor_the_description(encoding, contents, asked):
    invitation = an_invitation("guest", asked=asked)
    view = lobby_of_link(contents.room, invitation, "device-guest", 0)
    sent = encode(Lobby(lobby=view, you=UNPROVEN, left=None), encoding)
    marks = [b"Name-", b"p-", b"@", b"First-", b"Last-", b"Label-", b"Description-", b"A word"]
    assert [mark for mark in marks if mark in sent] == []


@given(contents=rooms())
def test_the_page_of_a_waiter_does_not_depend_on_who_is_inside_but_for_whether_a_host_is(contents):
    person = a_person("own", PersonState.WAITING, line_no=50)
    contents.people[person.participant_id] = person
    emptied = replace(contents, people={key: p for key, p in contents.people.items() if p.state is not PersonState.INSIDE})
    full, empty = (lobby_of_person(c, person, Places(c), 0) for c in (contents, emptied))
    empty.can_be_admitted = full.can_be_admitted
    assert full == empty
