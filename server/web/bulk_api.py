"""HTTP for inviting many at once, from JSON or from a CSV file."""

from __future__ import annotations

from collections import Counter
from typing import Any

from server.actions.bulk import Upload, invite_in_bulk
from server.domain.refusals import (
    CncDisabled,
    CsvInvalid,
    ModuleDisabled,
    NotLive,
    RoleForbidden,
    RoomDeleted,
    SessionEnded,
    TooManyRows,
)
from server.domain.upload import RowOutcome, UploadedRow
from server.web.answers import Body, convert, read_json
from server.web.callers import Caller
from server.web.operations import Call, Operations, Query
from server.web.uploads import is_csv, read_csv, rows_of_json
from server.wire.results import BulkRowView, InvitationBulkResult

operations = Operations("Invitations")


class BulkBody(Body):
    """Rows are read one by one, so that a wrong one stops no other: `email`, `first_name`, `last_name`, `role`, and if wanted
    `key`, by which the row is known when it comes again, and `send`, to mail the link."""

    rows: list[Any]
    dry_run: bool = False


class BulkQuery(Query):
    dry_run: bool = False


@operations.post(
    "/v1/rooms/{room_id}/invitations/bulk", caller=Caller.SITE_OR_MANAGER, reads_body_itself=True,
    takes={"application/json": BulkBody, "text/csv": str},
    refuses=(CsvInvalid, TooManyRows, RoleForbidden, ModuleDisabled, CncDisabled, NotLive, RoomDeleted, SessionEnded),
)
async def invite_many(call: Call, query: BulkQuery) -> InvitationBulkResult:
    """Invite up to 1,000 people.

    Takes JSON, or a CSV file whose first line is `email,first_name,last_name,role`, with `key` and `send` after it if wanted.
    A row that cannot be done says so with a code, and stops no other. The same row again, by its `key`, by the
    `Idempotency-Key` of the call, or else by what it says, gives the same invitation; so other rows under the same key of the
    call are no mistake, and are done. A dry run writes and mails nothing, and
    says of each row what would become of it.
    """
    most_bytes = call.services.settings.max_bulk_bytes
    dry_run = query.dry_run
    if is_csv(call.http):
        rows = await read_csv(call.http, most_bytes)
    else:
        body = convert(await read_json(call.http, most_bytes), BulkBody)
        rows, dry_run = rows_of_json(body.rows), dry_run or body.dry_run
    upload = Upload(rows=rows, dry_run=dry_run, key=call.http.headers.get("idempotency-key") or None)
    outcomes = await invite_in_bulk(call.services, call.request, upload)
    return show_outcomes(rows, outcomes, dry_run=dry_run)


def show_outcomes(rows: list[UploadedRow], outcomes: list[RowOutcome], *, dry_run: bool) -> InvitationBulkResult:
    shown = [_show(number, row, outcome) for number, (row, outcome) in enumerate(zip(rows, outcomes, strict=True))]
    return InvitationBulkResult(rows=shown, counts=dict(Counter(row.status for row in shown)), dry_run=dry_run)


def _show(number: int, row: UploadedRow, outcome: RowOutcome) -> BulkRowView:
    refusal = outcome.refusal
    return BulkRowView(
        row=number, line=row.line, key=row.key, status=outcome.status, invitation_id=outcome.invitation_id,
        link=outcome.link, replaced=outcome.replaced, code=refusal.code if refusal else None,
        message=refusal.message if refusal else None,
    )
