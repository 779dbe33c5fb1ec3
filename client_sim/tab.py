"""One tab's side of the conversation, without any I/O: messages in, messages to send out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from client_sim.clock import Clock, own_now_ms
from client_sim.codec import Message
from client_sim.commands import OpenCommands
from client_sim.device import Device
from client_sim.history import Compared, History
from client_sim.reducer import Hole, apply
from client_sim.replica import Replica, differences, resume_position

_CARRIES_ROLE = frozenset({"welcome", "entered", "resync", "lobby", "events"})


class Tab:
    """Keeps the replica, the clock and the open commands; says what has to be answered to each message.

    What the protocol asks of a client by itself is done here: acknowledgements, `sync` at a hole, a fresh token in
    time, unanswered commands again on a new connection. `bye` is the server's last word on the present connection;
    `is_welcomed` says whether commands may be sent on it.
    """

    def __init__(self, token: str, *, device: Device | None, history: History, acknowledges: bool) -> None:
        self.replica = Replica(token=token)
        self.clock = Clock()
        self.commands = OpenCommands()
        self.bye: Message | None = None
        self.is_welcomed = False
        self.comparison: Compared | None = None
        self.acknowledges = acknowledges
        self._history = history
        self._device = device
        self._acknowledged_rev: int | None = None
        self._renew_at_ms: int | None = None
        self._own_commands: dict[str, str] = {}  # id -> command, of those that nobody waits for: sync, token.renew
        self._is_comparing = False

    def begin_connection(self) -> None:
        """What held on the last connection holds no more; to be called before there is another one to send on."""
        self.bye, self.is_welcomed, self._acknowledged_rev = None, False, None
        for command_id in self._own_commands:
            self.commands.forget(command_id)
        self._own_commands.clear()

    def hello(self, challenge: Message) -> Message:
        """The first message of a connection, for the server's challenge."""
        self.clock.observe(challenge["now_ms"], own_now_ms())
        hello: Message = {"type": "hello", "token": self.replica.token}
        if self._device:
            hello["proof"] = self._device.hello_proof(challenge["nonce"])
        if position := resume_position(self.replica):
            hello["resume"] = position
        if self.replica.connection_id:
            hello["replaces"] = self.replica.connection_id
        return hello

    def take_in(self, message: Message) -> list[Message]:
        """Apply one message from the server; returns what is to be sent, in order."""
        self._observe(message)
        replies: list[Message] = []
        try:
            self._apply(message)
        except Hole:
            replies += self._own("sync")
        if message["type"] == "welcome":
            self.is_welcomed = True
            replies += self.commands.unanswered()
        return self._acknowledgements(message) + replies + self._renewals()

    def start_comparing(self) -> Message:
        """The `sync` whose answer is to be compared with the replica; see `comparison` then."""
        self._is_comparing, self.comparison = True, None
        return self.commands.add("sync", {})

    def use_token(self, token: str) -> None:
        self.replica = replace(self.replica, token=token)

    def _observe(self, message: Message) -> None:
        """Everything that a message means beside what it does to the replica."""
        if "now_ms" in message:
            self.clock.observe(message["now_ms"], own_now_ms())
        if message["type"] == "resync" and self._is_comparing and message["reason"] == "sync":
            self._compare(message)
        self._history.received(message)
        if message["type"] in ("result", "refused"):
            self._settle(message)
        elif message["type"] == "bye":
            self.bye, self.is_welcomed = message, False

    def _apply(self, message: Message) -> None:
        known_token = self.replica.token_expires_at_ms
        self.replica = apply(self.replica, message)
        if self.replica.token_expires_at_ms != known_token:
            self._plan_renewal()

    def _compare(self, message: Message) -> None:
        if self.replica.last is not None:
            different = tuple(differences(self.replica, message["snapshot"]))
            self.comparison = Compared(self.replica.last, message["position"]["seq"], different)
            self._history.add(self.comparison)
        self._is_comparing = False

    def _settle(self, answer: Message) -> None:
        self.commands.settle(answer)
        command = self._own_commands.pop(answer["id"] or "", None)
        if command is None:
            return
        self.commands.forget(answer["id"])
        if command == "token.renew" and answer["type"] == "result":
            token: dict[str, Any] = answer["result"]
            self.replica = replace(self.replica, token=token["token"], token_expires_at_ms=token["token_expires_at_ms"])
            self._plan_renewal()

    def _plan_renewal(self) -> None:
        """After two thirds of the token's life: early enough for a slow answer, whatever the lifetime."""
        now_ms = self.clock.now_ms()
        left_ms = (self.replica.token_expires_at_ms or now_ms) - now_ms
        self._renew_at_ms = now_ms + left_ms * 2 // 3

    def _own(self, command: str) -> list[Message]:
        """A command that nobody waits for, unless the same is open already."""
        if command in self._own_commands.values():
            return []
        message = self.commands.add(command, {})
        self._own_commands[message["id"]] = command
        return [message]

    def _acknowledgements(self, message: Message) -> list[Message]:
        you = self.replica.you
        if not self.acknowledges or message["type"] not in _CARRIES_ROLE or not you or you["participant_id"] is None:
            return []
        if you["role_rev"] == self._acknowledged_rev:
            return []
        self._acknowledged_rev = you["role_rev"]
        return [{"type": "ack", "role_rev": you["role_rev"]}]

    def _renewals(self) -> list[Message]:
        you = self.replica.you
        is_person = you is not None and you["participant_id"] is not None
        if not is_person or self._renew_at_ms is None or self.clock.now_ms() < self._renew_at_ms:
            return []
        return self._own("token.renew")
