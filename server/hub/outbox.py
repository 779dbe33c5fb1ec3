"""The way out of one connection: never waits, never grows beyond its bound."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

TEXT, BINARY = 0x1, 0x2
_FIN = 0x80
LOOKS = 6  # at a tab that takes nothing, before it is cut off


def build_frame(payload: bytes, *, is_text: bool) -> bytes:
    """One unmasked websocket frame (RFC 6455, section 5.2): the same bytes serve every connection."""
    head = _FIN | (TEXT if is_text else BINARY)
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", head, size) + payload
    if size < 65_536:
        return struct.pack("!BBH", head, 126, size) + payload
    return struct.pack("!BBQ", head, 127, size) + payload


def abort(transport: asyncio.Transport) -> None:
    """Close at once, whatever still waits to be sent; one that has closed stays as it is."""
    # asyncio's own fails on one that closed once its last bytes were sent: Python 3.11 takes it for open still.
    with contextlib.suppress(AttributeError):
        transport.abort()


class Outbox(Protocol):
    """`offer` takes a payload and the frame made of it, whichever the way out needs; False: the tab does not read, and was
    cut off. `is_gone`: nothing reaches the tab any more."""

    @property
    def is_gone(self) -> bool: ...

    def offer(self, payload: bytes, frame: bytes) -> bool: ...

    def abort(self) -> None: ...

    async def drain(self) -> None: ...


class _Bound:
    """How much may wait to be sent. A message that is larger by itself, as a large room whole is, waits beside that: who reads
    it at their own pace is not cut off for its size, and would only come back for it."""

    def __init__(self, max_queue_bytes: int) -> None:
        self._max_queue_bytes = max_queue_bytes
        self._large_bytes = 0

    def admits(self, queued_bytes: int, message_bytes: int) -> bool:
        """Whether one more message may be queued behind those that wait."""
        if queued_bytes > self._max_queue_bytes + self._large_bytes:
            return False
        if message_bytes > self._max_queue_bytes:
            self._large_bytes = message_bytes
        elif queued_bytes <= self._max_queue_bytes:
            self._large_bytes = 0
        return True


class TransportOutbox:
    """Writes shared frames straight to the connection's transport: no task, no queue of our own.

    A tab that takes nothing of what waits for it, for `stall_s`, is cut off, however little waits: nobody is told of one that
    stands still as somebody who is there. Who reads slowly takes something now and then, and stays.
    """

    def __init__(self, transport: asyncio.Transport, max_queue_bytes: int, stall_s: float) -> None:
        self._transport = transport
        self._bound = _Bound(max_queue_bytes)
        self._stall_s = stall_s
        self._offered_bytes = 0
        self._taken_bytes, self._taken_at_s = -1, 0.0  # the most that was found taken, and when; while something waits
        self._watch: asyncio.TimerHandle | None = None

    @property
    def is_gone(self) -> bool:
        return self._transport.is_closing()

    def offer(self, payload: bytes, frame: bytes) -> bool:
        if self._transport.is_closing():
            return True
        if not self._bound.admits(self._transport.get_write_buffer_size(), len(frame)):
            # A client that stops reading would hold the close handshake for ever; cutting it off lets it come back.
            abort(self._transport)
            return False
        self._transport.write(frame)
        self._offered_bytes += len(frame)
        if self._watch is None and self._transport.get_write_buffer_size():
            self._look()
        return True

    def _look(self) -> None:
        """Look again and again while something waits, and cut off whoever has taken nothing for too long."""
        self._watch = None
        waiting_bytes = self._transport.get_write_buffer_size()
        if self._transport.is_closing() or not waiting_bytes:
            self._taken_bytes = -1
            return
        loop = asyncio.get_running_loop()
        taken_bytes = self._offered_bytes - waiting_bytes
        if taken_bytes > self._taken_bytes:
            self._taken_bytes, self._taken_at_s = taken_bytes, loop.time()
        elif loop.time() - self._taken_at_s >= self._stall_s:
            abort(self._transport)
            return
        self._watch = loop.call_later(self._stall_s / LOOKS, self._look)

    def abort(self) -> None:
        abort(self._transport)

    async def drain(self) -> None:
        """Everything is with the transport already, and watched until it is taken."""


class SendOutbox:
    """The same through ASGI's `send`, where the server offers no transport: a bounded queue and one task."""

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]], *, is_text: bool, max_queue_bytes: int) -> None:
        self._send = send
        self._is_text = is_text
        self._bound = _Bound(max_queue_bytes)
        self._queued_bytes = 0
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._task = asyncio.create_task(self._pump())

    @property
    def is_gone(self) -> bool:
        return self._task.done()

    def offer(self, payload: bytes, frame: bytes) -> bool:
        if self._task.done():
            return True
        if not self._bound.admits(self._queued_bytes, len(payload)):
            self.abort()
            return False
        self._queued_bytes += len(payload)
        self._queue.put_nowait(payload)
        return True

    def abort(self) -> None:
        self._task.cancel()

    async def drain(self) -> None:
        """Wait until what was offered is sent, then stop."""
        sent = asyncio.create_task(self._queue.join())
        await asyncio.wait({sent, self._task}, return_when=asyncio.FIRST_COMPLETED)
        for task in (sent, self._task):
            task.cancel()
        await asyncio.gather(sent, self._task, return_exceptions=True)

    async def _pump(self) -> None:
        while True:
            payload = await self._queue.get()
            if self._is_text:
                await self._send({"type": "websocket.send", "text": payload.decode()})
            else:
                await self._send({"type": "websocket.send", "bytes": payload})
            self._queued_bytes -= len(payload)
            self._queue.task_done()
