"""This node's copy of the API keys that were made while the service runs, so that a call with one costs no question to Redis."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import replace

from server.domain.api_keys import ApiKey, is_use_worth_noting

# A key that this node does not know may have been made elsewhere just now; whoever guesses keys does not make it ask more often.
LOOK_PAUSE_S = 0.05


class KnownKeys:
    """Changed between two awaits only. `changes` counts what this node did to the keys itself, so that what was read before is
    not taken for what is so after. `looking`: held by the one look at Redis that is under way for unknown keys; `next_look`: the
    one that has not begun; `looked_at_s`: when the last one ended."""

    def __init__(self) -> None:
        self.changes = 0
        self.looking = asyncio.Lock()
        self.next_look: asyncio.Task[None] | None = None
        self.looked_at_s = float("-inf")
        self._held: dict[str, ApiKey] = {}
        self._to_note: dict[str, int] = {}

    def hold(self, keys: list[ApiKey], *, as_of: int) -> None:
        """Take what was read when `changes` was `as_of`; what is older than our own last change is not taken."""
        if as_of == self.changes:
            self._held = {key.key_id: replace(key, last_used_at_ms=self._last_use(key)) for key in keys}

    def find(self, secret_hash: str) -> ApiKey | None:
        """Whose secret this is the hash of. Every key is compared, and each in the same time."""
        found = [key for key in self._held.values() if hmac.compare_digest(key.secret_hash, secret_hash)]
        return found[0] if found else None

    def forget(self, key_id: str) -> None:
        """It was deleted here."""
        self.changes += 1
        self._held.pop(key_id, None)
        self._to_note.pop(key_id, None)

    def looks_again_in_s(self, now_s: float) -> float:
        """How long until Redis may be asked again because of an unknown key; 0: now."""
        return max(0.0, self.looked_at_s + LOOK_PAUSE_S - now_s)

    def use(self, key: ApiKey, now_ms: int) -> None:
        if is_use_worth_noting(key, now_ms):
            self._held[key.key_id] = replace(key, last_used_at_ms=now_ms)
            self._to_note[key.key_id] = now_ms

    def uses_to_note(self) -> list[tuple[str, int]]:
        return list(self._to_note.items())

    def noted(self, key_id: str, at_ms: int) -> None:
        if self._to_note.get(key_id) == at_ms:
            del self._to_note[key_id]

    def _last_use(self, key: ApiKey) -> int | None:
        """What Redis has, or what is on its way there."""
        return max(filter(None, (key.last_used_at_ms, self._to_note.get(key.key_id))), default=None)
