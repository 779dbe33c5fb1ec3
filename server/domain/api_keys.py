"""Keys of the room product that are made while the service runs, beside those of its settings."""

from __future__ import annotations

from dataclasses import dataclass

MAX_API_KEYS = 20
MAX_KEY_NAME_CHARS = 60
# That a key is in use is worth knowing to the minute, and a write a minute is worth it.
USE_NOTED_EVERY_MS = 60_000


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """One key, as stored: never its secret. `secret_hash`: SHA-256. `last_used_at_ms`: to the minute, None for never."""

    key_id: str
    name: str
    secret_hash: str
    created_at_ms: int
    last_used_at_ms: int | None = None


def is_use_worth_noting(key: ApiKey, now_ms: int) -> bool:
    return key.last_used_at_ms is None or now_ms - key.last_used_at_ms >= USE_NOTED_EVERY_MS
