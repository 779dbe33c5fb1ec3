"""Pages of a list, the same everywhere: `cursor` and `limit` in, `next_cursor` out, null on the last page.

    class ListThingsQuery(Page):
        search: … | None = None

    after = read_cursor(query.cursor, tuple[int, str])          # None on the first page
    things, last = …                                            # query.limit of them that come after `after`
    ThingsAnswer(things=…, next_cursor=write_cursor(last))      # None: nothing comes after

A cursor holds where the page before ended, not how many were shown: it stays good when things come and go. It means nothing to
a client, and proves nothing: check what is read from it as you would check any other parameter.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from server.domain.refusals import BadMessage
from server.web.operations import Query

MAX_CURSOR_CHARS = 1_000
Cursor = Annotated[str, Meta(min_length=1, max_length=MAX_CURSOR_CHARS)]
T = TypeVar("T")


class Page(Query):
    cursor: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


def write_cursor(position: Any | None) -> str | None:
    """A cursor for what comes after `position`; None where nothing does."""
    if position is None:
        return None
    return urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def read_cursor(cursor: str | None, kind: type[T]) -> T | None:
    """What a cursor holds. Raises: BadMessage: it was not given out."""
    if cursor is None:
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=kind)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise BadMessage("This cursor was not given out.") from None
