"""Several nodes on one machine: `NODES=2 REDIS_URL=… python -m server.launcher`. Starts them on neighbouring ports with the
same keys, and starts one again that dies."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from types import FrameType

from server.settings import EMBEDDED_URL, SettingsError, load_settings

MAX_NODES = 64
MAX_PORT = 65_535
LOOK_EVERY_S = 0.2
RESTART_PAUSE_S = 1.0
KILL_AFTER_S = 15.0


class Launcher:
    """Owns the node processes until it is told to stop."""

    def __init__(self, environ: dict[str, str], nodes: int) -> None:
        self._environ = environ
        self._ports = [int(environ["PORT"]) + index for index in range(nodes)]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._stopping = False

    def run(self) -> int:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        for port in self._ports:
            self._start(port)
        while not self._stopping:
            time.sleep(LOOK_EVERY_S)
            self._restart_dead()
        return self._wait_for_all()

    def _start(self, port: int) -> None:
        environ = {**self._environ, "PORT": str(port)}
        self._processes[port] = subprocess.Popen([sys.executable, "-m", "server"], env=environ)

    def _restart_dead(self) -> None:
        for port, process in self._processes.items():
            if process.poll() is not None and not self._stopping:
                print(f"greenroom: the node on port {port} ended with {process.returncode}; starting it again", file=sys.stderr)
                time.sleep(RESTART_PAUSE_S)
                self._start(port)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True
        for process in self._processes.values():
            process.terminate()

    def _wait_for_all(self) -> int:
        deadline_s = time.monotonic() + KILL_AFTER_S
        for process in self._processes.values():
            try:
                process.wait(max(0.1, deadline_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
        return 0


def environ_for(environ: dict[str, str], nodes: int) -> dict[str, str]:
    """The settings that all nodes share: keys are made up where none are given, and die with the launcher.

    Raises:
        SettingsError: they make no sense together.
    """
    if environ.get("REDIS_URL", EMBEDDED_URL) == EMBEDDED_URL and nodes > 1:
        raise SettingsError("NODES: several nodes need a REDIS_URL that they share; memory:// lives in one process.")
    shared = {"PORT": "8000", **environ}
    if not shared["PORT"].isdigit() or int(shared["PORT"]) + nodes - 1 > MAX_PORT:
        raise SettingsError(f"PORT must be a whole number, and with NODES={nodes} leave room for all up to {MAX_PORT}.")
    for name in ("SESSION_KEYS", "LINK_KEYS"):
        shared.setdefault(name, f"run:{secrets.token_hex(32)}")
    shared.setdefault("ADMIN_API_KEYS", secrets.token_hex(32))
    # Links name one address, whichever node made them.
    shared.setdefault("PUBLIC_URL", f"http://localhost:{shared['PORT']}")
    ports = range(int(shared["PORT"]), int(shared["PORT"]) + nodes)
    origins = [f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in ports]
    shared.setdefault("ALLOWED_ORIGINS", ",".join(origins))
    load_settings(shared)
    return shared


def main() -> int:
    raw = os.environ.get("NODES", "1")
    try:
        if not raw.isdigit() or not 1 <= int(raw) <= MAX_NODES:
            raise SettingsError(f"NODES must be a whole number from 1 to {MAX_NODES}.")
        environ = environ_for(dict(os.environ), int(raw))
    except SettingsError as error:
        print(f"greenroom: {error}", file=sys.stderr)
        return 2
    if "ADMIN_API_KEYS" not in os.environ:
        print(f"greenroom: API key for this run: {environ['ADMIN_API_KEYS']}", flush=True)
    return Launcher(environ, int(raw)).run()


if __name__ == "__main__":
    sys.exit(main())
