"""The page of a room on the site: its countdown is the server's, and its menu acts without anybody in the room."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Route

from tests.browser.inspecting import inspect
from tests.browser.inviting import fills, generates, opens_from_menu
from tests.browser.people import House, Person, expect, open_house
from tests.support.waiting import wait_until

HOUR_MS = 3_600_000
TITLE = "<b>Chemistry</b>"
# A tab whose clock is an hour ahead.
FAST = f"(() => {{ const now = Date.now; Date.now = () => now() + {HOUR_MS}; }})();"


async def opens_media(house: House, room_id: str, who: str = "maya", script: str | None = None) -> Person:
    context = await house.browser.new_context(locale="en")
    if script:
        await context.add_init_script(script)
    person = await house.person(node=0, context=context)
    await person.goes_to(f"/media/{room_id}#as={who}")
    return person


async def make_room(house: House, **room: object) -> dict[str, object]:
    made: dict[str, object] = await house.api.create_room(**{"title": TITLE, "standings": {"maya": "owner"}, **room})
    return made


async def left_s(person: Person) -> int:
    return int(await person.page.locator(".countdown").get_attribute("data-left-s") or -1)


async def test_the_countdown_agrees_with_the_servers_clock_whatever_the_tabs_says_and_the_join_button_leads_in(lone_cluster):
    async with open_house(lone_cluster) as house:
        now_ms = int((await make_room(house))["now_ms"])  # type: ignore[call-overload]
        room_id = str((await make_room(house, starts_at_ms=now_ms + HOUR_MS, description="Bring your kits."))["room_id"])
        alex = await opens_media(house, room_id, "alex")
        fast = await opens_media(house, room_id, "bo", FAST)
        for person in (alex, fast):
            await person.is_shown("media")
        of_fast, of_alex = await asyncio.gather(left_s(fast), left_s(alex))
        assert abs(of_fast - of_alex) <= 2
        assert 0 < await left_s(alex) <= HOUR_MS // 1000
        await expect(alex.page.locator("h1")).to_have_text(TITLE)
        await expect(alex.page.locator(".description")).to_have_text("Bring your kits.")
        await expect(alex.page.locator('.media-head [aria-haspopup="menu"]')).to_be_hidden()
        assert (await inspect(alex.page, "media")).all == []
        assert (await house.api.participants(room_id))["participants"] == []
        await house.api.act(room_id, "start")
        await alex.act("room.join").click()
        await alex.is_shown("inside")


async def test_a_manager_invites_and_edits_from_outside_without_being_a_participant(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = str((await make_room(house))["room_id"])
        maya = await opens_media(house, room_id)
        await maya.is_shown("media")
        await opens_from_menu(maya, "invite.open")
        await fills(maya, "grace@example.org", role="speaker")
        link = await generates(maya)
        await maya.act("invite.done").click()
        assert (await house.api.participants(room_id))["participants"] == []
        grace = await house.person(node=0)
        await grace.goes_to(link)
        await grace.gives("grace@example.org")
        await grace.has_role("speaker")
        await opens_from_menu(maya, "room.edit.open")
        await maya.page.fill("#media-title", "Physics")
        await maya.act("room.edit").click()
        await expect(maya.page.locator("h1")).to_have_text("Physics")
        await expect(grace.page.get_by_role("heading", name="Physics")).to_be_visible()
        assert [each["name"] for each in (await house.api.participants(room_id))["participants"]] == ["Grace Hopper"]
        assert maya.sockets == 0
        await opens_from_menu(maya, "room.delete")
        await maya.page.locator("dialog .danger.primary").click()
        await maya.is_shown("refused")
        await expect(maya.page.locator('[data-code="room_deleted"] h1')).to_be_focused()


async def test_inviting_is_offered_for_rooms_that_stand_alone_and_take_invitations_only(lone_cluster):
    async with open_house(lone_cluster) as house:
        offered = {}
        for name, room in {"alone": {}, "without cnc": {"cnc": False}, "channel": {"kind": "channel", "channel_id": "c"}}.items():
            maya = await opens_media(house, str((await make_room(house, **room))["room_id"]))
            await maya.is_shown("media")
            await maya.page.locator('.media-head [aria-haspopup="menu"]').click()
            offered[name] = await maya.page.locator('[role="menuitem"][data-act="invite.open"]').count()
        assert offered == {"alone": 1, "without cnc": 0, "channel": 0}


async def test_a_room_for_invited_people_says_what_to_do(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = str((await make_room(house, access="invited"))["room_id"])
        alex = await opens_media(house, room_id, "alex")
        refused = alex.page.locator('[data-state="refused"][data-code="not_invited"]')
        await expect(refused).to_contain_text("If you have a link, open it.")
        await expect(alex.page.get_by_text(TITLE)).to_have_count(0)


async def test_whose_sign_in_is_over_is_told_so_and_the_page_asks_no_more(lone_cluster):
    async with open_house(lone_cluster) as house:
        alex = await opens_media(house, str((await make_room(house))["room_id"]), "alex")
        await alex.is_shown("media")
        over = {"code": "token_expired", "title": "Over", "detail": "Your sign-in has run out.", "retry_after_ms": 0}
        await alex.page.route("**/v1/rooms/*/media", lambda route: route.fulfill(status=401, json=over))
        await alex.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        refused = alex.page.locator('[data-state="refused"][data-code="token_expired"]')
        await expect(refused.locator("h1")).to_have_text("You are not signed in")
        await alex.page.reload()
        await expect(refused.locator("h1")).to_be_focused()


@pytest.mark.parametrize("state", ["media", "refused"])
async def test_in_a_frame_it_leaves_the_focus_to_whom_types_around_it(lone_cluster, state):
    async with open_house(lone_cluster) as house:
        room_id = (await make_room(house))["room_id"] if state == "media" else "none"
        alex = await house.person(node=0)
        await alex.goes_to("/")
        await alex.act("home.choices").click()
        await alex.page.focus("#title")
        await alex.page.evaluate("(src) => document.body.append(Object.assign(document.createElement('iframe'), { src }))",
                                 f"/media/{room_id}#as=alex")
        await expect(alex.page.frame_locator("iframe").locator(f'[data-state="{state}"] h1')).to_be_visible()
        await alex.page.keyboard.type("Evening")
        await expect(alex.page.locator("#title")).to_have_value(re.compile("Evening"))


async def test_a_page_that_cannot_reach_the_server_takes_the_focus_once_and_goes_on_trying(lone_cluster):
    async with open_house(lone_cluster) as house:
        asked: list[str] = []

        async def lose(route: Route) -> None:
            asked.append(route.request.url)
            await route.abort()

        alex = await house.person(node=0)
        room_id = (await make_room(house))["room_id"]
        await alex.page.route(f"**/v1/rooms/{room_id}/media", lose)
        await alex.goes_to(f"/media/{room_id}#as=alex")
        await expect(alex.page.locator('[data-state="reconnecting"] h1')).to_be_focused()
        await alex.page.evaluate("document.activeElement.blur()")
        so_far = len(asked)
        await wait_until(lambda: len(asked) >= so_far + 3, 20, "two more answers that did not come")
        assert await alex.page.evaluate("document.activeElement === document.body")
