"""One tab as a program: connects, keeps a replica without holes, sends commands, comes back after a lost connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

from client_sim.backoff import reconnect_delay_s
from client_sim.clock import Clock
from client_sim.codec import JSON, Message
from client_sim.connection import Connection, Lost
from client_sim.device import Device
from client_sim.history import Compared, ConnectionLost, Ended, History
from client_sim.refused import Refused, Unanswered, refusal_from
from client_sim.replica import Replica
from client_sim.tab import Tab

HELLO_S = 10.0
CONNECT_S = 20.0
ANSWER_S = 10.0


class RoomClient:
    """A tab of the person whose session or lobby token it has, on the node at the http(s) address `url`.

    `device` proves itself where the token is bound to one. `acknowledges=False` leaves changes of role unacknowledged;
    `reconnects=False` makes the first lost connection the last. `sign_in_again` gives a fresh token when ours has run
    out. `ended` says why nothing more will come; None while the client lives. One task runs from `connect` to `close`.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        device: Device | None = None,
        encoding: str = JSON,
        history: History | None = None,
        acknowledges: bool = True,
        reconnects: bool = True,
        sign_in_again: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        self.url = url
        self.encoding = encoding
        self.history = history or History()
        self.reconnects = reconnects
        self.ended: Refused | Unanswered | None = None
        self._tab = Tab(token, device=device, history=self.history, acknowledges=acknowledges)
        self._sign_in_again = sign_in_again
        self._connection: Connection | None = None
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._attempt = 0
        self._away_s = 0.0

    @property
    def replica(self) -> Replica:
        return self._tab.replica

    @property
    def clock(self) -> Clock:
        return self._tab.clock

    @property
    def is_connected(self) -> bool:
        """Whether commands go out at once, and not after the next welcome."""
        return self._connection is not None and self._tab.is_welcomed

    @property
    def participant_id(self) -> str:
        """Who this tab speaks for; only after `connect`, and not for a lobby token."""
        assert self.replica.you is not None
        return str(self.replica.you["participant_id"])

    # ── Talking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def connect(self, timeout_s: float = CONNECT_S) -> Replica:
        """Say hello and wait for the welcome; from then on the client keeps itself connected.

        Raises:
            Refused: the server said no for good.
            TimeoutError: there was no welcome within `timeout_s`.
        """
        self._task = asyncio.create_task(self._keep_connected())
        try:
            return await self.wait_until(lambda replica: replica.connection_id is not None, timeout_s, "welcome")
        except BaseException:
            await self.close()
            raise

    async def command(self, command: str, *, timeout_s: float = ANSWER_S, **fields: Any) -> dict[str, Any]:
        """Carry out one command and answer its `result`; survives a lost connection, and happens once.

        Raises:
            Refused: the server declined.
            Unanswered: no answer came within `timeout_s`, or the client ended.
        """
        result: dict[str, Any] = (await self._ask(self._tab.commands.add(command, fields), timeout_s))["result"]
        if command == "leave":
            # What a tab shows that has left is true no more: it is not to be taken for one that is there.
            await self.wait_until_ended(timeout_s)
        return result

    async def compare(self, timeout_s: float = ANSWER_S) -> Compared:
        """Ask for the room whole, and say in what the replica of just before differs from it.

        Raises:
            Refused, Unanswered: as for any command.
            TimeoutError: the answer came, but no room.
        """
        await self._ask(self._tab.start_comparing(), timeout_s)
        await self.wait_until(lambda _: self._tab.comparison is not None, timeout_s, "resync")
        assert self._tab.comparison is not None
        return self._tab.comparison

    async def wait_until(
        self, is_met: Callable[[Replica], bool], timeout_s: float = ANSWER_S, what: str = "such state"
    ) -> Replica:
        """The first replica from now on for which `is_met`; one that was replaced before we woke is not seen.

        Raises:
            Refused, Unanswered: the client ended first.
            TimeoutError: it took longer than `timeout_s`.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not is_met(self.replica):
                    if self.ended:
                        raise self.ended
                    await self._changed.wait()
        except TimeoutError as error:
            raise TimeoutError(f"{self.history.who or 'A tab'}: no {what} within {timeout_s} s.") from error
        return self.replica

    async def wait_until_ended(self, timeout_s: float = ANSWER_S) -> Refused | Unanswered:
        """Why the server ended it for good.

        Raises:
            TimeoutError: it did not, within `timeout_s`.
        """
        async with asyncio.timeout(timeout_s):
            while self.ended is None:
                await self._changed.wait()
        return self.ended

    def abort(self, *, away_s: float = 0.0) -> None:
        """Drop the connection as a lost network does; after `away_s` the client comes back, unless `reconnects` is off."""
        self._away_s = away_s
        if self._connection:
            self._connection.abort()

    async def close(self) -> None:
        """Close as agreed and wait until everything of this client has ended."""
        self.reconnects = False
        if self._connection:
            await self._connection.close()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._end(Unanswered("The client was closed."))

    async def __aenter__(self) -> RoomClient:
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # ── Underneath ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def _ask(self, message: Message, timeout_s: float) -> Message:
        """Send a command that is open, and await its answer."""
        if self.ended:
            self._tab.commands.forget(message["id"])
            raise self.ended
        if self._connection and self.is_connected:
            await self._send(self._connection, [message])
        return await self._tab.commands.answer(message["id"], timeout_s)

    async def _keep_connected(self) -> None:
        """Connect, read until it is over, and again, until it is over for good."""
        while True:
            try:
                await self._live_one_connection()
            except Lost as lost:
                self.history.add(ConnectionLost(lost.code))
                if not await self._may_come_back(lost):
                    return
            except Exception as broken:
                # A message of the wrong shape, or a bug of ours: said to everybody who waits, never silently retried.
                self._end(Unanswered(f"The protocol was broken: {broken!r}"))
                return
            away_s, self._away_s = self._away_s, 0.0
            await asyncio.sleep(away_s + reconnect_delay_s(self._attempt, self._retry_after_ms()))
            self._attempt += 1

    async def _live_one_connection(self) -> None:
        # First of all: the server ends for good who says anything before the hello, so no command may take the welcome
        # of the last connection for one of this.
        self._tab.begin_connection()
        connection = await Connection.open(self.url, self.encoding)
        self._connection = connection
        try:
            first = await connection.receive(HELLO_S)
            if first["type"] == "challenge":  # else it says goodbye at once
                await self._send(connection, [self._tab.hello(first)])
                first = await connection.receive(HELLO_S)
            await self._take_in(connection, first)
            if self._tab.is_welcomed:
                self._attempt = 0
            while True:
                await self._take_in(connection, await connection.receive((self.replica.heartbeat_ms or 30_000) / 1000))
        finally:
            self._connection = None
            connection.abort()

    async def _take_in(self, connection: Connection, message: Message) -> None:
        replies = self._tab.take_in(message)
        self._tell_waiting()
        await self._send(connection, replies)

    async def _send(self, connection: Connection, messages: list[Message]) -> None:
        """Send what can be sent. A loss is left to the reader: what came before it, such as `bye`, is still to be read,
        and a command that did not get out is said again after the next welcome."""
        with contextlib.suppress(Lost):
            for message in messages:
                self.history.sent(message)
                await connection.send(message)

    async def _may_come_back(self, lost: Lost) -> bool:
        if lost.is_final or not self.reconnects:
            self._end(self._why(lost))
            return False
        if self._tab.bye and self._tab.bye["code"] == "token_expired":
            return await self._has_signed_in_again()
        return True

    async def _has_signed_in_again(self) -> bool:
        try:
            if self._sign_in_again is None:
                raise Refused("token_expired")
            self._tab.use_token(await self._sign_in_again())
        except Refused as refused:
            self._end(refused)
            return False
        return True

    def _why(self, lost: Lost) -> Refused | Unanswered:
        if self._tab.bye:
            return refusal_from(self._tab.bye, close_code=lost.code)
        return Unanswered(f"The connection was lost: {lost}")

    def _retry_after_ms(self) -> int | None:
        return self._tab.bye["retry_after_ms"] if self._tab.bye else None

    def _end(self, why: Refused | Unanswered) -> None:
        if self.ended is None:
            self.ended = why
            self.history.add(Ended())
            self._tab.commands.fail(why)
            self._tell_waiting()

    def _tell_waiting(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
