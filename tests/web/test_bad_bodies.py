"""Bad bodies at every door: a typed refusal, and nothing has changed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.web.asking import API_KEY, Invited, ask, check_problem, make_invited
from tests.web.doors import READING, Door

WRONG_VALUES: dict[str, Any] = {
    "null": None, "a number": 7, "a list": [1], "an object": {"a": 1}, "true": True, "a fraction": 0.5,
    "five thousand letters": "x" * 5_000, "half a surrogate": "\ud800", "minus one": -1, "beyond 2^53": 2**53,
    "beyond 2^64": 2**70, "a number as text": "1",
}
BROKEN: dict[str, bytes] = {
    "a list": b"[]",
    "a text": b'"title"',
    "a number": b"1",
    "null": b"null",
    "no JSON": b"<room/>",
    "half of it": b'{"title": "T"',
    "something after it": b'{"title": "T"} {}',
    "a comment": b'{"title": "T"} // T',
    "a byte order mark": b'\xef\xbb\xbf{"title": "T"}',
    "no UTF-8": b'{"title": "\xff\xfe"}',
    "UTF-16": '{"title": "T"}'.encode("utf-16"),
    "NaN": b'{"title": NaN}',
    "Infinity": b'{"starts_at_ms": Infinity}',
    "a number of 5,000 digits": b'{"starts_at_ms": ' + b"9" * 5_000 + b"}",
    "1e400": b'{"starts_at_ms": 1e400}',
    "a key twice": b'{"title": "T", "title": "T"}',
    "nested a hundred deep": b'{"title": ' + b"[" * 100 + b"]" * 100 + b"}",
    "nested thirty thousand deep": b"[" * 30_000 + b"]" * 30_000,
    "a prototype": b'{"__proto__": {"title": "T"}}',
    "a NUL": b'{"title": "\x00"}',
    "a field twice within": b'{"device_key": {"x": "a", "x": "b"}}',
}


async def invited_of(node: Any) -> Invited:
    """One room a node, since nothing here may change it."""
    if node not in _invited:
        _invited[node] = await make_invited(node)
    return _invited[node]


_invited: dict[Any, Invited] = {}


def path_of(door: Door, invited: Invited) -> str:
    return door.path.format(room=invited.room_id, invitation=invited.invitation_id)


async def state_of(node: Any, invited: Invited) -> bytes:
    answers = [await ask(node, "GET", f"/v1/rooms/{invited.room_id}{part}", key=API_KEY) for part in ("", "/invitations")]
    assert all(answer.status == 200 for answer in answers)
    return re.sub(rb'"now_ms":[0-9]+', b"", b"".join(answer.body for answer in answers))


async def check_refused(node: Any, door: Door, raw: bytes, status: int = 400, code: str = "bad_message") -> None:
    invited = await invited_of(node)
    before = await state_of(node, invited)
    answer = await ask(node, door.method, path_of(door, invited), raw=raw, key=door.key, headers=door.headers)
    check_problem(answer, status, code)
    assert await state_of(node, invited) == before


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("door", READING, ids=str)
async def test_a_body_that_cannot_be_read_is_refused(node, door, raw):
    await check_refused(node, door, raw)


@pytest.mark.parametrize("door", [door for door in READING if not door.may_be_empty], ids=str)
@pytest.mark.parametrize("raw", [b"", b"{}"], ids=["nothing", "an empty object"])
async def test_a_body_without_what_is_required_is_refused(node, door, raw):
    await check_refused(node, door, raw)


@pytest.mark.parametrize("door", READING, ids=str)
async def test_a_field_that_is_not_named_is_refused(node, door):
    await check_refused(node, door, json.dumps({**(door.takes or {}), "from": "somebody"}).encode())


@pytest.mark.parametrize("door", READING, ids=str)
async def test_a_body_of_70_kb_is_refused_as_too_large(node, door):
    await check_refused(node, door, json.dumps({"title": "x" * 70_000}).encode(), 413, "too_large")


FIELDS = [
    pytest.param(door, field, value, id=f"{door} {field}: {name}")
    for door in READING
    for field, good in (door.takes or {}).items()
    for name, value in WRONG_VALUES.items()
    if not (
        (value is None and field in ("room_id", "description", "starts_at_ms", "ends_at_ms", "starts_in_s", "email",
                                     "site_token", "device_key", "proof") and "link" in door.path + str(door.path))
        or (isinstance(good, type(value))
        and name in ("true", "a number as text", "a number"))
    )
]


@pytest.mark.parametrize(("door", "field", "value"), FIELDS)
async def test_a_field_of_another_kind_or_size_is_answered_and_never_breaks_anything(any_node, door, field, value):
    """Some of these are allowed where they stand; what counts is that each is answered, and none by a bug."""
    invited = await make_invited(any_node) if door.method == "PATCH" else await invited_of(any_node)
    body = json.dumps({**(door.takes or {}), field: value}).encode()
    answer = await ask(any_node, door.method, path_of(door, invited), raw=body, key=door.key, headers=door.headers)
    assert answer.status < 500
    if answer.status >= 400:
        check_problem(answer, answer.status, json.loads(answer.body)["code"])
