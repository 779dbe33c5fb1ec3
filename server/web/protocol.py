"""uvicorn's websocket protocol with five things more: its transport for shared frames, little that waits where we cannot see
it, an abort where a client no longer reads, and neither addresses nor traces of nonsense in the log.

Measured on uvicorn 0.54: a client that stops reading outlives the keepalive, since `close()` waits for the buffer to drain.
"""

from __future__ import annotations

import contextlib
import socket

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.hub.outbox import abort

TRANSPORT_EXTENSION = "greenroom.transport"
HIGH_WATER_BYTES = 32_768
# The kernel would take some megabytes for a tab that does not read: nobody would notice it, and many of them are a lot of memory.
KERNEL_UNSENT_BYTES = 16_384
ABORT_AFTER_CLOSE_S = 2.0


class GreenroomWebSocketProtocol(WebSocketsSansIOProtocol):
    """Offers `scope["extensions"]["greenroom.transport"]`; an app that finds none falls back to ASGI's `send`."""

    async def run_asgi(self) -> None:
        self.transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)
        with contextlib.suppress(OSError, AttributeError):  # a system or a socket that knows no such bound
            bounded = self.transport.get_extra_info("socket")
            bounded.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, KERNEL_UNSENT_BYTES)
        extensions = self.scope["extensions"]
        assert extensions is not None
        extensions[TRANSPORT_EXTENSION] = {"transport": self.transport}
        await super().run_asgi()
        self._abort_unless_closed()

    def send_receive_event_to_app(self) -> None:
        """Text that is not UTF-8 ends the connection with 1007; uvicorn does the same and logs a trace as well, which
        whoever can connect could then fill the log with."""
        if self.curr_msg_data_type == "text" and not self.close_sent and not _is_utf8(b"".join(self.frames)):
            self.frames = []
            self.conn.send_close(1007)
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        abort(self.transport)

    def shutdown(self) -> None:
        super().shutdown()
        self._abort_unless_closed()

    def _abort_unless_closed(self) -> None:
        """A peer that takes nothing off the wire would hold the closing for ever."""
        self.loop.call_later(ABORT_AFTER_CLOSE_S, abort, self.transport)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
