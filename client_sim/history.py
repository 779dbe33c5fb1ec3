"""What one client lived through, in order and small: for the checker, which judges it afterwards."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass

from client_sim.codec import Message
from client_sim.item import Item, audience_of, item_for
from client_sim.replica import Row

MESSAGES_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Connected:
    """A new connection; everything about states begins anew. `resumed`: events go on from the last seq."""

    resumed: bool


@dataclass(frozen=True, slots=True)
class Based:
    """The room whole at `seq`, as `audience` sees it; `seq` is None where the tab is outside. `why`: welcome, entered,
    lobby, or `resync:` and the server's reason."""

    why: str
    seq: int | None
    audience: str


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
    command_id: str
    command: str


@dataclass(frozen=True, slots=True)
class Answered:
    """`code` is None for a result."""

    command_id: str
    code: str | None


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    code: int | None


Entry = Connected | Based | Frame | StateSeen | Compared | Sent | Answered | ConnectionLost


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
            self.add(Sent(message["id"], message["type"]))

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
            return [Based("lobby", None, "inside"), StateSeen("lobby", message["lobby"]["rev"])]
        case "tick":
            return [StateSeen("tick", message["rev"])]
        case "counts" | "hands" | "own" | "line" | "roster":
            return [StateSeen(message["type"], message["seq"])]
        case "applied":
            return [StateSeen(f"applied:{message['participant_id']}", message["rev"])]
        case "result" | "refused" if message["id"] is not None:
            return [Answered(message["id"], message.get("code"))]
    return []


def _entries_for_welcome(message: Message) -> list[Entry]:
    connected = Connected(message["resumed"])
    if message["lobby"] is not None:
        return [connected, Based("lobby", None, "inside"), StateSeen("lobby", message["lobby"]["rev"])]
    return [connected] if message["resumed"] else [connected, _based("welcome", message)]


def _based(why: str, message: Message) -> Based:
    you: Row = message["you"]
    return Based(why, message["position"]["seq"], audience_of(you["role"]))
