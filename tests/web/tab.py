"""A websocket that says exactly what a test wants it to say, and a bystander that must not notice."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from client_sim.api import Api
from tests.support.nodes import Node
from tests.web.asking import API_KEY

JSON = "greenroom.v1.json"
MSGPACK = "greenroom.v1.msgpack"
PATIENCE_S = 15.0


class Tab:
    """One connection, JSON by default. `heard`: every message but ticks, in order."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)
        self._answered_seq = 0

    async def send(self, message: Any) -> None:
        await self.socket.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        """The next message that is no tick."""
        while True:
            async with asyncio.timeout(PATIENCE_S):
                message: dict[str, Any] = json.loads(await self.socket.recv())
            if message["type"] != "tick":
                self.heard.append(message)
                return message

    async def until(self, kind: str) -> dict[str, Any]:
        """The next message of this type; what came before it is in `heard`."""
        while (message := await self.receive())["type"] != kind:
            pass
        return message

    async def hello(self, token: str, **fields: Any) -> dict[str, Any]:
        """Say hello; returns the welcome, or the bye."""
        challenge = await self.until("challenge")
        assert challenge["nonce"]
        await self.send({"type": "hello", "token": token, **fields})
        return await self.receive()

    async def command(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The answer to one command."""
        command_id = f"w{next(self._numbers)}"
        await self.send({"type": kind, "id": command_id, **fields})
        return await self.answer_to(command_id)

    async def answer_to(self, command_id: str | None) -> dict[str, Any]:
        while (message := await self.receive())["type"] not in ("result", "refused") or message["id"] != command_id:
            pass
        self._answered_seq = max(self._answered_seq, message.get("seq") or 0)
        return message

    async def room_whole(self) -> dict[str, Any]:
        """What a fresh snapshot says, once it has all that this tab was answered: an answer may overtake its events."""
        while True:
            await self.send({"type": "sync", "id": f"w{next(self._numbers)}"})
            resync = await self.until("resync")
            await self.until("result")
            if resync["position"]["seq"] >= self._answered_seq:
                snapshot: dict[str, Any] = resync["snapshot"]
                return snapshot
            await asyncio.sleep(0.02)

    async def end(self) -> tuple[dict[str, Any] | None, int]:
        """The last word and the close code."""
        bye = None
        try:
            while True:
                message = await self.receive()
                bye = message if message["type"] == "bye" else bye
        except ConnectionClosed:
            assert self.socket.close_code is not None
            return bye, self.socket.close_code


@asynccontextmanager
async def open_tab(
    node: Node, *, subprotocols: list[str] | None = None, headers: Mapping[str, str] | None = None, path: str = ""
) -> AsyncIterator[Tab]:
    offered = [Subprotocol(name) for name in ([JSON] if subprotocols is None else subprotocols)]
    async with connect(
        node.ws_url + path, subprotocols=offered or None, additional_headers=dict(headers or {}), compression=None,
        proxy=None, ping_interval=None, close_timeout=1,
    ) as socket:
        yield Tab(socket)


async def make_room(node: Node, **room: Any) -> str:
    """A room that belongs to maya."""
    made = await Api(node.url, API_KEY).create_room(**{"title": "Physics", "standings": {"maya": "owner"}, **room})
    return str(made["room_id"])


async def token_for(node: Node, room_id: str, user_id: str) -> str:
    token: str = (await Api(node.url).demo_sign_in(room_id, user_id, user_id.title()))["session_token"]
    return token


@asynccontextmanager
async def sit_in(node: Node, room_id: str, user_id: str) -> AsyncIterator[Tab]:
    """A tab of this user, welcomed."""
    token = await token_for(node, room_id, user_id)  # before the time to say hello begins
    async with open_tab(node) as tab:
        welcome = await tab.hello(token)
        assert welcome["type"] == "welcome", welcome
        yield tab


@asynccontextmanager
async def undisturbed(node: Node, room_id: str, user_id: str = "bea") -> AsyncIterator[Tab]:
    """A bystander inside: hears nothing of what happens meanwhile, and the room is afterwards as it was before."""
    async with sit_in(node, room_id, user_id) as bystander:
        before = await bystander.room_whole()
        heard = len(bystander.heard)
        yield bystander
        assert await bystander.room_whole() == before
        told = [message["type"] for message in bystander.heard[heard:]]
        assert told == ["resync", "result"], f"the bystander heard {told}"
