"""The room whole as a tab was given it, small: a fingerprint of each list, and what it shows beyond its audience."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from client_sim.item import says_address
from client_sim.replica import Row

# Lists that an audience is not shown.
_HIDDEN = {
    "inside": ("waiters", "device_requests", "invitations", "guest_links"),
    "staff": ("invitations", "guest_links"),
    "managers": (),
}
_PARTS = ("room", "participants", "waiters", "device_requests", "invitations", "guest_links")


def prints_of(snapshot: Row) -> Mapping[str, str] | None:
    """A fingerprint of each of its lists; None for a large room, which shows the rest as states."""
    if snapshot["large"]:
        return None
    return {name: _print_of(snapshot[name]) for name in _PARTS}


def leaks_in(snapshot: Row, audience: str) -> Iterator[str]:
    """What this audience is not to see, by its name."""
    yield from (name for name in _HIDDEN[audience] if snapshot[name] is not None)
    if audience != "managers" and any(map(says_address, snapshot["participants"])):
        yield "addresses"


def _print_of(part: Any) -> str:
    return _shared(blake2b(json.dumps(part, sort_keys=True, separators=(",", ":")).encode(), digest_size=8).hexdigest())


@lru_cache(maxsize=65_536)
def _shared(text: str) -> str:
    return text
