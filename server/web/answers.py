"""Reading bodies and writing answers: JSON in, JSON or problem+json (RFC 9457) out, never cached."""

from __future__ import annotations

import logging
import re
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from server.domain.refusals import BadMessage, InternalError, MethodNotAllowed, PathUnknown, Refusal, TooLarge
from server.wire.codec import MAX_ITEMS, parse_json
from server.wire.views import View

logger = logging.getLogger(__name__)

T = TypeVar("T")

NO_STORE = {"Cache-Control": "no-store"}
# Of a field that is missing or not wanted the path names the object around it only.
_FIELD_NAMED = re.compile(r"Object (?:contains unknown|missing required) field `(.*)`", re.DOTALL)


class Body(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of all bodies: fields that are not named are an error, so that nobody believes they had an effect."""


class FieldError(View):
    """One field that is wrong. `path`: as in `role`, `rows[2].email`; empty for the whole."""

    path: str
    message: str


class Problem(View):
    """Why not (RFC 9457). `code` is stable, the sentences are not. `retry_after_ms`: trying again can help after that; null:
    it cannot. `errors`: the fields that are wrong, where it is fields. `line`: of an uploaded file, where it is that."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    next_step: str
    retry_after_ms: int | None
    errors: list[FieldError]
    line: int | UnsetType = UNSET


async def read_bytes(request: Request, most_bytes: int) -> bytes:
    """The body as it came. Raises: TooLarge, BadMessage: it is packed."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise BadMessage("Send the body as it is, without a Content-Encoding.")
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


async def read_json(request: Request, most_bytes: int) -> Any:
    """The body as plain values. Raises: TooLarge, BadMessage."""
    content = await read_bytes(request, most_bytes)
    try:
        # A body that may be large may hold long lists as well; how many rows there may be is for the use case to say.
        return parse_json(content.decode() or "{}", max(MAX_ITEMS, most_bytes // 100))
    except UnicodeDecodeError:
        raise BadMessage("The body is not JSON in UTF-8.") from None


def convert(value: Any, wanted: type[T], *, what: str = "body", strict: bool = True) -> T:
    """`value` checked against its type. Raises: BadMessage, with the field that is wrong."""
    try:
        return msgspec.convert(value, wanted, strict=strict)
    except msgspec.ValidationError as error:
        refusal = BadMessage(f"The {what} is not valid: {error}")
        text, _, path = str(error).partition(" - at `$")
        named = _FIELD_NAMED.fullmatch(text)
        full_path = path.rstrip("`") + (f".{named[1]}" if named else "")
        refusal.errors = ((full_path.lstrip("."), text),)
        raise refusal from None


def answer(value: Any, status: int = 200) -> Response:
    content = msgspec.json.encode(value)
    return Response(content, status_code=status, media_type="application/json", headers=NO_STORE)


def problem(refusal: Refusal) -> Response:
    body = Problem(
        type="about:blank",
        title=type(refusal).message,
        status=refusal.status,
        code=refusal.code,
        detail=refusal.message,
        next_step=refusal.next_step,
        retry_after_ms=refusal.retry_after_ms,
        errors=[FieldError(path=path, message=message) for path, message in refusal.errors],
        line=UNSET if refusal.line is None else refusal.line,
    )
    headers = dict(NO_STORE)
    if refusal.retry_after_ms is not None:
        headers["Retry-After"] = str(-(-refusal.retry_after_ms // 1000))
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    content = msgspec.json.encode(body)
    return Response(content, status_code=refusal.status, headers=headers, media_type="application/problem+json")


async def on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem(error)


async def on_http_error(request: Request, error: Exception) -> Response:
    """No such address, or not with this method: in the one shape that refusals have."""
    assert isinstance(error, HTTPException)
    response = problem(MethodNotAllowed() if error.status_code == 405 else PathUnknown())
    response.headers.update(error.headers or {})
    return response


async def on_bug(request: Request, error: Exception) -> Response:
    """Never an exception's text. The trace goes to the log, by the server's own error handling."""
    return problem(InternalError())
