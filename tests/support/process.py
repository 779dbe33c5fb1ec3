"""A child process that can be killed and stalled, and that never outlives the tests."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_running: set[Process] = set()


class Process:
    """A program with both its outputs in `log_path`; starting it again appends there."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log_path: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self._command = list(command)
        self._env, self._cwd, self._log_path = env, cwd, log_path
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._child is not None, "not started"
        return self._child.pid

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Start it, in a session of its own: a Ctrl-C at the terminal is for the tests alone."""
        assert not self.is_running, "already running"
        with self._log_path.open("ab") as log:
            self._child = subprocess.Popen(
                self._command,
                env=self._env,
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _running.add(self)

    def kill(self) -> None:
        """SIGKILL: no goodbye, nothing flushed. Harmless when it has ended already."""
        self._signal(signal.SIGKILL)
        self.wait(timeout_s=10)

    def pause(self) -> None:
        """SIGSTOP: its connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def terminate(self) -> None:
        """SIGTERM, and no waiting: see `wait`."""
        self.resume()  # a stopped process would hear it only later
        self._signal(signal.SIGTERM)

    def wait(self, timeout_s: float) -> int | None:
        """Its exit code, once it has ended.

        Raises:
            subprocess.TimeoutExpired: it runs on.
        """
        if self._child is None:
            return None
        exit_code = self._child.wait(timeout_s)
        _running.discard(self)
        return exit_code

    def output(self) -> str:
        """Everything that it has printed, over all starts."""
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    def _signal(self, number: signal.Signals) -> None:
        if self.is_running:
            os.kill(self.pid, number)


@atexit.register
def _kill_what_is_left() -> None:
    for process in list(_running):
        process.kill()
