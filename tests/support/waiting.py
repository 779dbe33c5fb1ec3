"""Waiting for a condition, never for time."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.01


async def wait_until(condition: Callable[[], T | Awaitable[T]], timeout_s: float = 10, what: str = "the condition") -> T:
    """Return the first truthy value of `condition`, plain or async.

    Raises:
        AssertionError: it was still falsy after `timeout_s`; the message says `what` and the last value seen.
    """
    seen: object = "nothing yet"
    deadline = asyncio.timeout(timeout_s)
    try:
        async with deadline:
            while True:
                answer = condition()
                value = await answer if inspect.isawaitable(answer) else answer
                if value:
                    return value
                seen = value
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        if not deadline.expired():  # the condition's own
            raise
    raise AssertionError(f"{what} did not come true within {timeout_s} s; last seen: {seen!r}")
