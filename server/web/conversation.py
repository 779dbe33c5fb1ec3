"""What is said on a websocket after its welcome: commands and their answers, until one side ends it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

from starlette.types import Receive

from server.actions.services import Answer, Request, Services
from server.domain.refusals import (
    BadMessage,
    InternalError,
    NotInside,
    RateLimited,
    Refusal,
    StoreUnavailable,
    UnknownCommand,
)
from server.hub.connection import Connection
from server.hub.hub import Hub
from server.web.commands import run_command
from server.web.looking import LOOKS, look
from server.web.rate import TokenBucket
from server.wire.codec import decode, id_of
from server.wire.messages import Ack, Command, Hello, Leave, Refused, Result, Sync, TokenRenew

logger = logging.getLogger(__name__)

# A command that is under way when its tab's connection ends has this long to be answered.
LAST_ANSWER_S = 0.5


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
                await self._take(await next_payload(receive))
        except Gone:
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


class Gone(Exception):
    """The other side has closed, or the connection is lost."""


async def next_payload(receive: Receive) -> bytes | str:
    message = await receive()
    if message["type"] == "websocket.disconnect":
        raise Gone
    text = message.get("text")
    return cast("bytes | str", text if text is not None else message.get("bytes") or b"")
