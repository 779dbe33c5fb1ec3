"""Ports for the servers that tests start."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

HOST = "127.0.0.1"

# Below the range that systems hand to outgoing connections. Out of that range, a client that keeps dialling a dead
# server is sooner or later given the server's own port as its source, connects to itself, and the server cannot return.
_FIRST, _LAST = 20_000, 32_000


_CLAIMS = Path(tempfile.gettempdir()) / f"greenroom-ports-{os.getuid()}"
_given: dict[int, int] = {}  # port -> the open file whose lock says that it is ours


def free_port() -> int:
    """A port of loopback that nobody listens on, ours until this process ends: no other worker or run is given it meanwhile, not
    even while its server is dead. Other programs may still be faster, so retry a clash."""
    for _ in range(200):
        port = random.randint(_FIRST, _LAST)
        if port not in _given and _is_claimed(port) and is_free(port):
            return port
    raise RuntimeError(f"No free port between {_FIRST} and {_LAST}.")


def _is_claimed(port: int) -> bool:
    """Whether nobody else had it and it is ours from now on."""
    _CLAIMS.mkdir(exist_ok=True)
    claim = os.open(_CLAIMS / str(port), os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(claim)
        return False
    _given[port] = claim
    return True


def is_free(port: int) -> bool:
    """Whether nobody listens on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
