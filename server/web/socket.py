"""The websocket endpoint: challenge, hello, then a conversation, and the end of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from typing import Any, cast

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from server.actions.services import Services
from server.domain.refusals import (
    HelloExpected,
    HelloTimeout,
    InternalError,
    NodeFull,
    OriginForbidden,
    Refusal,
    ShuttingDown,
    StoreUnavailable,
    SubprotocolUnknown,
    UnknownCommand,
)
from server.hub.connection import Connection, say_bye
from server.hub.hub import Hub
from server.hub.outbox import Outbox, SendOutbox, TransportOutbox, build_frame
from server.settings import Settings
from server.web.addresses import check_origin, network_of
from server.web.conversation import Conversation, Gone, next_payload
from server.web.gate import Gate
from server.web.hello import Socket, greet
from server.web.protocol import TRANSPORT_EXTENSION
from server.wire.codec import Encoding, decode, encode
from server.wire.messages import Challenge, Hello, ServerMessage

logger = logging.getLogger(__name__)

PROTOCOL = "greenroom.v1"
LONGEST_CLOSE_S = 30.0  # for somebody who reads slowly to take what waits, and why it ends


class SocketEndpoint:
    """An ASGI app for `/v1/ws`."""

    def __init__(self, services: Services, hub: Hub) -> None:
        self._services = services
        self._hub = hub
        settings = services.settings
        self._gate = Gate(
            at_once=settings.hellos_at_once, most_waiting=settings.max_hellos_waiting, check=self._check_can_serve
        )
        self._open = 0
        self.draining = False
        self.emptied = asyncio.Event()  # set while nobody is connected
        self.emptied.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not await self._accept(scope, receive, send):
            return
        encoding = _encoding_of(scope)
        network = network_of(HTTPConnection(scope), self._services.settings)
        outbox = _outbox_for(scope, send, encoding or Encoding.JSON, self._services.settings)
        self._open += 1
        self.emptied.clear()
        refusal: Refusal | None = None
        try:
            refusal = await self._converse(receive, encoding, outbox, network)
        finally:
            self._open -= 1
            if not self._open:
                self.emptied.set()
            await outbox.drain()
        try:
            async with asyncio.timeout(LONGEST_CLOSE_S):
                await _close(send, refusal)  # waits until most of what was sent is taken; who takes nothing is cut off meanwhile
        except TimeoutError:
            outbox.abort()

    async def _accept(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer the handshake: 403 to foreign pages, 400 to a query, where tokens would end up in logs."""
        await receive()
        connection = HTTPConnection(scope)
        try:
            check_origin(connection, self._services.settings)
        except OriginForbidden:
            await _deny(scope, send, 403)
            return False
        if scope.get("query_string"):
            await _deny(scope, send, 400)
            return False
        encoding = _encoding_of(scope)
        await send({"type": "websocket.accept", "subprotocol": encoding.value if encoding else None})
        return True

    async def _converse(
        self, receive: Receive, encoding: Encoding | None, outbox: Outbox, network: str
    ) -> Refusal | None:
        """The whole conversation; what it ends with."""
        encoding_or_json = encoding or Encoding.JSON
        try:
            self._check_room_for_one_more(encoding)
            self._check_can_serve()
            nonce = secrets.token_urlsafe(24)
            now_ms = self._services.now_ms()
            _send(outbox, Challenge(nonce=nonce, now_ms=now_ms, protocol=PROTOCOL), encoding_or_json)
            hello = await self._await_hello(receive, encoding_or_json)
            socket = Socket(nonce=nonce, encoding=encoding_or_json, outbox=outbox, network=network)
            connection = await self._greet(socket, hello)
        except Gone:
            return None
        except Refusal as refusal:
            return _say_bye(outbox, refusal, encoding_or_json)
        except Exception:
            logger.exception("hello failed")
            return _say_bye(outbox, InternalError(), encoding_or_json)
        return await Conversation(self._services, self._hub, connection).run(receive)

    def _check_room_for_one_more(self, encoding: Encoding | None) -> None:
        if encoding is None:
            raise SubprotocolUnknown
        if self._open > self._services.settings.max_connections:
            raise NodeFull

    def _check_can_serve(self) -> None:
        if self.draining:
            raise ShuttingDown
        if self._hub.stale_since_ms is not None:
            raise StoreUnavailable

    async def _greet(self, socket: Socket, hello: Hello) -> Connection:
        async with self._gate.turn() as turn:
            if socket.outbox.is_gone:
                # Nobody is to be told of them, and their turn is for somebody who is there.
                raise Gone
            connection = await greet(self._services, self._hub, turn, socket, hello)
        if self.draining:
            # It came in after everybody was sent away.
            connection.end(ShuttingDown())
        return connection

    async def _await_hello(self, receive: Receive, encoding: Encoding) -> Hello:
        try:
            payload = await asyncio.wait_for(next_payload(receive), self._services.settings.hello_timeout_ms / 1000)
        except TimeoutError:
            raise HelloTimeout from None
        try:
            message = decode(payload, encoding)
        except UnknownCommand:
            raise HelloExpected from None
        if not isinstance(message, Hello):
            raise HelloExpected
        return message


def _encoding_of(scope: Scope) -> Encoding | None:
    """The client's first offer that the server speaks."""
    return next((Encoding(offer) for offer in scope["subprotocols"] if offer in set(Encoding)), None)


def _outbox_for(scope: Scope, send: Send, encoding: Encoding, settings: Settings) -> Outbox:
    offered: dict[str, Any] | None = (scope.get("extensions") or {}).get(TRANSPORT_EXTENSION)
    if offered is not None:
        return TransportOutbox(offered["transport"], settings.max_queue_bytes, settings.stall_ms / 1000)
    return SendOutbox(cast(Any, send), is_text=encoding.is_text, max_queue_bytes=settings.max_queue_bytes)


def _send(outbox: Outbox, message: ServerMessage, encoding: Encoding) -> None:
    payload = encode(message, encoding)
    outbox.offer(payload, build_frame(payload, is_text=encoding.is_text))


def _say_bye(outbox: Outbox, refusal: Refusal, encoding: Encoding) -> Refusal:
    _send(outbox, say_bye(refusal), encoding)
    return refusal


async def _close(send: Send, refusal: Refusal | None) -> None:
    code = refusal.close_code if refusal else 1000
    # The peer may be gone already; then there is nobody to tell.
    with contextlib.suppress(Exception):
        await send({"type": "websocket.close", "code": code, "reason": refusal.code if refusal else ""})


async def _deny(scope: Scope, send: Send, status: int) -> None:
    if "websocket.http.response" in (scope.get("extensions") or {}):
        await send({"type": "websocket.http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close"})
