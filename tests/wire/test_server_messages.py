"""Every message and event from the server, in both encodings, as other libraries read it: all fields, nulls included."""

from __future__ import annotations

import json
import types
import typing
from typing import Any

import msgpack
import msgspec
import pytest

from server.wire.codec import Encoding, encode
from server.wire.events import AnyWireEvent
from server.wire.messages import AnyServerMessage

MESSAGES: tuple[type[msgspec.Struct], ...] = (*typing.get_args(AnyServerMessage), *typing.get_args(AnyWireEvent))
TEXT, NUMBER = "zero \x00, quotes \"', ‮, 👩‍👩‍👧", 2**53 - 1


def an_example(hint: Any, *, bare: bool) -> Any:
    """A value of a type; `bare`: null and empty wherever that is allowed."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return an_example(arguments[0], bare=bare)
    if origin in (types.UnionType, typing.Union):
        if types.NoneType in arguments and bare:
            return None
        return an_example(next(a for a in arguments if a not in (types.NoneType, msgspec.Raw)), bare=bare)
    if origin is list:
        return [] if bare else [an_example(arguments[0], bare=False)]
    if origin is dict:
        return {} if bare else {"any": [1, None, TEXT]}
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return a_struct(hint, bare=bare)
    return {str: "" if bare else TEXT, int: 0 if bare else NUMBER, bool: bare}[hint]


def a_struct(struct: type[msgspec.Struct], *, bare: bool) -> Any:
    hints = typing.get_type_hints(struct, include_extras=True)
    return struct(**{field.name: an_example(hints[field.name], bare=bare) for field in msgspec.structs.fields(struct)})


@pytest.mark.parametrize("bare", [False, True], ids=["full", "bare"])
@pytest.mark.parametrize("struct", MESSAGES, ids=lambda struct: struct.__struct_config__.tag)
def test_both_encodings_carry_every_field(struct, bare):
    message = a_struct(struct, bare=bare)
    as_json = json.loads(encode(message, Encoding.JSON))
    assert as_json == msgpack.unpackb(encode(message, Encoding.MSGPACK))
    assert as_json == msgspec.to_builtins(message)
    assert set(as_json) == {"type", *struct.__struct_fields__}
    assert as_json["type"] == struct.__struct_config__.tag


@pytest.mark.parametrize("struct", MESSAGES, ids=lambda struct: struct.__struct_config__.tag)
def test_no_field_from_the_server_is_ever_left_out(struct):
    assert all(field.required for field in msgspec.structs.fields(struct))
