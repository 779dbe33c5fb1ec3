"""Owns the background tasks: starts them, restarts one that breaks, and stops them all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from server.domain.refusals import StoreUnavailable

logger = logging.getLogger(__name__)

PAUSE_AFTER_FAILURE_S = 0.5


class BackgroundTasks:
    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, name: str, step: Callable[[], Awaitable[None]]) -> None:
        """Run `step` for ever, one after another; it paces itself."""
        self._tasks.append(asyncio.create_task(_forever(name, step), name=name))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()


async def _forever(name: str, step: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await step()
        except StoreUnavailable:
            await asyncio.sleep(PAUSE_AFTER_FAILURE_S)
        except Exception:
            logger.exception("%s failed; going on", name)
            await asyncio.sleep(PAUSE_AFTER_FAILURE_S)
