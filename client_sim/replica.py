"""What a tab holds of a room.

The room's truth is the server's; this is a projection that must equal a fresh snapshot at the same `seq`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
Rows = Mapping[str, Row]

KEY_OF = {
    "participants": "participant_id",
    "waiters": "participant_id",
    "device_requests": "invitation_id",
    "invitations": "invitation_id",
    "guest_links": "guest_link_id",
}


@dataclass(frozen=True, kw_only=True)
class Replica:
    """One tab's view. Lists are by id; None is a list that the role does not show. `last` is None outside the room.

    In a large room `participants` are the hosts alone; `counts`, `hands`, `own` and the page watched (`roster`) are states
    beside them, and so is `line`, the head of a long line, whose `waiters` are None.

    `applied` holds the latest `applied` state by participant id, `tick` the latest tick.
    """

    you: Row | None = None
    epoch: str | None = None
    last: int | None = None
    large: bool = False
    room: Row | None = None
    participants: Rows = field(default_factory=dict)
    waiters: Rows | None = None
    device_requests: Rows | None = None
    invitations: Rows | None = None
    guest_links: Rows | None = None
    features: Row | None = None
    counts: Row | None = None
    hands: Row | None = None
    own: Row | None = None
    line: Row | None = None
    roster: Row | None = None
    lobby: Row | None = None
    left: str | None = None
    tick: Row | None = None
    applied: Mapping[str, Row] = field(default_factory=dict)
    stale: bool = False
    connection_id: str | None = None
    heartbeat_ms: int | None = None
    token: str | None = None
    token_expires_at_ms: int | None = None

    def but(self, **changes: Any) -> Replica:
        """The same with other values: as `dataclasses.replace`, which costs more than all else that an event takes."""
        new = object.__new__(Replica)
        new.__dict__.update(self.__dict__, **changes)
        return new

    @property
    def is_inside(self) -> bool:
        return self.last is not None

    @property
    def role(self) -> str | None:
        return self.you["role"] if self.you else None

    @property
    def lobby_state(self) -> str | None:
        return self.lobby["state"] if self.lobby else None

    @property
    def own_row(self) -> Row | None:
        """One's own row in the list of participants."""
        if self.large:
            return self.own["participant"] if self.own else None
        return self.participants.get(self.you["participant_id"]) if self.you else None

    def as_snapshot(self) -> dict[str, Any]:
        """The same shape, with the same order of rows, as the server's snapshot at `last`."""
        return {
            "seq": self.last,
            "large": self.large,
            "room": dict(self.room) if self.room else None,
            "participants": _sorted_rows(self.participants, "participant_id"),
            "waiters": _sorted_rows(self.waiters, "line_no"),
            "device_requests": _sorted_rows(self.device_requests, "invitation_id"),
            "invitations": _sorted_rows(self.invitations, "invitation_id"),
            "guest_links": _sorted_rows(self.guest_links, "guest_link_id"),
        }


def resume_position(replica: Replica) -> dict[str, Any] | None:
    """What `hello` says of where this tab was; None where it holds nothing to resume."""
    if replica.last is None or replica.epoch is None:
        return None
    return {"epoch": replica.epoch, "seq": replica.last}


def differences(replica: Replica, snapshot: Row) -> list[str]:
    """Which parts of the replica are not as in `snapshot`, whatever their seqs; empty where they agree."""
    own = replica.as_snapshot()
    return [name for name in own if name != "seq" and own[name] != snapshot[name]]


def _sorted_rows(rows: Rows | None, key: str) -> list[dict[str, Any]] | None:
    if rows is None:
        return None
    return sorted((dict(row) for row in rows.values()), key=lambda row: row[key])
