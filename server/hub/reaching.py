"""Those who wait until a replica has come to a place in the log."""

from __future__ import annotations

import asyncio


class Reaching:
    """Wakes each when its seq is there; whoever gives up is forgotten at the next call."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    async def wait(self, seq: int) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((seq, future))
        await future

    def reached(self, now: int) -> None:
        for seq, future in self._waiting:
            if seq <= now and not future.done():
                future.set_result(None)
        self._waiting = [(seq, future) for seq, future in self._waiting if not future.done()]

    def cancel(self) -> None:
        for _, future in self._waiting:
            future.cancel()
