"""What one client lived through, in order and small: for the checker, which judges it afterwards."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from client_sim.codec import Message
from client_sim.item import Item, audience_of, item_for
from client_sim.replica import Row
from client_sim.whole import leaks_in, prints_of

MESSAGES_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Connected:
    """A new connection; everything about states begins anew. `resumed`: events go on from the last seq. `participant_id` is
    None for a page whose address is not proven."""

    resumed: bool
    participant_id: str | None = None
    role_rev: int | None = None
    epoch: str | None = None


@dataclass(frozen=True, slots=True)
class Based:
    """The room whole at `seq`, as `audience` sees it; `seq` is None where the tab is outside. `why`: welcome, entered,
    lobby, or `resync:` and the server's reason. `prints`: a fingerprint of each list; none where the room is large.
    `leaks`: what it shows beyond its audience. `epoch`: as this person is told the life of the log that it is of."""

    why: str
    seq: int | None
    audience: str
    participant_id: str | None = None
    role_rev: int | None = None
    prints: Mapping[str, str] | None = None
    leaks: tuple[str, ...] = ()
    epoch: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """An `events` message."""

    after: int
    upto: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class StateSeen:
    """A state with a revision: tick, lobby, `applied:` and the participant, or one of a large room with its seq."""

    name: str
    rev: int


@dataclass(frozen=True, slots=True)
class Compared:
    """The replica against a snapshot that `sync` brought; `different` names the parts that are not equal."""

    replica_seq: int
    snapshot_seq: int
    different: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """`message`: the command as it went out."""

    command_id: str
    command: str
    message: Message = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """`code` is None for a result; `seq` is from where on what it did is visible."""

    command_id: str
    code: str | None
    seq: int | None = None
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    code: int | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The tab is over for good."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """How a claim went: `code` is None for the one that won it, a refusal's code, or `unanswered`."""

    link: str
    device: str
    code: str | None


Entry = Connected | Based | Frame | StateSeen | Compared | Sent | Answered | ConnectionLost | Ended | Claimed


class History:
    """One client's history. Grows with what happens: a run is finite, and an entry small.

    With `keeps_messages`, `messages` holds the last of them raw, as (monotonic seconds, "sent" or "received", message).
    """

    def __init__(self, who: str = "", *, keeps_messages: bool = False) -> None:
        self.who = who
        self.entries: list[Entry] = []
        self.events_seen = 0
        self.messages: deque[tuple[float, str, Message]] = deque(maxlen=MESSAGES_KEPT if keeps_messages else 0)

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)

    def sent(self, message: Message) -> None:
        self.messages.append((time.monotonic(), "sent", message))
        if "id" in message:
            self.add(Sent(message["id"], message["type"], message))

    def received(self, message: Message) -> None:
        self.messages.append((time.monotonic(), "received", message))
        self.entries += _entries_for(message)
        self.events_seen += len(message.get("events", ()))

    def received_messages(self) -> list[Message]:
        return [message for _, direction, message in self.messages if direction == "received"]


def _entries_for(message: Message) -> list[Entry]:
    match message["type"]:
        case "events":
            return [Frame(message["after"], message["upto"], tuple(item_for(event) for event in message["events"]))]
        case "welcome":
            return _entries_for_welcome(message)
        case "entered":
            return [_based("entered", message)]
        case "resync":
            return [_based(f"resync:{message['reason']}", message)]
        case "lobby":
            return _outside(message)
        case "tick":
            return [StateSeen("tick", message["rev"])]
        case "counts" | "hands" | "own" | "line" | "roster":
            return [StateSeen(message["type"], message["seq"])]
        case "applied":
            return [StateSeen(f"applied:{message['participant_id']}", message["rev"])]
        case "result" | "refused" if message["id"] is not None:
            return [Answered(message["id"], message.get("code"), message.get("seq"), message.get("result", {}))]
    return []


def _entries_for_welcome(message: Message) -> list[Entry]:
    you: Row = message["you"]
    position = message["position"]
    connected = Connected(
        message["resumed"], you["participant_id"], you["role_rev"], position["epoch"] if position else None
    )
    if message["lobby"] is not None:
        return [connected, *_outside(message)]
    return [connected] if message["resumed"] else [connected, _based("welcome", message)]


def _outside(message: Message) -> list[Entry]:
    you: Row = message["you"]
    outside = Based("lobby", None, "inside", you["participant_id"], you["role_rev"])
    return [outside, StateSeen("lobby", message["lobby"]["rev"])]


def _based(why: str, message: Message) -> Based:
    you: Row = message["you"]
    snapshot, audience = message["snapshot"], audience_of(you["role"])
    return Based(
        why, message["position"]["seq"], audience, you["participant_id"], you["role_rev"],
        prints_of(snapshot), tuple(leaks_in(snapshot, audience)), message["position"]["epoch"],
    )  # fmt: skip
