"""The OpenAPI 3.1 document, made from the declared operations: what is not declared is not mounted, so nothing is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, cast

import msgspec

from server import __version__
from server.domain.refusals import ALL, Refusal
from server.web.answers import Problem
from server.web.callers import MAX_IDEMPOTENCY_KEY_CHARS, Caller
from server.web.operations import Operation, Operations

Json = dict[str, Any]

REF = "#/components/schemas/{name}"
_ABOUT = """\
Who gets into a room, who waits, and who may do what.

**Who may call.** The room product sends an API key, and acts as a manager of every room. Where it says *session token*, a person
who is inside the room may do the same with theirs, as far as their role goes. A token that is bound to a device's key (the person
came by a link, in a browser that keeps keys) is refused with `token_bound`, since HTTP carries no proof of the key: their tab
does it on the websocket.

**Repeating.** A POST with an `Idempotency-Key` is done once: asked again within a day (a person's within two minutes) it gets
the first answer. The same key with another body is refused with `idempotency_mismatch`. A refusal did nothing, so it is not
kept: asking again decides again.

**Changing what you have read.** A GET of one thing answers an `ETag`, which names its revision; `If-None-Match` answers 304 while
it is the same, and `If-Match` on a change refuses with `precondition_failed` if it is not. What an answer says of the clock and
of the log (`now_ms`, `seq`) is not part of the revision.

**Refusals** are problem+json with a stable `code`; `x-refusals` lists them all. **Lists** come in pages: ask again with
`cursor` = `next_cursor` until it is null.
"""
_SECURITY: dict[Caller, list[Json]] = {
    Caller.SITE: [{"apiKey": []}],
    Caller.SITE_OR_PERSON: [{"apiKey": []}, {"sessionToken": []}],
    Caller.SITE_OR_MANAGER: [{"apiKey": []}, {"managerToken": []}],
    Caller.SIGNED_IN: [{"siteToken": []}],
    Caller.ANYBODY: [],
    Caller.PAGE: [],
    Caller.PROBE: [],
}
_SCHEMES: Json = {
    "apiKey": {"type": "http", "scheme": "bearer", "description": "A key of ADMIN_API_KEYS, or one made at /v1/keys."},
    "sessionToken": {"type": "http", "scheme": "bearer", "description": "Of somebody inside the room, not bound to a device."},
    "managerToken": {"type": "http", "scheme": "bearer", "description": "The same, or of a manager of the room outside it."},
    "siteToken": {"type": "http", "scheme": "bearer", "description": "The site's own JWT of a person whom it has signed in."},
}
_PARAMETERS: Json = {
    "IdempotencyKey": {
        "name": "Idempotency-Key", "in": "header", "required": False,
        "description": "Names this request: asked again with the same key and body, it is answered the same and done once.",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_IDEMPOTENCY_KEY_CHARS, "pattern": "^[!-~]+$"},
    },
    "IfMatch": {
        "name": "If-Match", "in": "header", "required": False, "description": "The ETag that the change was decided on.",
        "schema": {"type": "string", "pattern": '^("[0-9]{1,13}"|\\*)$'},
    },
    "IfNoneMatch": {
        "name": "If-None-Match", "in": "header", "required": False, "description": "The ETag that you have.",
        "schema": {"type": "string"},
    },
}
_ETAG: Json = {"description": "Names the revision.", "schema": {"type": "string", "pattern": '^"[0-9]+"$'}}
_PATH_SCHEMAS: dict[str, Json] = {"room_id": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$(?!\\n)"}}


def make_document(parts: Iterable[Operations]) -> Json:
    """The whole document. Names of schemas are names of structs, so they stay as long as those do."""
    parts = list(parts)
    operations = [operation for part in parts for operation in part.declared]
    schemas = _Schemas(operations)
    paths: Json = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Greenroom", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(part.tag for part in parts)],
        "paths": paths,
        "components": {"schemas": schemas.named, "securitySchemes": _SCHEMES, "parameters": _PARAMETERS},
        "x-refusals": {refusal.code: show_refusal(refusal) for refusal in ALL},
    }


def show_refusal(refusal: type[Refusal]) -> Json:
    return {
        "status": refusal.status, "close_code": refusal.close_code, "message": refusal.message,
        "next_step": refusal.next_step, "retry_after_ms": refusal.retry_after_ms,
    }


class _Schemas:
    """The schemas of everything that operations take and answer; queries are kept apart, being lists of parameters."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        types: list[Any] = [Problem]
        for operation in operations:
            types += [kind for kind in (operation.body, operation.query, operation.answers, *operation.takes.values()) if kind]
        unique = list(dict.fromkeys(types))
        shown, self.named = msgspec.json.schema_components(unique, ref_template=REF)
        self._shown = dict(zip(unique, shown, strict=True))
        queries = {operation.query.__name__ for operation in operations if operation.query}
        self.queries = {name: cast(Json, self.named.pop(name)) for name in sorted(queries)}

    def of(self, kind: Any) -> Json:
        return cast(Json, self._shown[kind])


def _operation(operation: Operation, schemas: _Schemas) -> Json:
    shown: Json = {
        "operationId": operation.operation_id,
        "tags": [operation.tag],
        "summary": operation.summary.rstrip("."),
        "parameters": _parameters(operation, schemas),
        "responses": _responses(operation, schemas),
        "security": _SECURITY[operation.caller],
    }
    if operation.description:
        shown["description"] = operation.description
    if taken := _taken(operation):
        contents = {media: {"schema": schemas.of(kind) if kind else {"type": "string"}} for media, kind in taken.items()}
        shown["requestBody"] = {"required": _is_required(operation, schemas), "content": contents}
    return shown


def _taken(operation: Operation) -> dict[str, Any]:
    return {"application/json": operation.body} if operation.body else operation.takes


def _is_required(operation: Operation, schemas: _Schemas) -> bool:
    """An empty body counts as an object without fields."""
    if operation.body is None:
        return True
    return any(field.required for field in msgspec.structs.fields(operation.body))


def _parameters(operation: Operation, schemas: _Schemas) -> list[Json]:
    shown: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": _PATH_SCHEMAS.get(name, {"type": "string", "minLength": 1})}
        for name in operation.path_names
    ]
    if operation.query is not None:
        query = schemas.queries[operation.query.__name__]
        required = query.get("required", [])
        shown += [
            {"name": name, "in": "query", "required": name in required, "schema": _without_null(schema)}
            for name, schema in query["properties"].items()
        ]
    if operation.takes_key:
        shown.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if operation.conditional and operation.method == "GET":
        shown.append({"$ref": "#/components/parameters/IfNoneMatch"})
    elif operation.conditional:
        shown.append({"$ref": "#/components/parameters/IfMatch"})
    return shown


def _without_null(schema: Json) -> Json:
    """A query parameter is left out, and never null."""
    shown: Json = {key: value for key, value in schema.items() if (key, value) != ("default", None)}
    choices = [choice for choice in shown.pop("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {**shown, **choices[0]}
    return shown | ({"anyOf": choices} if choices else {})


def _responses(operation: Operation, schemas: _Schemas) -> Json:
    refused = _refused(operation)
    answered: Json = {"description": HTTPStatus(operation.status).phrase}
    if operation.answers is not None:
        schema = {"type": "string"} if operation.answers is str else schemas.of(operation.answers)
        answered["content"] = {operation.media_type: {"schema": schema}}
    if operation.conditional and operation.method != "DELETE":
        answered["headers"] = {"ETag": _ETAG | {"required": operation.method == "GET"}}
    responses = {str(status): answered for status in (operation.status, *operation.also)}
    if operation.conditional and operation.method == "GET":
        responses["304"] = {"description": "It is as you have it.", "headers": {"ETag": _ETAG}}
    for status, response in refused.items():
        if status in responses:  # the same status with an answer of its own, as 503 of a probe
            response["content"] |= responses[status].get("content", {})
        responses[status] = response
    return dict(sorted(responses.items()))


def _refused(operation: Operation) -> Json:
    by_status: dict[int, list[type[Refusal]]] = {}
    for refusal in operation.all_refusals:
        by_status.setdefault(refusal.status, []).append(refusal)
    return {str(status): _refusals(refusals) for status, refusals in by_status.items()}


def _refusals(refusals: list[type[Refusal]]) -> Json:
    codes = [refusal.code for refusal in refusals]
    schema = {"allOf": [{"$ref": REF.format(name="Problem")}, {"properties": {"code": {"enum": codes}}}]}
    return {
        "description": "; ".join(f"`{refusal.code}`: {refusal.message}" for refusal in refusals),
        "content": {"application/problem+json": {"schema": schema}},
        **({"headers": {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}}
           if any(refusal.retry_after_ms is not None for refusal in refusals) else {}),
    }
