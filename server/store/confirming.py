"""Waiting until replicas hold a change, so that no failover takes back what was answered."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.cluster import PipelineCommand
from redis.exceptions import (
    AskError,
    ConnectionError,
    MovedError,
    NoScriptError,
    SlotNotCoveredError,
    TimeoutError,
    TryAgainError,
)

from server.domain.refusals import Unconfirmed
from server.store.connection import CALL_TIMEOUT_S, ClusterClient, is_unreachable

# What nobody may believe in and then find undone. All that is asked for under a request id, and is in here, waits.
CONFIRMED = frozenset({
    "invitation_create", "invitation_put", "invitation_role", "line_admit", "line_decline", "line_let_in", "guest_link_put",
    "person_remove", "person_send_back", "request_settle", "role_change", "room_create", "room_put", "session_next",
    "session_open", "session_reopen",
})

# Between two tries while a slot is on its way to another server.
SLOT_MOVES_S = 0.05


class Confirming:
    """WAIT counts the writes of its own connection only. So a script looks that the change is there, and writes something after
    it on the connection that then waits: what replicas have of that, they have of everything before. One that finds another
    server there, or finds it without the change, says so. Connections of their own, since here they are held while waiting.
    """

    def __init__(self, redis: Redis, *, replicas: int, timeout_ms: int) -> None:
        self._redis: Any = redis
        self._replicas = replicas
        self._timeout_ms = timeout_ms

    async def confirm(self, text: str, digest: str, keys: list[str], argv: list[str]) -> None:
        """Wait until the replicas hold what `confirm.lua` finds.

        Raises:
            Unconfirmed: they did not in time, or it is not there any more.
        """
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S + self._timeout_ms / 1000), self._redis.turns:
                is_written, holding = await self._write_and_wait(text, digest, keys, argv)
        except Exception as error:
            if is_unreachable(error):
                raise Unconfirmed from error
            raise
        # A server that has become a replica refuses to wait, and need not have the change either.
        if not is_written or not isinstance(holding, int) or holding < self._replicas:
            raise Unconfirmed

    async def _write_and_wait(self, text: str, digest: str, keys: list[str], argv: list[str]) -> tuple[Any, Any]:
        """The answers of both; a WAIT that was refused is an error there."""
        wait = ("WAIT", self._replicas, self._timeout_ms)
        script: tuple[Any, ...] = ("EVALSHA", digest, len(keys), *keys, *argv)
        while True:
            written, holding = await self._on_one_connection(keys[0], script, wait)
            if isinstance(written, NoScriptError):
                script = ("EVAL", text, len(keys), *keys, *argv)
            elif isinstance(written, MovedError) and isinstance(self._redis, ClusterClient):
                await self._redis.nodes_manager.move_slot(written)
            elif isinstance(written, AskError | TryAgainError):
                await asyncio.sleep(SLOT_MOVES_S)
            else:
                break
        if isinstance(written, Exception):
            raise written
        return written, holding

    async def _on_one_connection(self, key: str, *commands: tuple[Any, ...]) -> list[Any]:
        """The commands' answers or errors; none is repeated on another connection, where WAIT would wait for nothing."""
        if isinstance(self._redis, ClusterClient):
            return await self._on_node_of(self._redis, key, commands)
        async with self._redis.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            answers: list[Any] = await pipeline.execute(raise_on_error=False)
            return answers

    @staticmethod
    async def _on_node_of(cluster: ClusterClient, key: str, commands: tuple[tuple[Any, ...], ...]) -> list[Any]:
        """redis-py's own pipeline sends what was MOVED to its place, and leaves the WAIT where it was."""
        await cluster.initialize()
        queued = [PipelineCommand(number, *command) for number, command in enumerate(commands)]
        node = cluster.get_node_from_key(key)
        if node is None:
            raise SlotNotCoveredError
        await node.execute_pipeline(queued)
        answers = [command.result for command in queued]
        if any(isinstance(answer, ConnectionError | TimeoutError) for answer in answers):
            await cluster.nodes_manager.initialize(last_failed_node_name=node.name)
        return answers
