"""Runs the declared operations: from a request to an answer."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from server.actions.services import Request, Services
from server.domain.refusals import BadMessage, MethodNotAllowed, PreconditionFailed
from server.domain.request_id import RequestId
from server.domain.room import check_room_id
from server.web.answers import NO_STORE, answer, convert, problem, read_json
from server.web.callers import TAKES_KEY, Caller, asker_of, request_id_of
from server.web.operations import Call, Operation, Operations, Query


def routes_of(parts: Iterable[Operations]) -> list[Route]:
    """One route a path, so that a method which the path does not know is answered with all that it does."""
    by_path: dict[str, dict[str, Operation]] = defaultdict(dict)
    for part in parts:
        for operation in part.declared:
            assert operation.method not in by_path[operation.path], f"{operation.method} {operation.path} is declared twice"
            by_path[operation.path][operation.method] = operation
    # What is named comes before what a parameter may be: `…/invitations/bulk` before `…/invitations/{invitation_id}`.
    ordered = sorted(by_path, key=lambda path: [segment.startswith("{") for segment in path.split("/")])
    return [Route(path, Resource(by_path[path])) for path in ordered]


class Resource:
    """Everything that can be done at one path."""

    def __init__(self, by_method: dict[str, Operation]) -> None:
        self.by_method = by_method

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = HttpRequest(scope, receive, send)
        operation = self.by_method.get("GET" if http.method == "HEAD" else http.method)
        response = await run(operation, http) if operation else self._not_so()
        await response(scope, receive, send)

    def _not_so(self) -> Response:
        response = problem(MethodNotAllowed())
        response.headers["Allow"] = ", ".join(sorted([*self.by_method, *(["HEAD"] if "GET" in self.by_method else [])]))
        return response


async def run(operation: Operation, http: HttpRequest) -> Response:
    """Check who asks, then what they ask with, then do it: nobody learns anything of a body that they may not send."""
    services: Services = http.app.state.services
    path = dict(http.path_params)
    room_id = path.get("room_id", "")
    asker = await asker_of(http, operation.caller, room_id)
    if "room_id" in path and operation.caller in TAKES_KEY:
        check_room_id(room_id)  # whoever opens a link hears of the link instead
    arguments: dict[str, Any] = {}
    if operation.query is not None:
        arguments["query"] = read_query(http, operation.query)
    elif operation.caller is not Caller.PROBE:
        check_no_query(http)
    fingerprint = ""
    if operation.body is not None:
        most_bytes = operation.max_body_bytes(services) if operation.max_body_bytes else services.settings.max_frame_bytes
        value = await read_json(http, most_bytes)
        arguments["body"] = convert(value, operation.body)
        fingerprint = fingerprint_of(value)
    request = Request(
        room_id=room_id, actor_id=asker.actor_id,
        request_id=request_id_of(http, asker.actor_id, takes_key=operation.takes_key, fingerprint=fingerprint),
        expected_rev=expected_rev(operation, http),
        from_outside=operation.caller is Caller.SITE_OR_MANAGER and asker.signed_in,
    )
    await _check_content(services, request)
    call = Call(services=services, http=http, request=request, path=path)
    return _answered(operation, call, await operation.handler(call, **arguments))


async def _check_content(services: Services, request: Request) -> None:
    """Note what a key was used for, before anything is done under it, whatever the operation keeps of its answer.

    Raises:
        IdempotencyMismatch: it was used for something else.
    """
    request_id = request.request_id
    if not isinstance(request_id, RequestId) or not request_id.fingerprint:
        return
    # What is in no room is noted in a place that the key alone names.
    place = request.room_id or "k" + hashlib.sha256(request_id.encode()).hexdigest()[:16]
    await services.store.settle(place, {}, {}, request_id.step("asked"))


def _answered(operation: Operation, call: Call, outcome: Any) -> Response:
    if isinstance(outcome, Response):
        return outcome
    if operation.method == "GET" and _has_it_already(call):
        return Response(status_code=304, headers=NO_STORE | call.headers)
    if outcome is None:
        return Response(status_code=operation.status, headers=NO_STORE | call.headers)
    response = answer(outcome, operation.status)
    response.headers.update(call.headers)
    return response


def _has_it_already(call: Call) -> bool:
    etag = call.headers.get("ETag")
    return etag is not None and bool({etag, "*"} & {tag.removeprefix("W/") for tag in _tags(call.http, "if-none-match")})


def expected_rev(operation: Operation, http: HttpRequest) -> int | None:
    """The revision that If-Match asks for, None for any.

    Raises:
        PreconditionFailed: it names what no answer of ours has named.
    """
    if operation.method in ("GET", "POST") or "if-match" not in http.headers:
        return None
    tags = _tags(http, "if-match")
    if tags == ["*"]:
        return None
    if not operation.conditional:
        raise PreconditionFailed("This change depends on no revision: send it without If-Match.")
    if len(tags) != 1 or not _is_rev(tags[0]):
        raise PreconditionFailed("If-Match names one revision, in quotes, as the ETag was answered.")
    return int(tags[0].strip('"'))


def _tags(http: HttpRequest, name: str) -> list[str]:
    return [tag.strip() for value in http.headers.getlist(name) for tag in value.split(",") if tag.strip()]


def _is_rev(tag: str) -> bool:
    digits = tag[1:-1]
    return len(tag) > 2 and tag[0] == tag[-1] == '"' and digits.isascii() and digits.isdigit() and len(digits) <= 13


def fingerprint_of(value: Any) -> str:
    """Names what a body says, however it is written."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:32]


def check_no_query(http: HttpRequest) -> None:
    """Refuse what would be passed over, so that nobody believes it had an effect. Raises: BadMessage."""
    names = sorted(set(http.query_params.keys()))
    if names:
        refusal = BadMessage("No query parameter is taken here.")
        refusal.errors = tuple((name, "There is no such query parameter.") for name in names)
        raise refusal


def read_query(http: HttpRequest, query_type: type[Query]) -> Query:
    """The query parameters, checked against their type. Raises: BadMessage."""
    pairs: Sequence[tuple[str, str]] = http.query_params.multi_items()
    given = dict(pairs)
    if len(given) != len(pairs):
        raise BadMessage("A query parameter was given twice.")
    return convert(given, query_type, what="query", strict=False)
