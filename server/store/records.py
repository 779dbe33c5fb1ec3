"""Records as Redis keeps them: JSON without nulls, checked when read; events as msgpack, opaque to Redis."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, TypeVar

import msgpack
import msgspec

from server.domain.application import Application
from server.domain.audit import audit_line
from server.domain.crowd import Crowd
from server.domain.events import EVENTS, Change, Entry, Event, Record, event_fields
from server.domain.guests import GuestLink
from server.domain.invitation import Invitation
from server.domain.mail import Mail
from server.domain.person import Person
from server.domain.room import Room

R = TypeVar("R", Room, Person, Invitation, Application, GuestLink, Mail)

KINDS: dict[str, type[Record]] = {
    "room": Room,
    "person": Person,
    "invitation": Invitation,
    "application": Application,
    "guest_link": GuestLink,
}
_decoders = {kind: msgspec.json.Decoder(record) for kind, record in KINDS.items()}
_decode_changes = msgspec.json.Decoder(list[tuple[str, str, str]])


def new_epoch() -> str:
    """What a shard without an epoch is offered."""
    return secrets.token_hex(8)


def without_nulls(value: Any) -> Any:
    """`value` without the None fields and empty maps that scripts could not tell from lists."""
    if isinstance(value, dict):
        pruned = {key: without_nulls(item) for key, item in value.items() if item is not None}
        return {key: item for key, item in pruned.items() if item != {}}
    return value


def record_fields(record: Record) -> dict[str, Any]:
    """`record` as the argument of a script."""
    fields: dict[str, Any] = without_nulls(asdict(record))
    return fields


def encode_args(args: dict[str, Any]) -> str:
    """A script's arguments. Nulls are left out, since Lua would take cjson's null for a value."""
    return json.dumps(without_nulls(args), separators=(",", ":"))


def decode_record(kind: str, text: bytes | str) -> Record:
    """One record, checked against its type.

    Raises:
        msgspec.ValidationError: another version or another hand wrote it.
    """
    return _decoders[kind].decode(text)


def decode_as(record_type: type[R], text: bytes | str) -> R:
    record: R = msgspec.json.decode(text, type=record_type)
    return record


def encode_event(event: Event) -> bytes:
    packed: bytes = msgpack.packb([event.name, event_fields(event)])
    return packed


def encode_audit(events: Iterable[Event]) -> list[str]:
    """The audit's line of each event, as the script that raises it keeps it; empty where it is no act."""
    lines = [audit_line(event) for event in events]
    return [json.dumps(line, separators=(",", ":")) if line else "" for line in lines]


def decode_event(packed: bytes) -> Event:
    name, fields = msgpack.unpackb(packed)
    return EVENTS[name](**fields)


def decode_entry(room_id: str, seq: int, event: bytes, changes: bytes, crowd: bytes = b"") -> Entry:
    """One entry of the log, as the script wrote it."""
    changed = [Change(kind, record_id, decode_record(kind, text)) for kind, record_id, text in _decode_changes.decode(changes)]
    return Entry(
        room_id=room_id, seq=seq, event=decode_event(event), changes=tuple(changed), crowd=Crowd.of(crowd.decode())
    )
