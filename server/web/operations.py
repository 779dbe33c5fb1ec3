"""An HTTP operation, declared once: the route, the checks of its request and its place in the OpenAPI document come from here.

    rooms = Operations("Rooms")

    @rooms.post("/v1/rooms", caller=Caller.SITE, status=201, refuses=(RoomExists,))
    async def create_room(call: Call, body: CreateRoomBody) -> RoomAnswer: ...

The names and types of a handler's parameters say what it takes: `body` a Body, `query` a Query. What it returns is the
answer: a struct, `None` for 204, or a Response as it is, whose type is then declared with `answers`.

`conditional=True`: a GET whose handler calls `call.tag(rev)` answers 304 to an If-None-Match that names it; a PATCH, PUT or
DELETE takes If-Match, and its use case calls `request.check_rev(rev)` with the revision of the facts that it decides on.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_type_hints

import msgspec
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from server.actions.services import Request, Services
from server.domain.refusals import (
    BadMessage,
    Busy,
    IdempotencyMismatch,
    InternalError,
    InvitationUnknown,
    ParticipantUnknown,
    PreconditionFailed,
    Refusal,
    RoomUnknown,
    StoreUnavailable,
    TooLarge,
)
from server.web.answers import Body
from server.web.callers import REFUSED_TO, TAKES_KEY, Caller

Handler = Callable[..., Awaitable[Any]]
H = TypeVar("H", bound=Handler)

_SENTENCE = re.compile(r"(.*?\.)(?:\s+|$)(.*)", re.DOTALL)
_PATH_NAMES = re.compile(r"\{(\w+)\}")
_UNKNOWN: dict[str, type[Refusal]] = {
    "room_id": RoomUnknown, "participant_id": ParticipantUnknown, "invitation_id": InvitationUnknown,
}


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

    def tag(self, rev: int) -> None:
        """Give the answer the ETag of a resource at `rev`. What the body says of the clock and of `seq` is not part of it."""
        self.headers["ETag"] = f'"{rev}"'


@dataclass(frozen=True, kw_only=True)
class Operation:
    """`method` and `path` as Starlette takes them; `answers`: the type of the answer, None where it has no body; `also`:
    further statuses with that same answer; `media_type`: of the answer, where it is not JSON; `takes`: what a body may be that
    the handler reads itself, by media type: the type of it, or None for plain text."""

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
    also: tuple[int, ...]
    media_type: str
    conditional: bool
    takes: dict[str, Any]
    max_body_bytes: Callable[[Services], int] | None
    reads_body_itself: bool

    @property
    def summary(self) -> str:
        """The first sentence of the handler's docstring."""
        return self._said()[0]

    @property
    def description(self) -> str:
        return self._said()[1]

    def _said(self) -> tuple[str, str]:
        paragraphs = (inspect.getdoc(self.handler) or "").split("\n\n")
        found = _SENTENCE.match("\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs))
        return (found[1], found[2]) if found else ("", "")

    @property
    def path_names(self) -> list[str]:
        return _PATH_NAMES.findall(self.path)

    @property
    def takes_key(self) -> bool:
        """Whether an Idempotency-Key counts: for those who have shown who they are."""
        return self.method == "POST" and self.caller in TAKES_KEY

    @property
    def all_refusals(self) -> list[type[Refusal]]:
        """Its own, and those of every operation of its kind; by code."""
        kinds = {*self.refuses, *REFUSED_TO[self.caller], InternalError}
        kinds |= {_UNKNOWN[name] for name in self.path_names if name in _UNKNOWN}
        if self.caller is not Caller.PROBE:
            kinds |= {StoreUnavailable, BadMessage}
        if self.body is not None or self.reads_body_itself:
            kinds |= {TooLarge}
        if self.takes_key:
            kinds |= {IdempotencyMismatch}
        if self.method != "GET":
            kinds |= {Busy}
        if self.method not in ("GET", "POST"):
            kinds |= {PreconditionFailed}
        return sorted(kinds, key=lambda refusal: refusal.code)


class Operations:
    """The operations of one part of the API, by the order in which they are declared."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.declared: list[Operation] = []

    def add(
        self,
        method: str,
        path: str,
        *,
        caller: Caller,
        status: int = 200,
        refuses: tuple[type[Refusal], ...] = (),
        answers: Any = None,
        also: tuple[int, ...] = (),
        media_type: str = "application/json",
        conditional: bool = False,
        takes: dict[str, Any] | None = None,
        max_body_bytes: Callable[[Services], int] | None = None,
        reads_body_itself: bool = False,
    ) -> Callable[[H], H]:
        """`answers` only where the handler returns a Response; `reads_body_itself`: it takes what is not JSON as well, as
        `takes` says."""

        def declare(handler: H) -> H:
            hints = get_type_hints(handler)
            returned = hints.get("return")
            answered = answers if returned in (Response, type(None)) else returned
            self.declared.append(
                Operation(
                    operation_id=handler.__name__, method=method, path=path, tag=self.tag, caller=caller,
                    status=204 if answered is None and status == 200 else status,
                    refuses=refuses, handler=handler, body=hints.get("body"), query=hints.get("query"),
                    answers=answered, also=also, media_type=media_type, conditional=conditional,
                    takes=takes or {},
                    max_body_bytes=max_body_bytes, reads_body_itself=reads_body_itself,
                )
            )
            return handler

        return declare

    def get(self, path: str, **options: Any) -> Callable[[H], H]:
        return self.add("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[H], H]:
        return self.add("POST", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[H], H]:
        return self.add("PATCH", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[H], H]:
        return self.add("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[H], H]:
        return self.add("DELETE", path, **options)
