"""The websocket endpoint: challenge, hello, then commands until one side ends it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from typing import Any, cast

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from server.actions.services import Answer, Request, Services
from server.domain.refusals import (
    BadMessage,
    HelloExpected,
    HelloTimeout,
    InternalError,
    NodeFull,
    NotInside,
    OriginForbidden,
    RateLimited,
    Refusal,
    ShuttingDown,
    StoreUnavailable,
    SubprotocolUnknown,
    UnknownCommand,
)
from server.hub.connection import Connection, say_bye
from server.hub.hub import Hub
from server.hub.outbox import Outbox, SendOutbox, TransportOutbox, build_frame
from server.web.addresses import check_origin, network_of
from server.web.commands import run_command
from server.web.hello import Socket, greet
from server.web.looking import LOOKS, look
from server.web.protocol import TRANSPORT_EXTENSION
from server.web.rate import TokenBucket
from server.wire.codec import Encoding, decode, encode, id_of
from server.wire.messages import Ack, Challenge, Command, Hello, Leave, Refused, Result, ServerMessage, Sync, TokenRenew

logger = logging.getLogger(__name__)

PROTOCOL = "greenroom.v1"
# A command that is under way when its tab's connection ends has this long to be answered.
LAST_ANSWER_S = 0.5


class SocketEndpoint:
    """An ASGI app for `/v1/ws`."""

    def __init__(self, services: Services, hub: Hub) -> None:
        self._services = services
        self._hub = hub
        self._open = 0
        self.draining = False
        self.emptied = asyncio.Event()  # set while nobody is connected
        self.emptied.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not await self._accept(scope, receive, send):
            return
        encoding = _encoding_of(scope)
        network = network_of(HTTPConnection(scope), self._services.settings)
        outbox = _outbox_for(scope, send, encoding or Encoding.JSON, self._services.settings.max_queue_bytes)
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
        await _close(send, refusal)

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
            nonce = secrets.token_urlsafe(24)
            now_ms = self._services.now_ms()
            _send(outbox, Challenge(nonce=nonce, now_ms=now_ms, protocol=PROTOCOL), encoding_or_json)
            hello = await self._await_hello(receive, encoding_or_json)
            socket = Socket(nonce=nonce, encoding=encoding_or_json, outbox=outbox, network=network)
            connection = await greet(self._services, self._hub, socket, hello)
        except _Gone:
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
        if self.draining:
            raise ShuttingDown
        if self._hub.stale_since_ms is not None:
            raise StoreUnavailable
        if self._open > self._services.settings.max_connections:
            raise NodeFull

    async def _await_hello(self, receive: Receive, encoding: Encoding) -> Hello:
        try:
            payload = await asyncio.wait_for(_next_payload(receive), self._services.settings.hello_timeout_ms / 1000)
        except TimeoutError:
            raise HelloTimeout from None
        try:
            message = decode(payload, encoding)
        except UnknownCommand:
            raise HelloExpected from None
        if not isinstance(message, Hello):
            raise HelloExpected
        return message


class Conversation:
    """One tab's commands, one after another, until it or the hub ends it."""

    def __init__(self, services: Services, hub: Hub, connection: Connection) -> None:
        self._services = services
        self._hub = hub
        self._connection = connection
        settings = services.settings
        self._rate = TokenBucket(
            per_s=settings.commands_per_s, burst=settings.commands_burst, now_s=asyncio.get_running_loop().time()
        )
        self._leaves = False

    async def run(self, receive: Receive) -> Refusal | None:
        reading = asyncio.create_task(self._read(receive))
        try:
            ends: set[asyncio.Future[Any]] = {reading, self._connection.ended}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # First of all: whoever was put out hears nothing more of the room.
            self._hub.detach(self._connection, at_once=self._leaves)
            if self._connection.is_answering:
                await asyncio.wait({reading}, timeout=LAST_ANSWER_S)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            self._end_if_broken(reading)
        return self._connection.ended.result() if self._connection.ended.done() else None

    def _end_if_broken(self, reading: asyncio.Task[None]) -> None:
        error = None if reading.cancelled() else reading.exception()
        if error is not None:
            logger.error("a conversation broke", exc_info=error)
            self._connection.end(InternalError())

    async def _read(self, receive: Receive) -> None:
        try:
            while not self._leaves and not self._connection.ended.done():
                await self._take(await _next_payload(receive))
        except _Gone:
            return

    async def _take(self, payload: bytes | str) -> None:
        connection = self._connection
        try:
            message = decode(payload, connection.encoding)
        except (BadMessage, UnknownCommand) as refusal:
            self._refuse(id_of(payload), refusal if self._may_ask() else RateLimited())
            return
        if isinstance(message, Ack):
            # Never refused: it has no answer, and without it the promotion would stay pending.
            self._hub.acknowledge(connection, message.role_rev)
        elif isinstance(message, Hello):
            self._refuse(None, BadMessage("Hello was said already."))
        elif not self._may_ask():
            self._refuse(message.id, RateLimited())
        else:
            await self._answer(message)

    def _may_ask(self) -> bool:
        return self._rate.take(asyncio.get_running_loop().time())

    async def _answer(self, command: Command) -> None:
        with self._connection.answering():
            try:
                answer = await self._run(command)
            except Refusal as refusal:
                self._refuse(command.id, refusal)
            except Exception:
                logger.exception("command failed")
                self._refuse(command.id, InternalError())
            else:
                seq = answer.pop("seq", None)
                # Somebody outside learns nothing of the room, not even how much happens in it.
                shown_seq = seq if self._connection.audience is not None else None
                self._connection.answer(Result(id=command.id, seq=shown_seq, result=answer))

    async def _run(self, command: Command) -> Answer:
        connection = self._connection
        if isinstance(command, TokenRenew):
            token, expires_at_ms = connection.mint_token()
            return {"token": token, "token_expires_at_ms": expires_at_ms}
        if isinstance(command, Leave):
            self._leaves = True
            return {}
        if self._hub.stale_since_ms is not None:
            raise StoreUnavailable
        if connection.participant_id is None:
            raise NotInside
        if isinstance(command, Sync):
            self._hub.resync_one(connection, "sync")
            return {}
        if isinstance(command, LOOKS):
            return look(self._hub, connection, command)
        name = str(type(command).__struct_config__.tag)
        request = Request(
            room_id=connection.identity.room_id, actor_id=connection.participant_id,
            request_id=f"{connection.participant_id}.{name}.{command.id}",
        )
        return await run_command(self._services, request, command)

    def _refuse(self, command_id: str | None, refusal: Refusal) -> None:
        self._connection.answer(
            Refused(
                id=command_id, code=refusal.code, message=refusal.message, next_step=refusal.next_step,
                retry_after_ms=refusal.retry_after_ms,
            )
        )


class _Gone(Exception):
    """The other side has closed, or the connection is lost."""


async def _next_payload(receive: Receive) -> bytes | str:
    message = await receive()
    if message["type"] == "websocket.disconnect":
        raise _Gone
    text = message.get("text")
    return cast("bytes | str", text if text is not None else message.get("bytes") or b"")


def _encoding_of(scope: Scope) -> Encoding | None:
    """The client's first offer that the server speaks."""
    return next((Encoding(offer) for offer in scope["subprotocols"] if offer in set(Encoding)), None)


def _outbox_for(scope: Scope, send: Send, encoding: Encoding, max_queue_bytes: int) -> Outbox:
    offered: dict[str, Any] | None = (scope.get("extensions") or {}).get(TRANSPORT_EXTENSION)
    if offered is not None:
        return TransportOutbox(offered["transport"], max_queue_bytes)
    return SendOutbox(cast(Any, send), is_text=encoding.is_text, max_queue_bytes=max_queue_bytes)


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
