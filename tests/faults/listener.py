"""A tab that costs a test next to nothing, so that hundreds of them measure the server and not themselves: it answers pings,
notes when it hears of a title, and stops reading when it is told to."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import socket
import struct
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_TITLE = re.compile(rb'"title":"(\w+)"')
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_NARROW_BYTES = 4_096
ESTABLISHED = "01"


class Listener(asyncio.Protocol):
    """`heard`: (title, loop's seconds) of every event that carries one. `welcome`: the answer to hello. `bye`: the last word."""

    def __init__(self, token: str, resume: dict[str, Any] | None = None) -> None:
        self.heard: list[tuple[str, float]] = []
        self.welcome: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.bye: dict[str, Any] | None = None
        self.lost = asyncio.Event()
        self.port = 0
        self._hello = {"type": "hello", "token": token} | ({"resume": resume} if resume else {})
        self._buffer = bytearray()
        self._upgraded = False
        self._clock = asyncio.get_running_loop().time

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /v1/ws HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Protocol: greenroom.v1.json", "", "",
        ]  # fmt: skip
        transport.write("\r\n".join(lines).encode())

    def connection_lost(self, error: Exception | None) -> None:
        self.lost.set()
        if not self.welcome.done():
            self.welcome.set_exception(ConnectionError(f"no welcome: {self.bye or error}"))
            self.welcome.exception()

    def data_received(self, chunk: bytes) -> None:
        buffer = self._buffer
        buffer += chunk
        if not self._upgraded:
            head, blank, _ = bytes(buffer).partition(b"\r\n\r\n")
            if not blank:
                return
            assert b" 101 " in head, head
            del buffer[: len(head) + 4]
            self._upgraded = True
        at = 0
        while (found := _frame_at(buffer, at)) is not None:
            opcode, begin, at = found
            self._take(opcode, bytes(memoryview(buffer)[begin:at]))
        del buffer[:at]

    def stop_reading(self) -> None:
        self.transport.pause_reading()

    def abort(self) -> None:
        self.transport.abort()

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == _PING:
            self._send(_PONG, payload)
        elif opcode == _TEXT and self.welcome.done():
            if (found := _TITLE.search(payload)) and payload.startswith(b'{"type":"events"'):
                self.heard.append((found[1].decode(), self._clock()))
            elif payload.startswith(b'{"type":"bye"'):
                self.bye = json.loads(payload)
        elif opcode == _TEXT:
            self._begin(json.loads(payload))

    def _begin(self, message: dict[str, Any]) -> None:
        if message["type"] == "challenge":
            self._send(_TEXT, json.dumps(self._hello).encode())
        elif message["type"] == "welcome":
            self.welcome.set_result(message)
        elif message["type"] == "bye":
            self.bye = message

    def _send(self, opcode: int, payload: bytes) -> None:
        """A masked frame; the mask of zeros leaves the payload as it is."""
        size = len(payload)
        length = struct.pack("!B", 128 | size) if size < 126 else struct.pack("!BH", 128 | 126, size)
        self.transport.write(bytes([128 | opcode]) + length + bytes(4) + payload)


def _frame_at(buffer: bytearray, at: int) -> tuple[int, int, int] | None:
    """(opcode, where its payload begins, where it ends) of the frame there, None while it is not whole."""
    if len(buffer) < at + 2:
        return None
    size, begin = buffer[at + 1] & 127, at + 2
    if size >= 126:
        wide = 2 if size == 126 else 8
        if len(buffer) < begin + wide:
            return None
        size, begin = int.from_bytes(buffer[begin : begin + wide], "big"), begin + wide
    return (buffer[at] & 15, begin, begin + size) if len(buffer) >= begin + size else None


async def listen(url: str, token: str, *, resume: dict[str, Any] | None = None, narrow: bool = False) -> Listener:
    """Connect and be welcomed. `narrow`: with hardly any room for what it does not read."""
    parts = urlsplit(url)
    own = socket.socket()
    if narrow:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _NARROW_BYTES)
    own.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(own, (parts.hostname, parts.port))
    _, listener = await loop.create_connection(lambda: Listener(token, resume), sock=own)
    await asyncio.wait_for(listener.welcome, 30)
    return listener


def connected_ports(server_port: int) -> set[int]:
    """The other ends of the connections that a server on this machine holds, as the kernel knows them: whoever does not read does
    not see that they were cut off."""
    ports = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[3] == ESTABLISHED and int(words[1].rpartition(":")[2], 16) == server_port:
            ports.add(int(words[2].rpartition(":")[2], 16))
    return ports
