"""The two encodings: the same messages as JSON text and as msgpack, read strictly."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgpack
import msgspec

from server.domain.refusals import BadMessage, UnknownCommand
from server.wire.messages import AnyClientMessage, ServerMessage

MAX_DEPTH = 8
MAX_ITEMS = 1_000


class Encoding(StrEnum):
    """The subprotocols, by preference of who asks."""

    JSON = "greenroom.v1.json"
    MSGPACK = "greenroom.v1.msgpack"

    @property
    def is_text(self) -> bool:
        return self is Encoding.JSON


_encoders = {Encoding.JSON: msgspec.json.Encoder().encode, Encoding.MSGPACK: msgspec.msgpack.Encoder().encode}
_types = {member.__struct_config__.tag for member in AnyClientMessage.__args__}


def encode(message: ServerMessage | msgspec.Struct | list[Any], encoding: Encoding) -> bytes:
    return _encoders[encoding](message)


def decode(payload: bytes | str, encoding: Encoding) -> AnyClientMessage:
    """Read one message from a client.

    Parsed first into plain values, since the fast decoders let the last of two equal keys win, and two readers of one
    message must not see two things.

    Raises:
        BadMessage: not readable, or not what its type says.
        UnknownCommand: readable, but of no type that there is.
    """
    if isinstance(payload, str) != encoding.is_text:
        raise BadMessage("A text frame carries JSON, a binary frame msgpack.")
    value = _parse(payload)
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise BadMessage("A message is an object with a type.")
    if value["type"] not in _types:
        raise UnknownCommand
    try:
        message: AnyClientMessage = msgspec.convert(value, AnyClientMessage)
    except msgspec.ValidationError as error:
        raise BadMessage(f"The message is not valid: {error}") from None
    return message


def id_of(payload: bytes | str) -> str | None:
    """The id of a command that could not be read, so that its sender learns which one it was."""
    try:
        value = _parse(payload)
    except BadMessage:
        return None
    command_id = value.get("id") if isinstance(value, dict) else None
    return command_id if isinstance(command_id, str) and 0 < len(command_id) <= 64 else None


def parse_json(text: str, most_items: int = MAX_ITEMS) -> Any:
    """JSON as strictly as messages are read: no key twice, no NaN, no great depth. Raises: BadMessage.

    Here 1.0 is the integer 1, as JSON Schema has it, by which callers of the HTTP API check what they send.
    """
    return _parse(text, most_items, parse_float=_integer_if_whole)


def _parse(payload: bytes | str, most_items: int = MAX_ITEMS, *, parse_float: Callable[[str], Any] = float) -> Any:
    try:
        if isinstance(payload, str):
            value = json.loads(
                payload, object_pairs_hook=_distinct, parse_constant=_not_a_number, parse_float=parse_float
            )
        else:
            value = msgpack.unpackb(
                payload, object_pairs_hook=_distinct, strict_map_key=True, ext_hook=_no_ext, timestamp=0, raw=False,
                max_map_len=MAX_ITEMS, max_array_len=MAX_ITEMS,
            )
    except (ValueError, RecursionError, msgpack.UnpackException, TypeError):
        encoding = "JSON" if isinstance(payload, str) else "msgpack"
        raise BadMessage(f"This is not valid {encoding}, or names a field twice.") from None
    _check_value(value, MAX_DEPTH, most_items)
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate key")
    return value


def _not_a_number(name: str) -> Any:
    raise ValueError(name)


def _integer_if_whole(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _no_ext(code: int, packed: bytes) -> Any:
    raise ValueError("ext type")


def _check_value(value: Any, depth_left: int, most_items: int) -> None:
    if isinstance(value, str) and not value.isascii():
        _check_text(value)
    elif isinstance(value, dict | list):
        if depth_left == 0 or len(value) > most_items:
            raise BadMessage("The message is nested too deeply or too long.")
        for item in [*value.keys(), *value.values()] if isinstance(value, dict) else value:
            _check_value(item, depth_left - 1, most_items)


def _check_text(text: str) -> None:
    """JSON can spell half a surrogate pair, which no UTF-8 can carry on."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadMessage("The message holds half a character.") from None
