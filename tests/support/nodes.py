"""Server processes: several nodes that share one Redis and the same keys, each to be killed or stalled."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.support.ports import HOST, free_port, is_free
from tests.support.process import Process
from tests.support.waiting import POLL_S

ROOT = Path(__file__).resolve().parents[2]
SERVER = (sys.executable, "-m", "server")

# Graces short enough that a test can watch them run out.
QUICK = {
    "LEASE_TTL_MS": "1000",
    "LEASE_RENEW_MS": "200",
    "PARTICIPANT_GRACE_MS": "300",
    "WAITER_GRACE_MS": "500",
    "FREEZE_CLOSE_MS": "2000",
    "DRAIN_MS": "500",
}
# The same for tests in which no node dies: none freezes or takes its tabs in anew, however long the machine stands still.
CALM = {**QUICK, "LEASE_TTL_MS": "30000", "LEASE_RENEW_MS": "1000", "FREEZE_CLOSE_MS": "30000"}

READY_TIMEOUT_S = 20
STOP_TIMEOUT_S = 15
_PORT_TRIES = 5
_SHOWN_LINES = 200


class Node:
    """One server process. `env` is all that it is told, beside its port and name; nothing of the caller's settings."""

    def __init__(self, name: str, *, env: Mapping[str, str], directory: Path, command: Sequence[str] = SERVER) -> None:
        self.name = name
        self.port = free_port()
        self._env, self._command = dict(env), command
        self._log_path = directory / f"{name}.log"
        self._process = self._new_process()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://{HOST}:{self.port}/v1/ws"

    @property
    def is_running(self) -> bool:
        return self._process.is_running

    @property
    def pid(self) -> int:
        return self._process.pid

    async def start(self) -> None:
        """Start it, on another port when the first is taken meanwhile, and wait until it is ready."""
        for _ in range(_PORT_TRIES):
            # Asked first, since whoever holds the port may be a node as well and answer in this one's place.
            if is_free(self.port):
                if await self._becomes_ready():
                    return
                if "address already in use" not in self.output().lower():
                    break
            self.port = free_port()
            self._process = self._new_process()
        raise AssertionError(f"Node {self.name} did not become ready:\n{self.output()}")

    async def restart(self) -> None:
        """Kill it if it runs and start it on the same port, under the same name."""
        self.kill()
        if not await self._becomes_ready():
            raise AssertionError(f"Node {self.name} did not come back:\n{self.output()}")

    def kill(self) -> None:
        """SIGKILL: its tabs see the connection break, nobody is told anything."""
        self._process.kill()

    def pause(self) -> None:
        """SIGSTOP: it holds its connections and does nothing, not even renew its lease."""
        self._process.pause()

    def resume(self) -> None:
        self._process.resume()

    async def terminate(self) -> int | None:
        """SIGTERM: the orderly way; returns the exit code.

        Raises:
            AssertionError: it does not end.
        """
        self._process.terminate()
        try:
            return await asyncio.to_thread(self._process.wait, STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"Node {self.name} did not end within {STOP_TIMEOUT_S} s of SIGTERM.") from None

    def output(self) -> str:
        return self._process.output()

    def tracebacks(self) -> list[str]:
        """The lines of its log that begin a trace: the server meets bugs with one, and refusals without."""
        return [line for line in self.output().splitlines() if "Traceback (most recent call last)" in line]

    def print_log(self) -> None:
        """For whoever reads a failed test; pytest shows it only then."""
        lines = self.output().splitlines()[-_SHOWN_LINES:]
        print(f"── log of node {self.name} ──", *lines, sep="\n")

    async def _becomes_ready(self) -> bool:
        self._process.start()
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                while self.is_running:
                    if await http_status(self.port, "/readyz") == 200:
                        return self.is_running
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            self.kill()
        return False

    def _new_process(self) -> Process:
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": os.environ.get("HOME", "/"),
            "PYTHONUNBUFFERED": "1",
            **self._env,
            "PORT": str(self.port),
            "NODE_ID": self.name,
        }
        return Process(self._command, log_path=self._log_path, env=env, cwd=ROOT)


class Cluster:
    """Nodes that share a Redis and the keys: `async with Cluster(url, **QUICK) as cluster: await cluster.add_node()`.

    Leaving it ends every node, then fails when one of them logged a traceback, unless `allow_tracebacks`. Without a
    `redis_url` a node keeps everything in its own process, so that more than one makes no sense.
    """

    session_keys = "test:session-key-0123456789abcdefghijklmnop"
    link_keys = "test:link-key-0123456789abcdefghijklmnopqrs"
    admin_api_key = "admin-key-0123456789abcdefghijklmnopqrs"

    def __init__(
        self,
        redis_url: str | None = None,
        *,
        allow_tracebacks: bool = False,
        command: Sequence[str] = SERVER,
        **settings: str,
    ) -> None:
        self.nodes: list[Node] = []
        self._allow_tracebacks = allow_tracebacks
        self._command = command
        self._settings = {
            "SESSION_KEYS": self.session_keys,
            "LINK_KEYS": self.link_keys,
            "ADMIN_API_KEYS": self.admin_api_key,
            **({"REDIS_URL": redis_url} if redis_url else {}),
            **settings,
        }
        self._directory = Path(tempfile.mkdtemp(prefix="greenroom-nodes-"))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            stopped = await asyncio.gather(*(node.terminate() for node in self.nodes), return_exceptions=True)
            for node in self.nodes:
                node.print_log()
            if error is None:
                self._check(stopped)
        finally:
            for node in self.nodes:
                node.kill()
            shutil.rmtree(self._directory, ignore_errors=True)

    async def add_node(self, **settings: str) -> Node:
        """Start one more; `settings` are environment variables of this node alone."""
        name = f"node{len(self.nodes) + 1}"
        node = Node(name, env={**self._settings, **settings}, directory=self._directory, command=self._command)
        self.nodes.append(node)
        await node.start()
        return node

    def _check(self, stopped: Sequence[int | BaseException | None]) -> None:
        for outcome in stopped:
            if isinstance(outcome, BaseException):
                raise outcome
        if self._allow_tracebacks:
            return
        for node in self.nodes:
            assert not node.tracebacks(), f"Node {node.name} logged a traceback; its log is printed above."


async def http_status(port: int, path: str) -> int | None:
    """The status that a server on loopback answers a GET with; None when it does not answer."""
    try:
        reader, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return None
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n".encode())
        words = (await reader.readline()).split()
        return int(words[1]) if len(words) > 1 else None
    except (OSError, ValueError):
        return None
    finally:
        writer.transport.abort()
