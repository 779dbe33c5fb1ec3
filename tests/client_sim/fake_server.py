"""A server that says what a test tells it to say: one script per connection, in the order in which they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from client_sim.codec import JSON, MSGPACK, Message, decode, encode
from tests.client_sim import rooms


class Talk:
    """One connection, as the script of a test sees it. `heard`: everything that the client has said on it."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket
        self.heard: list[Message] = []

    async def say(self, *messages: Message) -> None:
        for message in messages:
            await self._socket.send(encode(message, str(self._socket.subprotocol)))

    async def hear(self) -> Message:
        self.heard.append(decode(await self._socket.recv()))
        return self.heard[-1]

    async def hear_command(self, kind: str) -> Message:
        """The next message of that kind; others are put by."""
        while (message := await self.hear())["type"] != kind:
            pass
        return message

    async def greet(self, welcome: Message) -> Message:
        """Challenge, hello, welcome; answers the hello."""
        await self.say({"type": "challenge", "nonce": "n1", "now_ms": 1_000, "protocol": "greenroom.v1"})
        hello = await self.hear()
        await self.say(welcome)
        return hello

    async def answer(self, command: Message, **result: Any) -> None:
        await self.say({"type": "result", "id": command["id"], "seq": None, "result": result})

    async def end(self, code: str, close_code: int, retry_after_ms: int | None = None) -> None:
        text = {"message": "m", "next_step": "n", "retry_after_ms": retry_after_ms}
        await self.say({"type": "bye", "code": code, **text})
        await self._socket.close(close_code)

    def drop(self) -> None:
        self._socket.transport.abort()

    async def stay(self) -> None:
        """Listen until the client goes."""
        while True:
            await self.hear()


Script = Callable[[Talk], Awaitable[None]]


@asynccontextmanager
async def fake_server(*scripts: Script) -> AsyncIterator[str]:
    """Yields the address. A connection beyond the last script is closed with an error."""
    waiting = list(scripts)

    async def handle(socket: ServerConnection) -> None:
        script = waiting.pop(0)
        try:
            await script(Talk(socket))
        except ConnectionClosed:
            return

    async with serve(handle, "127.0.0.1", 0, subprotocols=[JSON, MSGPACK], compression=None) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"


def greets(**changes: Any) -> Script:
    """Welcome with an empty room at 43, and listen."""

    async def script(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43), **changes))
        await talk.stay()

    return script


def run(scene: Awaitable[None], timeout_s: float = 10.0) -> None:
    """Play an async scene in a loop of its own."""

    async def bounded() -> None:
        async with asyncio.timeout(timeout_s):
            await scene

    asyncio.run(bounded())
