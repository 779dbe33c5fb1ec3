"""Tokens made by hand, with whatever header, claims and signature an attacker likes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

NOW_MS = 1_795_420_800_000
NOW_S = NOW_MS // 1000

OLD_KEY = "old-key-0123456789abcdefghijklmnopq"
KEY = "new-key-0123456789abcdefghijklmnopq"
KEYS = f"k2:{KEY},k1:{OLD_KEY}"


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forge(header: Any, claims: Any, key: str | bytes = KEY, *, signature: str | None = None) -> str:
    """A compact JWT, signed with HMAC-SHA-256 unless a signature is given. Header and claims: anything, or raw text."""
    parts = [base64url((part if isinstance(part, str) else json.dumps(part)).encode()) for part in (header, claims)]
    text = ".".join(parts)
    secret = key.encode() if isinstance(key, str) else key
    made = base64url(hmac.digest(secret, text.encode(), hashlib.sha256)) if signature is None else signature
    return f"{text}.{made}"


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the claims of a token, unverified."""
    header, claims, _ = token.split(".")
    return _json(header), _json(claims)


def _json(part: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read
