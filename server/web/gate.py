"""The way in for tabs: so many at once, so that a herd that comes back takes neither the store nor this node's time from those
who are here."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from server.domain.refusals import Busy

# A client gives up on its welcome after ten seconds or more; sent away before that, it comes back when it is told to.
MOST_WAIT_S = 5.0
COME_BACK_MS = (1_000, 4_000)


class Turn:
    """A place among those who are let through at the same time."""

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self._slots: asyncio.Semaphore | None = slots

    def end(self) -> None:
        """Let the next one through. Harmless when it has ended."""
        slots, self._slots = self._slots, None
        if slots is not None:
            slots.release()


class Gate:
    """Lets `at_once` through at the same time; up to `most_waiting` others wait, in their order.

    `check` is called at each turn, and refuses where things have changed while somebody waited.
    """

    def __init__(self, *, at_once: int, most_waiting: int, check: Callable[[], None] = lambda: None) -> None:
        self.waiting = 0
        self._check = check
        self._most_waiting = most_waiting
        self._slots = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """Wait for one's turn, and have it until one ends it, at the end of the context at the latest.

        Raises:
            Busy: too many wait already, or the turn did not come in time; those who hear it are told different times.
            Refusal: whatever `check` says.
        """
        if self.waiting >= self._most_waiting:
            raise _come_back()
        self.waiting += 1
        try:
            async with asyncio.timeout(MOST_WAIT_S):
                await self._slots.acquire()
        except TimeoutError:
            raise _come_back() from None
        finally:
            self.waiting -= 1
        turn = Turn(self._slots)
        try:
            self._check()
            yield turn
        finally:
            turn.end()


def _come_back() -> Busy:
    return Busy("Many are coming at the same time.", retry_after_ms=random.randint(*COME_BACK_MS))
