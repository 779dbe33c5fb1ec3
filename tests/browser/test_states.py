"""The invitee's page where the world is not as it should be: no script, no storage, no network, another site's frame."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Frame, Locator, Page, WebSocketRoute, async_playwright, expect

from tests.browser.chromium import FLAGS, chromium_path
from tests.browser.conftest import EMBEDDER, PRODUCT_PORT
from tests.browser.gallery.scene import EMAIL, FAR_MS, Scene
from tests.browser.people import Person, open_house
from tests.browser.test_a_front_end_of_ones_own import open_product
from tests.support.waiting import wait_until

REFUSE_STORAGE = """
IDBFactory.prototype.open = () => { throw new DOMException("no", "SecurityError"); };
for (const name of ["sessionStorage", "localStorage"]) {
  Object.defineProperty(window, name, { get: () => { throw new DOMException("no", "SecurityError"); } });
}
Object.defineProperty(Navigator.prototype, "cookieEnabled", { get: () => false });
"""

# What a person sets who lets other sites' frames keep something; else Chromium refuses them all storage.
ALLOW_OTHERS_STORAGE = '{"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": false}}'


async def new_link(scene: Scene, **room: object) -> str:
    return str((await scene.invite(await scene.room(**room)))["link"])


class Wire:
    """The way of a tab's websockets, to be cut and mended."""

    def __init__(self) -> None:
        self.is_cut = False
        self._open: list[WebSocketRoute] = []

    async def carry(self, person: Person) -> None:
        await person.page.route_web_socket("**/v1/ws", self._on_socket)

    async def _on_socket(self, socket: WebSocketRoute) -> None:
        if self.is_cut:
            await socket.close()
        else:
            self._open.append(socket)
            socket.connect_to_server()

    async def cut(self) -> None:
        self.is_cut = True
        for socket in self._open:
            await socket.close()


async def test_without_javascript_a_sentence_says_what_to_do(lone_cluster):
    async with open_house(lone_cluster) as house:
        link = await new_link(Scene(house))
        person = await house.person(node=0, context=await house.browser.new_context(java_script_enabled=False))
        await person.goes_to(link)
        await expect(person.page.locator("noscript p")).to_be_visible()
        assert "JavaScript" in await person.page.locator("noscript p").inner_text()


async def test_where_nothing_at_all_is_kept_the_page_says_so_and_lets_in(lone_cluster):
    async with open_house(lone_cluster) as house:
        scene = Scene(house)
        link = await new_link(scene)
        grace = await scene.person()
        await grace.context.add_init_script(REFUSE_STORAGE)
        await grace.goes_to(link)
        await grace.is_shown("email_entry")
        await expect(grace.page.locator("greenroom-card .note")).to_contain_text("keeps nothing for this page")
        await grace.gives(EMAIL)
        await grace.is_shown("inside")
        await grace.page.reload()
        await grace.is_shown("invalid")


async def test_a_server_that_cannot_be_reached_is_asked_again_until_it_answers(lone_cluster):
    async with open_house(lone_cluster) as house:
        scene = Scene(house)
        link = await new_link(scene)
        grace = await scene.person()
        asked, is_down = 0, True

        async def fail(route) -> None:
            nonlocal asked
            asked += 1
            await (route.abort() if is_down else route.fallback())

        await grace.page.route("**/link/look", fail)
        await grace.goes_to(link)
        await grace.is_shown("reconnecting")
        is_down = False
        await grace.is_shown("email_entry")
        assert asked >= 2


async def test_a_lost_connection_is_told_in_the_line_and_comes_back_to_the_same_place(lone_cluster):
    async with open_house(lone_cluster) as house:
        scene, wire = Scene(house), Wire()
        room_id = await scene.room(locked=True)
        alex = await scene.person()
        await wire.carry(alex)
        await alex.goes_to(f"/room/{room_id}#as=alex")
        await alex.is_shown("waiting_in_line")
        await wire.cut()
        await alex.is_shown("reconnecting")
        await expect(alex.page.locator("#connection")).to_be_hidden()
        wire.is_cut = False
        await alex.is_shown("waiting_in_line")
        await expect(alex.page.locator(".position")).to_have_text("You are next in line.")
        assert alex.reloads == 0


async def test_a_countdown_goes_on_without_a_connection_and_says_that_there_is_none(lone_cluster):
    async with open_house(lone_cluster) as house:
        scene, wire = Scene(house), Wire()
        grace = await scene.person()
        await wire.carry(grace)
        await grace.goes_to(await new_link(scene, starts_at_ms=FAR_MS))
        await grace.is_shown("countdown")
        await wire.cut()
        await expect(grace.page.locator("#connection")).to_be_visible()
        await grace.is_shown("countdown")
        timer = grace.page.get_by_role("timer")
        await expect(timer).not_to_have_attribute("data-left-s", str(await timer.get_attribute("data-left-s")))
        wire.is_cut = False
        await expect(grace.page.locator("#connection")).to_be_hidden()


# ── In a frame of another site ───────────────────────────────────────────────────────────────────────────────────────


def framing(link: str) -> Callable[[str], Awaitable[tuple[str, str]]]:
    """A page of the room product that shows the link in a frame."""

    async def answer(_: str) -> tuple[str, str]:
        return "text/html", f'<!doctype html><title>Product</title><iframe width="400" height="700" src="{link}"></iframe>'

    return answer


def shown_in(frame: Frame) -> Locator:
    return frame.locator("main > [data-state]")


async def proves_in(frame: Frame) -> None:
    await expect(shown_in(frame)).to_have_attribute("data-state", "email_entry")
    await frame.fill("#email", EMAIL)
    await frame.click('main form button[type="submit"]')
    await expect(shown_in(frame)).to_have_attribute("data-state", "inside")


async def framed(page: Page) -> Frame:
    await page.goto(EMBEDDER)
    return page.frames[1]


async def test_where_frames_may_keep_something_one_comes_in_and_comes_again(lone_cluster, tmp_path):
    async with open_house(lone_cluster) as house:
        link = await new_link(Scene(house))
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(ALLOW_OTHERS_STORAGE)
    async with open_product(framing(link)), async_playwright() as playwright:
        profile = await playwright.chromium.launch_persistent_context(
            tmp_path, executable_path=chromium_path(windows=True), args=[*FLAGS, "--no-sandbox"]
        )
        page = await profile.new_page()
        frame = await framed(page)
        await proves_in(frame)
        await page.reload()
        await expect(shown_in(page.frames[1])).to_have_attribute("data-state", "inside")
        await profile.close()


async def test_where_frames_are_refused_storage_the_page_says_so_before_the_link_is_used(lone_cluster):
    async with open_house(lone_cluster, windows=True) as house:
        link = await new_link(Scene(house))
        async with open_product(framing(link)):
            page = await (await house.browser.new_context()).new_page()
            frame = await framed(page)
            await expect(frame.locator("greenroom-card .note")).to_contain_text("keeps nothing for this page")
            assert await frame.evaluate("document.activeElement.localName") == "body", "the page around keeps the focus"
            await proves_in(frame)
            await page.close()


async def test_a_site_that_is_not_named_cannot_frame_the_page(lone_cluster):
    async with open_house(lone_cluster) as house:
        link = await new_link(Scene(house))
        async with open_product(framing(link)):
            page = await (await house.browser.new_context()).new_page()
            await page.goto(f"http://localhost:{PRODUCT_PORT}")
            await wait_until(lambda: page.frames[1].url.startswith("chrome-error:"), 10, "the browser's refusal")
            await page.close()


# ── Where a script of the page does not arrive ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("script", ["lobby/card.js", "words/en/lobby.js"])
async def test_a_page_whose_script_did_not_arrive_says_so_and_comes_back_with_the_link(lone_cluster, script):
    async with open_house(lone_cluster) as house:
        grace = await Scene(house).person()
        await grace.page.route(f"**/{script}", lambda route: route.abort())
        await grace.goes_to(await new_link(Scene(house)))
        await expect(grace.page.locator("#not-started")).to_contain_text("tries again by itself")
        await grace.page.unroute(f"**/{script}")
        await grace.page.evaluate("dispatchEvent(new Event('online'))")
        await grace.is_shown("email_entry")
        await expect(grace.page.locator("#not-started")).to_be_hidden()
        # The browser's word for what did not arrive may itself arrive later than the page's.
        grace.errors[:] = [error for error in grace.errors if script not in error]


@pytest.mark.parametrize("address", ["/join/any-room?lang=constructor", "/room/any-room?lang=__proto__", "/admin#constructor"])
async def test_no_address_leaves_a_page_without_a_heading(lone_cluster, address):
    async with open_house(lone_cluster) as house:
        person = await Scene(house).person()
        await person.page.goto(person.origin + address)
        await expect(person.page.locator("h1")).to_be_visible()
        assert person.errors == []


async def test_a_language_that_the_address_asks_for_can_be_changed(lone_cluster):
    async with open_house(lone_cluster) as house:
        person = await Scene(house).person()
        await person.page.goto(f"{person.origin}/join/any-room?lang=de")
        await expect(person.page.locator("html")).to_have_attribute("lang", "de")
        await person.page.locator(".languages button").first.click()
        await person.act("language.en").click()
        await expect(person.page.locator("html")).to_have_attribute("lang", "en")


async def test_what_was_typed_for_one_link_is_not_there_for_the_next(lone_cluster):
    async with open_house(lone_cluster) as house:
        scene = Scene(house)
        room_id = await scene.room()
        links = [(await scene.invite(room_id, email=email))["link"] for email in (EMAIL, "bo@example.org")]
        grace = await scene.opens(links[0], "email_entry")
        await grace.page.fill("#email", EMAIL)
        await grace.goes_to(links[1])
        await expect(grace.page.locator("#email")).to_have_value("")
        await grace.gives("bo@example.org")
        await grace.is_shown("inside")
