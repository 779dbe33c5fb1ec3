"""One tab's websocket, as the hub sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from msgspec import structs

from server.domain.refusals import Refusal, TooSlow
from server.hub.outbox import Outbox, build_frame
from server.wire.audiences import Audience
from server.wire.codec import Encoding, encode
from server.wire.messages import Bye, Lobby, Refused, Result, ServerMessage
from server.wire.views import LobbyView, YouView


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who a tab speaks for: a person, or (with none) a link whose address is not proven yet, on a device that may resemble
    the one that holds the claim."""

    room_id: str
    participant_id: str | None
    invitation_id: str | None = None
    device_id: str | None = None
    resembled_id: str | None = None


def say_bye(refusal: Refusal) -> Bye:
    return Bye(
        code=refusal.code, message=refusal.message, next_step=refusal.next_step, retry_after_ms=refusal.retry_after_ms
    )


class Connection:
    """Where one tab stands: its audience (None in the lobby), and what it was told last."""

    def __init__(
        self,
        connection_id: str,
        identity: Identity,
        encoding: Encoding,
        outbox: Outbox,
        mint_token: Callable[[], tuple[str, int]],
    ) -> None:
        self.connection_id = connection_id
        self.identity = identity
        self.encoding = encoding
        self.mint_token = mint_token
        self.reenter: Callable[[], Awaitable[int]] | None = None  # registers the tab in the store again, after a lost lease
        self.audience: Audience | None = None
        self.role_rev = 0
        self.role = ""
        self.ended: asyncio.Future[Refusal | None] = asyncio.get_running_loop().create_future()
        self._outbox = outbox
        self._lobby: LobbyView | None = None
        self._lobby_rev = 0
        self._is_answering = False
        self._has_said_bye = False

    @property
    def participant_id(self) -> str | None:
        return self.identity.participant_id

    def send(self, message: ServerMessage) -> None:
        """For this tab alone, of the room: nobody's business whose connection has ended."""
        if not self.ended.done():
            self._encode_and_offer(message)

    def send_encoded(self, payload: bytes, frame: bytes) -> None:
        """The same in bytes that serve others too."""
        if not self.ended.done():
            self._offer(payload, frame)

    def answer(self, message: Result | Refused) -> None:
        """To a command of its own, also when the connection has ended meanwhile. Nothing follows the goodbye."""
        if not self._has_said_bye:
            self._encode_and_offer(message)

    def _encode_and_offer(self, message: ServerMessage) -> None:
        payload = encode(message, self.encoding)
        self._offer(payload, build_frame(payload, is_text=self.encoding.is_text))

    def _offer(self, payload: bytes, frame: bytes) -> None:
        if not self._outbox.offer(payload, frame) and not self.ended.done():
            self._has_said_bye = True
            self.ended.set_result(TooSlow())

    def next_lobby(self, view: LobbyView) -> LobbyView | None:
        """`view` with its revision, or None where the tab shows just that already."""
        if self._lobby is not None and structs.replace(view, rev=self._lobby.rev) == self._lobby:
            return None
        self._lobby_rev += 1
        self._lobby = structs.replace(view, rev=self._lobby_rev)
        return self._lobby

    def show_lobby(self, view: LobbyView, you: YouView, left: str | None = None) -> None:
        """Tell the tab what to show outside the room, unless it shows that already."""
        numbered = self.next_lobby(view)
        if numbered is not None or left is not None:
            self.send(Lobby(lobby=numbered or view, you=you, left=left))

    def forget_lobby(self) -> None:
        self._lobby = None

    def end(self, refusal: Refusal | None) -> None:
        """Say why, and let the socket's task close it. The first reason counts."""
        if self.ended.done():
            return
        self.ended.set_result(refusal)
        if not self._is_answering:
            self._say_bye()

    @property
    def is_answering(self) -> bool:
        return self._is_answering

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While a command is under way the goodbye waits: whoever ends the session hears first that it worked."""
        self._is_answering = True
        try:
            yield
        finally:
            self._is_answering = False
            if self.ended.done():
                self._say_bye()

    def _say_bye(self) -> None:
        refusal = self.ended.result()
        if refusal is not None and not self._has_said_bye:
            self._encode_and_offer(say_bye(refusal))
            self._has_said_bye = True

    def abort(self) -> None:
        self._outbox.abort()

    async def drain(self) -> None:
        await self._outbox.drain()
