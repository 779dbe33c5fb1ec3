"""One websocket: frames in and out as messages, and why it ended. Knows nothing of rooms."""

from __future__ import annotations

import asyncio

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus
from websockets.typing import Subprotocol

from client_sim.codec import Message, decode, encode

OPEN_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 2.0
MAX_FRAME_BYTES = 32 * 1024 * 1024
MAX_QUEUED_FRAMES = 64  # unread frames; beyond them the websocket stops reading and the server cuts us off


class Lost(Exception):
    """The connection is over. `code` is the websocket's close code; None where it ended without one."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code = code

    @property
    def is_final(self) -> bool:
        """Whether coming back is pointless: the server said so with its code, or closed as agreed."""
        return self.code == 1000 or (self.code is not None and 4500 <= self.code <= 4999)


class Connection:
    """An open websocket that speaks `encoding`."""

    def __init__(self, socket: ClientConnection, encoding: str) -> None:
        self._socket = socket
        self._encoding = encoding

    @classmethod
    async def open(cls, url: str, encoding: str) -> Connection:
        """Connect to the node at the http(s) address `url`.

        Raises:
            Lost: nobody answered, or not with our subprotocol; code 4500 where the handshake was refused for good.
        """
        try:
            socket = await connect(
                ws_url(url),
                subprotocols=[Subprotocol(encoding)],
                compression=None,
                proxy=None,
                ping_interval=None,  # the server pings; silence is watched by the reader
                open_timeout=OPEN_TIMEOUT_S,
                close_timeout=CLOSE_TIMEOUT_S,
                max_size=MAX_FRAME_BYTES,
                max_queue=MAX_QUEUED_FRAMES,
            )
        except InvalidStatus as error:
            refused_for_good = 400 <= error.response.status_code < 500
            raise Lost(4500 if refused_for_good else None, str(error)) from error
        except (OSError, TimeoutError, InvalidHandshake, InvalidMessage, ConnectionClosed) as error:
            raise Lost(None, str(error)) from error
        return cls(socket, encoding)

    async def send(self, message: Message) -> None:
        """Send one message.

        Raises:
            Lost: the connection is over.
        """
        try:
            await self._socket.send(encode(message, self._encoding))
        except ConnectionClosed as closed:
            raise _lost(closed) from closed

    async def receive(self, silence_s: float) -> Message:
        """The next message.

        Raises:
            Lost: the connection is over, or nothing came for `silence_s`.
            ProtocolBroken: what came is no message.
        """
        try:
            async with asyncio.timeout(silence_s):
                frame = await self._socket.recv()
        except ConnectionClosed as closed:
            raise _lost(closed) from closed
        except TimeoutError as silent:
            self.abort()
            raise Lost(None, f"nothing came for {silence_s} s") from silent
        return decode(frame)

    def abort(self) -> None:
        """Drop the TCP connection without a close frame, as a lost network does."""
        self._socket.transport.abort()

    async def close(self) -> None:
        """Close as agreed; after `CLOSE_TIMEOUT_S` without an answer, anyhow."""
        await self._socket.close()


def ws_url(url: str) -> str:
    """The websocket's address at the node with the http(s) address `url`."""
    return "ws" + url.rstrip("/").removeprefix("http") + "/v1/ws"


def _lost(closed: ConnectionClosed) -> Lost:
    return Lost(closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else Lost(None, "dropped")
