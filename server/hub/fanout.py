"""What goes to many tabs: encoded once per audience and encoding, written to each."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from server.domain.contents import RoomContents
from server.hub.connection import Connection
from server.hub.outbox import build_frame
from server.wire.audiences import AUDIENCES, Audience
from server.wire.codec import Encoding, encode
from server.wire.events import AnyWireEvent
from server.wire.messages import Events, ServerMessage
from server.wire.showing import show_snapshot


def send_to_all(connections: Iterable[Connection], message: ServerMessage) -> None:
    """One message to many, encoded once per encoding."""
    encoded: dict[Encoding, tuple[bytes, bytes]] = {}
    for connection in connections:
        if connection.encoding not in encoded:
            payload = encode(message, connection.encoding)
            encoded[connection.encoding] = payload, build_frame(payload, is_text=connection.encoding.is_text)
        connection.send_encoded(*encoded[connection.encoding])


class Windows:
    """Events of one room that wait to be sent, by audience, and up to where each audience has been served.

    `last[audience]` never passes what any tab of it holds, so that a frame's `after` fits every tab that joins later.
    """

    def __init__(self, seq: int) -> None:
        self.last = dict.fromkeys(AUDIENCES, seq)
        self._pending: dict[Audience, list[AnyWireEvent]] = {audience: [] for audience in AUDIENCES}

    def add(self, audience: Audience, told: list[AnyWireEvent]) -> None:
        self._pending[audience] += told

    @property
    def is_empty(self) -> bool:
        return not any(self._pending.values())

    def take(self, audience: Audience, upto: int, *, covers: bool = False) -> Events | None:
        """The frame for `audience` that covers everything up to `upto`; None where there is nothing to say. `covers`: that
        nothing happened for it is worth saying, too."""
        events = self._pending[audience]
        if not events and not (covers and self.last[audience] < upto):
            return None
        frame = Events(after=self.last[audience], upto=upto, events=events)
        self._pending[audience] = []
        self.last[audience] = upto
        return frame


class SnapshotCache:
    """A room's snapshot is encoded once per seq, audience and encoding, not once per tab."""

    def __init__(self) -> None:
        self._seq = -1
        self._encoded: dict[tuple[Audience, Encoding], msgspec.Raw] = {}

    def get(self, contents: RoomContents, audience: Audience, encoding: Encoding) -> msgspec.Raw:
        if contents.seq != self._seq:
            self._seq, self._encoded = contents.seq, {}
        key = (audience, encoding)
        if key not in self._encoded:
            self._encoded[key] = msgspec.Raw(encode(show_snapshot(contents, audience), encoding))
        return self._encoded[key]
