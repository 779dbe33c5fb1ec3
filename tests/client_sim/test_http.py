"""The HTTP calls: what is asked, what is answered, and how a no arrives."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from client_sim.api import Api, Link
from client_sim.device import Device
from client_sim.http_request import request
from client_sim.refused import ProtocolBroken, Refused
from tests.client_sim.fake_server import run


@asynccontextmanager
async def answering(raw: bytes, heard: list[bytes] | None = None) -> AsyncIterator[str]:
    """A server that answers everything with the same bytes, and closes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
        if heard is not None:
            heard.append(head + await reader.readexactly(size))
        writer.write(raw)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def with_body(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_a_link_is_taken_apart_and_its_secret_goes_into_the_body_alone():
    heard: list[bytes] = []
    link = Link("https://rooms.example.org/join/r1#s3cret")

    async def scene() -> None:
        async with answering(with_body(b'{"state": "email_entry"}'), heard) as url:
            assert await Api(url, "key").look(link, Device()) == {"state": "email_entry"}

    run(scene())
    head, _, body = heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/rooms/r1/link/look HTTP/1.1\r\n")
    assert b"s3cret" not in head
    assert b"Authorization" not in head
    assert json.loads(body)["secret"] == "s3cret"
    assert set(json.loads(body)["device_key"]) == {"kty", "crv", "x", "y"}


def test_a_claim_carries_the_proof_of_its_device():
    heard: list[bytes] = []

    async def scene() -> None:
        async with answering(with_body(b"{}"), heard) as url:
            await Api(url).claim(Link("/join/r1#s"), "n1", "a@example.org", Device())

    run(scene())
    body = json.loads(heard[0].partition(b"\r\n\r\n")[2])
    assert set(body) == {"secret", "nonce", "email", "device_key", "proof"}


def test_a_problem_is_raised_as_a_refusal_with_code_and_status():
    problem = {"code": "email_mismatch", "status": 403, "detail": "d", "next_step": "n", "retry_after_ms": None}

    async def scene() -> None:
        async with answering(with_body(json.dumps(problem).encode(), "403 Forbidden")) as url:
            with pytest.raises(Refused) as caught:
                await Api(url).create_room(title="t")
            assert (caught.value.code, caught.value.status, caught.value.message) == ("email_mismatch", 403, "d")

    run(scene())


def test_an_error_that_is_no_problem_body_is_still_a_refusal():
    async def scene() -> None:
        async with answering(with_body(b"<html>bad gateway", "502 Bad Gateway")) as url:
            with pytest.raises(Refused) as caught:
                await Api(url).create_room(title="t")
            assert (caught.value.code, caught.value.status) == ("unknown", 502)

    run(scene())


def test_a_chunked_answer_is_read_whole():
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n3\r\n 1}\r\n0\r\n\r\n"

    async def scene() -> None:
        async with answering(raw) as url:
            assert (await request("GET", url)).body == b'{"a": 1}'

    run(scene())


def test_a_head_request_waits_for_no_body():
    async def scene() -> None:
        async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n") as url:
            assert (await request("HEAD", url)).status == 200

    run(scene())


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"hello\r\n\r\n", ProtocolBroken),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", ConnectionResetError),
        (b"", ConnectionResetError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", ProtocolBroken),
    ],
)
def test_what_is_no_whole_answer_is_an_error(raw, error):
    async def scene() -> None:
        async with answering(raw) as url:
            with pytest.raises(error):
                await request("GET", url)

    run(scene())


def test_a_node_that_cannot_be_reached_is_not_ready():
    async def scene() -> None:
        assert not await Api("http://127.0.0.1:9").is_ready()

    run(scene())
