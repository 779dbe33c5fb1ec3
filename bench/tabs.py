"""A bare tab: as little client as possible, so that what is measured is the server."""

from __future__ import annotations

import itertools
import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

JSON = Subprotocol("greenroom.v1.json")

Message = dict[str, Any]


class BareTab:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)

    @classmethod
    async def knock(cls, url: str) -> BareTab:
        """Connect and read the challenge, no more."""
        socket = await connect(
            url.replace("http", "ws", 1) + "/v1/ws", subprotocols=[JSON], compression=None, proxy=None, max_size=None,
            ping_interval=None,
        )
        tab = cls(socket)
        await tab.next("challenge")
        return tab

    @classmethod
    async def enter(cls, url: str, token: str) -> BareTab:
        """Connect, say hello, and read the welcome."""
        tab = await cls.knock(url)
        await tab.send({"type": "hello", "token": token})
        await tab.next("welcome")
        return tab

    async def send(self, message: Message) -> None:
        await self._socket.send(json.dumps(message))

    async def next(self, *types: str) -> Message:
        """The next message of one of these types; others are passed over."""
        while True:
            message: Message = json.loads(await self._socket.recv())
            if message["type"] in types:
                return message

    async def command(self, name: str, **fields: Any) -> Message:
        """One command and its answer."""
        command_id = f"b{next(self._ids)}"
        await self.send({"type": name, "id": command_id, **fields})
        while True:
            message = await self.next("result", "refused")
            if message["id"] == command_id:
                if message["type"] == "refused":
                    raise AssertionError(message)
                return message

    async def next_refresh(self) -> Message:
        """The next change of the own role."""
        while True:
            frame = await self.next("events")
            for event in frame["events"]:
                if event["type"] == "refresh":
                    return dict(event)

    def abort(self) -> None:
        self._socket.transport.abort()
