"""One event as a history remembers it: its seq, and a fingerprint by which two clients can tell that they saw the same.

A fingerprint is `layer:type:hash`. The layer says who may see such an event, after docs/protocol.md: `inside` everybody
in the room, `hosts`, `managers`, `device` (managers, and moderators for some links), `own` (one person's tabs alone).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from client_sim.replica import Row

_LAYER_OF = {
    "room.changed": "inside",
    "participants.joined": "inside",
    "participants.updated": "inside",
    "participant.role_changed": "inside",
    "participants.left": "inside",
    "participants.hidden": "inside",
    "waiters.added": "hosts",
    "waiters.removed": "hosts",
    "invitation.changed": "managers",
    "invitations.presence": "managers",
    "guest_link.changed": "managers",
    "guest_link.removed": "managers",
    "device.requested": "device",
    "device.request_closed": "device",
    "refresh": "own",
}
# What an audience must be told of, whole and in order; and what else it may hear besides.
MUST_HEAR = {
    "inside": ("inside",),
    "staff": ("inside", "hosts"),
    "managers": ("inside", "hosts", "managers"),
}
MAY_HEAR = {"inside": ("own",), "staff": ("own", "device"), "managers": ("own", "device")}
_NO_ADDRESSES = {"email": None, "claimed_email": None}


@dataclass(frozen=True, slots=True)
class Item:
    """`becomes`: the audience that its hearer belongs to from the next seq on, and `role_rev` what their role stands at; None
    where that does not change. `has_addresses`: a participant's row in it says an address."""

    seq: int
    fingerprint: str
    becomes: str | None = None
    role_rev: int | None = None
    has_addresses: bool = False

    @property
    def layer(self) -> str:
        return self.fingerprint.partition(":")[0]


def item_for(event: Row) -> Item:
    """The item that stands for a wire event."""
    is_refresh = event["type"] == "refresh"
    becomes, role_rev = (audience_of(event["role"]), event["role_rev"]) if is_refresh else (None, None)
    return _shared(event["seq"], fingerprint(event), becomes, role_rev, any(map(says_address, rows_of(event))))


@lru_cache(maxsize=65_536)
def _shared(seq: int, heard: str, becomes: str | None, role_rev: int | None, has_addresses: bool) -> Item:
    """One object for what many tabs hear: a long run remembers millions of deliveries."""
    return Item(seq, heard, becomes, role_rev, has_addresses)


def rows_of(event: Row) -> list[Row]:
    """The participants' rows that an event carries."""
    return [*event.get("participants", ()), *([event["participant"]] if "participant" in event else [])]


def says_address(participant: Row) -> bool:
    return any(participant[name] is not None for name in _NO_ADDRESSES)


def audience_of(role: str | None) -> str:
    """Which audience a role belongs to."""
    return {"moderator": "staff", "manager": "managers"}.get(role or "", "inside")


def fingerprint(event: Row) -> str:
    """The same for the same event, whoever hears it and in whatever encoding."""
    kind = event["type"]
    canonical = json.dumps(_as_everybody_sees(event), sort_keys=True, separators=(",", ":"))
    return f"{_LAYER_OF.get(kind, 'unknown')}:{kind}:{blake2b(canonical.encode(), digest_size=8).hexdigest()}"


def _as_everybody_sees(event: Row) -> dict[str, Any]:
    """The event without addresses in participants' rows: those alone differ between the audiences."""
    plain = dict(event)
    if "participants" in plain:
        plain["participants"] = [row | _NO_ADDRESSES for row in plain["participants"]]
    if "participant" in plain:
        plain["participant"] = plain["participant"] | _NO_ADDRESSES
    return plain
