"""The living list of invitations in a browser: where everybody is, as it happens, and what is done about it."""

from __future__ import annotations

from tests.browser.inspecting import inspect
from tests.browser.inviting import chooses, fills, generates, manager_in, opens_the_dialog, opens_the_list, row_of
from tests.browser.people import SETTINGS, House, Person, expect, open_house
from tests.support.nodes import Cluster
from tests.support.smtp_server import SmtpServer
from tests.support.waiting import wait_until

GRACE = "grace@example.org"
VITO = "vito@example.org"
NAMES = [
    ("<img src=x onerror=window.hacked=1>", "<script>window.hacked=1</script>"), ("evil\u202e", "exe.txt"),
    ("A" * 100, "B" * 100), ("👩‍🔬", "Émile"), ("محمد", "العربي"),
]  # fmt: skip


async def invites(house: House, room_id: str, email: str = GRACE, first_name: str = "Grace", role: str = "viewer") -> str:
    made = await house.api.invite(room_id, email=email, first_name=first_name, last_name="Hopper", role=role)
    return str(made["link"])


async def comes_in(house: House, link: str) -> Person:
    grace = await house.person(node=0)
    await grace.goes_to(link)
    await grace.gives(GRACE)
    await grace.is_shown("inside")
    return grace


async def has_stage(maya: Person, stage: str) -> None:
    await expect(row_of(maya, GRACE)).to_have_attribute("data-status", stage)


async def test_a_row_goes_with_its_person_from_the_link_to_the_end_without_a_reload(lone_cluster):
    async with open_house(lone_cluster) as house:
        maya, room_id = await manager_in(house)
        await opens_the_list(maya)
        link = await invites(house, room_id)
        await has_stage(maya, "created")
        grace = await house.person(node=0)
        await grace.goes_to(link)
        await has_stage(maya, "opened")
        await grace.gives(GRACE)
        await has_stage(maya, "inside")
        row = row_of(maya, GRACE)
        await chooses(maya, row, "invitation.role.moderator")
        await grace.has_role("moderator")
        await expect(row.locator('.applied[data-status="applied"]')).to_have_text("applied on 1 of 1 tab")
        await chooses(maya, row, "invitation.revoke")
        await maya.page.check("#revoke-remove")
        await maya.act("confirm").click()
        await has_stage(maya, "revoked")
        await expect(grace.page.locator("#own-role")).to_have_count(0)
        await expect(row.locator('[aria-haspopup="menu"]')).to_be_hidden()
        assert (maya.reloads, grace.reloads) == (0, 0)


async def test_the_list_is_searched_and_shown_in_parts(lone_cluster):
    async with open_house(lone_cluster) as house:
        maya, room_id = await manager_in(house)
        for number in range(8):
            await invites(house, room_id, f"p{number}@example.org", f"Person{number}")
        link = await invites(house, room_id)
        await opens_the_list(maya)
        rows = maya.page.locator("#invitations > li")
        await expect(rows).to_have_count(9)
        await expect(rows.first).to_contain_text(GRACE)
        await comes_in(house, link)
        await maya.act("invitations.here").click()
        await expect(rows).to_have_count(1)
        await maya.act("invitations.awaited").click()
        await expect(rows).to_have_count(8)
        await maya.page.fill("#invitations-search", "person5")
        await expect(rows).to_have_count(1)
        await maya.act("invitations.ended").click()
        await expect(rows).to_have_count(0)
        await expect(maya.page.locator("greenroom-invitations .empty")).to_be_visible()


async def test_a_link_taken_from_its_device_is_free_for_another(lone_cluster):
    async with open_house(lone_cluster) as house:
        maya, room_id = await manager_in(house)
        link = await invites(house, room_id)
        grace = await comes_in(house, link)
        await opens_the_list(maya)
        await chooses(maya, row_of(maya, GRACE), "invitation.release")
        await maya.act("confirm").click()
        await has_stage(maya, "moved")
        await grace.is_shown("email_entry")
        await comes_in(house, link)
        await has_stage(maya, "inside")
        await grace.is_shown("moved")


async def test_a_look_at_what_the_invitee_sees_uses_nothing_up(lone_cluster):
    async with open_house(lone_cluster) as house:
        maya, room_id = await manager_in(house, locked=True)
        await invites(house, room_id)
        await opens_the_list(maya)
        await chooses(maya, row_of(maya, GRACE), "invitation.preview")
        card = maya.page.locator("#preview-dialog greenroom-card:visible")
        await expect(card).to_have_attribute("data-state", "email_entry")
        await maya.act("tab.proven").click()
        await expect(card).to_have_attribute("data-state", "waiting_in_line")
        await maya.act("tab.other").click()
        await expect(card).to_have_attribute("data-state", "email_entry")
        await has_stage(maya, "created")
        (row,) = await house.api.invitations(room_id)
        assert (row["status"], row["devices"]) == ("created", 0)


async def test_hostile_names_are_text_and_break_no_layout(lone_cluster):
    async with open_house(lone_cluster) as house:
        maya, room_id = await manager_in(house)
        for number, (first, last) in enumerate(NAMES):
            address = f"{'h' * 60}{number}@{'d' * 60}.example.org"
            await house.api.invite(room_id, email=address, first_name=first, last_name=last, role="viewer")
        await opens_the_list(maya)
        await expect(maya.page.locator("#invitations > li")).to_have_count(len(NAMES))
        assert (await inspect(maya.page, "hostile names")).all == []
        assert await maya.page.evaluate("window.hacked") is None
        shown = await maya.page.locator("#invitations .name").all_inner_texts()
        assert f"{NAMES[0][0]} {NAMES[0][1]}" in shown


async def test_links_are_mailed_and_who_has_not_come_is_reminded_with_one_press():
    with SmtpServer() as mail:
        async with Cluster(**SETTINGS, SMTP_URL=mail.url, MAIL_FROM="rooms@example.org") as cluster:
            await cluster.add_node()
            async with open_house(cluster) as house:
                maya, room_id = await manager_in(house)
                await opens_the_dialog(maya)
                await fills(maya, GRACE)
                await maya.page.check("#invite-send")
                await generates(maya)
                await expect(maya.page.locator(".link-facts")).to_contain_text("on its way")
                await maya.act("invite.done").click()
                await has_stage(maya, "mailed")
                remind = '[data-act="invitation.remind"]'
                await row_of(maya, GRACE).locator(remind).click()
                await expect(maya.page.locator('greenroom-invitations .problem[data-code="mail_too_soon"]')).to_be_visible()
                await invites(house, room_id, VITO, "Vito")
                await row_of(maya, VITO).locator(remind).click()
                await wait_until(lambda: len(mail.received) == 2, 20, "the invitation and the reminder")
                assert [each.recipients for each in mail.received] == [[GRACE], [VITO]]
