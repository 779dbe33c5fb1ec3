"""Ports for the servers that tests start."""

from __future__ import annotations

import random
import socket

HOST = "127.0.0.1"

# Below the range that systems hand to outgoing connections. Out of that range, a client that keeps dialling a dead
# server is sooner or later given the server's own port as its source, connects to itself, and the server cannot return.
_FIRST, _LAST = 20_000, 32_000


def free_port() -> int:
    """A port of loopback that nobody listens on just now; another process may still be faster, so retry a clash."""
    for _ in range(200):
        port = random.randint(_FIRST, _LAST)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        return port
    raise RuntimeError(f"No free port between {_FIRST} and {_LAST}.")
