"""How each message changes a replica: pure functions, no I/O and no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from client_sim.codec import Message
from client_sim.refused import ProtocolBroken
from client_sim.replica import KEY_OF, Replica, Row, Rows


class Hole(Exception):
    """A frame begins after the last seq that the replica holds: something is missing, and `sync` has to be sent."""


def apply(replica: Replica, message: Message) -> Replica:
    """The replica after `message`; messages that change nothing about the room leave it as it is.

    Raises:
        Hole: see there; the frame is to be dropped.
        ProtocolBroken: the protocol knows no such message or event.
    """
    if message["type"] in _UNCHANGING:
        return replica
    try:
        return _MESSAGES[message["type"]](replica, message)
    except KeyError as missing:
        raise ProtocolBroken(f"A {message['type']} message names or lacks {missing}.") from missing


# Of these the latest wins, and all come again after the room whole.
_STATES = ("counts", "hands", "own", "line", "roster")
_NO_STATES = dict.fromkeys(_STATES)


def _by_id(name: str, rows: Iterable[Row] | None) -> Rows | None:
    return None if rows is None else {row[KEY_OF[name]]: row for row in rows}


# ── Messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _welcome(replica: Replica, message: Message) -> Replica:
    known = replace(
        replica,
        you=message["you"],
        connection_id=message["connection_id"],
        heartbeat_ms=message["heartbeat_ms"],
        features=message["features"],
        token=message["token"],
        token_expires_at_ms=message["token_expires_at_ms"],
        stale=False,
        tick=None,
    )
    if message["snapshot"] is not None:
        return _whole(known, message)
    if message["lobby"] is not None:
        return replace(_outside(known), lobby=message["lobby"])
    return known  # resumed: the missing events follow


def _entered(replica: Replica, message: Message) -> Replica:
    token = {"token": message["token"], "token_expires_at_ms": message["token_expires_at_ms"]}
    return _whole(replace(replica, you=message["you"], **token), message)


def _resync(replica: Replica, message: Message) -> Replica:
    return _whole(replace(replica, you=message["you"]), message)


def _whole(replica: Replica, message: Message) -> Replica:
    """Replace everything about the room with the message's snapshot."""
    snapshot, position = message["snapshot"], message["position"]
    lists = {name: _by_id(name, snapshot[name]) for name in KEY_OF}
    here = replace(replica, epoch=position["epoch"], last=position["seq"], room=snapshot["room"], lobby=None, left=None)
    return replace(here, large=snapshot["large"], **lists, **_NO_STATES)  # type: ignore[arg-type]


def _lobby(replica: Replica, message: Message) -> Replica:
    return replace(_outside(replica), you=message["you"], lobby=message["lobby"], left=message["left"])


def _outside(replica: Replica) -> Replica:
    """Forget everything about the room and the people in it."""
    nothing = {"waiters": None, "device_requests": None, "invitations": None, "guest_links": None, "large": False, **_NO_STATES}
    return replace(replica, epoch=None, last=None, room=None, participants={}, applied={}, left=None, **nothing)  # type: ignore[arg-type]


def _events(replica: Replica, message: Message) -> Replica:
    if replica.last is None or message["after"] > replica.last:
        raise Hole(f"after {message['after']}, held {replica.last}")
    seen = replica.last
    for event in message["events"]:
        if event["seq"] > seen:
            replica = _EVENTS[event["type"]](replica, event)
    return replica.but(last=max(seen, message["upto"]))


def _tick(replica: Replica, message: Message) -> Replica:
    return replace(replica, tick=message)


def _applied(replica: Replica, message: Message) -> Replica:
    known = replica.applied.get(message["participant_id"])
    if known and known["rev"] > message["rev"]:
        return replica
    return replace(replica, applied={**replica.applied, message["participant_id"]: message})


def _state(replica: Replica, message: Message) -> Replica:
    name = message["type"]
    known: Row | None = getattr(replica, name)
    if known and known["seq"] > message["seq"]:
        return replica
    shown: dict[str, Any] = {name: {key: value for key, value in message.items() if key != "type"}}
    return replace(replica, **shown)


def _features(replica: Replica, message: Message) -> Replica:
    return replace(replica, features=message["features"])


def _stale(replica: Replica, message: Message) -> Replica:
    return replace(replica, stale=message["stale"])


_MESSAGES: dict[str, Callable[[Replica, Message], Replica]] = {
    "welcome": _welcome,
    "entered": _entered,
    "resync": _resync,
    "lobby": _lobby,
    "events": _events,
    "tick": _tick,
    "applied": _applied,
    "stale": _stale,
    "features": _features,
    **dict.fromkeys(_STATES, _state),
}
_UNCHANGING = frozenset({"challenge", "result", "refused", "bye"})


# ── Events ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _put(name: str, rows_of: Callable[[Row], Iterable[Row]]) -> Callable[[Replica, Row], Replica]:
    """Put the event's rows into the list `name` by id; a list that is not shown stays so."""

    def change(replica: Replica, event: Row) -> Replica:
        rows: Rows | None = getattr(replica, name)
        if rows is None:
            return replica
        added = {row[KEY_OF[name]]: row for row in rows_of(event)}
        return replica.but(**{name: {**rows, **added}})

    return change


def _take(name: str, ids_of: Callable[[Row], Iterable[str]]) -> Callable[[Replica, Row], Replica]:
    """Take the event's ids out of the list `name`."""

    def change(replica: Replica, event: Row) -> Replica:
        rows: Rows | None = getattr(replica, name)
        if rows is None:
            return replica
        gone = set(ids_of(event))
        return replica.but(**{name: {key: row for key, row in rows.items() if key not in gone}})

    return change


def _invitations_presence(replica: Replica, event: Row) -> Replica:
    """Lay what changed over the invitations' rows."""
    if replica.invitations is None:
        return replica
    changed = {row["invitation_id"]: {**replica.invitations[row["invitation_id"]], **row} for row in event["rows"]}
    return replace(replica, invitations={**replica.invitations, **changed})


def _room_changed(replica: Replica, event: Row) -> Replica:
    return replica.but(room=event["room"])


def _refresh(replica: Replica, event: Row) -> Replica:
    """The own role: what it is, what it reveals, and what is to be forgotten."""
    you = {**(replica.you or {}), **{name: event[name] for name in ("role", "role_rev", "permissions")}}
    shown: dict[str, Any] = dict.fromkeys(event["forget"])
    if event["reveal"] is not None:
        shown.update({name: _by_id(name, rows) if name in KEY_OF else rows for name, rows in event["reveal"].items()})
    token = {"token": event["token"], "token_expires_at_ms": event["token_expires_at_ms"]}
    return replace(replica, you=you, **token, **shown)


_EVENTS: dict[str, Callable[[Replica, Row], Replica]] = {
    "room.changed": _room_changed,
    "participants.joined": _put("participants", lambda event: event["participants"]),
    "participants.updated": _put("participants", lambda event: event["participants"]),
    "participant.role_changed": _put("participants", lambda event: [event["participant"]]),
    "participants.left": _take("participants", lambda event: event["participant_ids"]),
    "participants.hidden": _take("participants", lambda event: event["participant_ids"]),
    "waiters.added": _put("waiters", lambda event: event["waiters"]),
    "waiters.removed": _take("waiters", lambda event: event["participant_ids"]),
    "device.requested": _put("device_requests", lambda event: [event["request"]]),
    "device.request_closed": _take("device_requests", lambda event: [event["invitation_id"]]),
    "invitations.presence": _invitations_presence,
    "guest_link.changed": _put("guest_links", lambda event: [event["guest_link"]]),
    "guest_link.removed": _take("guest_links", lambda event: [event["guest_link_id"]]),
    "invitation.changed": _put("invitations", lambda event: [event["invitation"]]),
    "refresh": _refresh,
}
