"""The site's people: stored by the room product, and suggested to those who may invite."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.actions.services import Answer, Request, Services, check_actor
from server.domain.directory import MAX_EXTERNAL_ID_CHARS, DirectoryPerson, check_search, words_for
from server.domain.invitation import MAX_NAME_CHARS, check_may_invite
from server.domain.refusals import BY_CODE, BadMessage, PersonUnknown, Refusal, RowInvalid, TooManyRows
from server.domain.request_id import RequestId
from server.domain.roles import Role
from server.store.directory import Found, Place
from server.trust.domain_names import normalise_address
from server.trust.site_tokens import clean_name

MAX_ROWS = 1_000
ROWS_PER_SCRIPT = 50  # so that nobody else waits for Redis long
MAX_SUGGESTIONS = 8


@dataclass(frozen=True, kw_only=True)
class PersonRow:
    """Somebody to be stored, as the site gives them."""

    email: str
    first_name: str
    last_name: str
    external_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class PersonOutcome:
    """What became of one row: `status` created, updated, unchanged, or error with the refusal."""

    status: str
    person_id: str | None = None
    refusal: Refusal | None = None


async def put_people(services: Services, request: Request, rows: Sequence[PersonRow | Refusal]) -> list[PersonOutcome]:
    """Store people, each found again by external id, else by address. A row that cannot be stored stops no other.

    Args:
        rows: a row that could not be read is its refusal.

    Raises:
        TooManyRows, IdempotencyMismatch
    """
    if len(rows) > MAX_ROWS:
        raise TooManyRows(f"At most {MAX_ROWS} rows at once.")
    outcomes: dict[int, PersonOutcome] = {}
    good: list[tuple[int, dict[str, Any]]] = []
    for number, row in enumerate(rows):
        try:
            good.append((number, _fields_of(row)))
        except Refusal as refusal:
            outcomes[number] = PersonOutcome(status="error", refusal=refusal)
    for first in range(0, len(good), ROWS_PER_SCRIPT):
        batch = good[first : first + ROWS_PER_SCRIPT]
        step = request.step(f"from{first}").request_id
        assert isinstance(step, RequestId)
        answers = await services.store.directory.upsert([fields for _, fields in batch], request_id=step)
        outcomes |= {number: _outcome_of(answer) for (number, _), answer in zip(batch, answers, strict=True)}
    return [outcomes[number] for number in range(len(rows))]


def _fields_of(row: PersonRow | Refusal) -> dict[str, Any]:
    """Raises: RowInvalid, or what the row is."""
    if isinstance(row, Refusal):
        raise row
    try:
        email = normalise_address(row.email)
    except BadMessage as refusal:
        raise RowInvalid(refusal.message) from None
    check_row_names(row.first_name, row.last_name)
    external_id = row.external_id
    if external_id is not None and not (0 < len(external_id) <= MAX_EXTERNAL_ID_CHARS and external_id.isprintable()):
        raise RowInvalid(f"An external_id has 1 to {MAX_EXTERNAL_ID_CHARS} printable characters.")
    first_name, last_name = clean_name(row.first_name), clean_name(row.last_name)
    return {
        "person_id": "d" + secrets.token_hex(8), "email": email, "first_name": first_name, "last_name": last_name,
        "external_id": external_id, "words": words_for(email, first_name, last_name),
    }


def check_row_names(*names: str) -> None:
    """Refuse a row whose names would not be stored as they are meant. Raises: RowInvalid."""
    for name in names:
        if len(name) > MAX_NAME_CHARS or not any(letter.isprintable() and not letter.isspace() for letter in name):
            raise RowInvalid(f"First and last name have 1 to {MAX_NAME_CHARS} characters each.")


def _outcome_of(answer: dict[str, str]) -> PersonOutcome:
    if code := answer.get("refused"):
        return PersonOutcome(status="error", refusal=BY_CODE[code]())
    return PersonOutcome(status=answer["status"], person_id=answer["person_id"])


async def list_people(services: Services, *, search: str | None, after: Place | None, limit: int) -> Found:
    """A page of the directory, in a lasting order. Raises: BadMessage: nothing to search by."""
    words = check_search(search) if search is not None else []
    return await services.store.directory.page(words, after=after, limit=limit)


async def load_person(services: Services, person_id: str) -> DirectoryPerson:
    """Raises: PersonUnknown."""
    person = await services.store.directory.load(person_id)
    if person is None:
        raise PersonUnknown
    return person


async def delete_person(services: Services, request: Request, person_id: str) -> None:
    """Raises: PersonUnknown, PreconditionFailed."""
    await services.store.directory.delete(person_id, expected_rev=request.expected_rev, request_id=request.request_id)


async def suggest_people(services: Services, request: Request, text: str) -> Answer:
    """People of the directory whose address or name begins so, for somebody who may invite. Says nothing of the room's own.

    Raises:
        RoleForbidden, ModuleDisabled, CncDisabled, BadMessage, RateLimited
    """
    words = check_search(text)
    facts = await services.store.facts(request.room_id, *request.people())
    actor = check_actor(facts, request)
    site = services.site_of(facts)
    check_may_invite(room=facts.room, actor=actor.role, role=Role.VIEWER, site_invites=site.invite_to_media)
    asker = f"{request.room_id}:{request.actor_id}" if request.actor_id else ""
    found = await services.store.directory.suggest(words, asker=asker, limit=MAX_SUGGESTIONS)
    return {
        "suggestions": [
            {"email": person.email, "first_name": person.first_name, "last_name": person.last_name} for person in found
        ]
    }
