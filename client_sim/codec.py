"""The two encodings of a message, read strictly: what the protocol forbids is an error here too."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import msgpack

from client_sim.refused import ProtocolBroken

JSON = "greenroom.v1.json"
MSGPACK = "greenroom.v1.msgpack"

Message = dict[str, Any]


def encode(message: Message, encoding: str) -> str | bytes:
    """One message as a frame: text for JSON, bytes for msgpack."""
    if encoding == JSON:
        return json.dumps(message, separators=(",", ":"), allow_nan=False)
    packed: bytes = msgpack.packb(message)
    return packed


def decode(frame: str | bytes) -> Message:
    """Read one frame; text is JSON, bytes are msgpack.

    Raises:
        ProtocolBroken: it is no object with a `type`, or says a key twice, or is no valid encoding at all.
    """
    try:
        message = _decode_json(frame) if isinstance(frame, str) else _decode_msgpack(frame)
    except (ValueError, msgpack.UnpackException) as error:
        raise ProtocolBroken(f"A frame of {len(frame)} could not be read: {error}") from error
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise ProtocolBroken("A message must be an object with a type.")
    return message


def _decode_json(frame: str) -> Any:
    return json.loads(frame, object_pairs_hook=_without_repeats, parse_constant=_no_constant)


def _decode_msgpack(frame: bytes) -> Any:
    return msgpack.unpackb(frame, object_pairs_hook=_without_repeats, strict_map_key=True)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("an object says a key twice")
    return made


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
