"""The operator's page: its key, its sections, and what happens when two operators change one thing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Route

from client_sim.api import Api
from client_sim.refused import Refused
from tests.browser.people import SETTINGS, House, Person, expect, open_house
from tests.support.nodes import Cluster
from tests.support.smtp_server import SmtpServer

HOSTILE = "<img src=x onerror=alert(1)> \u202egnp.exe"
STORED = "[sessionStorage, localStorage].map((storage) => JSON.stringify({ ...storage }))"


@pytest.fixture(scope="module")
def mail_server() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture(scope="module")
def site(mail_server: SmtpServer) -> Iterator[Cluster]:
    """A node of one's own, since its switches and rules are changed."""
    cluster = Cluster(**SETTINGS, SMTP_URL=mail_server.url, MAIL_FROM="Rooms <rooms@example.org>")
    asyncio.run(cluster.add_node())
    yield cluster
    asyncio.run(cluster.__aexit__(None, None, None))


@asynccontextmanager
async def open_admin(cluster: Cluster, section: str = "site"):
    """A house, and an operator who has given the key."""
    async with open_house(cluster) as house:
        operator = await comes(house, section)
        await gives_key(operator, cluster.admin_api_key)
        await expect(operator.page.locator(f'[data-section="{section}"]')).to_be_visible()
        yield house, operator


async def comes(house: House, section: str = "site") -> Person:
    operator = await house.person(node=0, context=await house.browser.new_context(locale="en"))
    await operator.goes_to(f"/admin#{section}")
    return operator


async def gives_key(operator: Person, key: str) -> None:
    await operator.page.fill("#key", key)
    await operator.act("admin.enter").click()


async def test_a_wrong_key_explains_itself(site):
    async with open_house(site) as house:
        operator = await comes(house)
        for wrong in ("not-the-key", "schlüssel mit leerzeichen"):
            await gives_key(operator, wrong)
            await expect(operator.page.locator('.problem[data-code="api_key_invalid"]')).to_contain_text("does not open anything")
        await gives_key(operator, site.admin_api_key)
        await operator.is_shown("admin")


async def test_the_key_stays_in_the_tab_and_out_of_every_address(site):
    async with open_house(site) as house:
        operator = await comes(house)
        asked: list[str] = []
        operator.page.on("request", lambda request: asked.append(request.url))
        await gives_key(operator, site.admin_api_key)
        await operator.is_shown("admin")
        await operator.page.reload()
        await operator.is_shown("admin")
        assert [url for url in [*asked, operator.page.url] if site.admin_api_key in url] == []
        session, local = await operator.page.evaluate(STORED)
        assert site.admin_api_key in session
        assert site.admin_api_key not in local
        another = await house.person(node=0, context=operator.context)
        await another.goes_to("/admin")
        await another.is_shown("key_entry")
        await operator.act("admin.leave").click()
        await operator.is_shown("key_entry")
        assert site.admin_api_key not in "".join(await operator.page.evaluate(STORED))


async def test_a_switch_counts_as_soon_as_it_is_pressed(site):
    async with open_admin(site) as (house, operator):
        await operator.act("site.guest_access").click()
        await expect(operator.act("site.guest_access")).not_to_be_checked()
        await expect(operator.act("site.guest_access")).to_be_enabled()
        assert (await house.api.site())["guest_access"] is False
        await operator.act("site.guest_access").click()
        await expect(operator.act("site.guest_access")).to_be_checked()


async def test_somebody_elses_change_is_explained_and_not_overwritten(site):
    async with open_admin(site, "domains") as (house, operator):
        await house.api.edit_site(blocked_domains=["theirs.example"])
        await operator.page.fill("#blocked_domains", "mine.example")
        await operator.act("blocked_domains.add").click()
        problem = operator.page.locator('.problem[data-code="precondition_failed"]')
        await expect(problem).to_contain_text("your own change was not made")
        await expect(operator.page.locator('[data-list="blocked_domains"] bdi')).to_have_text(["theirs.example"])
        assert (await house.api.site())["blocked_domains"] == ["theirs.example"]
        await expect(operator.page.locator("#blocked_domains")).to_have_value("mine.example")
        await operator.act("blocked_domains.add").click()
        await expect(operator.page.locator('[data-list="blocked_domains"] bdi')).to_have_count(2)
        await house.api.edit_site(blocked_domains=[])


async def test_domains_are_tags_and_can_be_asked(site):
    async with open_admin(site, "domains") as (house, operator):
        await operator.page.fill("#allowed_domains", "example.org")
        await operator.page.keyboard.press("Enter")
        await expect(operator.page.locator('[data-list="allowed_domains"] bdi')).to_have_text(["example.org"])
        for email, answer in (("grace@example.org", "yes"), ("grace@example.com", "no")):
            await operator.page.fill("#would", email)
            await operator.act("domains.ask").click()
            await expect(operator.page.locator(f'[data-answer="{answer}"]')).to_contain_text(email)
        await operator.page.fill("#allowed_domains", "no domain")
        await operator.page.keyboard.press("Enter")
        await expect(operator.page.locator('.problem[data-code="domain_invalid"]')).to_be_visible()
        await operator.act("allowed_domains.remove").click()
        await expect(operator.page.locator('[data-list="allowed_domains"] bdi')).to_have_count(0)
        assert (await house.api.site())["allowed_domains"] == []


async def test_a_new_key_is_shown_once_and_opens_nothing_when_it_is_deleted(site):
    async with open_admin(site, "keys") as (house, operator):
        await operator.page.fill("#key-name", "<b>Product</b>")
        await operator.act("key.create").click()
        made = await operator.page.input_value("#key-secret")
        await Api(house.api.url, made).site()
        await operator.act("key.seen").click()
        assert made not in await operator.page.content()
        other = await comes(house, "rooms")
        await gives_key(other, made)
        await other.is_shown("admin")
        await expect(operator.page.locator("[data-key-id] bdi").last).to_have_text("<b>Product</b>")
        await operator.act("key.delete").click()
        await operator.page.locator("dialog .danger.primary").click()
        await expect(operator.page.locator("[data-key-id]")).to_have_count(1)
        with pytest.raises(Refused):
            await Api(house.api.url, made).site()
        await other.act("admin.site").click()
        await other.is_shown("key_entry")
        await expect(other.page.locator(".problem")).to_contain_text("does not open anything any more")


async def test_a_template_is_shown_as_it_looks_and_runs_nothing(site):
    async with open_admin(site, "email") as (_, operator):
        frame = operator.page.frame_locator(".mail-frame")
        await expect(frame.locator("h1")).to_be_visible()
        assert await frame.locator(".button").evaluate("(node) => getComputedStyle(node).backgroundColor") != "rgba(0, 0, 0, 0)"
        assert await operator.page.locator(".mail-frame").get_attribute("sandbox") == "allow-same-origin"
        english = await operator.page.locator(".subject").inner_text()
        await operator.page.select_option("#mail-language", "de")
        await expect(operator.page.locator(".subject")).not_to_have_text(english)
        await expect(frame.locator("html")).to_have_attribute("lang", "de")


async def test_a_test_mail_arrives_and_a_mail_servers_no_is_said(site, mail_server):
    async with open_admin(site, "email") as (_, operator):
        await operator.page.select_option("#mail-kind", "reminder")
        await operator.page.fill("#mail-to", "olga@example.org")
        await operator.act("mail.test").click()
        await expect(operator.page.locator('[data-answer="sent"]')).to_contain_text("olga@example.org")
        (received,) = mail_server.received
        assert received.recipients == ["olga@example.org"]
        assert received.message["subject"] == await operator.page.locator(".subject").inner_text()
        mail_server.behave(rcpt="550 nobody here")
        await operator.act("mail.test").click()
        await expect(operator.page.locator('.problem[data-code="mail_not_sent"]')).to_be_visible()
        await expect(operator.page.locator('[data-answer="sent"]')).to_be_hidden()
        mail_server.behave()


async def test_without_a_mail_server_the_page_says_how_to_have_one(lone_cluster):
    async with open_admin(lone_cluster, "email") as (_, operator):
        await expect(operator.page.locator('[data-mail="off"]')).to_contain_text("SMTP_URL")


async def test_a_room_is_found_by_its_title_and_opened(site):
    async with open_admin(site, "rooms") as (house, operator):
        room_id = (await house.api.create_room(title=HOSTILE, capacity=12, standings={"maya": "owner"}))["room_id"]
        await house.api.create_room(title="Geometry")
        await operator.page.reload()
        await operator.page.fill("#room-search", "GNP.EXE")
        await expect(operator.page.locator('[data-list="rooms"] li')).to_have_count(1)
        await operator.page.locator('[data-list="rooms"] a').click()
        room = operator.page.locator(f'[data-room-id="{room_id}"]')
        await expect(room.locator("h1")).to_have_text(HOSTILE)
        await expect(room.locator('[data-count="inside"]')).to_have_text("0 people")
        await expect(room).to_contain_text("12")
        await operator.page.go_back()
        await expect(operator.page.locator("#room-search")).to_be_visible()


async def test_why_somebody_is_refused_is_answered_with_what_it_stands_on(site):
    async with open_admin(site) as (house, operator):
        room_id = (await house.api.create_room(title="Chemistry", access="invited"))["room_id"]
        grace = {"email": "grace@example.org", "first_name": "Grace", "last_name": "Hopper"}
        invited = await house.api.invite(room_id, **grace, role="viewer")
        await house.api.revoke(room_id, invited["invitation_id"])
        stranger = await house.person(node=0)
        await stranger.goes_to(invited["link"])
        await stranger.is_shown("withdrawn")
        await operator.page.goto(f"{operator.origin}/admin#support/{room_id}")
        await operator.page.fill("#why-email", "grace@example.org")
        await operator.act("support.why").click()
        await expect(operator.page.locator('[data-code="invite_revoked"] h2')).to_have_text("They would be refused")
        await expect(operator.page.locator('[data-list="invitations"] li')).to_contain_text("revoked")
        await expect(operator.page.locator('[data-list="refusals"] [data-code="invite_revoked"]').first).to_be_visible()
        await operator.page.fill("#why-room", invited["link"])
        await operator.page.fill("#why-email", "nobody@example.org")
        await operator.act("support.why").click()
        await expect(operator.page.locator('[data-code="not_invited"] h2')).to_have_text("They would be refused")


async def hold(operator: Person, address: str) -> tuple[list[str], asyncio.Event]:
    """Let what is asked at `address` be answered late; answers what was asked, and what lets it go on."""
    asked: list[str] = []
    goes_on = asyncio.Event()

    async def wait(route: Route) -> None:
        if route.request.method != "GET":
            asked.append(route.request.method)
            await goes_on.wait()
        await route.continue_()

    await operator.page.route(address, wait)
    return asked, goes_on


async def test_a_double_click_on_a_slow_network_makes_one_key(site):
    async with open_admin(site, "keys") as (_, operator):
        asked, goes_on = await hold(operator, "**/v1/keys")
        await operator.page.fill("#key-name", "Once")
        await operator.act("key.create").dblclick()
        await operator.page.keyboard.press("Enter")
        goes_on.set()
        await expect(operator.page.locator("#key-secret")).to_be_visible()
        assert asked == ["POST"]
        assert await operator.page.input_value("#key-secret") not in await operator.page.content()
        await operator.act("key.delete").click()
        await operator.page.locator("dialog .danger.primary").click()
        await expect(operator.page.locator("[data-key-id]")).to_have_count(1)


async def test_switches_pressed_quickly_one_after_another_are_nobody_elses_change(site):
    async with open_admin(site) as (house, operator):
        _, goes_on = await hold(operator, "**/v1/site")
        for name in ("guest_access", "moderators_invite"):
            await operator.act(f"site.{name}").click()
        goes_on.set()
        await expect(operator.act("site.guest_access")).to_be_enabled()
        await expect(operator.act("site.moderators_invite")).to_be_enabled()
        await expect(operator.page.locator(".problem:visible")).to_have_count(0)
        now = await house.api.site()
        assert (now["guest_access"], now["moderators_invite"]) == (False, True)
        await house.api.edit_site(guest_access=True, moderators_invite=False)


async def test_a_key_that_ends_in_mid_work_asks_for_another_at_the_next_press(site):
    async with open_admin(site, "keys") as (house, operator):
        await operator.page.fill("#key-name", "Short-lived")
        await operator.act("key.create").click()
        made = await operator.page.input_value("#key-secret")
        other = await comes(house, "domains")
        await gives_key(other, made)
        await other.page.fill("#would", "grace@example.org")
        await operator.act("key.delete").click()
        await operator.page.locator("dialog .danger.primary").click()
        await expect(operator.page.locator("[data-key-id]")).to_have_count(1)
        await other.act("domains.ask").click()
        await other.is_shown("key_entry")
        await expect(other.page.locator(".problem")).to_contain_text("does not open anything any more")
        assert made not in "".join(await other.page.evaluate(STORED))
