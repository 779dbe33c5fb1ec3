"""The OpenAPI and AsyncAPI documents: nothing that there is is missing from them, and nothing is in them that is not there."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import openapi_spec_validator
import pydantic_asyncapi
import pytest
from starlette.routing import Route, WebSocketRoute

from server.app import create_app, operations_of
from server.domain.refusals import ALL
from server.settings import load_settings
from server.web import acts_api, openapi
from server.web.operations import Operation
from server.web.running import Resource
from server.wire import asyncapi, events
from server.wire import messages as m
from server.wire.results import RESULTS

SETTINGS = load_settings({})
OPERATIONS: list[Operation] = [operation for part in operations_of(SETTINGS) for operation in part.declared]
HTTP = openapi.make_document(operations_of(SETTINGS))
SOCKET = asyncapi.make_document()
DOCUMENTS = pytest.mark.parametrize("document", [HTTP, SOCKET], ids=["openapi", "asyncapi"])

COMMANDS = set(typing.get_args(m.AnyCommand))


def tags_of(union: Any) -> set[str]:
    return {kind.__struct_config__.tag for kind in typing.get_args(union)}


def described() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in HTTP["paths"].items():
        for method, shown in methods.items():
            yield method.upper(), path, shown


# ── OpenAPI ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_route_is_a_declared_operation_a_page_or_the_websocket():
    routes = create_app(SETTINGS).routes
    mounted = {
        (method, route.path) for route in routes
        if isinstance(route, Route) and isinstance(route.endpoint, Resource) for method in route.endpoint.by_method
    }
    assert mounted == {(method, path) for method, path, _ in described()}
    others = [route for route in routes if not (isinstance(route, Route) and isinstance(route.endpoint, Resource))]
    assert {route.path for route in others if isinstance(route, WebSocketRoute)} == {SOCKET["channels"]["room"]["address"]}
    assert not [route for route in others if isinstance(route, Route) and route.path.startswith("/v1/")]


def test_operations_have_names_of_their_own_and_say_what_they_do():
    names = [operation.operation_id for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert not [operation.operation_id for operation in OPERATIONS if not operation.summary.endswith(".")]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_an_operation_is_described_with_everything_that_it_takes_answers_and_refuses(operation):
    shown = HTTP["paths"][operation.path][operation.method.lower()]
    parameters = [openapi_parameter(one) for one in shown["parameters"]]
    assert [one["name"] for one in parameters if one["in"] == "path"] == operation.path_names
    query = operation.query.__struct_fields__ if operation.query else ()
    assert [one["name"] for one in parameters if one["in"] == "query"] == list(query)
    assert ("Idempotency-Key" in {one["name"] for one in parameters}) is operation.takes_key
    assert ("requestBody" in shown) is (operation.body is not None or operation.reads_body_itself)
    assert str(operation.status) in shown["responses"]
    codes = {code for status in shown["responses"].values() for code in codes_of(status)}
    assert codes == {refusal.code for refusal in operation.all_refusals}
    for refusal in operation.all_refusals:
        assert refusal.code in codes_of(shown["responses"][str(refusal.status)])


def openapi_parameter(shown: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in shown:
        found: dict[str, Any] = HTTP["components"]["parameters"][shown["$ref"].rsplit("/", 1)[1]]
        return found
    return shown


def codes_of(response: dict[str, Any]) -> list[str]:
    problem = response.get("content", {}).get("application/problem+json")
    return problem["schema"]["allOf"][1]["properties"]["code"]["enum"] if problem else []


def test_the_document_is_as_its_standard_has_it():
    openapi_spec_validator.validate(HTTP)


# ── AsyncAPI ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_document_of_the_socket_is_as_its_standard_has_it():
    document = asyncapi.make_document()
    for operation in document["operations"].values():
        if "reply" in operation:
            # Optional in the standard (an answer comes on the same socket), required by this reader of it.
            operation["reply"]["address"] = {"location": "$message.payload#/id", "description": ""}
    pydantic_asyncapi.AsyncAPIV3.model_validate(document)


def test_every_message_and_every_result_is_described_and_none_besides():
    said = tags_of(m.AnyServerMessage) | tags_of(m.AnyClientMessage)
    results = {f"result.of.{command.__struct_config__.tag}" for command in COMMANDS}
    assert set(SOCKET["components"]["messages"]) == said | results
    assert set(SOCKET["channels"]["room"]["messages"]) == said | results
    sent = {f"say.{tag}" for tag in tags_of(m.AnyServerMessage)}
    assert set(SOCKET["operations"]) == sent | tags_of(m.AnyClientMessage)


def test_every_event_is_described_and_none_besides():
    listed = SOCKET["components"]["schemas"]["Events"]["properties"]["events"]["items"]
    assert set(listed["discriminator"]["mapping"]) == tags_of(events.AnyWireEvent)


def test_every_command_has_a_result():
    assert set(RESULTS) == COMMANDS


def test_every_close_code_says_which_refusals_it_stands_for():
    listed = SOCKET["channels"]["room"]["x-close-codes"]
    assert {(int(code), name) for code, names in listed.items() for name in names} == {(r.close_code, r.code) for r in ALL}


# ── Both ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@DOCUMENTS
def test_every_refusal_is_listed_and_none_besides(document):
    assert set(document["x-refusals"]) == {refusal.code for refusal in ALL}


@DOCUMENTS
def test_names_of_schemas_are_names_of_structs_alone(document):
    assert not [name for name in document["components"]["schemas"] if not name.isidentifier()]


@DOCUMENTS
def test_every_reference_leads_somewhere_and_no_schema_is_left_over(document):
    named = set(references(document))
    assert named
    for reference in named:
        found: Any = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
    assert {f"#/components/schemas/{name}" for name in document["components"]["schemas"]} <= named


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        yield from (value.get("discriminator") or {}).get("mapping", {}).values()
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from references(item)


def test_every_command_is_an_act_over_http_another_operation_or_for_tabs_alone():
    acts = [command for command, _ in acts_api.ACTS.values()]
    placed = [*acts, *acts_api.ELSEWHERE, *acts_api.OF_A_TAB]
    assert len(set(placed)) == len(placed)
    assert set(placed) == COMMANDS


def test_operations_that_stand_for_commands_exist():
    assert set(acts_api.ELSEWHERE.values()) <= {operation.operation_id for operation in OPERATIONS}
