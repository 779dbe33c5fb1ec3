"""Who did what: which events of a room leave a line in its audit, and what it says. Never a secret, an address or a name."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from server.domain import events as e
from server.domain.events import Event

# Mere presence, and what follows from an act by itself: no line. Every other event has one.
SILENT: frozenset[type[Event]] = frozenset(
    {
        e.PersonIdentified, e.CameAfterEnd, e.PeopleLeft, e.WaitersAdded, e.HostsWanted, e.RoleApplied, e.TabReplaced,
        e.HandsChanged,
    }
)
# Changes that only the clock, the line or the mail server brings about.
_BY_ITSELF: frozenset[tuple[type[Event], str]] = frozenset(
    {(e.RoomChanged, "opened"), (e.RoomChanged, "start_reached"), (e.InvitationChanged, "mail")}
)


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """One act, read back. `by`: who did it, None where the site or the clock did. `details`: what, from, to.
    `subjects`: kinds and ids of the records that it changed."""

    seq: int
    at_ms: int
    name: str
    by: str | None
    details: dict[str, Any] = field(default_factory=dict)
    subjects: list[tuple[str, str]] = field(default_factory=list)


def is_act(event: Event) -> bool:
    """Whether somebody, the site or a link did this, so that it leaves a line."""
    if isinstance(event, e.ParticipantsJoined):
        return event.by is not None  # admitted by a host; who walks in by themselves is mere presence
    return type(event) not in SILENT and (type(event), getattr(event, "what", "")) not in _BY_ITSELF


def audit_line(event: Event) -> dict[str, Any] | None:
    """What the audit keeps of `event`; None where it is no act."""
    if not is_act(event):
        return None
    told = {name: value for name, value in asdict(event).items() if value not in (None, False, "")}
    return {"name": event.name, **told}


@dataclass(frozen=True, kw_only=True)
class RefusalLine:
    """One "no" at a link or at a hello: which, when, from which network, about whom as far as it was known.
    `device_id` is shortened."""

    refusal_id: str
    at_ms: int
    door: str
    code: str
    network: str
    invitation_id: str | None = None
    participant_id: str | None = None
    device_id: str | None = None


def shorten_device(device_id: str) -> str:
    """Enough of a device's id to tell devices apart, too little to be mistaken for a key."""
    return device_id[:12]


def network_prefix(network: str) -> str:
    """As much of a network as support needs: the /24 of an IPv4 address, the /64 of an IPv6 one (given with `_` for `:`)."""
    if "_" in network:
        return network.replace("_", ":") + "/64"
    first, dot, _ = network.rpartition(".")
    return f"{first}.0/24" if dot else network
