"""HTTP for support, with an API key: who did what in a room, and who was refused and why."""

from __future__ import annotations

import re

from server.actions import audit
from server.domain.refusals import BadMessage, RoomUnknown
from server.web.callers import Caller
from server.web.operations import Call, Operations
from server.web.paging import Page, read_cursor, write_cursor
from server.wire.showing import show_audit_line, show_refusal_line
from server.wire.views import AuditLineView, RefusalLineView, View

operations = Operations("Audit")

_REFUSAL_ID = re.compile(r"[0-9]{1,13}-[0-9]{1,9}")


class AuditAnswer(View):
    """`next_cursor`: ask with it for the older ones; null where there are none."""

    entries: list[AuditLineView]
    next_cursor: str | None


class RefusalsAnswer(View):
    """`next_cursor`: ask with it for the older ones; null where there are none."""

    refusals: list[RefusalLineView]
    next_cursor: str | None


@operations.get("/v1/rooms/{room_id}/audit", caller=Caller.SITE, refuses=(RoomUnknown,))
async def read_audit(call: Call, query: Page) -> AuditAnswer:
    """Who did what, the newest first.

    One entry an act: what a host, the site, a link or the clock changed, and the ids of what was changed. The newest five
    thousand or so are kept, and none holds a secret, a name or an address.
    """
    lines = await audit.read_audit(call.services, call.request, before=_seq(query.cursor), limit=query.limit)
    return AuditAnswer(
        entries=[show_audit_line(line) for line in lines],
        next_cursor=write_cursor(lines[-1].seq if len(lines) == query.limit else None),
    )


@operations.get("/v1/rooms/{room_id}/refusals", caller=Caller.SITE, refuses=(RoomUnknown,))
async def read_refusals(call: Call, query: Page) -> RefusalsAnswer:
    """Who was refused at a link or a hello, and why, the newest first.

    The newest thousand or so are kept. What was typed is never kept.
    """
    lines = await audit.read_refusals(call.services, call.request, before=_refusal_id(query.cursor), limit=query.limit)
    return RefusalsAnswer(
        refusals=[show_refusal_line(line) for line in lines],
        next_cursor=write_cursor(lines[-1].refusal_id if len(lines) == query.limit else None),
    )


def _seq(cursor: str | None) -> int | None:
    """Raises: BadMessage."""
    seq = read_cursor(cursor, int)
    if seq is not None and not 0 < seq < 10**13:
        raise BadMessage("This cursor was not given out.")
    return seq


def _refusal_id(cursor: str | None) -> str | None:
    """Raises: BadMessage."""
    refusal_id = read_cursor(cursor, str)
    if refusal_id is not None and not _REFUSAL_ID.fullmatch(refusal_id):
        raise BadMessage("This cursor was not given out.")
    return refusal_id
