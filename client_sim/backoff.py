"""How long to wait before connecting again."""

from __future__ import annotations

import random

BASE_S = 0.1
MOST_S = 10.0


def reconnect_delay_s(attempt: int, retry_after_ms: int | None = None, *, rng: random.Random | None = None) -> float:
    """Full jitter: anything from nothing to a bound that doubles with each attempt (the first is 0).

    What the server asked for with `retry_after_ms` comes first and is never cut short; the jitter spreads those who
    were all told the same.
    """
    bound_s = min(MOST_S, BASE_S * 2.0 ** min(attempt, 16))
    return (retry_after_ms or 0) / 1000 + (rng or random).uniform(0, bound_s)
