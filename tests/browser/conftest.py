"""What browser tests share: the marker, the figures, two nodes on a real store, and pages without a server."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Route

from client_sim.figures import Figures
from server.web.pages_api import _POLICY, media_type
from tests.browser import chromium
from tests.browser.chromium import open_browser
from tests.browser.figures import EXPECTED, FIGURES
from tests.browser.people import SETTINGS
from tests.support.nodes import Cluster
from tests.support.ports import free_port
from tests.support.running import run_async, timeout_s_of

HERE = Path(__file__).parent
PAGES = HERE.parents[1] / "server" / "web" / "pages"
FOLDERS = {"pages": PAGES, "unit": HERE / "unit"}
PRODUCT_PORT = free_port()  # where the room product has its own pages: another origin
EMBEDDER = f"http://127.0.0.1:{PRODUCT_PORT}"  # the same pages, to a browser on another site than localhost
UNIT_FILES = (
    "replica", "connection", "device", "states", "card", "bulk", "invitations", "people", "room", "rights", "stage", "acting",
)
RUN = """async (name) => {
  await import(`/unit/${name}.js`);
  const { run } = await import("/unit/harness.js");
  return run();
}"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def test_…` beside the one browser of this process."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    if not chromium.shared:
        chromium.shared.append(chromium.SharedBrowser())
    chromium.shared[0].start()
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    run_async(pyfuncitem.obj(**arguments), timeout_s=0.9 * timeout_s_of(pyfuncitem), runner=chromium.shared[0].runner)
    return True


def pytest_sessionfinish() -> None:
    while chromium.shared:
        chromium.shared.pop().stop()


AddFigure = Callable[..., None]


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> AddFigure:
    """Record one of the announced figures; the test fails where it does not hold."""
    figures = request.config.stash.get(FIGURES, None) or Figures(EXPECTED, prints=False)

    def add(name: str, value: float, *, unit: str, must: str, holds: bool, **more: Any) -> None:
        figures.add(f"browser.{name}", value, unit=unit, must=must, holds=holds, **more)
        assert holds, f"{name} is {value} {unit}, and must be {must}"

    return add


async def serve_from_disk(context: BrowserContext) -> None:
    """Answer every request from the folders, under the pages' own policy; there is no server."""

    async def fulfil(route: Route) -> None:
        folder, _, name = route.request.url.split("/", 3)[3].partition("/")
        headers = {"Content-Security-Policy": _POLICY.format(sockets="", embedders="*")}
        if not folder:
            await route.fulfill(body="<!doctype html><title>unit</title>", content_type="text/html", headers=headers)
        elif folder in FOLDERS and (path := FOLDERS[folder] / name).is_file():
            await route.fulfill(body=path.read_bytes(), content_type=media_type(name), headers=headers)
        else:
            await route.fulfill(status=404, body="")

    await context.route("**/*", fulfil)


@asynccontextmanager
async def open_unit_context(*, windows: bool = False) -> AsyncIterator[BrowserContext]:
    async with open_browser(windows=windows) as browser:
        context = await browser.new_context()
        await serve_from_disk(context)
        yield context


@pytest.fixture(scope="session")
def unit_outcomes() -> dict[str, str | None]:
    """What became of each test in unit/: by name, None where it passed."""
    return asyncio.run(run_units())


@pytest.fixture(scope="session")
def lone_cluster() -> Iterator[Cluster]:
    """One node that keeps everything in itself, for all tests to which nodes do not matter."""
    cluster = Cluster(**SETTINGS, ALLOWED_ORIGINS=f"http://localhost:{PRODUCT_PORT}", ALLOWED_EMBEDDERS=EMBEDDER)
    asyncio.run(cluster.__aenter__())
    try:
        asyncio.run(cluster.add_node())
        yield cluster
    finally:
        asyncio.run(cluster.__aexit__(None, None, None))


async def run_units() -> dict[str, str | None]:
    outcomes: dict[str, str | None] = {}
    async with open_unit_context() as context:
        for name in UNIT_FILES:
            page = await context.new_page()
            await page.goto("http://localhost/")
            found = await page.evaluate(RUN, name)
            outcomes |= {f"{name}: {test}": error for test, error in found.items()}
            await page.close()
    return outcomes

