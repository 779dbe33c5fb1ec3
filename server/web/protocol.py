"""uvicorn's websocket protocol with three things more: its transport for shared frames, an abort where a client no longer
reads, and nothing about addresses in the log.

Measured on uvicorn 0.54: a client that stops reading outlives the keepalive, since `close()` waits for the buffer to drain.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

TRANSPORT_EXTENSION = "greenroom.transport"
HIGH_WATER_BYTES = 32_768
ABORT_AFTER_CLOSE_S = 2.0


class GreenroomWebSocketProtocol(WebSocketsSansIOProtocol):
    """Offers `scope["extensions"]["greenroom.transport"]`; an app that finds none falls back to ASGI's `send`."""

    async def run_asgi(self) -> None:
        self.transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)
        extensions = self.scope["extensions"]
        assert extensions is not None
        extensions[TRANSPORT_EXTENSION] = {"transport": self.transport}
        await super().run_asgi()
        self._abort_unless_closed()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    def shutdown(self) -> None:
        super().shutdown()
        self._abort_unless_closed()

    def _abort_unless_closed(self) -> None:
        """A peer that takes nothing off the wire would hold the closing for ever."""
        self.loop.call_later(ABORT_AFTER_CLOSE_S, _abort, self.transport)


def _abort(transport: asyncio.Transport) -> None:
    transport.abort()
