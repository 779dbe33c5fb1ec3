"""A store that comes back older: each life of its log is judged for itself, and an answer by what survived."""

from __future__ import annotations

from typing import Any

from client_sim.checker import Lives, judge, truth_from
from client_sim.codec import Message
from client_sim.history import History
from client_sim.verdict import FAILURES
from tests.client_sim import rooms

EPOCHS = ("e1", "e2")
BEFORE = [rooms.joined(1, rooms.participant("ann")), rooms.hand(2, "ann"), rooms.joined(3, rooms.participant("lost"))]
AFTER = [*BEFORE[:2], rooms.joined(3, rooms.participant("new")), rooms.left(4, "ann")]
BASE = rooms.snapshot(0)
WAITERS = {"waiters": [], "device_requests": [], "invitations": [], "guest_links": []}


def truth(events: list[Any], *, is_cut_off: bool = False, upto: int | None = None) -> Any:
    events_of = {"inside": events, "managers": events}
    bases = {"inside": BASE, "managers": BASE | WAITERS}
    return truth_from(events_of, upto=upto, bases=bases, is_cut_off=is_cut_off)


def lives(witnessed: int = 3) -> Lives:
    first = truth(BEFORE[:witnessed], is_cut_off=True)
    number_of = {"e1": 0, "e2": 1}
    return Lives(truths=[first, truth(AFTER)], number_of=lambda participant_id, epoch: number_of.get(epoch))


def lived(*messages: Message) -> History:
    history = History("ann")
    for message in messages:
        history.received(message) if message["type"] != "hand.raise" else history.sent(message)
    return history


def failures(history: History, **how: Any) -> dict[str, int]:
    counts = judge([history], lives(**how)).counts()
    return {name: counts[name] for name in FAILURES if counts[name]}


def welcome(seq: int, *people: Any, epoch: str, resumed: bool = False) -> Message:
    whole = None if resumed else rooms.snapshot(seq, *people)
    return rooms.welcome(whole, position={"epoch": epoch, "seq": seq}, resumed=resumed, you=rooms.you(participant_id="ann"))


def restored(seq: int, *people: Any) -> Message:
    return rooms.resync(rooms.snapshot(seq, *people), "store_restored") | {"position": {"epoch": "e2", "seq": seq}}


ANN = rooms.participant("ann", hand_raised_at_ms=7)
FIRST = [welcome(0, epoch="e1"), rooms.frame(0, 3, *BEFORE)]
SECOND = [restored(2, ANN), rooms.frame(2, 4, *AFTER[2:])]


def test_what_was_told_in_a_life_that_was_lost_is_no_lie_where_the_next_is_told_openly():
    assert failures(lived(*FIRST, *SECOND)) == {}


def test_what_nobody_else_saw_of_a_lost_life_is_counted_and_not_judged():
    assert failures(lived(*FIRST, *SECOND), witnessed=2) == {}
    assert judge([lived(*FIRST, *SECOND)], lives(witnessed=2)).unwitnessed == 3


def test_an_event_dropped_in_the_first_life_is_lost():
    assert failures(lived(FIRST[0], rooms.frame(0, 3, *BEFORE[:2]), *SECOND)) == {"lost": 1}


def test_going_on_with_a_past_that_never_was_is_caught():
    again = welcome(3, epoch="e2", resumed=True)
    assert failures(lived(*FIRST, again, rooms.frame(3, 4, AFTER[3])))["foreign"] == 1


def test_what_the_new_life_says_to_who_was_not_told_of_it_is_foreign():
    assert failures(lived(*FIRST[:1], rooms.frame(0, 3, *AFTER[:3])))["foreign"] == 1


def test_an_answer_of_the_lost_life_is_judged_by_the_one_that_survived():
    asked = {"type": "hand.raise", "id": "c1"}
    for seq, lost in ((2, 0), (4, 1)):
        answer = {"type": "result", "id": "c1", "seq": seq, "result": {"changed": 1}}
        assert failures(lived(FIRST[0], asked, answer, *SECOND)).get("acknowledged_lost", 0) == lost
