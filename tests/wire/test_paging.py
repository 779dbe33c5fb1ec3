"""Pages as clients get them: cursors that were given out stay good, others are refused; addresses are for managers."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import msgspec
import pytest

from server.domain.person import PersonState
from server.domain.refusals import BadMessage
from server.domain.roles import Role
from server.domain.roster import Group, Roster
from server.wire.audiences import Audience
from server.wire.codec import Encoding, decode
from server.wire.messages import ParticipantsPage
from server.wire.paging import HANDS_SHOWN, ROWS_SHOWN, query_for, show_counts, show_hands, show_page, show_waiters_page
from tests.wire.people import a_person


def a_roster(people: int = 250) -> Roster:
    inside = [a_person(f"p{n:03}", PersonState.INSIDE, hand_raised_at_ms=n if n % 2 else None) for n in range(people)]
    hosts = [a_person("mo", PersonState.INSIDE, Role.MODERATOR), a_person("bo", PersonState.INSIDE, Role.MANAGER)]
    return Roster([*inside, *hosts, *(a_person(f"w{n:03}", PersonState.WAITING, line_no=n) for n in range(people))])


def test_following_the_cursors_shows_everybody_once():
    roster, seen, cursor = a_roster(), [], None
    while True:
        page = show_page(roster, query_for("all", cursor=cursor), Audience.INSIDE, 7)
        seen += [row.participant_id for row in page.participants]
        assert (page.total, page.seq, len(page.participants) <= ROWS_SHOWN) == (252, 7, True)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert (len(seen), len(set(seen))) == (252, 252)


def test_the_line_is_paged_in_its_order():
    first = show_waiters_page(a_roster(), query_for(Group.LINE), 7)
    second = show_waiters_page(a_roster(), query_for(Group.LINE, cursor=first.next_cursor), 7)
    assert [row.line_no for row in [*first.waiters, *second.waiters]] == list(range(200))


@pytest.mark.parametrize("audience", Audience)
def test_addresses_are_on_a_page_for_managers_only(audience):
    roster = a_roster(3)
    shown = msgspec.json.encode([
        show_page(roster, query_for("all"), audience, 1), show_hands(roster, audience, 1),
    ])  # fmt: skip
    assert (b"@address.example" in shown) is (audience is Audience.MANAGERS)


def test_the_counts_of_the_groups_make_up_the_participants():
    counts = show_counts(a_roster(), 9)
    assert counts.participants == counts.hands + counts.hosts + counts.speakers + counts.viewers == 252
    assert (counts.hands, counts.hosts, counts.speakers, counts.viewers, counts.seq) == (125, 2, 0, 125, 9)


def test_the_hands_go_on_where_the_first_of_them_end():
    roster = a_roster()
    hands = show_hands(roster, Audience.INSIDE, 1)
    more = show_page(roster, query_for("hands", cursor=hands.next_cursor), Audience.INSIDE, 1)
    instants = [row.hand_raised_at_ms for row in [*hands.participants, *more.participants]]
    assert (len(hands.participants), hands.total, instants) == (HANDS_SHOWN, 125, list(range(1, 250, 2)))


def as_cursor(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


BAD_CURSORS = {
    "nothing": "=", "no base64": "*!", "not of a multiple": "abcde", "no JSON": base64.urlsafe_b64encode(b"{").decode(),
    "no text": base64.urlsafe_b64encode(b"\xff\xfe").decode(), "an object": as_cursor({"a": 1}), "a number": as_cursor(1),
    "too short": as_cursor([1, "a"]), "too long": as_cursor([1, "a", "b", "c"]), "other types": as_cursor(["1", 2, 3]),
    "null": as_cursor([None, "a", "b"]), "beyond ASCII": "é",
}


@pytest.mark.parametrize("what", BAD_CURSORS)
def test_a_cursor_that_was_not_given_out_is_refused(what):
    with pytest.raises(BadMessage):
        query_for("all", cursor=BAD_CURSORS[what])


def test_a_cursor_of_another_group_pages_somewhere_and_breaks_nothing():
    roster = a_roster()
    cursor = show_hands(roster, Audience.INSIDE, 1).next_cursor
    assert show_page(roster, query_for("viewers", cursor=cursor), Audience.INSIDE, 1).total == 125


def test_every_cursor_fits_into_the_command_that_sends_it_back():
    ann = a_person("ann", PersonState.INSIDE)
    longest = [replace(ann, participant_id=f"{n}" * 64, name="\U00020000" * 100) for n in range(2)]
    page = show_page(Roster(longest), query_for("all", limit=1), Audience.INSIDE, 1)
    command = json.dumps({"type": "participants.page", "id": "c", "cursor": page.next_cursor, "limit": 1})
    asked = decode(command, Encoding.JSON)
    assert isinstance(asked, ParticipantsPage)
    assert len(show_page(Roster(longest), query_for("all", cursor=asked.cursor), Audience.INSIDE, 1).participants) == 1
