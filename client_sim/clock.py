"""The server's clock as a client knows it: its own, plus a signed offset measured on every `now_ms`."""

from __future__ import annotations

import time
from collections import deque

SAMPLES = 32


class Clock:
    """Keeps the offset of the samples that travelled fastest.

    A sample is the server's clock minus ours at arrival: the true offset minus the time that the message was on its
    way, which is never negative. So the largest of the last samples is the truest.
    """

    def __init__(self) -> None:
        self._samples_ms: deque[int] = deque(maxlen=SAMPLES)

    @property
    def offset_ms(self) -> int:
        """What to add to our clock to have the server's; 0 until a sample was seen."""
        return max(self._samples_ms, default=0)

    def observe(self, server_now_ms: int, own_now_ms: int) -> None:
        self._samples_ms.append(server_now_ms - own_now_ms)

    def now_ms(self) -> int:
        """The server's clock now, epoch milliseconds."""
        return own_now_ms() + self.offset_ms

    def remaining_ms(self, at_ms: int) -> int:
        """How long until the instant `at_ms`; negative once it is past."""
        return at_ms - self.now_ms()


def own_now_ms() -> int:
    """This machine's clock, epoch milliseconds."""
    return time.time_ns() // 1_000_000
