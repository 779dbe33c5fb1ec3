"""Many invitations at once: a row that fails stops no other, and a row uploaded again makes nothing twice."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.actions.directory import check_row_names
from server.actions.invitations import Invitee, check_invitee, make_invitation
from server.actions.services import Answer, Request, Services, check_actor, decide
from server.domain.invitation import check_changeable, check_may_invite
from server.domain.refusals import BadMessage, InvitationClosed, Refusal, RowInvalid, TooManyRows
from server.domain.request_id import RequestId
from server.domain.roles import Role
from server.domain.room import planned_end_ms
from server.domain.upload import (
    Preview,
    Row,
    RowOutcome,
    RowStatus,
    UploadedRow,
    check_no_duplicate,
    check_role,
    digest_of,
    failed,
    row_key_for,
)
from server.store.facts import Facts
from server.store.mail import new_mail_id
from server.store.scripting import FactsMoved
from server.trust.domain_names import normalise_address

MAX_ROWS = 1_000
# Rows that are under way at once, and between which the right to invite is looked at again.
BATCH_ROWS = 25

Outcomes = dict[int, RowOutcome]


@dataclass(frozen=True, kw_only=True)
class Upload:
    """Rows from one caller. `key`: names the upload, so that its rows are known by it when it comes again."""

    rows: Sequence[UploadedRow]
    dry_run: bool = False
    key: str | None = None


async def invite_in_bulk(services: Services, request: Request, upload: Upload) -> list[RowOutcome]:
    """An invitation for each row, or, as a dry run, what would become of each; in the order of the rows.

    A row is known again by its key: a repeated upload, on whatever node and whenever, gives the same invitation and link as
    `repeated`, and mails nobody twice. The right to invite is looked at again between batches; once it is lost, the rows that
    are left say so.

    Raises:
        TooManyRows, Busy, and what refuses somebody who may not invite at all
    """
    if len(upload.rows) > MAX_ROWS:
        raise TooManyRows(f"At most {MAX_ROWS} rows at once.")
    with services.uploads.one():
        facts = await _load_facts(services, request)
        outcomes, rows = _read_rows(request, upload)
        if upload.dry_run:
            outcomes |= await _preview(services, request, facts, rows)
        else:
            outcomes |= await _issue_all(services, request, rows)
    return [outcomes[number] for number in range(len(upload.rows))]


def _read_rows(request: Request, upload: Upload) -> tuple[Outcomes, list[Row]]:
    """The rows that make sense, and what is wrong with the others."""
    outcomes: Outcomes = {}
    rows: list[Row] = []
    emails: set[str] = set()
    keys: set[str] = set()
    for number, uploaded in enumerate(upload.rows):
        try:
            row = _read_row(number, uploaded, request.actor_id, upload.key)
            check_no_duplicate(row, emails, keys)
            rows.append(row)
        except Refusal as refusal:
            outcomes[number] = failed(refusal)
    return outcomes, rows


def _read_row(number: int, uploaded: UploadedRow, actor_id: str | None, upload_key: str | None) -> Row:
    """Raises: RowInvalid, or what the row is."""
    if uploaded.refusal is not None:
        raise uploaded.refusal
    try:
        email = normalise_address(uploaded.email)
    except BadMessage as refusal:
        raise RowInvalid(refusal.message) from None
    check_row_names(uploaded.first_name, uploaded.last_name)
    role = check_role(uploaded.role)
    digest = digest_of(email, uploaded.first_name, uploaded.last_name, role, str(uploaded.send))
    key, lasting = row_key_for(given=uploaded.key, actor_id=actor_id, upload_key=upload_key, digest=digest)
    return Row(
        number=number, email=email, first_name=uploaded.first_name, last_name=uploaded.last_name, role=role,
        send=uploaded.send, key=key, digest=digest, lasting=lasting,
    )


async def _load_facts(services: Services, request: Request, *invitations: str) -> Facts:
    """The facts that rows are decided on. Raises: whatever keeps who asks from inviting anybody now."""
    facts = await services.store.facts(request.room_id, *request.people(), invitations=invitations)
    site = services.site_of(facts)
    actor = check_actor(facts, request)
    check_may_invite(room=facts.room, actor=actor.role, role=Role.VIEWER, site_invites=site.invite_to_media)
    return facts


async def _preview(services: Services, request: Request, facts: Facts, rows: list[Row]) -> Outcomes:
    seen = await services.store.invitations.look_at_rows(
        request.room_id, [{"email": row.email, "key": row.key} for row in rows]
    )
    preview = Preview(seen, now_ms=facts.now_ms, planned_end_ms=planned_end_ms(facts.room))
    outcomes: Outcomes = {}
    for row, of_row in zip(rows, seen.rows, strict=True):
        try:
            _check_row(services, facts, request, row)
            outcomes[row.number] = preview.outcome_for(row, of_row)
        except Refusal as refusal:
            outcomes[row.number] = failed(refusal)
    return outcomes


async def _issue_all(services: Services, request: Request, rows: list[Row]) -> Outcomes:
    outcomes: Outcomes = {}
    for first in range(0, len(rows), BATCH_ROWS):
        try:
            facts = await _load_facts(services, request)
        except Refusal as refusal:
            return outcomes | {row.number: failed(refusal) for row in rows[first:]}
        outcomes |= await _issue_batch(services, request, facts, rows[first : first + BATCH_ROWS])
    return outcomes


async def _issue_batch(services: Services, request: Request, facts: Facts, rows: list[Row]) -> Outcomes:
    async with asyncio.TaskGroup() as group:
        tasks = {row.number: group.create_task(_issue(services, request, facts, row)) for row in rows}
    outcomes = {number: task.result() for number, task in tasks.items()}
    return await _with_links(services, request, outcomes)


async def _issue(services: Services, request: Request, facts: Facts, row: Row) -> RowOutcome:
    # Named by the row, so that the same request again gets the same answer; the upload's own name says less than the row's key.
    named = replace(request, request_id=RequestId(f"{request.request_id}.{digest_of(row.key, row.digest)}"))
    try:
        answer = await _create(services, named, facts, row)
    except Refusal as refusal:
        return failed(refusal)
    status = RowStatus.REPEATED if answer.get("repeated") else RowStatus.CREATED
    return RowOutcome(
        status=status, invitation_id=answer["invitation_id"], replaced=answer.get("replaced"), seq=answer["seq"]
    )


async def _create(services: Services, request: Request, facts: Facts, row: Row) -> Answer:
    """Decided on the batch's facts, or where they have moved meanwhile on fresh ones."""
    invitee = Invitee(email=row.email, first_name=row.first_name, last_name=row.last_name, role=row.role, send_email=row.send)
    invitation_id = "i" + secrets.token_hex(8)

    async def attempt(facts: Facts) -> Answer:
        _check_row(services, facts, request, row)
        made = make_invitation(services, facts, request, invitation_id, row.email, invitee)
        known = {
            "key": row.key, "digest": row.digest, "lasting": row.lasting, "planned_end_ms": planned_end_ms(facts.room),
        }
        return await services.store.invitations.create(
            request.room_id, made, by=request.actor_id, seen=facts.seen(*request.people(), site=True), row=known,
            mail_id=new_mail_id() if row.send else None, request_id=request.request_id,
        )

    async def attempt_again() -> Answer:
        return await attempt(await services.store.facts(request.room_id, *request.people()))

    try:
        return await attempt(facts)
    except FactsMoved:
        return await decide(attempt_again)


def _check_row(services: Services, facts: Facts, request: Request, row: Row) -> None:
    """Raises: whatever refuses this one row."""
    check_invitee(services, facts, request, row.email, row.role)
    if row.send:
        services.sends_mail()


async def _with_links(services: Services, request: Request, outcomes: Outcomes) -> Outcomes:
    """Links are made again from the invitations; one that was withdrawn meanwhile has none."""
    ids = [outcome.invitation_id for outcome in outcomes.values() if outcome.invitation_id]
    if not ids:
        return outcomes
    facts = await services.store.facts(request.room_id, invitations=ids)
    for outcome in outcomes.values():
        invitation = facts.invitations.get(outcome.invitation_id or "")
        if invitation is None:
            continue
        try:
            check_changeable(invitation)
            outcome.link = services.links.link_for(request.room_id, invitation)
        except (InvitationClosed, KeyError):
            outcome.link = None
    return outcomes
