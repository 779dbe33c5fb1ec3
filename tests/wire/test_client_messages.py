"""Each field of each message from a client, at its bounds and one beyond: read from the declarations themselves."""

from __future__ import annotations

import json
import types
import typing
from typing import Any

import msgpack
import msgspec
import pytest
from msgspec import UnsetType

from server.domain.refusals import BadMessage
from server.wire.codec import Encoding, decode
from server.wire.messages import AnyClientMessage, Language, ResumeAt

# What a pattern lets through at its bounds, where that is not any letters.
PATTERNED = {typing.get_args(Language)[1].pattern: ["de", "abcdefgh" + "-abcdefgh" * 3]}
# Compared and never kept, so the frame's bound is bound enough: a tab whose memory is damaged is to be told the room whole.
COMPARED_ONLY = {(ResumeAt, "seq")}
MESSAGES: tuple[type[msgspec.Struct], ...] = typing.get_args(AnyClientMessage)


def valid(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """A message of this type with every field set to something allowed."""
    hints = typing.get_type_hints(struct, include_extras=True)
    tag = struct.__struct_config__.tag
    fields = {field.name: allowed(hints[field.name])[0] for field in msgspec.structs.fields(struct)}
    return {"type": tag, **fields} if tag else fields


def allowed(hint: Any) -> list[Any]:
    """Values at the bounds of a type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _at_bounds(arguments[0], arguments[1])
    if origin in (types.UnionType, typing.Union):
        said = [argument for argument in arguments if argument is not UnsetType]
        return [value for argument in said for value in ([None] if argument is type(None) else allowed(argument))]
    if origin is typing.Literal:
        return list(arguments)
    if hint is bool:
        return [True, False]
    if hint is int:  # any number at all: what is none of ours means nothing
        return [0, -(2**63), 2**63]
    assert issubclass(hint, msgspec.Struct), hint
    return [valid(hint)]


def _at_bounds(kind: Any, meta: msgspec.Meta) -> list[Any]:
    if kind is str and meta.pattern in PATTERNED:
        return PATTERNED[meta.pattern]
    if kind is str:
        return ["a" * (meta.min_length or 1), "Z" * (meta.max_length or 1)]
    if kind is int:
        return [meta.ge, meta.le]
    (item,) = typing.get_args(kind)
    one = allowed(item)[0]
    return [[one] * (meta.min_length or 0), [one] * (meta.max_length or 1)]


def forbidden(hint: Any) -> list[Any]:
    """Values just beyond the bounds of a type, and of other types."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _beyond_bounds(arguments[0], arguments[1])
    if origin in (types.UnionType, typing.Union):
        said = [argument for argument in arguments if argument not in (type(None), UnsetType)]
        return [value for argument in said for value in forbidden(argument)]
    if origin is typing.Literal:
        return ["manager", "Viewer", "", 1, []]
    if hint is bool:
        return [0, 1, "true", []]
    if hint is int:
        return [0.5, "1", True, [1]]
    return [[], "text", 1, {**valid(hint), "more": 1}]


def _beyond_bounds(kind: Any, meta: msgspec.Meta) -> list[Any]:
    if kind is str:
        values: list[Any] = [1, True, ["a"], {"a": "a"}, "a" * ((meta.max_length or 0) + 1)]
        if meta.min_length:
            values.append("a" * (meta.min_length - 1))
        if meta.pattern:
            values += ["a b", "a|b", "ä", "a\x00", "a\n", "\na", "a{b}", "a:b", "../a"]
        return values
    if kind is int:
        return [meta.ge - 1, meta.le + 1, 0.5, "1", True, [1], 2**64]
    one = allowed(typing.get_args(kind)[0])[0]
    wrong_items = [[value] for value in forbidden(typing.get_args(kind)[0])]
    too_few = [[one] * (meta.min_length - 1)] if meta.min_length else []
    return ["a", {}, *too_few, [one] * (meta.max_length + 1), *wrong_items]


def rows(values_of: Any) -> list[Any]:
    return [
        pytest.param(struct, field.name, value, id=f"{struct.__struct_config__.tag}.{field.name}-{number}")
        for struct in MESSAGES
        for field in msgspec.structs.fields(struct)
        for number, value in enumerate(values_of(typing.get_type_hints(struct, include_extras=True)[field.name]))
    ]


def read_both(message: dict[str, Any]) -> list[msgspec.Struct]:
    packed: list[tuple[Any, Encoding]] = [(json.dumps(message), Encoding.JSON)]
    if not any(isinstance(value, int) and value >= 2**64 for value in message.values()):
        packed.append((msgpack.packb(message), Encoding.MSGPACK))
    return [decode(payload, encoding) for payload, encoding in packed]


@pytest.mark.parametrize(("struct", "name", "value"), rows(allowed))
def test_a_field_at_its_bound_is_read(struct, name, value):
    for message in read_both({**valid(struct), name: value}):
        found = getattr(message, name)
        assert msgspec.to_builtins(found) == value


@pytest.mark.parametrize(("struct", "name", "value"), rows(forbidden))
def test_a_field_beyond_its_bound_is_bad(struct, name, value):
    message = {**valid(struct), name: value}
    with pytest.raises(BadMessage):
        decode(json.dumps(message), Encoding.JSON)
    if not (isinstance(value, int) and value >= 2**64):
        with pytest.raises(BadMessage):
            decode(msgpack.packb(message), Encoding.MSGPACK)


@pytest.mark.parametrize("struct", MESSAGES, ids=lambda struct: struct.__struct_config__.tag)
def test_a_field_that_there_is_not_is_bad(struct):
    with pytest.raises(BadMessage):
        decode(json.dumps({**valid(struct), "unknown": 1}), Encoding.JSON)


@pytest.mark.parametrize("struct", MESSAGES, ids=lambda struct: struct.__struct_config__.tag)
def test_a_field_that_is_required_may_not_be_missing(struct):
    for field in msgspec.structs.fields(struct):
        without = {name: value for name, value in valid(struct).items() if name != field.name}
        if field.required:
            with pytest.raises(BadMessage):
                decode(json.dumps(without), Encoding.JSON)
        else:
            decode(json.dumps(without), Encoding.JSON)


def test_every_text_and_every_number_from_a_client_has_a_bound():
    for struct in MESSAGES:
        for hint in typing.get_type_hints(struct, include_extras=True).values():
            assert _is_bounded(hint), (struct, hint)


def _is_bounded(hint: Any) -> bool:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        meta = arguments[1]
        return (meta.max_length is not None) or (meta.ge is not None and meta.le is not None)
    if origin in (types.UnionType, typing.Union):
        return all(argument in (type(None), UnsetType) or _is_bounded(argument) for argument in arguments)
    if origin in (typing.Literal, typing.ClassVar):
        return True
    if hint is bool:
        return True
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        inner = typing.get_type_hints(hint, include_extras=True)
        return all(_is_bounded(of) or (hint, name) in COMPARED_ONLY for name, of in inner.items())
    return False
