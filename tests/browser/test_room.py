"""The room's page: tools that come with a role, what stands on the tab, settings, one's own name, the store that is away."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from tests.browser.people import SETTINGS, House, Person, expect, open_house
from tests.support.nodes import Cluster
from tests.support.ports import HOST
from tests.support.proxy import TcpProxy

LOOKS_AWAY = "Object.defineProperty(document, 'hidden', { configurable: true, get: () => window.looksAway === true });"
LOOKS_BACK = "() => { window.looksAway = false; document.dispatchEvent(new Event('visibilitychange')); }"


async def enters(house: House, room_id: str, name: str, state: str = "inside", *, before: str | None = None) -> Person:
    person = await house.person(node=0)
    if before:
        await person.page.add_init_script(before)
    await person.goes_to(f"/room/{room_id}#as={name}")
    await person.is_shown(state)
    return person


async def room_of(house: House, **fields: object) -> str:
    return str((await house.api.create_room(title="Chemistry", standings={"maya": "owner"}, **fields))["room_id"])


async def test_new_tools_come_with_a_new_role_and_are_told_in_a_sentence(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = await room_of(house)
        maya, alex = await enters(house, room_id, "maya"), await enters(house, room_id, "alex")
        await expect(alex.page.locator("[data-tool]")).to_have_count(3)
        await maya.chooses("Alex", "Make speaker")
        await expect(alex.page.locator('[data-tool="speak"].changed')).to_be_visible()
        told = alex.page.locator('[data-notice="role"]')
        await expect(told).to_have_text(re.compile("You are now .a speaker.: you can .speak on stage and use the backchannel"))
        await expect(alex.page.locator('[data-tool="initiate_interactions"]')).to_have_count(0)
        assert alex.reloads == 0


async def test_whoever_is_let_in_while_they_look_elsewhere_reads_it_on_the_tab_until_they_look(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = await room_of(house, locked=True)
        maya = await enters(house, room_id, "maya")
        alex = await enters(house, room_id, "alex", "waiting_in_line", before=LOOKS_AWAY)
        await expect(maya.page).to_have_title("(1) Chemistry")
        await alex.page.evaluate("window.looksAway = true")
        await maya.act("lobby.admit").click()
        await expect(alex.page).to_have_title("You are in · Chemistry")
        await alex.page.evaluate(LOOKS_BACK)
        await expect(alex.page).to_have_title("Chemistry")
        await expect(maya.page).to_have_title("Chemistry")


async def test_a_name_is_changed_where_the_room_allows_it_and_for_everybody_at_once(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = await room_of(house)
        maya, alex = await enters(house, room_id, "maya"), await enters(house, room_id, "alex")
        await expect(alex.act("person.rename")).to_have_count(0)
        await maya.act("tab.settings").click()
        await maya.page.check("#edit-rename")
        await maya.act("room.edit").click()
        await maya.act("tab.people").click()
        await alex.row("Alex").locator('[aria-haspopup="menu"]').click()
        await alex.act("person.rename").click()
        await alex.page.fill("#own-name", "Alexandra")
        await alex.page.keyboard.press("Enter")
        await expect(maya.row("Alexandra")).to_be_visible()
        await expect(alex.page.locator("greenroom-own .name")).to_have_text("Alexandra")


async def test_domains_that_were_changed_elsewhere_meanwhile_stay_changed(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = await room_of(house, allowed_domains=["a.example.org"])
        maya = await enters(house, room_id, "maya")
        await maya.act("tab.settings").click()
        allowed = maya.page.locator("#edit-allowed_domains")
        await expect(allowed).to_have_value("a.example.org")
        await maya.act("tab.people").click()
        await house.api.edit_room(room_id, allowed_domains=["a.example.org", "b.example.org"])
        await maya.act("tab.settings").click()
        await expect(allowed).to_have_value("a.example.org, b.example.org")
        await maya.page.locator('[data-part="links"] summary').click()
        await allowed.fill("a.example.org, b.example.org, mine.example.org")
        await house.api.edit_room(room_id, allowed_domains=["b.example.org", "theirs.example.org"])
        await maya.act("room.edit").click()
        await expect(allowed).to_have_value("b.example.org, mine.example.org, theirs.example.org")
        assert (await house.api.room(room_id))["allowed_domains"] == ["b.example.org", "mine.example.org", "theirs.example.org"]


async def test_ending_for_everybody_is_asked_first_and_managers_see_in_the_activity_who_did_what(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = await room_of(house)
        maya, alex = await enters(house, room_id, "maya"), await enters(house, room_id, "alex")
        await maya.chooses("Alex", "Make moderator")
        await maya.act("tab.activity").click()
        newest = maya.page.locator("#acts li").first
        await expect(newest).to_have_text(re.compile("Maya Manager. made .Alex Attendee. .a moderator"))
        await expect(alex.act("tab.activity")).to_have_count(0)
        await alex.act("room.lock").click()
        await expect(newest).to_have_text(re.compile("Alex Attendee. locked the room"))
        await alex.act("session.end").click()
        await alex.page.keyboard.press("Escape")
        await expect(alex.page.locator("dialog")).to_have_count(0)
        await expect(alex.page.locator("#own-role")).to_be_visible()
        await alex.act("session.end").click()
        await alex.page.locator("dialog button.danger").click()
        await alex.is_shown("session_ended")


async def test_a_store_that_is_away_is_said_above_the_room_until_it_is_back(redis_url):
    parts = urlsplit(redis_url)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(TcpProxy(str(parts.hostname), parts.port or 6379))
        cluster = await stack.enter_async_context(Cluster(f"redis://{HOST}:{store.port}", **SETTINGS))
        await cluster.add_node()
        house = await stack.enter_async_context(open_house(cluster))
        maya = await enters(house, await room_of(house), "maya")
        store.stall()
        await expect(maya.page.locator('#connection[data-kind="stale"]')).to_be_visible()
        await expect(maya.page.locator("#own-role")).to_be_visible()
        await store.heal()
        await expect(maya.page.locator("#connection")).to_be_hidden()
