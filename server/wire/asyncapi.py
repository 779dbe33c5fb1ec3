"""The AsyncAPI 3 document of the websocket, made from the declarations: messages both ways, events, results, close codes."""

from __future__ import annotations

import inspect
import typing
from functools import cache
from typing import Any

import msgspec

from server import __version__
from server.domain.refusals import ALL
from server.wire import messages as m
from server.wire.codec import MAX_DEPTH, MAX_ITEMS, Encoding
from server.wire.results import RESULTS

Json = dict[str, Any]

CHANNEL = "#/channels/room"
_ABOUT = """\
One websocket a tab. The server sends `challenge`; the tab answers `hello`, signed with its device key where it has one; then
`welcome` brings the room, or the lobby, whole, and `events` what happens. Every command is answered once, by `result` or
`refused` with its `id`. Snapshot + events = a fresh snapshot. docs/protocol.md says how to keep a replica of that.
"""


def make_document() -> Json:
    """The whole document. Names of schemas are names of structs, so they stay as long as those do."""
    sent, received = typing.get_args(m.AnyServerMessage), typing.get_args(m.AnyClientMessage)
    _, schemas = msgspec.json.schema_components([*sent, *received, *dict.fromkeys(RESULTS.values())], ref_template=_ref("{name}"))
    messages = {_name(kind): _message(kind) for kind in (*sent, *received)}
    messages |= {_result_name(command): _result(command) for command in RESULTS}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Greenroom", "version": __version__, "description": _ABOUT},
        "defaultContentType": "application/json",
        "servers": {"node": {"host": "{host}", "protocol": "wss", "variables": {"host": {"default": "localhost:8000"}}}},
        "channels": {"room": _channel(messages)},
        "operations": {
            **{f"say.{_name(kind)}": _operation("send", _name(kind)) for kind in sent},
            **{_name(kind): _operation("receive", _name(kind), *_reply(kind)) for kind in received},
        },
        "components": {"messages": messages, "schemas": _plain(schemas)},
        "x-refusals": {
            refusal.code: {
                "message": refusal.message, "next_step": refusal.next_step, "retry_after_ms": refusal.retry_after_ms,
                "close_code": refusal.close_code,
            }
            for refusal in ALL
        },
    }


@cache
def asyncapi_bytes() -> bytes:
    return msgspec.json.encode(make_document())


def _ref(name: str) -> str:
    return f"#/components/schemas/{name}"


def _name(kind: type[msgspec.Struct]) -> str:
    return str(kind.__struct_config__.tag)


def _result_name(command: type[m.Command]) -> str:
    return f"result.of.{_name(command)}"


def _channel(messages: Json) -> Json:
    return {
        "address": "/v1/ws",
        "description": "Frames of text carry JSON, frames of bytes msgpack, as the subprotocol says; both mean the same.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "x-subprotocols": [encoding.value for encoding in Encoding],
        "x-limits": {"max_depth": MAX_DEPTH, "max_items": MAX_ITEMS},
        "x-close-codes": _close_codes(),
    }


def _close_codes() -> Json:
    """Which refusals a code stands for. 4000–4499: come back; 4500–4999: do not."""
    codes: dict[str, list[str]] = {"1000": []}
    for refusal in ALL:
        codes.setdefault(str(refusal.close_code), []).append(refusal.code)
    return dict(sorted(codes.items()))


def _message(kind: type[msgspec.Struct]) -> Json:
    text = " ".join((inspect.getdoc(kind) or "").split())
    return {"name": _name(kind), "title": kind.__name__, "summary": text, "payload": {"$ref": _ref(kind.__name__)}}


def _result(command: type[m.Command]) -> Json:
    payload = {"allOf": [{"$ref": _ref("Result")}, {"properties": {"result": {"$ref": _ref(RESULTS[command].__name__)}}}]}
    return {"name": "result", "title": f"The answer to {_name(command)}", "payload": payload}


def _operation(action: str, name: str, *answers: str) -> Json:
    shown: Json = {"action": action, "channel": {"$ref": CHANNEL}, "messages": [_in_channel(name)]}
    if answers:
        shown["reply"] = {"channel": {"$ref": CHANNEL}, "messages": [_in_channel(answer) for answer in answers]}
    return shown


def _reply(kind: type[msgspec.Struct]) -> list[str]:
    if issubclass(kind, m.Command):
        return [_result_name(kind), "refused"]
    return ["welcome", "bye"] if kind is m.Hello else []


def _in_channel(name: str) -> Json:
    return {"$ref": f"{CHANNEL}/messages/{name}"}


def _plain(schema: Any) -> Any:
    """A value that was encoded before it was put in (Raw) may be anything to msgspec; the type beside it says what it is."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    shown = {key: _plain(item) for key, item in schema.items()}
    if {} in shown.get("anyOf", []):
        choices = [choice for choice in shown.pop("anyOf") if choice != {}]
        shown |= choices[0] if len(choices) == 1 else {"anyOf": choices}
    return shown
