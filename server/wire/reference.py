"""Renders the reference part of the protocol page from the declarations: `python -m server.wire.reference`.

A test holds the page to what this prints.
"""

from __future__ import annotations

import inspect
import types
import typing
from typing import Any

import msgspec

from server.domain.refusals import ALL
from server.wire import events, messages, views

BEGIN, END = "<!-- reference: begin -->", "<!-- reference: end -->"


def render() -> str:
    """The reference, as Markdown."""
    parts = [
        "## 3. Reference\n\nWhat is marked *or null* is always sent; what is marked *optional* may be left out by a client.\n",
        _section("3.1 From the server", typing.get_args(messages.AnyServerMessage)),
        _section("3.2 From the tab", typing.get_args(messages.AnyClientMessage)),
        _section("3.3 Events", typing.get_args(events.AnyWireEvent)),
        _section("3.4 Shapes", _shapes()),
        _refusals(),
    ]
    return "\n".join(parts)


def _shapes() -> list[type[msgspec.Struct]]:
    shapes = [shape for _, shape in inspect.getmembers(views, inspect.isclass) if issubclass(shape, views.View)]
    return [*(shape for shape in shapes if shape is not views.View), events.Revealed, messages.ResumeAt]


def _section(title: str, structs: typing.Sequence[type[msgspec.Struct]]) -> str:
    return f"### {title}\n\n" + "\n".join(_struct(struct) for struct in structs)


def _struct(struct: type[msgspec.Struct]) -> str:
    tag = struct.__struct_config__.tag
    name = f"`{tag}`" if tag else f"*{struct.__name__}*"
    text = " ".join((inspect.getdoc(struct) or "").split())
    hints = typing.get_type_hints(struct, include_extras=True)
    rows = [f"| `{f.name}` | {_type(hints[f.name])}{_optional(f)} |" for f in msgspec.structs.fields(struct)]
    table = "\n".join(["", "| field | type |", "|---|---|", *rows, ""]) if rows else ""
    return f"**{name}**: {text}\n{table}"


def _optional(field: msgspec.structs.FieldInfo) -> str:
    return "" if field.required else ", optional"


def _type(hint: Any) -> str:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _type(args[0]) + _bounds(args[1])
    if origin in (types.UnionType, typing.Union):
        named = [_type(arg) for arg in args if arg not in (type(None), msgspec.Raw, msgspec.UnsetType)]
        return " or ".join([*dict.fromkeys(named), *(["null"] if type(None) in args else [])])
    if origin is typing.Literal:
        return " or ".join(f"`{value}`" for value in args)
    if origin is list:
        # A long union inside a list is the events, which have a section of their own.
        return "list of events" if args[0] == events.AnyWireEvent else f"list of {_type(args[0])}"
    if origin is dict:
        return "object"
    return {str: "text", int: "integer", bool: "true or false"}.get(hint, f"*{hint.__name__}*")


def _bounds(meta: msgspec.Meta) -> str:
    bounds = [
        f"{label} {value}"
        for label, value in (
            ("at least", meta.ge), ("at most", meta.le), ("length at least", meta.min_length),
            ("length at most", meta.max_length), ("matching", f"`{meta.pattern}`" if meta.pattern else None),
        )
        if value is not None
    ]
    return f" ({', '.join(bounds)})" if bounds else ""


def _refusals() -> str:
    rows = [
        f"| `{refusal.code}` | {refusal.status} | {refusal.close_code} | "
        f"{'no' if refusal.retry_after_ms is None else f'after {refusal.retry_after_ms} ms'} | {refusal.message} |"
        for refusal in ALL
    ]
    head = (
        "### 3.5 Refusals\n\n"
        "The same on HTTP (`code`), in `refused`, and in `bye` with its close code where it ends a connection.\n\n"
        "| code | HTTP | close | try again | says |\n|---|---|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(render(), end="")
