"""What a client keeps of a large room: states of which the latest wins, and which a new beginning takes away."""

from __future__ import annotations

import pytest

from client_sim.history import History, StateSeen
from client_sim.replica import Replica
from tests.client_sim.rooms import frame, lobby, participant, refresh, replica_after, resync, snapshot, welcome, you

STATES = ("counts", "hands", "own", "line", "roster")


def state(kind: str, seq: int, **fields) -> dict:
    return {"type": kind, "seq": seq, **fields}


def a_large_room(*messages: dict) -> Replica:
    return replica_after(welcome(snapshot(5, participant("mod", "moderator"), large=True)), *messages)


@pytest.mark.parametrize("kind", STATES)
def test_of_a_state_the_highest_seq_wins(kind):
    replica = a_large_room(state(kind, 7, total=2), state(kind, 6, total=1))
    assert getattr(replica, kind) == {"seq": 7, "total": 2}


@pytest.mark.parametrize("kind", STATES)
def test_with_the_room_whole_and_before_the_lobby_states_begin_anew(kind):
    told = state(kind, 7, total=2)
    anew = a_large_room(told, resync(snapshot(9)))
    outside = a_large_room(told, {"type": "lobby", "lobby": lobby(), "you": you(), "left": "removed"})
    assert (getattr(anew, kind), getattr(outside, kind)) == (None, None)
    assert (anew.large, outside.large) == (False, False)


def test_a_row_that_is_hidden_is_gone_from_the_list():
    hidden = {"type": "participants.hidden", "seq": 6, "participant_ids": ["mod"]}
    assert a_large_room(frame(5, 6, hidden)).participants == {}


def test_the_own_row_is_the_state_in_a_large_room_and_a_row_of_the_list_in_a_small_one():
    own = participant("me", hand_raised_at_ms=3)
    assert a_large_room(state("own", 6, participant=own)).own_row == own
    assert a_large_room().own_row is None
    assert replica_after(welcome(snapshot(5, own))).own_row == own


def test_a_new_role_shows_the_head_of_a_long_line_and_takes_it_away_again():
    head = {"seq": 6, "waiters": [], "total": 150, "next_cursor": None}
    reveal = {"waiters": None, "line": head, "device_requests": []}
    shown = a_large_room(frame(5, 6, refresh(6, reveal=reveal)))
    assert (shown.waiters, shown.line, shown.device_requests) == (None, head, {})
    taken = replica_after(
        welcome(snapshot(5, large=True)), frame(5, 6, refresh(6, reveal=reveal)),
        frame(6, 7, refresh(7, "viewer", 3, forget=["line", "device_requests"])),
    )
    assert (taken.line, taken.device_requests) == (None, None)


@pytest.mark.parametrize("kind", STATES)
def test_the_judge_sees_their_revisions(kind):
    history = History()
    history.received(state(kind, 7))
    assert history.entries == [StateSeen(kind, 7)]
