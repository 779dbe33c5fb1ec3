"""Runs one node: `python -m server`. Settings come from the environment; see `server/settings.py`."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from server.app import create_app
from server.settings import Settings, SettingsError, load_settings
from server.web.protocol import GreenroomWebSocketProtocol

PING_S = 20.0
CLOSE_ALL_S = 3
MAX_HEADER_BYTES = 131_072


class DrainingServer(uvicorn.Server):
    """Says goodbye to the tabs before uvicorn closes every socket at once; till then whoever asks hears that it drains."""

    def __init__(self, config: uvicorn.Config, app: Starlette) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._app.state.node.drain()
        await super().shutdown(sockets)


def main() -> int:
    try:
        settings = load_settings(os.environ)
        app = create_app(settings)
    except SettingsError as error:
        print(f"greenroom: {error}", file=sys.stderr)
        return 2
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # uvicorn writes whole addresses at INFO.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        ws=GreenroomWebSocketProtocol,
        ws_max_size=settings.max_frame_bytes,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=CLOSE_ALL_S,
        # Headers that arrive in pieces get the same answer as those that come at once.
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
    )
    _announce(settings)
    # uvicorn raises the signal again once it has ended: neither being stopped nor Ctrl-C is an error.
    signal.signal(signal.SIGTERM, _end)
    with contextlib.suppress(KeyboardInterrupt):
        DrainingServer(config, app).run()
    return 0


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def _announce(settings: Settings) -> None:
    print(f"Greenroom: {settings.public_url}", flush=True)
    if settings.is_embedded:
        print("  embedded store: everything is kept in this process and gone when it ends", flush=True)
        print(f"  API key: {settings.admin_api_keys[0].reveal()}", flush=True)
    if settings.demo_sign_in:
        print("  demo sign-in is on: anybody may enter as anybody (set SITE_JWT_SECRET to switch it off)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
