"""What an action does is shown on a real server, where it is quickest; that the embedded store does the same is shown for every
command (test_every_command.py), for most of what the store does (tests/store), and for whole histories (tests/model)."""

from __future__ import annotations

import pytest


@pytest.fixture
def store_url(redis_url: str) -> str:
    """A real server without a key."""
    return redis_url
