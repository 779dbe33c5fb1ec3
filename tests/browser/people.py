"""People at browsers: each a profile of their own, on a node of their own, watched for reloads, errors and foreign requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Locator, Page, Request, expect

from client_sim.api import Api
from tests.browser.chromium import open_browser
from tests.support.nodes import Cluster
from tests.support.ports import HOST
from tests.support.proxy import TcpProxy

# Somebody whose node died is back within a second; nobody is to be counted as gone before.
SETTINGS = {"LOG_SHARDS": "2", "LEASE_TTL_MS": "5000", "LEASE_RENEW_MS": "500", "PARTICIPANT_GRACE_MS": "3000", "DRAIN_MS": "200"}
PATIENCE_MS = 15_000

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Person:
    """One tab of one profile."""

    page: Page
    origin: str
    reloads: int = 0
    sockets: int = 0
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    async def goes_to(self, address: str) -> None:
        """Open a path, or what a link names, at this person's own node."""
        parts = urlsplit(address)
        await self.page.goto(self.origin + parts.path + (f"#{parts.fragment}" if parts.fragment else ""))
        self.reloads = 0

    async def is_shown(self, state: str) -> None:
        """Wait until the page names this state."""
        await expect(self.page.locator(f'main > [data-state="{state}"]')).to_be_visible()

    async def gives(self, email: str) -> None:
        await self.page.fill("#email", email)
        await self.page.click('main form button[type="submit"]')

    async def has_role(self, role: str) -> None:
        await expect(self.page.locator(f'#own-role[data-role="{role}"]')).to_be_visible()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def act(self, name: str) -> Locator:
        """The button that does this, in whatever language: each has its `data-act`."""
        return self.page.locator(f'[data-act="{name}"]:visible')

    async def chooses(self, name: str, label: str) -> None:
        """Open the menu of somebody's row and choose what is called `label`."""
        await self.row(name).locator('[aria-haspopup="menu"]').click()
        await self.page.get_by_role("menuitem", name=label, exact=True).click()

    def row(self, name: str) -> Locator:
        return self.page.locator("#participants li", has=self.page.locator("bdi", has_text=name))


@dataclass
class House:
    """Nodes, and the people at them. `doors`: each node's address, where it can be led elsewhere."""

    cluster: Cluster
    browser: Browser
    doors: list[TcpProxy] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)

    @property
    def api(self) -> Api:
        return Api(self.cluster.nodes[0].url, self.cluster.admin_api_key)

    def origin(self, node: int) -> str:
        return f"http://localhost:{self.doors[node].port if self.doors else self.cluster.nodes[node].port}"

    async def person(self, *, node: int, context: BrowserContext | None = None) -> Person:
        """Somebody with a profile of their own, or with one more tab of `context`."""
        context = context or await self.browser.new_context()
        person = Person(await context.new_page(), self.origin(node))
        own = urlsplit(person.origin).netloc
        schemes = ("http", "https", "ws", "wss")

        def on_request(request: Request) -> None:
            asked = urlsplit(request.url)
            if asked.scheme in schemes and asked.netloc != own:
                person.foreign.append(request.url)

        person.page.on("request", on_request)
        # Not "framenavigated": taking the secret out of the address counts as one, and loads nothing.
        person.page.on("domcontentloaded", lambda _: setattr(person, "reloads", person.reloads + 1))
        person.page.on("websocket", lambda _: setattr(person, "sockets", person.sockets + 1))
        person.page.on("pageerror", lambda error: person.errors.append(str(error)))
        person.page.on("console", lambda said: "Content Security Policy" in said.text and person.errors.append(said.text))
        self.people.append(person)
        return person

    def kill(self, node: int) -> None:
        """kill -9; who stood at its door is led to the other one."""
        self.cluster.nodes[node].kill()
        alive = self.cluster.nodes[1 - node]
        self.doors[node].target = (HOST, alive.port)

    async def close(self) -> None:
        """End every tab, after a look at whether its scripts broke or asked for what the policy forbids."""
        for person in self.people:
            assert person.errors == []
            if not person.page.is_closed():
                await person.page.close()


@asynccontextmanager
async def open_house(cluster: Cluster, *, windows: bool = False) -> AsyncIterator[House]:
    """A browser at nodes that are there."""
    async with open_browser(windows=windows) as browser:
        house = House(cluster, browser)
        yield house
        await house.close()


@asynccontextmanager
async def open_house_of_two(redis_url: str) -> AsyncIterator[House]:
    """Two nodes of one's own on a real store, each behind a door, and a browser."""
    async with AsyncExitStack() as stack:
        browser = await stack.enter_async_context(open_browser())
        doors = [await stack.enter_async_context(TcpProxy(HOST, 0)) for _ in range(2)]
        origins = [f"http://localhost:{door.port}" for door in doors]
        given = {"PUBLIC_URL": origins[0], "ALLOWED_ORIGINS": origins[1]}
        cluster = await stack.enter_async_context(Cluster(redis_url, **SETTINGS, **given))
        for door in doors:
            door.target = (HOST, (await cluster.add_node()).port)
        house = House(cluster, browser, doors)
        yield house
        await house.close()
