"""A replica that follows the protocol page equals a fresh snapshot, whatever happened on the way."""

from __future__ import annotations

import pytest

from client_sim.codec import JSON, MSGPACK, decode, encode
from client_sim.reducer import Hole, apply
from client_sim.refused import ProtocolBroken
from client_sim.replica import differences, resume_position
from tests.client_sim import rooms


def test_a_welcome_with_a_snapshot_is_the_whole_room():
    whole = rooms.snapshot(43, rooms.participant("ann"), rooms.participant("ben"))
    replica = rooms.replica_after(rooms.welcome(whole))
    assert replica.as_snapshot() == whole
    assert resume_position(replica) == {"epoch": "e1", "seq": 43}


def test_events_are_put_in_by_id_and_lists_stay_sorted():
    replica = rooms.replica_after(
        rooms.welcome(rooms.snapshot(43, rooms.participant("zoe"))),
        rooms.frame(43, 45, rooms.joined(44, rooms.participant("ann")), rooms.hand(45, "zoe")),
    )
    expected = rooms.snapshot(45, rooms.participant("ann"), rooms.participant("zoe", hand_raised_at_ms=7))
    assert replica.as_snapshot() == expected


def test_what_is_held_already_is_skipped():
    start = rooms.replica_after(rooms.welcome(rooms.snapshot(44, rooms.participant("ann"))))
    replica = apply(start, rooms.frame(42, 45, rooms.left(43, "ann"), rooms.joined(45, rooms.participant("ben"))))
    assert sorted(replica.participants) == ["ann", "ben"]
    assert replica.last == 45


def test_a_frame_from_the_past_does_not_take_the_position_back():
    start = rooms.replica_after(rooms.welcome(rooms.snapshot(44)))
    assert apply(start, rooms.frame(40, 42)).last == 44


def test_a_frame_behind_a_hole_is_dropped():
    start = rooms.replica_after(rooms.welcome(rooms.snapshot(43)))
    with pytest.raises(Hole):
        apply(start, rooms.frame(44, 45, rooms.joined(45, rooms.participant("ann"))))


def test_coverage_moves_on_without_events():
    assert rooms.replica_after(rooms.welcome(rooms.snapshot(43)), rooms.frame(43, 50)).last == 50


def test_a_list_that_the_role_does_not_show_stays_unknown():
    replica = rooms.replica_after(
        rooms.welcome(rooms.snapshot(43)), rooms.frame(43, 44, rooms.waiters_added(44, rooms.waiter("wim", 1)))
    )
    assert replica.waiters is None


def test_a_promotion_reveals_the_line_with_the_new_role():
    reveal = {"waiters": [rooms.waiter("wim", 2), rooms.waiter("eve", 1)], "device_requests": []}
    replica = rooms.replica_after(
        rooms.welcome(rooms.snapshot(43)),
        rooms.frame(43, 44, rooms.role_changed(44, "me", "moderator"), rooms.refresh(44, reveal=reveal)),
    )
    assert (replica.role, replica.you["role_rev"], replica.token) == ("moderator", 2, "t2")
    assert [row["participant_id"] for row in replica.as_snapshot()["waiters"]] == ["eve", "wim"]


def test_a_demotion_forgets_the_line():
    shown = rooms.snapshot(43, waiters=[rooms.waiter("wim", 1)], device_requests=[])
    forget = rooms.refresh(44, role="viewer", forget=["waiters", "device_requests"])
    replica = rooms.replica_after(rooms.welcome(shown), rooms.frame(43, 44, forget))
    assert (replica.waiters, replica.device_requests) == (None, None)


def test_a_waiter_that_moves_in_the_line_is_one_row():
    shown = rooms.snapshot(43, waiters=[rooms.waiter("wim", 1)], device_requests=[])
    replica = rooms.replica_after(
        rooms.welcome(shown), rooms.frame(43, 44, rooms.waiters_added(44, rooms.waiter("wim", 9)))
    )
    assert [row["line_no"] for row in replica.as_snapshot()["waiters"]] == [9]


def test_whoever_is_put_out_forgets_the_room():
    put_out = {"type": "lobby", "lobby": rooms.lobby("removed"), "you": rooms.you(state="removed"), "left": "removed"}
    replica = rooms.replica_after(rooms.welcome(rooms.snapshot(43, rooms.participant("ann"))), put_out)
    assert (replica.room, dict(replica.participants), replica.last, replica.left) == (None, {}, None, "removed")
    assert resume_position(replica) is None


def test_entering_replaces_the_lobby_with_the_room():
    entered = {
        "type": "entered", "you": rooms.you(), "position": {"epoch": "e1", "seq": 50}, "token": "t9",
        "snapshot": rooms.snapshot(50, rooms.participant("me")), "token_expires_at_ms": 1,
    }
    waiting = rooms.welcome(None, position=None, lobby=rooms.lobby())
    replica = rooms.replica_after(waiting, entered)
    assert (replica.lobby, replica.last, replica.token) == (None, 50, "t9")


def test_a_resumed_welcome_keeps_what_was_held():
    replica = rooms.replica_after(
        rooms.welcome(rooms.snapshot(43, rooms.participant("ann"))),
        rooms.welcome(None, position={"epoch": "e1", "seq": 46}, resumed=True, connection_id="k2"),
    )
    assert (replica.last, list(replica.participants), replica.connection_id) == (43, ["ann"], "k2")


def test_the_highest_revision_of_an_application_wins():
    newer = {"type": "applied", "participant_id": "p", "applied": 2, "expected": 2, "status": "applied", "rev": 5}
    older = newer | {"applied": 1, "status": "pending", "rev": 4}
    assert rooms.replica_after(newer, older).applied["p"]["applied"] == 2


def test_differences_name_the_parts_that_are_not_equal():
    replica = rooms.replica_after(rooms.welcome(rooms.snapshot(43, rooms.participant("ann"))))
    assert differences(replica, rooms.snapshot(44, rooms.participant("ann"))) == []
    assert differences(replica, rooms.snapshot(43)) == ["participants"]


def test_an_event_that_the_protocol_does_not_know_is_an_error():
    start = rooms.replica_after(rooms.welcome(rooms.snapshot(43)))
    with pytest.raises(ProtocolBroken):
        apply(start, rooms.frame(43, 44, {"type": "participants.vanished", "seq": 44}))


@pytest.mark.parametrize("encoding", [JSON, MSGPACK])
def test_both_encodings_carry_the_same(encoding):
    message = rooms.welcome(rooms.snapshot(43, rooms.participant("Łódź 🙂")))
    assert decode(encode(message, encoding)) == message


@pytest.mark.parametrize(
    "frame",
    [
        '{"type": "tick", "rev": 1, "rev": 2}', '{"type": "tick", "rev": NaN}', "[]", "{}", "no json",
        b"\xc1", b"\x82\xa4type\xa1t\xa4type\xa1t",
    ],
)
def test_what_the_protocol_forbids_is_refused_by_the_reader(frame):
    with pytest.raises(ProtocolBroken):
        decode(frame)
