"""Before a websocket is one: where it comes from, what it offers, and what stands in its address."""

from __future__ import annotations

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.nodes import Node
from tests.support.ports import HOST
from tests.web.tab import JSON, MSGPACK, make_room, open_tab, token_for


def own_origin(node: Node) -> str:
    return f"http://localhost:{node.port}"


async def handshake(node: Node, *headers: str, path: str = "/v1/ws") -> tuple[int, bytes]:
    """The status of a handshake with just these further headers, and all that came before the connection was closed."""
    reader, writer = await asyncio.open_connection(HOST, node.port)
    lines = [
        f"GET {path} HTTP/1.1", f"Host: {HOST}:{node.port}", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Sec-WebSocket-Protocol: {JSON}", *headers,
    ]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    try:
        async with asyncio.timeout(5):
            head = await reader.readuntil(b"\r\n\r\n")
            return int(head.split()[1]), head
    finally:
        writer.close()


EVIL = {
    "another site": "https://evil.example",
    "null": "null",
    "nothing": "",
    "our name with more behind it": "http://localhost:{port}.evil.example",
    "our name within another": "http://evil.example/http://localhost:{port}",
    "our name as a user": "http://localhost:{port}@evil.example",
    "another port": "http://localhost:1",
    "no port": "http://localhost",
    "https": "https://localhost:{port}",
    "capitals": "HTTP://LOCALHOST:{port}",
    "with a path": "http://localhost:{port}/",
    "two": "http://localhost:{port}, http://evil.example",
    "a star": "*",
    "a file": "file://",
}


@pytest.mark.parametrize("origin", EVIL.values(), ids=EVIL.keys())
@pytest.mark.parametrize("cookie", [(), ("Cookie: greenroom_device=" + "a" * 43,)], ids=["no cookie", "a cookie"])
async def test_a_page_from_elsewhere_is_refused_before_the_upgrade(node, origin, cookie):
    status, _ = await handshake(node, "Origin: " + origin.format(port=node.port), *cookie)
    assert status == 403


async def test_two_origins_are_refused_though_one_of_them_is_ours(node):
    ours, evil = f"Origin: {own_origin(node)}", "Origin: https://evil.example"
    for both in ((ours, evil), (evil, ours)):
        assert (await handshake(node, *both))[0] in (400, 403)


async def test_a_cookie_without_an_origin_is_refused(node):
    assert (await handshake(node, "Cookie: anything=1"))[0] == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_the_sites_own_pages_may_connect(node, host):
    status, head = await handshake(node, f"Origin: http://{host}:{node.port}", "Cookie: anything=1")
    assert status == 101
    assert f"sec-websocket-protocol: {JSON}".encode() in head.lower()


async def test_a_program_without_an_origin_may_connect(node):
    assert (await handshake(node))[0] == 101


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://rooms.example.com", 101), ("https://app.example.com", 101), ("https://other.example.com", 403),
        ("http://rooms.example.com", 403), ("https://app.example.com.evil.org", 403), ("https://evil-app.example.com", 403),
        ("https://rooms.example.com:8443", 403),
    ],
)
async def test_the_operator_decides_which_other_sites_may_connect(site_node, origin, status):
    """An embedder frames our pages; that does not let its own pages connect."""
    assert (await handshake(site_node, f"Origin: {origin}"))[0] == status


@pytest.mark.parametrize("query", ["?token=eyJ", "?", "?a", "?access_token=x&x=y"])
async def test_nothing_may_stand_behind_the_address(node, query):
    """A token there would be in every log on the way."""
    status, _ = await handshake(node, path="/v1/ws" + query)
    assert status == (101 if query == "?" else 400)


@pytest.mark.parametrize("offered", [[], ["chat"], ["greenroom.v2.json"], ["greenroom.v1"], ["GREENROOM.V1.JSON"]])
async def test_who_offers_no_subprotocol_of_ours_is_told_so(node, offered):
    async with open_tab(node, subprotocols=offered) as tab:
        bye, close_code = await tab.end()
        assert tab.socket.subprotocol is None
    assert bye is not None
    assert (bye["code"], close_code, bye["retry_after_ms"]) == ("subprotocol_unknown", 4542, None)


async def test_the_first_offer_that_we_speak_is_taken(node):
    async with open_tab(node, subprotocols=["chat", MSGPACK, JSON]) as tab:
        assert tab.socket.subprotocol == MSGPACK


async def test_a_websocket_at_another_path_is_refused(node):
    with pytest.raises(InvalidStatus) as refused:
        async with open_tab(node, path="/elsewhere"):
            pass
    assert refused.value.response.status_code in (403, 404)


async def test_a_plain_request_to_the_websocket_is_no_error_of_ours(node):
    reader, writer = await asyncio.open_connection(HOST, node.port)
    writer.write(f"GET /v1/ws HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
    assert int((await reader.readline()).split()[1]) in (400, 404, 405, 426)
    writer.close()


@pytest.mark.parametrize(
    "lines",
    [
        ["Sec-WebSocket-Version: 8"], ["Sec-WebSocket-Key: short"], ["Connection: Upgrade", "Upgrade: h2c"],
        ["Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99"],
    ],
    ids=["version 8", "a short key", "another upgrade", "an extension of nonsense"],
)
async def test_half_a_handshake_breaks_nothing(node, lines):
    reader, writer = await asyncio.open_connection(HOST, node.port)
    head = ["GET /v1/ws HTTP/1.1", f"Host: {HOST}", "Upgrade: websocket", "Connection: Upgrade", *lines]
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
    async with asyncio.timeout(5):
        status = int((await reader.readline()).split()[1])
    assert status in (400, 404, 426)
    writer.close()


async def test_a_connection_that_sends_nothing_harms_nobody(node):
    idle = [await asyncio.open_connection(HOST, node.port) for _ in range(50)]
    room_id = await make_room(node)
    async with open_tab(node) as tab:
        assert (await tab.hello(await token_for(node, room_id, "maya")))["type"] == "welcome"
    for _, writer in idle:
        writer.close()
