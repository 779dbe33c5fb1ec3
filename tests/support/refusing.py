"""What a use case answered: done, or the code of its refusal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from server.domain.refusals import Refusal

DONE = "done"


@contextmanager
def refused(code: str) -> Iterator[None]:
    """What happens inside is refused with `code`."""
    with pytest.raises(Refusal) as refusal:
        yield
    assert refusal.value.code == code


async def outcomes(*attempts: Awaitable[Any]) -> list[str]:
    """All of them at the same instant; `done` or the refusal's code of each."""
    return [_outcome(found) for found in await asyncio.gather(*attempts, return_exceptions=True)]


def _outcome(found: object) -> str:
    if isinstance(found, Refusal):
        return found.code
    if isinstance(found, BaseException):
        raise found
    return DONE
