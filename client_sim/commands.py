"""The commands of one client that have no answer yet."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Any

from client_sim.codec import Message
from client_sim.refused import Unanswered, refusal_from

MOST_OPEN = 200


@dataclass
class _Open:
    message: Message
    answer: asyncio.Future[Message] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class OpenCommands:
    """Gives ids, keeps what may have to be said again on the next connection, and hands out the answers.

    Ids are unique among all clients of a person, whichever program they run in: the server remembers them per person.
    """

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}
        self._prefix = secrets.token_hex(6)
        self._count = 0

    def add(self, command: str, fields: dict[str, Any]) -> Message:
        """The message of a new command.

        Raises:
            Unanswered: too many are open already.
        """
        if len(self._open) >= MOST_OPEN:
            raise Unanswered(f"{MOST_OPEN} commands have no answer yet.")
        self._count += 1
        message = {"type": command, "id": f"{self._prefix}-{self._count}", **fields}
        self._open[message["id"]] = _Open(message)
        return message

    async def answer(self, command_id: str, timeout_s: float) -> Message:
        """The `result` message of the command; it is no longer open then, whatever comes.

        Raises:
            Refused: the server declined.
            Unanswered: nothing came within `timeout_s`, or the client ended.
        """
        entry = self._open[command_id]
        try:
            async with asyncio.timeout(timeout_s):
                answer = await entry.answer
        except TimeoutError as error:
            raise Unanswered(f"No answer to {entry.message['type']} within {timeout_s} s.") from error
        finally:
            self.forget(command_id)
        if answer["type"] == "refused":
            raise refusal_from(answer)
        return answer

    def forget(self, command_id: str) -> None:
        """Nobody waits for this command any more."""
        if entry := self._open.pop(command_id, None):
            entry.answer.cancel()

    def settle(self, answer: Message) -> None:
        """Hand a `result` or `refused` to whoever waits; answers to forgotten commands go nowhere."""
        entry = self._open.get(answer["id"] or "")
        if entry and not entry.answer.done():
            entry.answer.set_result(answer)

    def unanswered(self) -> list[Message]:
        """What is to be said again, with the same ids, on a new connection."""
        return [entry.message for entry in self._open.values() if not entry.answer.done()]

    def fail(self, error: Exception) -> None:
        """Nothing more will come: whoever waits hears `error`."""
        for entry in self._open.values():
            if not entry.answer.done():
                entry.answer.set_exception(error)
                entry.answer.exception()  # marked as seen: not everybody waits for an answer
