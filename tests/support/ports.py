"""Ports for the servers that tests start."""

from __future__ import annotations

import random
import socket

HOST = "127.0.0.1"

# Below the range that systems hand to outgoing connections. Out of that range, a client that keeps dialling a dead
# server is sooner or later given the server's own port as its source, connects to itself, and the server cannot return.
_FIRST, _LAST = 20_000, 32_000


_given: set[int] = set()


def free_port() -> int:
    """A port of loopback, given once, that nobody listens on just now; another run may be faster, so retry a clash."""
    for _ in range(200):
        port = random.randint(_FIRST, _LAST)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise RuntimeError(f"No free port between {_FIRST} and {_LAST}.")


def is_free(port: int) -> bool:
    """Whether nobody listens on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
