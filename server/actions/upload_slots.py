"""How many uploads a node works on at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from server.domain.refusals import Busy

MOST_UPLOADS = 4


class UploadSlots:
    def __init__(self, most: int = MOST_UPLOADS) -> None:
        self._left = most

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot while inside. Raises: Busy: none is left."""
        if not self._left:
            raise Busy("Other uploads are under way here.", retry_after_ms=1_000)
        self._left -= 1
        try:
            yield
        finally:
            self._left += 1
