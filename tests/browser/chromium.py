"""A Chromium to drive: found, or installed, or a failure that says what to do. Tests never skip for want of it.

`python -m tests.browser.chromium` does just that, before the tests begin whose time is limited.
"""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

# The shell is the same engine without windows: half the processes and memory for each page.
SHELL = "chromium-headless-shell"
WITH_WINDOWS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)
INSTALL_TIMEOUT_S = 600


@functools.cache
def chromium_path(*, windows: bool = False) -> str:
    """The program to run: CHROMIUM, else one on the PATH, else Playwright's, else one installed now.

    Args:
        windows: the browser that people have, with its settings; what it allows to frames of another site depends on those.

    Raises:
        RuntimeError: there is none, and none could be installed.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        if not os.access(named, os.X_OK) or Path(named).is_dir():
            raise RuntimeError(f"CHROMIUM names {named!r}, which is no program.")
        return named
    found = _on_path(windows) or _of_playwright() or _installed_now(windows)
    if not found:
        raise RuntimeError(
            "The browser tests need a Chromium: install one (on Debian: apt-get install chromium), or run "
            "`python -m playwright install chromium`, or name a program with CHROMIUM."
        )
    return found


def _on_path(windows: bool) -> str | None:
    names = WITH_WINDOWS if windows else (SHELL, *WITH_WINDOWS)
    return next((path for name in names if (path := shutil.which(name))), None)


def _of_playwright() -> str | None:
    """Where Playwright keeps its browsers; the newest, whichever version it came with."""
    folder = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
    programs = [path for name in ("chrome", "Chromium", "headless_shell") for path in Path(folder).glob(f"chromium*/**/{name}")]
    return next((str(path) for path in sorted(programs, reverse=True) if path.is_file() and os.access(path, os.X_OK)), None)


def _installed_now(windows: bool) -> str | None:
    """By the system's packages where we may, since the system keeps those up to date; else Playwright's own build."""
    if _install_by_apt():
        return _on_path(windows)
    return _of_playwright() if _install_by_playwright() else None


def _install_by_playwright() -> bool:
    return _runs([sys.executable, "-m", "playwright", "install", "chromium"])


def _install_by_apt() -> bool:
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return False
    apt_get = ["apt-get", "-o", "DPkg::Lock::Timeout=120"]
    install = [*apt_get, "install", "--yes", "--no-install-recommends"]
    # Only here can both be had: the shell is a package of its own.
    _runs([*apt_get, "update"])
    _runs([*install, SHELL])
    return _runs([*install, "chromium"])


def _runs(command: list[str]) -> bool:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        ended = subprocess.run(command, env=environ, capture_output=True, check=False, timeout=INSTALL_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0


class SharedBrowser:
    """One browser for all tests of a process, in a loop of its own: starting one takes longer than most tests."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._browser: Browser | None = None

    def start(self) -> None:
        """Start it, unless it runs."""
        if self._browser is None or not self._browser.is_connected():
            self._browser = self.runner.run(self._stack.enter_async_context(_launch()))

    def stop(self) -> None:
        self.runner.run(self._stack.aclose())
        self.runner.close()

    def in_this_loop(self) -> Browser | None:
        """The browser, for whoever runs in its loop: nobody else can use it."""
        return self._browser if asyncio.get_running_loop() is self.runner.get_loop() else None


shared: list[SharedBrowser] = []


@asynccontextmanager
async def open_browser(*, windows: bool = False) -> AsyncIterator[Browser]:
    """A headless browser; each context of it is a profile of its own. Those that were made are closed."""
    browser = shared[0].in_this_loop() if shared and not windows else None
    if browser is None:
        async with _launch(windows) as launched:
            yield launched
        return
    before = set(browser.contexts)
    try:
        yield browser
    finally:
        for context in set(browser.contexts) - before:
            await context.close()


@asynccontextmanager
async def _launch(windows: bool = False) -> AsyncIterator[Browser]:
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(windows=windows), args=[*FLAGS, *as_root])
        try:
            yield browser
        finally:
            await browser.close()


if __name__ == "__main__":
    try:
        print(chromium_path())
    except RuntimeError as error:
        sys.exit(str(error))
