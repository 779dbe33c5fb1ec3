"""Whether each command had one answer, and what was answered is in the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from client_sim.codec import Message
from client_sim.history import Answered, Based, Connected, History, Sent
from client_sim.replica import Replica, Row
from client_sim.truth import Truth
from client_sim.verdict import Verdict

# What must be so at the seq of the answer: (room, who asked, command, result).
_IsSo = Callable[[Replica, str, Message, Any], bool]


def judge_answers(history: History, verdict: Verdict) -> None:
    sent = Counter(entry.command_id for entry in history.entries if isinstance(entry, Sent))
    answered = Counter(entry.command_id for entry in history.entries if isinstance(entry, Answered))
    verdict.commands += len(sent)
    verdict.unanswered += len(sent.keys() - answered.keys())
    twice = [command_id for command_id, count in answered.items() if count > sent[command_id]]
    verdict.note("answered_twice", len(twice), history.who, twice)


def judge_acknowledged(histories: Iterable[History], truth: Truth, verdict: Verdict) -> None:
    """What a client was told is done is in the log: its seq is, and what it did is so from there on."""
    if not truth.is_whole:
        return
    asked = [(history.who, *found) for history in histories for found in _acknowledged(history)]
    beyond = [(who, command, seq) for who, _, command, seq, _ in asked if seq > truth.upto]
    for who, command, seq in beyond:
        verdict.note("acknowledged_lost", 1, who, (command, seq, "beyond the log's end", truth.upto))
    rooms = dict(truth.replicas_at("managers", (seq for *_, seq, _ in asked)))
    for who, actor, command, seq, result in asked:
        is_so = _IS_SO.get(command["type"])
        if is_so and seq in rooms:
            verdict.acknowledged += 1
            verdict.note("acknowledged_lost", int(not is_so(rooms[seq], actor, command, result)), who, (command, seq, result))


def _acknowledged(history: History) -> Iterable[tuple[str, Message, int, Any]]:
    """Who asked what, and the seq and the result of its answer."""
    actor, sent = "", {}
    for entry in history.entries:
        if isinstance(entry, Connected | Based):
            actor = entry.participant_id or actor
        elif isinstance(entry, Sent):
            sent[entry.command_id] = entry.message
        elif isinstance(entry, Answered) and entry.code is None and entry.seq is not None and entry.command_id in sent:
            yield actor, sent[entry.command_id], entry.seq, entry.result


def _row(room: Replica, participant_id: str) -> Row:
    """Somebody inside, or in the line; nobody has no name and no role."""
    return room.participants.get(participant_id) or (room.waiters or {}).get(participant_id) or {}


def _is_room(name: str, *wanted: Any) -> _IsSo:
    return lambda room, actor, command, result: (room.room or {})[name] in wanted


def _is_out(room: Replica, actor: str, command: Message, result: Any) -> bool:
    return command["participant_id"] not in room.participants


def _is_there(name: str, key: str) -> _IsSo:
    return lambda room, actor, command, result: result[key] in (getattr(room, name) or ())


def _raised(room: Replica, actor: str, command: Message, result: Any) -> bool:
    return _row(room, actor).get("hand_raised_at_ms") is not None


def _lowered(room: Replica, actor: str, command: Message, result: Any) -> bool:
    return _row(room, command.get("participant_id") or actor).get("hand_raised_at_ms") is None


def _has_role(room: Replica, actor: str, command: Message, result: Any) -> bool:
    """Of somebody who is away nobody sees the role; their next welcome says it."""
    wanted: str = command["role"]
    return bool(_row(room, command["participant_id"]).get("role", wanted) == wanted)


_IS_SO: dict[str, _IsSo] = {
    "hand.raise": _raised,
    "hand.lower": _lowered,
    "hands.clear": lambda room, *_: all(row["hand_raised_at_ms"] is None for row in room.participants.values()),
    "role.change": _has_role,
    "person.rename": lambda room, actor, command, result: _row(room, actor).get("name") == result["name"],
    "lobby.admit": lambda room, actor, command, result: set(result["admitted"]) <= set(room.participants),
    "lobby.decline": lambda room, actor, command, result: command["participant_id"] not in (room.waiters or {}),
    "lobby.send_back": _is_out,
    "participant.remove": _is_out,
    "participant.ban": _is_out,
    "lobby.message": lambda room, actor, command, result: (room.room or {})["lobby_message"] == command["text"],
    "room.lock": _is_room("locked", True),
    "room.unlock": _is_room("locked", False),
    "session.start": _is_room("phase", "opening", "open"),
    "session.end": _is_room("phase", "ended"),
    "invitation.create": _is_there("invitations", "invitation_id"),
    "guest_link.create": _is_there("guest_links", "guest_link_id"),
}
