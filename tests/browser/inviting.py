"""What managers do with invitations, as steps that several tests take."""

from __future__ import annotations

import re

from playwright.async_api import Locator

from tests.browser.people import House, Person, expect

LINK = re.compile(r"^http://.+/join/.+#.+")


async def manager_in(house: House, *, node: int = 0, **room: object) -> tuple[Person, str]:
    """Maya, inside a room of hers."""
    made = await house.api.create_room(**{"title": "Chemistry", "standings": {"maya": "owner"}, **room})
    maya = await house.person(node=node, context=await house.browser.new_context(locale="en"))
    await maya.goes_to(f"/room/{made['room_id']}#as=maya")
    await maya.is_shown("inside")
    return maya, str(made["room_id"])


async def opens_the_list(maya: Person) -> None:
    await maya.act("tab.invitations").click()
    await expect(maya.page.locator("greenroom-invitations h2")).to_be_visible()


async def opens_the_dialog(maya: Person) -> Locator:
    """From the list of invitations."""
    await opens_the_list(maya)
    await maya.page.locator('greenroom-invitations [data-act="invite.open"]').click()
    dialog = maya.page.locator("#invite-dialog")
    await expect(dialog).to_be_visible()
    return dialog


async def fills(maya: Person, email: str, first_name: str = "Grace", last_name: str = "Hopper", role: str = "viewer") -> None:
    for field, text in (("email", email), ("first", first_name), ("last", last_name)):
        await maya.page.fill(f"#invite-{field}", text)
    await maya.page.check(f"#invite-role-{role}")


async def generates(maya: Person) -> str:
    """The link that the dialog then shows."""
    await maya.act("invite.generate").click()
    field = maya.page.locator("#invite-link")
    await expect(field).to_have_value(LINK)
    return await field.input_value()


async def opens_from_menu(maya: Person, act: str) -> None:
    """What the three dots of the page of a room offer."""
    await maya.page.locator('.media-head [aria-haspopup="menu"]').click()
    await maya.page.locator(f'[role="menuitem"][data-act="{act}"]:visible').click()


def row_of(maya: Person, email: str) -> Locator:
    return maya.page.locator("#invitations > li", has=maya.page.get_by_text(email, exact=True))


async def chooses(maya: Person, row: Locator, act: str) -> None:
    await row.locator('[aria-haspopup="menu"]').click()
    await maya.page.locator(f'[role="menuitem"][data-act="{act}"]:visible').click()
