"""Renders the types of the browser's client library from the declarations: `python -m server.wire.typescript`.

What is declared in Python comes from there; what the library adds is written by hand in `client_api.d.ts` beside this. A test
holds the served `greenroom-client.d.ts` to what this prints.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from server.domain.admission import LobbyState
from server.domain.refusals import ALL
from server.domain.roles import Permission, Role, Standing
from server.domain.room import Phase
from server.wire import events, messages, results, views

_BY_HAND = Path(__file__).with_name("client_api.d.ts")
_HEAD = """\
/**
 * Types of greenroom-client.js. Made from the server's declarations by `python -m server.wire.typescript`: do not edit.
 *
 * Names of fields are those of the protocol. Instants are epoch milliseconds of the server's clock.
 */
"""
# What the library says itself, in the server's way.
_OWN_CODES = ("unreachable", "not_sent", "ended", "address_invalid")
_NAMES: dict[str, tuple[str, ...]] = {
    "Role": tuple(role.value for role in Role),
    "Permission": tuple(permission.value for permission in Permission),
    "Standing": tuple(standing.value for standing in Standing),
    "Phase": tuple(phase.value for phase in Phase),
    "LobbyState": tuple(state.value for state in LobbyState),
    "RefusalCode": (*(refusal.code for refusal in ALL), *_OWN_CODES),
}
# Views say `str` where the domain has an enum; a field of this name holds one of its values.
_NAMED_FIELDS = {
    "role": "Role", "invited_role": "Role", "old_role": "Role", "new_role": "Role", "permissions": "Permission[]",
    "standing": "Standing", "phase": "Phase",
}
# `Refused` is the library's error.
_RENAMED: dict[type, str] = {messages.Refused: "RefusedMessage"}
_PLAIN = {str: "string", int: "number", bool: "boolean", float: "number", Any: "unknown"}


def render() -> str:
    """The declaration file, whole."""
    kinds = [*_views(), *typing.get_args(messages.AnyServerMessage), *typing.get_args(events.AnyWireEvent)]
    parts = [
        _HEAD,
        *(f"export type {name} = {_either(values)};\n" for name, values in _NAMES.items()),
        *(_interface(kind) for kind in kinds),
        f"export type ServerMessage = {_names(typing.get_args(messages.AnyServerMessage))};\n",
        f"export type RoomEvent = {_names(typing.get_args(events.AnyWireEvent))};\n",
        _commands(),
        _BY_HAND.read_text(),
    ]
    return "\n".join(parts)


def _views() -> list[type[msgspec.Struct]]:
    found = {
        name: kind
        for module in (views, results)
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, views.View) and kind is not views.View
    }
    return [*found.values(), events.Revealed, messages.BulkRow, messages.WatchedPage]


def _interface(kind: type[msgspec.Struct]) -> str:
    tag = kind.__struct_config__.tag
    rows = [f'  readonly type: "{tag}";'] if tag else []
    rows += [f"  readonly {line}" for line in _fields(kind)]
    return f"{_comment(kind)}export interface {_name(kind)} {{\n" + "\n".join(rows) + "\n}\n"


def _comment(kind: type[msgspec.Struct], indent: str = "") -> str:
    text = " ".join((inspect.getdoc(kind) or "").split())
    return f"{indent}/** {text} */\n" if text and kind.__doc__ else ""


def _fields(kind: type[msgspec.Struct], *, without: tuple[str, ...] = ()) -> list[str]:
    hints = typing.get_type_hints(kind, include_extras=True)
    return [
        f"{field.name}{'' if field.required else '?'}: {_type_of_field(kind, field.name, hints[field.name])};"
        for field in msgspec.structs.fields(kind)
        if field.name not in without
    ]


def _type_of_field(kind: type[msgspec.Struct], name: str, hint: Any) -> str:
    if kind is views.LobbyView and name == "state":
        return "LobbyState"
    shown = _type(hint)
    named = _NAMED_FIELDS.get(name)
    return shown.replace(_type(list[str]) if name == "permissions" else "string", named) if named else shown


def _type(hint: Any) -> str:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _type(args[0])
    if origin in (types.UnionType, typing.Union):
        shown = [_type(arg) for arg in args if arg not in (type(None), msgspec.Raw, msgspec.UnsetType)]
        return " | ".join([*dict.fromkeys(shown), *(["null"] if type(None) in args else [])])
    if origin is typing.Literal:
        return _either(args)
    if origin is list:
        item = "RoomEvent" if args[0] == events.AnyWireEvent else _type(args[0])
        return f"readonly {item}[]" if " | " not in item else f"readonly ({item})[]"
    if origin is dict:
        return f"Readonly<Record<string, {_type(args[1])}>>"
    return _PLAIN.get(hint) or _name(hint)


def _commands() -> str:
    lines = ["/** Every command: what it takes beside its id, and what its answer holds. */", "export interface Commands {"]
    for command in typing.get_args(messages.AnyCommand):
        fields = " ".join(_fields(command, without=("id",)))
        lines.append(_comment(command, "  ").rstrip("\n"))
        result = results.RESULTS[command].__name__
        taken = f"{{ {fields} }}" if fields else "{}"
        lines.append(f'  "{command.__struct_config__.tag}": {{ fields: {taken}; result: {result} }};')
    return "\n".join([*(line for line in lines if line), "}", ""])


def _either(values: Iterable[object]) -> str:
    return " | ".join(f'"{value}"' for value in values)


def _names(kinds: Iterable[type]) -> str:
    return " | ".join(_name(kind) for kind in kinds)


def _name(kind: type) -> str:
    return _RENAMED.get(kind, kind.__name__)


if __name__ == "__main__":
    print(render(), end="")
