"""Frames that no client of ours sends: the right end or the right refusal, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import struct

import msgpack
import pytest

from tests.support.nodes import Node
from tests.support.ports import HOST
from tests.web.tab import JSON, MSGPACK, make_room, open_tab, sit_in, token_for, undisturbed

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9


class Raw:
    """A websocket by hand: any bytes at all."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, node: Node) -> Raw:
        reader, writer = await asyncio.open_connection(HOST, node.port)
        lines = [
            "GET /v1/ws HTTP/1.1", f"Host: {HOST}", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Sec-WebSocket-Protocol: {JSON}",
        ]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await reader.readuntil(b"\r\n\r\n")
        return cls(reader, writer)

    async def frame(self) -> tuple[int, bytes]:
        head = await self.reader.readexactly(2)
        size = head[1] & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return head[0] & 0x0F, await self.reader.readexactly(size)

    async def close_code(self) -> int | None:
        """The code of the close frame; None where the connection was dropped without one."""
        try:
            async with asyncio.timeout(5):
                while (found := await self.frame())[0] != CLOSE:
                    pass
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return None
        finally:
            self.writer.close()
        return int(struct.unpack("!H", found[1][:2])[0])


def masked(opcode: int, payload: bytes, *, fin: bool = True, mask: bytes = b"\x01\x02\x03\x04") -> bytes:
    size = len(payload)
    if size < 126:
        length = struct.pack("!B", 0x80 | size)
    elif size < 65_536:
        length = struct.pack("!BH", 0xFE, size)
    else:
        length = struct.pack("!BQ", 0xFF, size)
    body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return bytes([(0x80 if fin else 0) | opcode]) + length + mask + body


HELLO = b'{"type": "hello", "token": "t"}'
BROKEN_FRAMES = {
    "unmasked": (bytes([0x81, len(HELLO)]) + HELLO, 1002),
    "a reserved bit": (bytes([0xC1]) + masked(TEXT, HELLO)[1:], 1002),
    "a reserved opcode": (masked(3, HELLO), 1002),
    "a long ping": (masked(PING, b"x" * 126), 1002),
    "a ping in pieces": (masked(PING, b"x", fin=False), 1002),
    "a continuation of nothing": (masked(0, HELLO), 1002),
    "a message within a message": (masked(TEXT, b"{", fin=False) + masked(TEXT, b"}"), 1002),
    "no UTF-8": (masked(TEXT, b'{"type": "\xff"}'), 1007),
    "UTF-8 that is too long": (masked(TEXT, b"\xc0\x80"), 1007),
    "half a surrogate in UTF-8": (masked(TEXT, b"\xed\xa0\x80"), 1007),
    "70 kB": (masked(TEXT, b"x" * 70_000), 1009),
    "a length of 2^62": (bytes([0x81, 0xFF]) + struct.pack("!Q", 2**62) + b"\0\0\0\0", 1009),
    "a length with its first bit set": (bytes([0x81, 0xFF]) + struct.pack("!Q", 2**63) + b"\0\0\0\0", None),
    "70 kB in pieces": (masked(TEXT, b"x" * 35_000, fin=False) + masked(0, b"x" * 35_000), 1009),
    "a close code that nobody may send": (masked(CLOSE, struct.pack("!H", 1005)), 1002),
    "half a close code": (masked(CLOSE, b"\x03"), 1002),
}


@pytest.mark.parametrize(("sent", "code"), BROKEN_FRAMES.values(), ids=BROKEN_FRAMES.keys())
async def test_a_frame_against_the_rules_ends_the_connection_with_the_websockets_own_code(node, sent, code):
    raw = await Raw.open(node)
    raw.writer.write(sent)
    found = await raw.close_code()
    assert found == code if code else found in (1002, 1009, None)


async def test_a_binary_frame_in_a_text_conversation_is_refused_and_the_tab_goes_on(node):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "uma") as uma, undisturbed(node, room_id):
        await uma.send(b'{"type": "hand.raise", "id": "c1"}')
        assert (await uma.until("refused"))["code"] == "bad_message"
        assert (await uma.command("token.renew"))["type"] == "result"


async def test_a_large_frame_ends_one_tab_and_leaves_the_others_of_the_room(node):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "bea") as bea:
        async with sit_in(node, room_id, "uma") as uma:
            await uma.send(json.dumps({"type": "room.edit", "id": "c1", "title": "x" * 70_000}))
            assert (await uma.end())[1] == 1009
        assert (await bea.room_whole())["room"]["title"] == "Physics"


GARBAGE = {
    "garbage": "garbage", "nothing": "", "null": "null", "a number": "7", "a list": '[{"type": "sync", "id": "c1"}]',
    "no type": '{"id": "c1"}', "a type that is no text": '{"type": 1, "id": "c1"}', "NaN": '{"type": "ack", "role_rev": NaN}',
    "a fraction": '{"type": "ack", "role_rev": 0.5}', "minus one": '{"type": "ack", "role_rev": -1}',
    "beyond 2^53": '{"type": "ack", "role_rev": 9007199254740992}',
    "5,000 digits": '{"type": "ack", "role_rev": ' + "9" * 5_000 + "}",
    "a key twice": '{"type": "sync", "id": "c1", "id": "c1"}', "a field more": '{"type": "sync", "id": "c1", "as": "maya"}',
    "no id": '{"type": "sync"}',
    "an empty id": '{"type": "sync", "id": ""}', "an id with a space": '{"type": "sync", "id": "a b"}',
    "an id with a line break": '{"type": "sync", "id": "a\\n"}', "a long id": '{"type": "sync", "id": "' + "x" * 65 + '"}',
    "nested deeply": '{"type": "sync", "id": ' + "[" * 500 + "]" * 500 + "}",
    "nested thirty thousand deep": "[" * 30_000 + "]" * 30_000,
    "ten thousand items": '{"type": "lobby.admit", "id": "c1", "participant_ids": [' + ",".join(["1"] * 10_000) + "]}",
    "half a surrogate": '{"type": "lobby.message", "id": "c1", "text": "\\ud800"}',
    "a role that nobody can give": '{"type": "role.change", "id": "c1", "participant_id": "p", "role": "manager"}',
}


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE.keys())
async def test_what_cannot_be_read_is_refused_and_the_tab_goes_on(node, text):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "maya") as maya, undisturbed(node, room_id):
        await maya.send(text)
        refused = await maya.until("refused")
        assert refused["code"] == "bad_message"
        assert refused["message"]
        assert "Traceback" not in refused["message"]
        assert (await maya.command("token.renew"))["type"] == "result"


PACKED = {
    "no map": msgpack.packb([1]),
    "nothing": b"",
    "a byte that is never used": b"\xc1",
    "a map that says to be longer": b"\xdf\xff\xff\xff\xff\xa4type",
    "a list that says to be longer": b"\xdd\x7f\xff\xff\xff",
    "a text that says to be longer": b"\xdb\xff\xff\xff\xffx",
    "binary where text belongs": msgpack.packb({"type": b"sync", "id": "c1"}),
    "an ext type": msgpack.packb({"type": "sync", "id": msgpack.ExtType(5, b"x")}),
    "a timestamp": b"\x82\xa4type\xa4sync\xa2id\xd6\xff\x00\x00\x00\x00",
    "a number as key": msgpack.packb({1: 2, "type": "sync", "id": "c1"}),
    "a key twice": b"\x83\xa4type\xa4sync\xa2id\xa2c1\xa2id\xa2c1",
    "NaN": msgpack.packb({"type": "ack", "role_rev": float("nan")}),
    "no UTF-8": b"\x82\xa4type\xa4sync\xa2id\xa1\xff",
    "something after it": msgpack.packb({"type": "sync", "id": "c1"}) + b"\x00",
    "nested deeply": b"\x91" * 30_000 + b"\xc0",
}


@pytest.mark.parametrize("packed", PACKED.values(), ids=PACKED.keys())
async def test_msgpack_that_cannot_be_read_is_refused_and_the_tab_goes_on(node, packed):
    room_id = await make_room(node)
    token = await token_for(node, room_id, "maya")
    async with open_tab(node, subprotocols=[MSGPACK]) as tab:
        await tab.socket.recv()
        await tab.socket.send(msgpack.packb({"type": "hello", "token": token}))
        await tab.socket.recv()
        async with undisturbed(node, room_id):
            await tab.socket.send(packed)
            await _answered(tab.socket, "refused", "bad_message")
            await tab.socket.send(msgpack.packb({"type": "token.renew", "id": "c9"}))
            await _answered(tab.socket, "result", None)


async def _answered(socket, kind: str, code: str | None) -> None:
    async with asyncio.timeout(5):
        while (message := msgpack.unpackb(await socket.recv()))["type"] != kind:
            pass
    assert message.get("code") == code


FLOODS = {
    "pings": masked(PING, b"x") * 2_000,
    "pongs": masked(10, b"") * 2_000,
    "pieces of nothing": masked(TEXT, b"", fin=False) + masked(0, b"", fin=False) * 5_000,
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
async def test_a_flood_of_small_frames_harms_nobody_else(node, flood):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "bea") as bea:
        raw = await Raw.open(node)
        raw.writer.write(flood)
        assert (await bea.room_whole())["room"]["room_id"] == room_id
        raw.writer.close()
