"""An HTTP operation, declared once: the route, the checks of its request and its place in the OpenAPI document come from here.

    rooms = Operations("Rooms")

    @rooms.post("/v1/rooms", caller=Caller.SITE, status=201, refuses=(RoomExists,))
    async def create_room(call: Call, body: CreateRoomBody) -> RoomAnswer: ...

The names and types of a handler's parameters say what it takes: `body` a Body, `query` a Query. What it returns is the
answer: a struct, `None` for 204, or a Response as it is, whose type is then declared with `answers`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar, get_type_hints

import msgspec
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from server.actions.services import Request, Services
from server.domain.refusals import BadMessage, Refusal
from server.web.answers import Body, answer, read_body
from server.web.callers import Caller, request_of

Handler = Callable[..., Awaitable[Any]]
H = TypeVar("H", bound=Handler)

_PATH_NAMES = re.compile(r"\{(\w+)\}")


class Query(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of all query parameters: a name that is not declared is an error, and so is one given twice."""


@dataclass(kw_only=True)
class Call:
    """One call that has passed its checks. `request`: who asks for what, as use cases take it. `headers`: of the answer, to be
    filled by the handler."""

    services: Services
    http: HttpRequest
    request: Request
    path: dict[str, str]
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """`method` and `path` as Starlette takes them; `answers`: the type of the answer, None where it has no body."""

    operation_id: str
    method: str
    path: str
    tag: str
    caller: Caller
    status: int
    refuses: tuple[type[Refusal], ...]
    handler: Handler
    body: type[Body] | None
    query: type[Query] | None
    answers: Any
    max_body_bytes: Callable[[Services], int] | None
    reads_body_itself: bool

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.handler) or "").split("\n", 1)[0]

    @property
    def description(self) -> str:
        return (inspect.getdoc(self.handler) or "").partition("\n")[2].strip()

    @property
    def path_names(self) -> list[str]:
        return _PATH_NAMES.findall(self.path)


class Operations:
    """The operations of one part of the API, by the order in which they are declared."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.declared: list[Operation] = []

    def _declare(
        self,
        method: str,
        path: str,
        *,
        caller: Caller,
        status: int = 200,
        refuses: tuple[type[Refusal], ...] = (),
        answers: Any = None,
        max_body_bytes: Callable[[Services], int] | None = None,
        reads_body_itself: bool = False,
    ) -> Callable[[H], H]:
        """`answers` only where the handler returns a Response; `reads_body_itself`: it takes what is not JSON as well."""

        def declare(handler: H) -> H:
            hints = get_type_hints(handler)
            returned = hints.get("return")
            self.declared.append(
                Operation(
                    operation_id=handler.__name__, method=method, path=path, tag=self.tag, caller=caller, status=status,
                    refuses=refuses, handler=handler, body=hints.get("body"), query=hints.get("query"),
                    answers=answers if returned in (Response, type(None)) else returned,
                    max_body_bytes=max_body_bytes, reads_body_itself=reads_body_itself,
                )
            )
            return handler

        return declare

    def get(self, path: str, **options: Any) -> Callable[[H], H]:
        return self._declare("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[H], H]:
        return self._declare("POST", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[H], H]:
        return self._declare("PATCH", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[H], H]:
        return self._declare("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[H], H]:
        return self._declare("DELETE", path, **options)

    def routes(self) -> list[Route]:
        return [Route(one.path, partial(_run, one), methods=[one.method]) for one in self.declared]


async def _run(operation: Operation, http: HttpRequest) -> Response:
    """Check who asks, then what they ask with, then do it: nobody learns anything of a body that they may not send."""
    services: Services = http.app.state.services
    path = dict(http.path_params)
    request = request_of(http, operation.caller, path.get("room_id", ""))
    call = Call(services=services, http=http, request=request, path=path)
    arguments: dict[str, Any] = {}
    if operation.query is not None:
        arguments["query"] = read_query(http, operation.query)
    if operation.body is not None:
        most_bytes = operation.max_body_bytes(services) if operation.max_body_bytes else services.settings.max_frame_bytes
        arguments["body"] = await read_body(http, operation.body, most_bytes)
    outcome = await operation.handler(call, **arguments)
    if isinstance(outcome, Response):
        return outcome
    if outcome is None:
        return Response(status_code=operation.status if operation.status != 200 else 204, headers=call.headers)
    response = answer(outcome, operation.status)
    response.headers.update(call.headers)
    return response


def read_query(http: HttpRequest, query_type: type[Query]) -> Query:
    """The query parameters, checked against their type. Raises: BadMessage."""
    pairs = http.query_params.multi_items()
    given = dict(pairs)
    if len(given) != len(pairs):
        raise BadMessage("A query parameter was given twice.")
    try:
        return msgspec.convert(given, query_type, strict=False)
    except msgspec.ValidationError as error:
        raise BadMessage(f"The query is not valid: {error}") from None
