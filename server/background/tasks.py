"""Owns the background tasks: starts them, restarts one that breaks, and stops them all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from server.domain.refusals import StoreUnavailable

logger = logging.getLogger(__name__)

PAUSE_AFTER_FAILURE_S = 0.5
CANCEL_AGAIN_S = 0.2


class BackgroundTasks:
    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, name: str, step: Callable[[], Awaitable[None]]) -> None:
        """Run `step` for ever, one after another; it paces itself."""
        self._tasks.append(asyncio.create_task(_forever(name, step), name=name))

    async def stop(self) -> None:
        """Cancel them until they have ended: `asyncio.wait_for` up to Python 3.11, with which redis-py sends, swallows a
        cancellation that comes together with the result (bpo-42130)."""
        while running := [task for task in self._tasks if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=CANCEL_AGAIN_S)
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
