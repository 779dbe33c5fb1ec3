"""Inviting many from a browser: the trial says what would become of each row, and the sending makes nothing twice."""

from __future__ import annotations

import csv

from playwright.async_api import FilePayload

from tests.browser.inviting import manager_in, opens_the_dialog
from tests.browser.people import Person, expect, open_house

ROWS = """email,first_name,last_name,role
ann@example.org,Ann,Ode,speaker
no address,Bo,Li,viewer
ANN@example.org,Ann,Again,viewer
=cmd@example.org,=1+1,<b>Bold</b>,viewer
"""


async def tries(maya: Person, text: str) -> None:
    await maya.page.fill("#bulk-text", text)
    await maya.act("bulk.try").click()
    await expect(maya.page.locator('[data-doing="reviewed"]')).to_be_visible()


async def chooses_file(maya: Person, name: str, content: bytes) -> None:
    await maya.page.set_input_files("#bulk-file", FilePayload(name=name, mimeType="application/octet-stream", buffer=content))


async def test_a_pasted_class_is_tried_then_invited_once_however_often_it_is_sent(lone_cluster):
    async with open_house(lone_cluster) as house:
        maya, room_id = await manager_in(house)
        await opens_the_dialog(maya)
        await maya.act("tab.many").click()
        await tries(maya, ROWS)
        rows = maya.page.locator("#bulk-rows > li")
        seen = [(await row.get_attribute("data-line"), await row.get_attribute("data-code")) for row in await rows.all()]
        assert seen == [("2", None), ("3", "row_invalid"), ("4", "duplicate_row"), ("5", None)]
        assert await house.api.invitations(room_id) == [], "a trial makes nothing"
        await maya.act("bulk.send").click()
        await expect(maya.page.locator('[data-doing="done"]')).to_be_visible()
        made = {each["email"]: each["invitation_id"] for each in await house.api.invitations(room_id)}
        assert set(made) == {"ann@example.org", "=cmd@example.org"}
        async with maya.page.expect_download() as saved:
            await maya.act("bulk.download").click()
        text = (await (await saved.value).path()).read_text("utf-8-sig")
        table = list(csv.DictReader(text.splitlines()))
        assert [(row["line"], row["status"], "/join/" in row["link"]) for row in table] == [
            ("2", "created", True), ("3", "error", False), ("4", "error", False), ("5", "created", True),
        ]  # fmt: skip
        assert table[3]["first_name"] == "'=1+1"
        await maya.act("bulk.done").click()
        await maya.page.locator('greenroom-invitations [data-act="invite.open"]').click()
        await maya.act("tab.many").click()
        await tries(maya, ROWS)
        await expect(maya.page.locator('#bulk-rows > li[data-status="repeated"]')).to_have_count(2)
        assert {each["email"]: each["invitation_id"] for each in await house.api.invitations(room_id)} == made


async def test_a_file_that_cannot_be_read_says_so_and_the_next_one_is_taken(lone_cluster):
    async with open_house(lone_cluster) as house:
        maya, _ = await manager_in(house)
        await opens_the_dialog(maya)
        await maya.act("tab.many").click()
        await chooses_file(maya, "a.csv", "email,first_name,last_name\na@example.org,Zoë,D".encode("latin-1"))
        await expect(maya.page.locator('#bulk .problem[data-code="not_utf8"]')).to_be_visible()
        await maya.page.select_option("#bulk-role", "moderator")
        await chooses_file(maya, "a.json", b'[{"email": "a@example.org", "first_name": "A", "last_name": "B"}]')
        await expect(maya.page.locator('#bulk-rows > li[data-status="would_create"]')).to_contain_text("Moderator")
