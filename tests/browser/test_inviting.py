"""The invite dialog in a browser: from a few letters to a link that lets somebody in, and each no in its place."""

from __future__ import annotations

from tests.browser.inviting import LINK, fills, generates, manager_in, opens_the_dialog
from tests.browser.people import expect, open_house

GRACE = "grace@example.org"
REFUSE_CLIPBOARD = "navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'));"


async def test_by_keyboard_alone_from_three_letters_to_a_link_that_lets_in(lone_cluster):
    async with open_house(lone_cluster) as house:
        people = [("grace-h", "Hopper", "Grace"), ("gram", "Bell", "Graham")]
        await house.api.put_people([
            {"email": f"{name}@example.org", "first_name": first, "last_name": last} for name, last, first in people
        ])
        maya, room_id = await manager_in(house)
        await opens_the_dialog(maya)
        await expect(maya.page.locator("#invite-email")).to_be_focused()
        press = maya.page.keyboard.press
        await maya.page.keyboard.type("gra hop")
        await expect(maya.page.locator(".suggestions [role=option]")).to_have_count(1)
        await press("ArrowDown")
        await press("Enter")
        await expect(maya.page.locator("#invite-first")).to_have_value("Grace")
        await expect(maya.page.locator("#invite-last")).to_have_value("Hopper")
        await expect(maya.page.locator("#invite-role-viewer")).to_be_focused()
        await press("ArrowDown")
        await press("Enter")
        await expect(maya.page.locator("#invite-ready")).to_be_focused()
        link = await maya.page.input_value("#invite-link")
        grace = await house.person(node=0)
        await grace.goes_to(link)
        await grace.gives("grace-h@example.org")
        await grace.has_role("speaker")
        await press("Escape")
        await expect(maya.page.locator("#invite-dialog")).to_have_count(0)
        assert maya.reloads == 0
        (row,) = await house.api.invitations(room_id)
        assert (row["role"], row["stage"]) == ("speaker", "inside")


async def test_escape_closes_the_suggestions_before_the_dialog(lone_cluster):
    async with open_house(lone_cluster) as house:
        await house.api.put_people([{"email": "esc@example.org", "first_name": "Esme", "last_name": "Cape"}])
        maya, _ = await manager_in(house)
        dialog = await opens_the_dialog(maya)
        await maya.page.keyboard.type("esm")
        await expect(maya.page.locator(".suggestions")).to_be_visible()
        await maya.page.keyboard.press("Escape")
        await expect(maya.page.locator(".suggestions")).to_be_hidden()
        await expect(dialog).to_be_visible()


async def test_a_second_link_for_an_address_says_that_it_replaces_the_first(lone_cluster):
    async with open_house(lone_cluster) as house:
        maya, _ = await manager_in(house)
        await opens_the_dialog(maya)
        await fills(maya, GRACE)
        first = await generates(maya)
        facts = maya.page.locator(".link-facts")
        await expect(facts).to_contain_text("one person and one device")
        await expect(facts).not_to_contain_text("replaces")
        await maya.act("invite.again").click()
        await expect(maya.page.locator("#invite-email")).to_be_focused()
        await maya.page.fill("#invite-email", GRACE)
        await expect(maya.page.locator("#invite-email-hint")).to_contain_text("has a link already")
        await fills(maya, GRACE, role="moderator")
        assert await generates(maya) != first
        await expect(facts).to_contain_text("replaces an earlier link")


async def test_where_the_clipboard_is_refused_the_link_is_selected_and_the_keys_are_named(lone_cluster):
    async with open_house(lone_cluster) as house:
        maya, _ = await manager_in(house)
        await maya.page.evaluate(REFUSE_CLIPBOARD + "document.execCommand = () => false;")
        await opens_the_dialog(maya)
        await fills(maya, GRACE)
        link = await generates(maya)
        await maya.act("invite.copy").click()
        await expect(maya.page.locator('.link-step [role="status"]')).to_have_text("Press Ctrl+C or ⌘C to copy it.")
        assert await maya.page.evaluate("getSelection().toString()") == link


async def test_what_is_switched_off_meanwhile_is_said_with_what_to_do_next(lone_cluster):
    async with open_house(lone_cluster) as house:
        maya, room_id = await manager_in(house)
        await opens_the_dialog(maya)
        await fills(maya, GRACE)
        problem = maya.page.locator("#invite-form .problem")
        await house.api.edit_room(room_id, cnc=False)
        await maya.act("invite.generate").click()
        await expect(problem).to_have_attribute("data-code", "cnc_disabled")
        await maya.act("room.cnc_on").click()  # and with it the link is made
        await expect(maya.page.locator("#invite-link")).to_have_value(LINK)
        await maya.act("invite.again").click()
        await house.api.edit_room(room_id, blocked_domains=["example.org"])
        await fills(maya, GRACE)
        await expect(maya.page.locator('#invite-email-hint[data-tone="warn"]')).to_contain_text("lets nobody in from")
        await maya.act("invite.generate").click()
        await expect(problem).to_have_attribute("data-code", "domain_blocked")
        await expect(maya.page.locator("#invite-email")).to_have_attribute("aria-invalid", "true")
        await maya.act("domains.open").click()
        await expect(maya.page.locator("#domains-blocked")).to_have_value("example.org")
        await maya.page.fill("#domains-blocked", "")
        await maya.act("domains.save").click()
        await generates(maya)


async def test_the_option_is_absent_where_inviting_is_off_and_comes_with_it(lone_cluster):
    async with open_house(lone_cluster) as house:
        maya, room_id = await manager_in(house, cnc=False)
        await maya.act("tab.invitations").click()
        await expect(maya.page.locator("greenroom-invitations h2")).to_be_visible()
        await expect(maya.act("invite.open")).to_have_count(0)
        await house.api.edit_room(room_id, cnc=True)
        await expect(maya.act("invite.open")).not_to_have_count(0)
        await expect(maya.page.locator("#invite-send")).to_have_count(0)


async def test_a_speaker_already_inside_has_the_role_at_once_where_that_was_chosen(lone_cluster):
    async with open_house(lone_cluster) as house:
        maya, room_id = await manager_in(house)
        alex = await house.person(node=0)
        await alex.goes_to(f"/room/{room_id}#as=alex")
        await alex.is_shown("inside")
        await opens_the_dialog(maya)
        await fills(maya, "alex@example.com", "Alex", "Attendee", "speaker")
        await maya.page.check("#invite-at-once")
        await generates(maya)
        await alex.has_role("speaker")
        assert alex.reloads == 0
