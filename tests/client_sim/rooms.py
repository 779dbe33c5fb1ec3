"""A small room to test clients with: rows, events, frames and snapshots as the server sends them."""

from __future__ import annotations

from typing import Any

from client_sim.codec import Message
from client_sim.reducer import apply
from client_sim.replica import Replica

Row = dict[str, Any]


def room(**changes: Any) -> Row:
    row = {
        "room_id": "r1", "title": "Chemistry", "description": None, "phase": "open", "opens": "at_start",
        "locked": False, "starts_at_ms": None, "ends_at_ms": None, "opened_at_ms": 1, "lobby_message": None, "rev": 1,
    }
    return row | changes


def participant(participant_id: str, role: str = "viewer", **changes: Any) -> Row:
    row = {
        "participant_id": participant_id, "name": participant_id.title(), "role": role, "standing": None,
        "joined_at_ms": 1, "hand_raised_at_ms": None, "unverified": False, "email": None, "claimed_email": None,
    }
    return row | changes


def waiter(participant_id: str, line_no: int) -> Row:
    return {
        "participant_id": participant_id, "name": participant_id.title(), "role": "viewer", "email": None, "claimed_email": None,
        "unverified": False, "waiting_since_ms": 1, "line_no": line_no, "hold": None,
    }


def you(role: str = "viewer", **changes: Any) -> Row:
    row = {
        "participant_id": "me", "name": "Me", "role": role, "standing": None, "role_rev": 1, "permissions": ["chat"],
        "state": "inside",
    }
    return row | changes


def snapshot(seq: int, *people: Row, **lists: Any) -> Row:
    hidden = {"waiters": None, "device_requests": None, "invitations": None, "guest_links": None}
    return {"seq": seq, "large": False, "room": room(), "participants": list(people)} | hidden | lists


def welcome(snapshot_: Row | None, **changes: Any) -> Message:
    position = {"epoch": "e1", "seq": snapshot_["seq"] if snapshot_ else 0}
    message = {
        "type": "welcome", "connection_id": "k1", "you": you(), "position": position, "snapshot": snapshot_,
        "lobby": None, "resumed": False, "now_ms": 1_000, "token": "t1", "token_expires_at_ms": 4_000_000_000_000,
        "heartbeat_ms": 30_000, "limits": {}, "features": {},
    }
    return message | changes


def lobby(state: str = "countdown", rev: int = 1) -> Row:
    return {
        "rev": rev, "state": state, "needs_email": False, "room": {"room_id": "r1"}, "enter_at_ms": None,
        "position": None, "more_than": None, "host_message": None, "decline_message": None, "can_be_admitted": True,
        "can_knock": False, "device_request": None,
    }


def frame(after: int, upto: int, *events: Row) -> Message:
    return {"type": "events", "after": after, "upto": upto, "events": list(events)}


def resync(snapshot_: Row, reason: str = "sync") -> Message:
    position = {"epoch": "e1", "seq": snapshot_["seq"]}
    return {"type": "resync", "reason": reason, "position": position, "you": you(), "snapshot": snapshot_}


def joined(seq: int, *people: Row) -> Row:
    return {"type": "participants.joined", "seq": seq, "participants": list(people), "admitted": False, "by": None}


def left(seq: int, *ids: str) -> Row:
    return {"type": "participants.left", "seq": seq, "participant_ids": list(ids), "reason": "left", "by": None}


def hand(seq: int, participant_id: str, at_ms: int | None = 7) -> Row:
    row = participant(participant_id, hand_raised_at_ms=at_ms)
    return {"type": "participants.updated", "seq": seq, "participants": [row]}


def role_changed(seq: int, participant_id: str, new_role: str) -> Row:
    return {
        "type": "participant.role_changed", "seq": seq, "participant": participant(participant_id, new_role),
        "old_role": "viewer", "new_role": new_role, "by": "host",
    }


def waiters_added(seq: int, *rows: Row) -> Row:
    return {"type": "waiters.added", "seq": seq, "waiters": list(rows)}


def waiters_removed(seq: int, *ids: str) -> Row:
    return {"type": "waiters.removed", "seq": seq, "participant_ids": list(ids), "reason": "left", "by": None}


def refresh(seq: int, role: str = "moderator", role_rev: int = 2, **changes: Any) -> Row:
    event = {
        "type": "refresh", "seq": seq, "role": role, "old_role": "viewer", "role_rev": role_rev,
        "permissions": ["admit", "chat"], "by": "host", "reveal": None, "forget": [], "token": "t2",
        "token_expires_at_ms": 4_000_000_000_000,
    }
    return event | changes


def tick(rev: int) -> Message:
    return {"type": "tick", "now_ms": 1_000, "starts_at_ms": None, "rev": rev}


def replica_after(*messages: Message) -> Replica:
    replica = Replica(token="t0")
    for message in messages:
        replica = apply(replica, message)
    return replica
