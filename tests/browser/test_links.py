"""Links in a browser: who only looks uses nothing up, and what is left of a device when the browser keeps little or forgets."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.async_api import BrowserContext

from tests.browser.people import House, Person, expect, open_house

EMAIL = "grace@example.org"
SCANNERS = 3
FORGET_KEY = """() => new Promise((resolve, reject) => {
  const request = indexedDB.deleteDatabase("greenroom");
  request.onsuccess = () => resolve(true);
  request.onerror = () => reject(request.error);
})"""


async def new_link(house: House, **room: object) -> str:
    room_id = (await house.api.create_room(title="Chemistry", **room))["room_id"]
    made = await house.api.invite(room_id, email=EMAIL, first_name="Grace", last_name="Hopper", role="speaker")
    return str(made["link"])


async def opens(house: House, link: str, context: BrowserContext | None = None) -> Person:
    person = await house.person(node=0, context=context)
    await person.goes_to(link)
    return person


async def comes_in(house: House, link: str) -> Person:
    person = await opens(house, link)
    await person.is_shown("email_entry")
    await person.gives(EMAIL)
    await person.is_shown("inside")
    return person


async def test_scanners_that_run_the_scripts_leave_a_link_unspent(lone_cluster, figure):
    async with open_house(lone_cluster) as house:
        link = await new_link(house)
        for _ in range(SCANNERS):
            scanner = await opens(house, link)
            await scanner.is_shown("email_entry")
            for button in await scanner.page.locator("button:visible").all():
                await button.click()
            await scanner.page.reload()
            await scanner.is_shown("email_entry")
            await scanner.context.close()
        (invitation,) = await house.api.invitations(urlsplit(link).path.split("/")[2])
        spent = invitation["devices"]
        figure("links_spent_by_scanners", spent, unit="devices", must="== 0", holds=spent == 0, n=SCANNERS)
        grace = await comes_in(house, link)
        await grace.has_role("speaker")


async def test_the_secret_leaves_the_address_bar_and_no_request_carries_it(lone_cluster):
    async with open_house(lone_cluster) as house:
        link = await new_link(house)
        secret = link.partition("#")[2]
        grace = await house.person(node=0)
        asked: list[str] = []
        grace.page.on("request", lambda request: asked.append(f"{request.url} {request.headers}"))
        await grace.goes_to(link)
        await grace.is_shown("email_entry")
        assert secret not in grace.page.url
        assert asked
        assert not [request for request in asked if secret in request]


async def test_a_device_comes_again_without_a_word_in_another_tab(lone_cluster):
    async with open_house(lone_cluster) as house:
        link = await new_link(house)
        grace = await comes_in(house, link)
        again = await opens(house, link, grace.context)
        await again.is_shown("inside")
        assert again.reloads == 0
        await expect(again.page.locator("#participants li")).to_have_count(1)


async def test_a_key_that_was_evicted_costs_the_address_once_more(lone_cluster):
    async with open_house(lone_cluster) as house:
        link = await new_link(house)
        grace = await comes_in(house, link)
        await grace.page.evaluate(FORGET_KEY)
        again = await opens(house, link, grace.context)
        await again.is_shown("email_entry")
        await again.gives(EMAIL)
        await again.is_shown("inside")


async def test_a_profile_that_forgot_key_and_cookie_is_another_device(lone_cluster):
    async with open_house(lone_cluster) as house:
        link = await new_link(house)
        grace = await comes_in(house, link)
        await grace.page.evaluate(FORGET_KEY)
        await grace.context.clear_cookies()
        again = await opens(house, link, grace.context)
        await again.is_shown("used_on_another_device")


@pytest.mark.parametrize("why", ["no WebCrypto", "storage refused"])
async def test_without_a_key_the_cookie_stands_for_the_device(lone_cluster, why):
    async with open_house(lone_cluster) as house:
        link = await new_link(house)
        context = await house.browser.new_context()
        if why == "no WebCrypto":  # as on every page without https
            await context.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined });")
        else:
            await context.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };")
        grace = await opens(house, link, context)
        await grace.is_shown("email_entry")
        await grace.gives(EMAIL)
        await grace.is_shown("inside")
        again = await opens(house, link, context)
        await again.is_shown("inside")
        other = await opens(house, link)
        await other.is_shown("used_on_another_device")
