"""One HTTP/1.1 request over asyncio streams, on a connection of its own: all that the calls need, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from client_sim.refused import ProtocolBroken

MAX_BODY_BYTES = 32 * 1024 * 1024
TIMEOUT_S = 15.0


@dataclass(frozen=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def request(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"", timeout_s: float = TIMEOUT_S
) -> Answer:
    """Send one request and read the whole answer.

    Raises:
        OSError: the server cannot be reached, or went away before it answered.
        TimeoutError: it took longer than `timeout_s`.
        ProtocolBroken: what came back is no HTTP.
    """
    parts = urlsplit(url)
    is_secure = parts.scheme == "https"
    async with asyncio.timeout(timeout_s):
        reader, writer = await asyncio.open_connection(
            parts.hostname, parts.port or (443 if is_secure else 80), ssl=is_secure or None
        )
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            writer.write(_head(method, target, parts.netloc, headers or {}, len(body)) + body)
            await writer.drain()
            return await _read_answer(reader, has_body=method != "HEAD")
        except asyncio.IncompleteReadError as error:
            raise ConnectionResetError("The server closed before it had answered.") from error
        finally:
            writer.close()


def _head(method: str, target: str, host: str, headers: Mapping[str, str], length: int) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _read_answer(reader: asyncio.StreamReader, *, has_body: bool) -> Answer:
    first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    try:
        status = int(first.split(" ", 2)[1])
    except (IndexError, ValueError) as error:
        raise ProtocolBroken(f"No HTTP status line: {first[:80]!r}") from error
    pairs = (line.partition(":") for line in rest if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await _read_body(reader, headers) if has_body and status not in (204, 304) else b""
    return Answer(status, headers, body)


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return await _read_chunks(reader)
    if "content-length" in headers:
        return await reader.readexactly(_checked(int(headers["content-length"])))
    return await reader.read(MAX_BODY_BYTES)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        _checked(len(body) + size)
        body += (await reader.readexactly(size + 2))[:-2]
    return bytes(body)


def _checked(size: int) -> int:
    if size > MAX_BODY_BYTES:
        raise ProtocolBroken(f"An answer of {size} bytes is more than this client reads.")
    return size
