"""Guest links in a browser: three at most, counted as they are used, and off means off."""

from __future__ import annotations

from playwright.async_api import Locator

from tests.browser.inspecting import inspect
from tests.browser.inviting import chooses, manager_in
from tests.browser.people import Person, expect, open_house

OPEN = """async () => {
  const { openGuestLinks } = await import("/pages/invite/guest-links.js");
  await customElements.whenDefined("greenroom-guest-links");
  openGuestLinks(document.querySelector("greenroom-participants").client);
}"""
CLIPBOARD = "navigator.clipboard.writeText = async (text) => { window.copied = text; };"


async def makes(maya: Person, name: str, **limits: str) -> Locator:
    for field, text in {"name": name, "clicks": "", "days": "", **limits}.items():
        await maya.page.fill(f"#guest-{field}", text)
    await maya.act("guest.create").click()
    row = maya.page.locator("#guest-links > li", has=maya.page.get_by_text(name, exact=True))
    await expect(row).to_be_visible()
    return row


async def test_a_guest_link_counts_its_guests_lets_no_more_in_than_it_may_and_goes_off(lone_cluster):
    async with open_house(lone_cluster) as house:
        maya, _ = await manager_in(house)
        await maya.page.evaluate(CLIPBOARD)
        await maya.page.evaluate(OPEN)
        row = await makes(maya, "<i>Open</i> day", clicks="1", days="7")
        await expect(maya.page.locator("dialog .notice")).to_be_visible()  # where its reader is, not behind the dialog
        link = await maya.page.evaluate("window.copied")
        await expect(row).to_have_attribute("data-clicks", "0")
        gus = await house.person(node=0)
        await gus.goes_to(link)
        await gus.is_shown("guest_entry")
        await gus.page.fill("#guest-name", "Gus")
        await gus.gives("gus@example.org")
        await gus.is_shown("inside")
        await expect(row).to_have_attribute("data-clicks", "1")
        await expect(row.locator(".wrong")).to_be_visible()
        late = await house.person(node=0)
        await late.goes_to(link)
        await late.is_shown("guest_link_full")
        for name in ("Second", "Third"):
            await makes(maya, name)
        await expect(maya.page.locator(".guest-form")).to_be_hidden()
        assert (await inspect(maya.page, "guest links")).all == []
        await chooses(maya, row, "guest.off")
        await maya.page.locator("dialog .danger.primary").click()
        await expect(maya.page.locator("#guest-links > li")).to_have_count(2)
        await expect(maya.page.locator(".guest-form")).to_be_visible()
        await gus.is_shown("inside")
        await maya.page.keyboard.press("Escape")
        await expect(maya.page.locator("dialog")).to_have_count(0)
        await expect(maya.page.locator("body > .notices")).to_be_attached()


async def test_the_switch_of_guest_access_is_the_rooms_and_follows_it(lone_cluster):
    async with open_house(lone_cluster) as house:
        maya, room_id = await manager_in(house)
        await maya.page.evaluate(CLIPBOARD)
        await maya.page.evaluate(OPEN)
        switch = maya.page.locator("#guest-access")
        await expect(switch).to_be_checked()
        await switch.uncheck()
        await expect(maya.page.locator(".guest-form")).to_be_hidden()
        assert (await house.api.room(room_id))["guest_access"] is False
        await house.api.edit_room(room_id, guest_access=True)
        await expect(switch).to_be_checked()
        row = await makes(maya, "Open day", clicks="5")
        await chooses(maya, row, "guest.edit")
        await maya.page.fill("#guest-clicks", "9")
        await maya.act("guest.save").click()
        await expect(row.locator(".clicks")).to_have_text("0 of 9 clicks")
