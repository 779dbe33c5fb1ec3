"""The judge passes what the protocol allows, and catches each way in which a client can be told wrong."""

from __future__ import annotations

from typing import Any

import pytest

from client_sim.checker import derive_truth, judge, truth_from
from client_sim.codec import Message
from client_sim.history import Compared, ConnectionLost, History
from client_sim.replica import Replica, differences
from client_sim.verdict import FAILURES
from tests.client_sim import rooms

EVENTS = [
    rooms.joined(44, rooms.participant("ann")),
    rooms.hand(45, "ann"),
    rooms.joined(46, rooms.participant("ben")),
    rooms.left(48, "ann"),
]
TRUTH = truth_from({"inside": EVENTS})
START = rooms.welcome(rooms.snapshot(43))
FRAMES = [rooms.frame(43, 45, *EVENTS[:2]), rooms.frame(45, 46, EVENTS[2]), rooms.frame(46, 48, EVENTS[3])]


def lived(*messages: Message | ConnectionLost, who: str = "viewer") -> History:
    history = History(who)
    for message in messages:
        if isinstance(message, ConnectionLost):
            history.add(message)
        else:
            history.received(message)
    return history


def compared(history: History, replica: Replica, snapshot: dict[str, Any]) -> History:
    history.add(Compared(replica.last or 0, snapshot["seq"], tuple(differences(replica, snapshot))))
    return history


def failures(*histories: History, truth: Any = TRUTH) -> dict[str, int]:
    counts = judge(histories, truth).counts()
    return {name: counts[name] for name in FAILURES if counts[name]}


def test_a_faithful_history_holds_and_its_deliveries_are_counted():
    verdict = judge([lived(START, *FRAMES)], TRUTH)
    assert verdict.holds
    assert verdict.deliveries == 4


def test_a_dropped_event_is_lost():
    assert failures(lived(START, FRAMES[0], FRAMES[1] | {"events": []}, FRAMES[2])) == {"lost": 1}


def test_a_dropped_frame_is_lost_with_everything_behind_it():
    assert failures(lived(START, FRAMES[0], FRAMES[2])) == {"lost": 2}


def test_a_frame_dropped_at_the_end_is_no_loss_because_nothing_said_it_was_there():
    assert failures(lived(START, *FRAMES[:2])) == {}


def test_two_events_that_change_places_are_reordered():
    swapped = rooms.frame(43, 45, EVENTS[1], EVENTS[0])
    assert failures(lived(START, swapped, *FRAMES[1:])) == {"reordered": 1}


def test_two_frames_that_change_places_are_caught():
    assert failures(lived(START, FRAMES[1], FRAMES[0], FRAMES[2])) == {"lost": 2}


def test_two_events_of_one_seq_that_change_places_are_reordered():
    first, second = rooms.hand(44, "ann"), rooms.hand(44, "ben")
    truth = truth_from({"inside": [first, second]})
    assert failures(lived(START, rooms.frame(43, 44, second, first)), truth=truth) == {"reordered": 1}


def test_an_event_that_is_doubled_in_its_frame_is_duplicated():
    doubled = rooms.frame(43, 45, EVENTS[0], EVENTS[0], EVENTS[1])
    assert failures(lived(START, doubled, *FRAMES[1:])) == {"duplicated": 1}


def test_a_frame_that_comes_twice_is_duplicated():
    assert failures(lived(START, FRAMES[0], FRAMES[0], *FRAMES[1:])) == {"duplicated": 2}


def test_a_frame_that_repeats_a_part_and_says_something_new_is_allowed():
    overlapping = rooms.frame(44, 46, EVENTS[1], EVENTS[2])
    verdict = judge([lived(START, FRAMES[0], overlapping, FRAMES[2])], TRUTH)
    assert (verdict.holds, verdict.overlapping, verdict.deliveries) == (True, 1, 4)


def test_a_ghost_that_stays_in_the_replica_is_unequal():
    honest = rooms.replica_after(START, *FRAMES)
    now = rooms.snapshot(48, rooms.participant("ben"))
    assert failures(compared(lived(START, *FRAMES), honest, now)) == {}
    ghosted = rooms.replica_after(START, *FRAMES[:2], FRAMES[2] | {"events": []})
    assert "ann" in ghosted.participants
    assert failures(compared(lived(START, *FRAMES), ghosted, now)) == {"replicas_unequal": 1}


def test_coverage_that_claims_an_event_which_was_not_delivered_is_a_loss():
    lie = rooms.frame(43, 46, EVENTS[0], EVENTS[1])
    assert failures(lived(START, lie, FRAMES[2])) == {"lost": 1}


def test_an_event_beyond_the_coverage_of_its_frame_is_foreign():
    assert failures(lived(START, rooms.frame(43, 44, EVENTS[0], EVENTS[1]))) == {"foreign": 1}


def test_a_state_whose_revision_goes_back_is_caught():
    assert failures(lived(START, rooms.tick(5), rooms.tick(6), rooms.tick(5))) == {"states_backward": 1}


def test_a_state_may_begin_anew_on_another_connection():
    again = rooms.welcome(None, resumed=True, position={"epoch": "e1", "seq": 43})
    assert failures(lived(START, rooms.tick(5), ConnectionLost(None), again, rooms.tick(1))) == {}


def test_an_event_that_the_room_never_said_is_foreign():
    invented = rooms.frame(46, 48, rooms.hand(47, "nobody"), EVENTS[3])
    assert failures(lived(START, *FRAMES[:2], invented)) == {"foreign": 1}


def test_the_line_must_not_reach_a_viewer():
    leaked = rooms.frame(46, 48, rooms.waiters_added(47, rooms.waiter("wim", 1)), EVENTS[3])
    assert failures(lived(START, *FRAMES[:2], leaked)) == {"foreign": 1}


def test_events_must_not_reach_the_lobby():
    waiting = rooms.welcome(None, position=None, lobby=rooms.lobby())
    assert failures(lived(waiting, FRAMES[0])) == {"foreign": 2}


def test_a_hole_that_a_resync_fills_is_no_loss_but_is_counted():
    verdict = judge([lived(START, FRAMES[1], rooms.resync(rooms.snapshot(46)), FRAMES[2])], TRUTH)
    assert (verdict.holds, verdict.holes) == (True, 1)


def test_a_resume_goes_on_where_the_client_was():
    again = rooms.welcome(None, resumed=True, position={"epoch": "e1", "seq": 48})
    assert failures(lived(START, FRAMES[0], ConnectionLost(None), again, *FRAMES[1:])) == {}
    assert failures(lived(START, FRAMES[0], ConnectionLost(None), again, FRAMES[2])) == {"lost": 2}


def test_a_promoted_client_must_hear_the_line_from_the_next_seq_on():
    line = rooms.waiters_added(47, rooms.waiter("wim", 1))
    truth = truth_from({"inside": EVENTS, "staff": [*EVENTS[:3], line, EVENTS[3]]})
    promotion = rooms.frame(45, 46, EVENTS[2], rooms.refresh(46))
    told = rooms.frame(46, 48, line, EVENTS[3])
    assert failures(lived(START, FRAMES[0], promotion, told), truth=truth) == {}
    assert failures(lived(START, FRAMES[0], promotion, FRAMES[2]), truth=truth) == {"lost": 1}


def test_a_promotion_and_what_follows_may_share_a_frame():
    line = rooms.waiters_added(47, rooms.waiter("wim", 1))
    truth = truth_from({"inside": EVENTS, "staff": [*EVENTS[:3], line, EVENTS[3]]})
    merged = rooms.frame(45, 48, EVENTS[2], rooms.refresh(46), line, EVENTS[3])
    assert failures(lived(START, FRAMES[0], merged), truth=truth) == {}


def test_a_comparison_with_a_later_snapshot_proves_nothing_and_is_not_enough():
    replica = rooms.replica_after(START, *FRAMES[:2])
    history = compared(lived(START, *FRAMES[:2]), replica, rooms.snapshot(48, rooms.participant("ben")))
    assert failures(history) == {"replicas_unequal": 1}


def test_a_snapshot_at_a_later_seq_that_was_not_for_this_audience_is_compared():
    replica = rooms.replica_after(START, *FRAMES)
    history = compared(lived(START, *FRAMES), replica, rooms.snapshot(60, rooms.participant("ben")))
    assert failures(history) == {}


def test_an_answer_that_comes_twice_is_caught():
    answer = {"type": "result", "id": "c1", "seq": None, "result": {}}
    history = History("viewer")
    history.sent({"type": "hand.raise", "id": "c1"})
    history.received(answer)
    history.received(answer)
    assert failures(history) == {"answered_twice": 1}


# ── Without a truth from elsewhere ───────────────────────────────────────────────────────────────────────────────────


def test_the_truth_is_what_most_clients_agree_on():
    faithful = [lived(START, *FRAMES, who=f"v{number}") for number in range(3)]
    assert list(derive_truth(faithful).told["inside"]) == list(TRUTH.told["inside"])


@pytest.mark.parametrize(
    ("mutant", "expected"),
    [
        ([FRAMES[0], FRAMES[1] | {"events": []}, FRAMES[2]], {"lost": 1}),
        ([rooms.frame(43, 45, EVENTS[1], EVENTS[0]), *FRAMES[1:]], {"reordered": 1}),
        ([rooms.frame(43, 45, EVENTS[0], EVENTS[0], EVENTS[1]), *FRAMES[1:]], {"duplicated": 1}),
        ([rooms.frame(43, 46, *EVENTS[:2]), FRAMES[2]], {"lost": 1}),
    ],
)
def test_mutants_are_caught_by_what_the_others_were_told(mutant, expected):
    faithful = [lived(START, *FRAMES, who=f"v{number}") for number in range(3)]
    assert failures(*faithful, lived(START, *mutant), truth=None) == expected


def test_a_manager_alone_is_judged_by_what_everybody_inside_was_told():
    everybody = [lived(START, *FRAMES, who=f"v{number}") for number in range(2)]
    start = rooms.welcome(rooms.snapshot(43, waiters=[], device_requests=[], invitations=[]), you=rooms.you("manager"))
    with_address = rooms.joined(44, rooms.participant("ann", email="ann@example.org"))
    manager = lived(start, rooms.frame(43, 45, with_address, EVENTS[1]), FRAMES[2] | {"after": 45})
    assert failures(*everybody, manager, truth=None) == {"lost": 1}


def test_thousands_of_events_are_judged_in_one_pass():
    events = [rooms.hand(seq, "ann", seq) for seq in range(44, 20_044)]
    history = lived(START, *(rooms.frame(event["seq"] - 1, event["seq"], event) for event in events))
    assert judge([history], truth_from({"inside": events})).deliveries == 20_000
