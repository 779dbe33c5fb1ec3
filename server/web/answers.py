"""Reading bodies and writing answers: JSON in, JSON or problem+json (RFC 9457) out, never cached."""

from __future__ import annotations

import logging
from typing import Any, TypeVar

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.domain.refusals import BadMessage, InternalError, MethodNotAllowed, PathUnknown, Refusal, TooLarge
from server.wire.codec import parse_json

logger = logging.getLogger(__name__)

T = TypeVar("T")

NO_STORE = {"Cache-Control": "no-store"}


class Body(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of all bodies: fields that are not named are an error, so that nobody believes they had an effect."""


async def read_body(request: Request, body_type: type[T], most_bytes: int) -> T:
    """The body, checked against its type; an empty one counts as `{}`.

    Raises:
        TooLarge, BadMessage
    """
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            raise TooLarge
        chunks.append(chunk)
    try:
        value = parse_json(b"".join(chunks).decode() or "{}")
    except UnicodeDecodeError:
        raise BadMessage from None
    try:
        return msgspec.convert(value, body_type)
    except msgspec.ValidationError as error:
        raise BadMessage(f"The body is not valid: {error}") from None


def answer(value: Any, status: int = 200) -> Response:
    content = msgspec.json.encode(value)
    return Response(content, status_code=status, media_type="application/json", headers=NO_STORE)


def problem(refusal: Refusal) -> Response:
    body = {
        "type": "about:blank",
        "title": type(refusal).message,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.message,
        "next_step": refusal.next_step,
        "retry_after_ms": refusal.retry_after_ms,
    }
    headers = dict(NO_STORE)
    if refusal.retry_after_ms is not None:
        headers["Retry-After"] = str(-(-refusal.retry_after_ms // 1000))
    return JSONResponse(body, status_code=refusal.status, headers=headers, media_type="application/problem+json")


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
