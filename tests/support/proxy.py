"""A network to break: a TCP proxy between a client and its server that swallows, stalls, delays, cuts and refuses.

It runs in the test's own loop, so a server that connects through it must be awaited, never waited for by blocking.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from enum import StrEnum
from typing import Self

from tests.support.ports import HOST, free_port

CHUNK_BYTES = 65_536
_QUEUED_CHUNKS = 64
_PORT_TRIES = 5
_LINGER_0 = struct.pack("ii", 1, 0)  # closing sends RST and drops what is unsent


class Way(StrEnum):
    """Which way bytes go."""

    REQUESTS = "requests"  # client → target
    REPLIES = "replies"  # target → client


class TcpProxy:
    """`async with TcpProxy(host, port) as proxy:` listens on `proxy.port`; `heal()` ends whatever was broken."""

    def __init__(self, target_host: str, target_port: int) -> None:
        self.target = (target_host, target_port)
        self.port = free_port()
        self.swallows = False
        self.delay_s = 0.0
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.accepted = 0  # connections so far
        self.passed = dict.fromkeys(Way, 0)  # bytes so far
        self._cut_at: tuple[Way, int] | None = None  # reset the connection that would bring `passed` beyond this
        self._server: asyncio.Server | None = None
        self._links: dict[asyncio.Task[None], _Link] = {}

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.refuse()
        tasks = list(self._links)
        self.reset_all()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def open_connections(self) -> int:
        return len(self._links)

    def black_hole(self) -> None:
        """Accept and swallow, both ways; connections stay open and no end is ever told of the other's going.

        A connection that lost bytes stays lost after `heal()`, as behind a router that forgot it; for a network that
        delivers late instead, see `stall`.
        """
        self.swallows = True

    def stall(self) -> None:
        """Hold everything back until `heal()`; nothing is lost."""
        self.flowing.clear()

    def delay(self, ms: float) -> None:
        """Deliver everything this much later, in order; each way, so that a round trip takes twice as long."""
        self.delay_s = ms / 1000

    def cut_after(self, n_bytes: int, way: Way = Way.REPLIES) -> None:
        """Let `n_bytes` more pass, then reset the connection that has more to send; once.

        `cut_after(0)` loses the next answer after its request has arrived.
        """
        self._cut_at = (way, self.passed[way] + n_bytes)

    def half_close(self, way: Way = Way.REPLIES) -> None:
        """Finish `way` on every open connection: its reader sees the end, the other way goes on."""
        for link in self._links.values():
            link.finish(way)

    def reset_all(self) -> None:
        """Drop every connection with RST, both ends."""
        for task, link in list(self._links.items()):
            link.reset()
            task.cancel()

    def forget_all(self) -> None:
        """Swallow whatever is on the connections that are open now, as a router does that forgot them; new ones pass."""
        for link in self._links.values():
            link.lost = True

    def drop_forgotten(self) -> None:
        """The router's other side notices as well: both ends of what was lost hear RST."""
        for task, link in list(self._links.items()):
            if link.lost:
                link.reset()
                task.cancel()

    async def refuse(self) -> None:
        """Refuse new connections; those that are open go on."""
        if self._server is not None:
            self._server.close()
            self._server = None
            await asyncio.sleep(0)  # the listening socket is closed by the loop

    async def heal(self) -> None:
        """Pass everything at once again, on the same port."""
        self.swallows, self.delay_s, self._cut_at = False, 0.0, None
        self.flowing.set()
        if self._server is None:
            await self._listen()

    def admit(self, way: Way, chunk: bytes) -> tuple[bytes, bool]:
        """How much of `chunk` may pass, and whether its connection is cut there."""
        cut = False
        if self._cut_at and self._cut_at[0] is way and self.passed[way] + len(chunk) > self._cut_at[1]:
            chunk, cut = chunk[: self._cut_at[1] - self.passed[way]], True
            self._cut_at = None
        self.passed[way] += len(chunk)
        return chunk, cut

    async def _listen(self) -> None:
        for attempt in range(_PORT_TRIES):
            try:
                self._server = await asyncio.start_server(self._accept, HOST, self.port, limit=CHUNK_BYTES)
                return
            except OSError:
                if self.accepted or attempt == _PORT_TRIES - 1:  # its address is known already
                    raise
                self.port = free_port()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        link = _Link(self, reader, writer)
        task = asyncio.create_task(link.run())
        self._links[task] = link
        task.add_done_callback(self._links.pop)


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy: TcpProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.proxy = proxy
        self.lost = False  # bytes are missing: nothing may pass any more
        self._client = (reader, writer)
        self._pipes: dict[Way, _Pipe] = {}
        self._writers = [writer]

    async def run(self) -> None:
        try:
            target_reader, target_writer = await asyncio.open_connection(*self.proxy.target, limit=CHUNK_BYTES)
            self._writers.append(target_writer)
            self._pipes = {
                Way.REQUESTS: _Pipe(self, Way.REQUESTS, self._client[0], target_writer),
                Way.REPLIES: _Pipe(self, Way.REPLIES, target_reader, self._client[1]),
            }
            async with asyncio.TaskGroup() as group:
                for pipe in self._pipes.values():
                    group.create_task(pipe.read())
                    group.create_task(pipe.write())
        except* OSError:  # an end went away, or the target refused
            self.reset()
        finally:
            await self._close()

    def finish(self, way: Way) -> None:
        if way in self._pipes:
            self._pipes[way].finish()

    def reset(self) -> None:
        for writer in self._writers:
            connection = writer.get_extra_info("socket")
            if connection is not None and not writer.transport.is_closing():
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
            writer.transport.abort()

    async def _close(self) -> None:
        for writer in self._writers:
            writer.close()
        for writer in self._writers:
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class _Pipe:
    """One way of one connection: a task that reads and one that writes, with the delay between them."""

    def __init__(self, link: _Link, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._link, self._way = link, way
        self._reader, self._writer = reader, writer
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_QUEUED_CHUNKS)  # full: the sender has to wait
        self._finished = False

    async def read(self) -> None:
        clock = asyncio.get_running_loop().time
        chunk = b"-"
        while chunk:
            chunk = await self._reader.read(CHUNK_BYTES)
            if not self._swallow():
                await self._queue.put((clock() + self._link.proxy.delay_s, chunk))
        if self._link.lost:
            await asyncio.Event().wait()  # the other end must not learn of this one's going

    async def write(self) -> None:
        clock = asyncio.get_running_loop().time
        while not self._finished:
            due, chunk = await self._queue.get()
            await asyncio.sleep(max(0.0, due - clock()))
            await self._link.proxy.flowing.wait()
            if not self._swallow():
                await self._pass(chunk)

    def finish(self) -> None:
        self._finished = True
        self._writer.write_eof()

    def _swallow(self) -> bool:
        self._link.lost = self._link.lost or self._link.proxy.swallows
        return self._link.lost

    async def _pass(self, chunk: bytes) -> None:
        if self._finished:
            return
        if not chunk:
            self.finish()
            return
        allowed, cut = self._link.proxy.admit(self._way, chunk)
        self._writer.write(allowed)
        await self._writer.drain()
        if cut:
            raise ConnectionResetError("cut by the test")
