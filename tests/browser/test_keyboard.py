"""A whole session without a mouse: invite, prove the address, promote; and the focus is never lost."""

from __future__ import annotations

import asyncio
import re

from tests.browser.people import Person, expect, open_house

EMAIL = "grace@example.org"
MOST_TABS = 80
IS_AT = "(selector) => document.activeElement?.matches(selector) ?? false"
WHERE = "() => document.activeElement?.outerHTML.slice(0, 120)"


async def go_to(person: Person, selector: str) -> None:
    """Press Tab until what is asked for has the focus."""
    for _ in range(MOST_TABS):
        if await person.page.evaluate(IS_AT, selector):
            return
        await person.page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab; the focus is at {await person.page.evaluate(WHERE)}")


async def press(person: Person, selector: str, key: str = "Enter") -> None:
    await go_to(person, selector)
    await person.page.keyboard.press(key)


async def type_into(person: Person, selector: str, text: str) -> None:
    await go_to(person, selector)
    await person.page.keyboard.type(text)


async def choose(person: Person, act: str) -> None:
    """Arrow down an open menu to a choice, and take it."""
    for _ in range(20):
        if await person.page.evaluate(IS_AT, f'[data-act="{act}"]'):
            return await person.page.keyboard.press("Enter")
        await person.page.keyboard.press("ArrowDown")
    raise AssertionError(f"{act} is not in the menu")


async def test_a_manager_invites_and_promotes_without_a_mouse(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = (await house.api.create_room(title="Chemistry", standings={"maya": "owner"}))["room_id"]
        maya, grace = await house.person(node=0), await house.person(node=0)
        await maya.goes_to(f"/room/{room_id}#as=maya")
        await maya.is_shown("inside")
        link = await _invites(maya)
        await grace.goes_to(link)
        await grace.is_shown("email_entry")
        await type_into(grace, "#email", EMAIL)
        await grace.page.keyboard.press("Enter")
        await grace.is_shown("inside")
        await grace.has_role("speaker")
        row = maya.row("Grace Hopper")
        await expect(row).to_be_visible()
        own = await row.get_attribute("data-participant-id")
        await press(maya, f'[data-participant-id="{own}"] [aria-haspopup="menu"]')
        await choose(maya, "role.moderator")
        await grace.has_role("moderator")
        assert await maya.page.evaluate(IS_AT, f'[data-participant-id="{own}"] [aria-haspopup="menu"]'), "the focus came back"


async def _invites(maya: Person) -> str:
    await press(maya, 'greenroom-participants > .section-head [aria-haspopup="menu"]')
    await choose(maya, "invite.open")
    for field, text in (("email", EMAIL), ("first", "Grace"), ("last", "Hopper")):
        await type_into(maya, f"#invite-{field}", text)
    await go_to(maya, 'dialog input[type="radio"]')
    await maya.page.keyboard.press("ArrowDown")
    await press(maya, '[data-act="invite.generate"]')
    link = maya.page.locator("#invite-link")
    await expect(link).to_have_value(re.compile("/join/.+#.+"))
    value = await link.input_value()
    await maya.page.keyboard.press("Escape")
    await expect(maya.page.locator("dialog")).to_have_count(0)
    assert not await maya.page.evaluate(IS_AT, "body"), "the focus went back to where the dialog was opened"
    return value


async def test_a_dialog_fetched_slowly_gives_the_focus_to_the_heading_of_somebody_who_went_on(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = (await house.api.create_room(title="Chemistry", standings={"maya": "owner"}))["room_id"]
        maya = await house.person(node=0)
        has_left = asyncio.Event()

        async def wait_for_her(route):
            await has_left.wait()
            await route.continue_()

        await maya.page.route("**/invite/invite-dialog.js", wait_for_her)
        await maya.goes_to(f"/room/{room_id}#as=maya")
        await maya.is_shown("inside")
        await press(maya, 'greenroom-participants > .section-head [aria-haspopup="menu"]')
        await choose(maya, "invite.open")
        await maya.page.evaluate("() => document.activeElement.blur()")  # as Tab does behind the page's last element
        has_left.set()
        await expect(maya.page.locator("dialog#invite-dialog")).to_be_visible()
        await maya.page.keyboard.press("Escape")
        await expect(maya.page.locator("dialog")).to_have_count(0)
        assert await maya.page.evaluate(IS_AT, "h1"), await maya.page.evaluate(WHERE)


async def test_a_menu_is_worked_by_its_keys(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = (await house.api.create_room(title="Chemistry", standings={"maya": "owner"}))["room_id"]
        alex, maya = await house.person(node=0), await house.person(node=0)
        await alex.goes_to(f"/room/{room_id}#as=alex")
        await alex.is_shown("inside")
        await maya.goes_to(f"/room/{room_id}#as=maya")
        await expect(maya.row("Alex")).to_be_visible()
        button = maya.row("Alex").locator('[aria-haspopup="menu"]')
        await button.focus()
        await maya.page.keyboard.press("ArrowDown")
        await expect(button).to_have_attribute("aria-expanded", "true")
        choices = maya.page.locator('[role="menu"]:popover-open [role^="menuitem"]')
        await expect(choices.first).to_be_focused()
        await maya.page.keyboard.press("End")
        await expect(choices.last).to_be_focused()
        await maya.page.keyboard.press("ArrowDown")
        await expect(choices.first).to_be_focused()
        await maya.page.keyboard.press("Escape")
        await expect(button).to_have_attribute("aria-expanded", "false")
        await expect(button).to_be_focused()
