"""Text of strangers in mails: harmless wherever it stands."""

from __future__ import annotations

import unicodedata

MAX_VALUE_CHARS = 200
MAX_REASON_CHARS = 200

# Marks that turn the direction of what follows, or that nobody sees: a name that holds them can make a line read as another.
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain_line(text: str, most_chars: int = MAX_VALUE_CHARS) -> str:
    """`text` on one line, without control characters, unseen marks and overlong tails."""
    # The joiner is part of many written names and emoji, and turns nothing around.
    seen = "".join(" " if c.isspace() else c for c in text if c == "\u200d" or c.isspace() or _is_seen(c))
    return " ".join(seen.split())[:most_chars]


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN_CATEGORIES


def clean_reason(reason: str, *secrets: str) -> str:
    """What a mail server gave as its reason, to be shown and kept: one short line, without what was in the message."""
    for secret in filter(None, secrets):
        reason = reason.replace(secret, "…")
    return plain_line(reason, MAX_REASON_CHARS)
