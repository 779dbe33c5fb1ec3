"""HTTP for the site's people, and for suggesting them while somebody types."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from server.actions import directory
from server.actions.directory import PersonOutcome, PersonRow
from server.domain.directory import MAX_SEARCH_CHARS, DirectoryPerson
from server.domain.refusals import (
    BadMessage,
    CncDisabled,
    ModuleDisabled,
    NotLive,
    PersonUnknown,
    RateLimited,
    Refusal,
    RoleForbidden,
    RoomDeleted,
    RowInvalid,
    SessionEnded,
    TooManyRows,
)
from server.store.directory import Place
from server.web.answers import Body
from server.web.callers import Caller
from server.web.operations import Call, Operations, Query
from server.wire.results import PeopleSuggestResult
from server.wire.views import Revision, View

MAX_CURSOR_CHARS = 1_000

operations = Operations("Directory")
SearchText = Annotated[str, Meta(min_length=1, max_length=MAX_SEARCH_CHARS)]


class PersonRowBody(Body):
    email: str
    first_name: str
    last_name: str
    external_id: str | None = None


class PutPeopleBody(Body):
    """Rows are read one by one, so that a wrong one stops no other: `email`, `first_name`, `last_name`, `external_id`."""

    people: list[Any]


class ListPeopleQuery(Query):
    cursor: Annotated[str, Meta(max_length=MAX_CURSOR_CHARS)] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    query: SearchText | None = None


class SuggestionsQuery(Query):
    text: SearchText


class PersonAnswer(View):
    """One of the site's people."""

    person_id: str
    email: str
    first_name: str
    last_name: str
    external_id: str | None
    changed_at_ms: int
    rev: Revision


class PersonRowAnswer(View):
    """What became of row number `row`, counted from 0. `status`: created, updated, unchanged, or error with `code`."""

    row: int
    status: str
    person_id: str | None
    code: str | None
    message: str | None


class PutPeopleAnswer(View):
    """One answer for each row, in their order; `counts`: how many of each status."""

    rows: list[PersonRowAnswer]
    counts: dict[str, int]


class PeopleAnswer(View):
    """A page. `next_cursor` null: the last one. With a `query` a page may be short, or even empty, and not be the last."""

    people: list[PersonAnswer]
    next_cursor: str | None


@operations.post(
    "/v1/directory/people", caller=Caller.SITE, refuses=(TooManyRows,),
    max_body_bytes=lambda services: services.settings.max_bulk_bytes,
)
async def put_people(call: Call, body: PutPeopleBody) -> PutPeopleAnswer:
    """Store people of the site, up to 1,000 in a call.

    Somebody is found again by `external_id`, else by address; an address belongs to one person. A row that cannot be stored
    says so with a code, and stops no other.
    """
    outcomes = await directory.put_people(call.services, call.request, [_read_row(row) for row in body.people])
    rows = [_show_outcome(number, outcome) for number, outcome in enumerate(outcomes)]
    return PutPeopleAnswer(rows=rows, counts=dict(Counter(row.status for row in rows)))


@operations.get("/v1/directory/people", caller=Caller.SITE)
async def list_people(call: Call, query: ListPeopleQuery) -> PeopleAnswer:
    """List people, by address; or those of whom every word of `query` begins a name or the address."""
    after = _read_cursor(query.cursor)
    found = await directory.list_people(call.services, search=query.query, after=after, limit=query.limit)
    return PeopleAnswer(people=[_show(person) for person in found.people], next_cursor=_write_cursor(found.after))


@operations.get("/v1/directory/people/{person_id}", caller=Caller.SITE, conditional=True, refuses=(PersonUnknown,))
async def get_person(call: Call) -> PersonAnswer:
    """Read one person."""
    person = await directory.load_person(call.services, call.path["person_id"])
    call.tag(person.rev)
    return _show(person)


@operations.delete("/v1/directory/people/{person_id}", caller=Caller.SITE, conditional=True, refuses=(PersonUnknown,))
async def delete_person(call: Call) -> None:
    """Take one person out of the directory; their invitations stay."""
    await directory.delete_person(call.services, call.request, call.path["person_id"])


@operations.get(
    "/v1/rooms/{room_id}/suggestions", caller=Caller.SITE_OR_MANAGER,
    refuses=(RoleForbidden, ModuleDisabled, CncDisabled, NotLive, RoomDeleted, SessionEnded, RateLimited),
)
async def suggest_people(call: Call, query: SuggestionsQuery) -> PeopleSuggestResult:
    """People of the directory who match what was typed so far, at most eight, for those who may invite."""
    answer = await directory.suggest_people(call.services, call.request, query.text)
    return msgspec.convert(answer, PeopleSuggestResult)


def _read_row(row: Any) -> PersonRow | Refusal:
    try:
        return PersonRow(**msgspec.structs.asdict(msgspec.convert(row, PersonRowBody)))
    except msgspec.ValidationError as error:
        return RowInvalid(f"This row is not valid: {error}")


def _show_outcome(number: int, outcome: PersonOutcome) -> PersonRowAnswer:
    refusal = outcome.refusal
    return PersonRowAnswer(
        row=number, status=outcome.status, person_id=outcome.person_id, code=refusal.code if refusal else None,
        message=refusal.message if refusal else None,
    )


def _show(person: DirectoryPerson) -> PersonAnswer:
    return PersonAnswer(
        person_id=person.person_id, email=person.email, first_name=person.first_name, last_name=person.last_name,
        external_id=person.external_id, changed_at_ms=person.changed_at_ms, rev=person.rev,
    )


def _write_cursor(after: Place | None) -> str | None:
    if after is None:
        return None
    return urlsafe_b64encode(b"%d:%b" % (after.word, after.member)).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> Place | None:
    """Raises: BadMessage."""
    if cursor is None:
        return None
    try:
        word, colon, member = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).partition(b":")
    except (binascii.Error, ValueError):
        raise BadMessage("This cursor was not given out.") from None
    if word != b"1" or not colon or b"\0" not in member:
        raise BadMessage("This cursor was not given out.")
    return Place(word=1, member=member)
