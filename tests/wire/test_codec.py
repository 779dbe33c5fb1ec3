"""Reading is strict, and both encodings read and write the same."""

from __future__ import annotations

import contextlib
import json
import struct

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.refusals import BadMessage, UnknownCommand
from server.wire.codec import MAX_DEPTH, MAX_ITEMS, Encoding, decode, encode, id_of, parse_json
from server.wire.messages import HandRaise, Hello, LobbyAdmit, LobbyMessage, Result, RoleChange

GOOD = {"type": "role.change", "id": "c1", "participant_id": "p1", "role": "speaker"}


def pack(value: object, encoding: Encoding) -> bytes | str:
    """As another library writes it."""
    return json.dumps(value) if encoding.is_text else msgpack.packb(value)


def nested(depth: int) -> object:
    value: object = "bottom"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("encoding", Encoding)
def test_a_message_is_read_from_either_encoding(encoding):
    assert decode(pack(GOOD, encoding), encoding) == RoleChange(id="c1", participant_id="p1", role="speaker")


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize(
    "value",
    [
        None, True, 1, "text", [], {}, [GOOD], {"id": "c1"}, {"type": None}, {"type": 1}, {"type": ["hand.raise"]},
        {**GOOD, "more": 1}, {**GOOD, "Role": "viewer"}, {**GOOD, "role": "manager"}, {**GOOD, "role": None},
        {key: value for key, value in GOOD.items() if key != "participant_id"}, {**GOOD, "participant_id": 5},
        {**GOOD, "participant_id": ["p1"]}, {**GOOD, "id": None}, {"type": "ack", "role_rev": "2"},
        {"type": "ack", "role_rev": 2.5}, {"type": "ack", "role_rev": True}, {"type": "ack", "role_rev": 2**63},
        {"type": "hello", "token": "t", "resume": {"epoch": "e", "seq": 1, "more": 2}},
        {"type": "hello", "token": "t", "resume": {"epoch": "e"}}, {"type": "hello", "token": "t", "resume": [1]},
        {"type": "invitation.revoke", "id": "c", "invitation_id": "i", "remove": 1},
        {"type": "invitation.revoke", "id": "c", "invitation_id": "i", "remove": "true"},
    ],
)
def test_what_is_no_message_is_bad(value, encoding):
    with pytest.raises(BadMessage):
        decode(pack(value, encoding), encoding)


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("name", ["", "role.changed", "ROLE.CHANGE", "welcome", "events", "bye", "refresh", "x" * 1000])
def test_a_type_that_there_is_not_is_an_unknown_command(name, encoding):
    with pytest.raises(UnknownCommand):
        decode(pack({"type": name, "id": "c1"}, encoding), encoding)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "{", "nul", "{'type': 'hand.raise'}", '{"type": "hand.raise", "id": "c"} x',
        '{"type": "hand.raise", "id": "c"}{}',
        '{"type": "ack", "role_rev": NaN}', '{"type": "ack", "role_rev": Infinity}', '{"type": "ack", "role_rev": -Infinity}',
        '{"type": "ack", "role_rev": 1e999}', '{"type": "ack", "role_rev": ' + "9" * 5_000 + "}",
        '{"type": "hand.raise", "id": "a", "id": "b"}', '{"type": "ack", "type": "hand.raise", "id": "a"}',
        '{"type": "hello", "token": "t", "resume": {"epoch": "a", "epoch": "b", "seq": 1}}', "[" * 100_000,
        '{"type": "hand.raise", "id": "\t"}', '{"type": "lobby.message", "id": "c", "text": "\\ud800"}',
        '\ufeff{"type": "hand.raise", "id": "c"}', "\x00",
    ],
)
def test_text_that_is_not_strictly_json_is_bad(text):
    with pytest.raises(BadMessage):
        decode(text, Encoding.JSON)


def _map(*pairs: tuple[bytes, bytes]) -> bytes:
    return bytes([0x80 | len(pairs)]) + b"".join(key + value for key, value in pairs)


TYPE, RAISE = msgpack.packb("type"), msgpack.packb("hand.raise")
ID, C = msgpack.packb("id"), msgpack.packb("c")


@pytest.mark.parametrize(
    "packed",
    [
        b"", b"\xc1", b"\x80\x80", _map((TYPE, RAISE), (ID, C)) + b"\xc0", _map((TYPE, RAISE), (ID, C), (ID, C)),
        _map((TYPE, RAISE), (ID, msgpack.packb(b"c"))), _map((TYPE, RAISE), (msgpack.packb(b"id"), C)),
        _map((TYPE, msgpack.packb(b"hand.raise")), (ID, C)), _map((TYPE, RAISE), (ID, C), (msgpack.packb(1), C)),
        _map((TYPE, RAISE), (ID, C), (msgpack.packb(None), C)),
        _map((TYPE, RAISE), (ID, msgpack.packb(msgpack.ExtType(5, b"c")))),
        _map((TYPE, RAISE), (ID, msgpack.packb(msgpack.Timestamp(1)))), msgpack.packb(msgpack.ExtType(5, b"c")),
        _map((TYPE, RAISE), (ID, b"\xa2\xff\xfe")), _map((TYPE, RAISE), (ID, b"\xa3\xed\xa0\x80")),
        _map((TYPE, RAISE), (ID, b"\xdb\xff\xff\xff\xff")), _map((TYPE, RAISE), (ID, b"\xdd\xff\xff\xff\xff")),
        _map((TYPE, RAISE), (ID, b"\xdf\xff\xff\xff\xff")), _map((TYPE, RAISE), (ID, b"\xc6\xff\xff\xff\xff")),
        b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\x91" * 60_000 + b"\xc0",
        msgpack.packb({"type": "ack", "role_rev": float("nan")}), msgpack.packb({"type": "ack", "role_rev": float("inf")}),
    ],
)  # fmt: skip
def test_bytes_that_are_not_strictly_msgpack_are_bad(packed):
    with pytest.raises(BadMessage):
        decode(packed, Encoding.MSGPACK)


@pytest.mark.parametrize("encoding", Encoding)
def test_a_frame_of_the_other_kind_is_bad(encoding):
    other = {Encoding.JSON: Encoding.MSGPACK, Encoding.MSGPACK: Encoding.JSON}[encoding]
    with pytest.raises(BadMessage):
        decode(pack(GOOD, other), encoding)


@pytest.mark.parametrize("encoding", Encoding)
def test_what_is_nested_too_deeply_is_bad(encoding):
    with pytest.raises(BadMessage):
        decode(pack({**GOOD, "participant_id": nested(MAX_DEPTH)}, encoding), encoding)


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("items", [101, MAX_ITEMS, MAX_ITEMS + 1, 20_000])
def test_a_list_longer_than_its_bound_is_bad(items, encoding):
    with pytest.raises(BadMessage):
        decode(pack({"type": "lobby.admit", "id": "c", "participant_ids": ["p"] * items}, encoding), encoding)


@pytest.mark.parametrize("encoding", Encoding)
def test_a_map_of_too_many_keys_is_bad(encoding):
    with pytest.raises(BadMessage):
        decode(pack({**GOOD, **{f"k{n}": n for n in range(MAX_ITEMS + 1)}}, encoding), encoding)


@pytest.mark.parametrize("encoding", Encoding)
def test_the_longest_list_of_ids_is_read(encoding):
    ids = ["p" * 64] * 100
    assert decode(pack({"type": "lobby.admit", "id": "c", "participant_ids": ids}, encoding), encoding) == LobbyAdmit(
        id="c", participant_ids=ids
    )


@pytest.mark.parametrize("encoding", Encoding)
def test_what_is_optional_may_be_left_out_or_null(encoding):
    assert decode(pack({"type": "hello", "token": "t"}, encoding), encoding) == Hello(token="t")
    nulls = {"type": "hello", "token": "t", "proof": None, "resume": None, "replaces": None}
    assert decode(pack(nulls, encoding), encoding) == Hello(token="t")


@pytest.mark.parametrize("encoding", Encoding)
@given(text=st.text(max_size=500))
def test_any_text_is_read_as_it_was_written(encoding, text):
    message = {"type": "lobby.message", "id": "c", "text": text}
    assert decode(pack(message, encoding), encoding) == LobbyMessage(id="c", text=text)


@given(packed=st.binary(max_size=200))
def test_no_bytes_are_anything_but_a_message_or_a_refusal(packed):
    for payload, encoding in ((packed, Encoding.MSGPACK), (packed.decode("utf-8", "replace"), Encoding.JSON)):
        with contextlib.suppress(BadMessage, UnknownCommand):
            decode(payload, encoding)


@pytest.mark.parametrize(
    ("payload", "command_id"),
    [
        ('{"type": "hand.raise", "id": "c1", "more": 1}', "c1"), ('{"type": "none", "id": "c1"}', "c1"),
        ('{"type": "hand.raise", "id": 5}', None), ('{"type": "hand.raise", "id": ""}', None), ("{", None), ("[]", None),
        ('{"id": "' + "x" * 65 + '"}', None), (msgpack.packb({"id": "c1", "type": 5}), "c1"), (b"\xc1", None),
    ],
)
def test_the_id_of_a_bad_command_is_found_where_there_is_one(payload, command_id):
    assert id_of(payload) == command_id


def test_integers_beyond_what_a_browser_holds_are_bad():
    for encoding in Encoding:
        with pytest.raises(BadMessage):
            decode(pack({"type": "ack", "role_rev": 2**53}, encoding), encoding)


def test_the_body_of_a_request_is_read_as_strictly():
    for text in ('{"a": 1, "a": 2}', '{"a": NaN}', "[" * 50_000):
        with pytest.raises(BadMessage):
            parse_json(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(result=st.dictionaries(st.text(max_size=8), VALUES, max_size=5))
def test_what_is_written_is_read_by_other_libraries_as_the_same(result):
    message = Result(id="c", seq=None, result=result)
    as_json, packed = encode(message, Encoding.JSON), encode(message, Encoding.MSGPACK)
    expected = {"type": "result", "id": "c", "seq": None, "result": result}
    assert json.loads(as_json) == msgpack.unpackb(packed) == expected
    assert msgspec.json.decode(as_json) == msgspec.msgpack.decode(packed) == expected


def test_numbers_are_written_alike_in_both_encodings():
    packed = encode(Result(id="c", seq=2**53 - 1, result={}), Encoding.MSGPACK)
    assert struct.pack("!Q", 2**53 - 1) in packed
    assert str(2**53 - 1).encode() in encode(Result(id="c", seq=2**53 - 1, result={}), Encoding.JSON)


def test_a_command_without_fields_needs_its_id_only():
    assert decode('{"type": "hand.raise", "id": "c"}', Encoding.JSON) == HandRaise(id="c")
