"""The people in the room: what hosts do to them from the keyboard, finding somebody, hostile names, the list as a file."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from pathlib import Path

from tests.browser.people import expect, open_house
from tests.browser.test_a_crowd_comes import inside
from tests.browser.test_room import enters, room_of

FOCUSED = "document.activeElement.closest('li[data-participant-id]')?.querySelector('.name')?.textContent"
BEYOND_ITS_ROW = "(rows) => rows.map((row) => row.scrollWidth - row.clientWidth)"
HOSTILE = ("<img src=x onerror=alert(1)>", "\u202egnihton si siht", "W" * 100, "</bdi><script>alert(1)</script>")


async def test_somebody_is_promoted_by_keys_alone_and_the_focus_stays_at_their_row(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = await room_of(house)
        alex = await enters(house, room_id, "alex")
        await enters(house, room_id, "bo")
        maya = await enters(house, room_id, "maya")
        keys = maya.page.keyboard
        await maya.row("Alex").locator('[aria-haspopup="menu"]').focus()
        await keys.press("ArrowDown")
        await expect(maya.page.get_by_role("menuitem", name="Make speaker", exact=True)).to_be_focused()
        await keys.press("Enter")
        await alex.has_role("speaker")
        row = maya.page.locator('[data-group="speakers"] li', has_text="Alex")
        await expect(row.locator('.applied[data-status="applied"]')).to_have_text("applied on 1 of 1 tab")
        assert await maya.page.evaluate(FOCUSED) == "Alex Attendee"


async def test_putting_somebody_out_is_asked_first_and_a_no_changes_nothing(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = await room_of(house)
        alex, maya = await enters(house, room_id, "alex"), await enters(house, room_id, "maya")
        await maya.chooses("Alex", "Ban…")
        await expect(maya.page.locator("dialog h2")).to_have_text(re.compile("Ban .*Alex Attendee"))
        await maya.page.keyboard.press("Escape")
        await expect(maya.row("Alex")).to_be_visible()
        await maya.chooses("Alex", "Send to lobby")
        await alex.is_shown("waiting_in_line")
        await maya.act("lobby.admit").click()
        await alex.is_shown("inside")
        await maya.chooses("Alex", "Remove…")
        await maya.page.locator("dialog button.danger").click()
        await alex.is_shown("removed")
        assert alex.reloads == 0


async def test_names_that_mean_harm_are_text_in_the_rows_and_break_no_layout(lone_cluster):
    async with open_house(lone_cluster) as house, AsyncExitStack() as tabs:
        room_id = await room_of(house)
        maya = await enters(house, room_id, "maya")
        for number, name in enumerate(HOSTILE):
            token = (await house.api.demo_sign_in(room_id, f"guest{number}", name))["session_token"]
            await tabs.enter_async_context(inside(lone_cluster.nodes[0].port, token))
        await expect(maya.page.locator("#participants li")).to_have_count(5)
        await expect(maya.page.locator("#participants img, #participants script")).to_have_count(0)
        for width in (320, 1280):
            await maya.page.set_viewport_size({"width": width, "height": 700})
            assert await maya.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            beyond = await maya.page.locator("#participants li").evaluate_all(BEYOND_ITS_ROW)
            assert max(beyond) <= 1


async def test_somebody_is_found_by_the_beginning_of_a_name_and_the_list_is_saved_as_a_file(lone_cluster, tmp_path: Path):
    async with open_house(lone_cluster) as house, AsyncExitStack() as tabs:
        room_id = await room_of(house)
        maya = await enters(house, room_id, "maya")
        for name in ("Alex", "Bo", "Chris", "Dora", "Emil", "Frida", "Gina", "Hans"):
            token = (await house.api.demo_sign_in(room_id, name.lower(), name))["session_token"]
            await tabs.enter_async_context(inside(lone_cluster.nodes[0].port, token))
        await expect(maya.page.locator("#people-filter")).to_be_visible()
        await maya.page.fill("#people-filter", "fri")
        await expect(maya.page.locator("#participants li")).to_have_count(1)
        await maya.page.fill("#people-filter", "nobody")
        await expect(maya.page.locator("#participants")).to_contain_text("Nobody here is called")
        await maya.page.fill("#people-filter", "")
        await expect(maya.page.locator("#participants li")).to_have_count(9)
        await maya.page.locator("#participants .section-head [aria-haspopup=menu]").click()
        async with maya.page.expect_download() as downloading:
            await maya.act("people.export").click()
        saved = tmp_path / "people.csv"
        await (await downloading.value).save_as(saved)
        lines = saved.read_text("utf-8-sig").splitlines()
        assert lines[0].startswith("name,role,standing,verified")
        assert len(lines) == 10
