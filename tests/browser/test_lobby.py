"""The invitee's page on a real node: what one sees, hears and keeps on the way from the link into the room."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import UTC, datetime

from client_sim.api import Link
from client_sim.device import Device
from tests.browser.gallery.scene import EMAIL, FAR_MS, Scene
from tests.browser.people import Person, expect, open_house
from tests.support.waiting import wait_until

HOUR_MS = 3_600_000
START_WORDS = datetime.fromtimestamp(FAR_MS / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
SKEW = "(() => {{ const now = Date.now; Date.now = () => now() + {skew_ms}; }})();"
# What the page says is left, and what there is by the clock that nobody has touched.
LEFT = """async (starts_at_ms) => {
  await new Promise((resolve) => setTimeout(resolve));  // after a tick that is overdue where the page stood still
  const shown = Number(document.querySelector(".countdown").dataset.leftS);
  return [shown, Math.ceil((starts_at_ms - (performance.timeOrigin + performance.now())) / 1000)];
}"""
KEEP_MOMENTS = """() => {
  window.moments = [];
  const look = () => {
    const moment = document.querySelector(".admitted-moment");
    const pressed = document.elementsFromPoint(innerWidth / 2, innerHeight / 2);
    if (moment) window.moments.push(pressed.some((node) => moment.contains(node)));
  };
  new MutationObserver(look).observe(document.body, { childList: true });
}"""
LIVE = """() => {
  window.told = [];
  for (const place of document.querySelectorAll("[aria-live].unseen")) {
    new MutationObserver(() => place.textContent && window.told.push([place.getAttribute("aria-live"), place.textContent]))
      .observe(place, { childList: true, characterData: true, subtree: true });
  }
}"""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def test_before_the_start_the_page_shows_title_start_countdown_and_field_and_the_details_after_the_proof(lone_cluster):
    async with open_house(lone_cluster) as house:
        scene = Scene(house)
        room_id = await scene.room(starts_at_ms=FAR_MS, description="Bring goggles.")
        grace = await scene.opens((await scene.invite(room_id))["link"], "countdown")
        card = grace.page.locator("greenroom-card")
        await expect(card.locator(".room-title")).to_have_text("Chemistry for beginners")
        assert await card.locator("time").get_attribute("datetime") == START_WORDS
        zone = await grace.page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
        await expect(card.locator("time")).to_contain_text(zone)
        await expect(card.get_by_role("timer")).to_be_visible()
        await expect(grace.page).to_have_title(re.compile(r"In .+ days.* · Chemistry for beginners"))
        await expect(card.locator(".details")).to_be_hidden()
        await grace.gives(EMAIL)
        await expect(card.locator(".details")).to_contain_text("Bring goggles.")
        await expect(grace.page.locator("#email")).to_be_hidden()


async def test_an_address_half_typed_at_zero_is_still_there(lone_cluster):
    async with open_house(lone_cluster) as house:
        scene = Scene(house)
        room_id = await scene.room(starts_at_ms=FAR_MS)
        grace = await scene.opens((await scene.invite(room_id))["link"], "countdown")
        await grace.page.locator("#email").press_sequentially("grace@ex")
        await scene.api.edit_room(room_id, starts_at_ms=now_ms() + 1_000)
        await grace.is_shown("email_entry")
        await expect(grace.page.locator("#email")).to_be_focused()
        await grace.page.locator("#email").press_sequentially("ample.org")
        await grace.page.keyboard.press("Enter")
        await grace.is_shown("inside")


async def test_screens_whose_clocks_are_hours_apart_show_the_same_second(lone_cluster, figure):
    async with open_house(lone_cluster) as house:
        scene = Scene(house)
        starts_at_ms = now_ms() + 300_000
        room_id = await scene.room(starts_at_ms=starts_at_ms)
        link = (await scene.invite(room_id))["link"]
        people = []
        for skew_ms in (-HOUR_MS, 0, HOUR_MS):
            person = await scene.person()
            await person.context.add_init_script(SKEW.format(skew_ms=skew_ms))
            await person.goes_to(link)
            await person.is_shown("countdown")
            people.append(person)
        apart = 0
        for _ in range(3):
            seen = await asyncio.gather(*(person.page.evaluate(LEFT, starts_at_ms) for person in people))
            apart = max(apart, *(abs(shown - true) for shown, true in seen))
            await asyncio.sleep(0.3)
        figure("countdown_wrong_by_s", apart, unit="s", must="<= 1", holds=apart <= 1, n=3 * len(people))


async def test_who_waits_sees_the_own_place_move_and_the_hosts_message_and_can_cancel(lone_cluster):
    async with open_house(lone_cluster) as house:
        scene = Scene(house)
        room_id = await scene.room(locked=True)
        alex = await scene.enters(room_id, "alex", "waiting_in_line")
        bo = await scene.enters(room_id, "bo", "waiting_in_line")
        await expect(bo.page.locator(".position")).to_have_text(re.compile(r"You are number \W?2\W? in line\."))
        await expect(bo.page).to_have_title(re.compile(r"Number \W?2\W? in line · Chemistry"))
        await expect(bo.page.locator(".sentence")).to_contain_text("Nobody can admit you right now")
        await scene.api.act(room_id, "lobby-message", text="Five minutes more.")
        await expect(bo.page.locator("greenroom-card blockquote")).to_contain_text("Five minutes more.")
        await alex.act("lobby.withdraw").click()
        await alex.is_shown("left_line")
        await expect(bo.page.locator(".position")).to_have_text("You are next in line.")
        await alex.act("lobby.restart").click()
        await alex.is_shown("waiting_in_line")
        await expect(alex.page.locator(".position")).to_have_text(re.compile(r"You are number \W?2\W? in line\."))


async def test_letting_in_is_told_to_eyes_and_ears_and_delays_nothing(lone_cluster):
    async with open_house(lone_cluster) as house:
        scene = Scene(house)
        room_id = await scene.room(locked=True)
        alex = await scene.enters(room_id, "alex", "waiting_in_line")
        await alex.page.evaluate(KEEP_MOMENTS)
        await alex.page.evaluate(LIVE)
        await scene.api.act(room_id, "line/admit", participant_ids=[await scene.waiter_in(room_id)])
        await alex.is_shown("inside")
        assert await alex.page.evaluate("window.moments") == [False], "one moment, and what is under it can be pressed"
        await wait_until(lambda: _was_told(alex, "assertive", ""), 5, "the alert")
        await expect(alex.page.locator(".admitted-moment")).to_have_count(0)


async def test_a_refusal_is_told_to_ears_at_once_and_the_heading_has_the_focus(lone_cluster):
    async with open_house(lone_cluster) as house:
        scene = Scene(house)
        room_id = await scene.room(locked=True)
        alex = await scene.enters(room_id, "alex", "waiting_in_line")
        await alex.page.evaluate(LIVE)
        await scene.api.act(room_id, f"line/{await scene.waiter_in(room_id)}/decline", message="Tomorrow, please.")
        await alex.is_shown("declined")
        await expect(alex.page.locator("greenroom-card h1")).to_be_focused()
        await expect(alex.page.locator("greenroom-card blockquote")).to_contain_text("Tomorrow, please.")
        await wait_until(lambda: _was_told(alex, "assertive", "A host declined your request"), 5, "the alert")
        await alex.act("lobby.knock").click()
        await alex.is_shown("waiting_in_line")


async def _was_told(person: Person, politeness: str, words: str) -> bool:
    return any(how == politeness and words in said for how, said in await person.page.evaluate("window.told"))


async def test_the_host_is_told_of_the_device_what_the_page_says(lone_cluster):
    async with open_house(lone_cluster) as house:
        scene = Scene(house)
        room_id = await scene.room()
        link = (await scene.invite(room_id))["link"]
        await scene.api.look_and_claim(Link(link), EMAIL, Device())
        maya = await scene.enters(room_id, "maya", "inside")
        phone = await scene.opens(link, "used_on_another_device")
        hint = await phone.page.locator("form .device").inner_text()
        await phone.gives(EMAIL)
        await phone.is_shown("device_pending")
        label = re.sub("[\u2068\u2069]", "", hint).removeprefix("The host is told: ")
        await expect(maya.page.locator("#device-requests")).to_contain_text(label)


async def test_a_host_whose_session_ended_is_offered_to_go_on(lone_cluster):
    async with open_house(lone_cluster) as house:
        scene = Scene(house)
        room_id = await scene.room()
        maya = await scene.enters(room_id, "maya", "inside")
        alex = await scene.enters(room_id, "alex", "inside")
        await scene.api.act(room_id, "end")
        await alex.is_shown("session_ended")
        await expect(alex.page.locator("greenroom-card button:visible")).to_have_count(0)
        await maya.is_shown("session_ended")
        await maya.act("session.reopen").click()
        await maya.is_shown("inside")


async def test_another_language_is_chosen_without_losing_the_link(lone_cluster):
    async with open_house(lone_cluster) as house:
        scene = Scene(house)
        grace = await scene.opens((await scene.invite(await scene.room()))["link"], "email_entry")
        await grace.page.locator(".languages button").first.click()
        await grace.act("language.de").click()
        await expect(grace.page.locator("greenroom-card h1")).to_have_text("Bestätigen Sie Ihre Adresse")
        await grace.gives("somebody.else@example.org")
        await expect(grace.page.locator("#problem")).to_contain_text("Das ist nicht die eingeladene Adresse.")


async def test_without_motion_nothing_moves(lone_cluster):
    async with open_house(lone_cluster) as house:
        scene = Scene(house)
        room_id = await scene.room(locked=True)
        context = await house.browser.new_context(reduced_motion="reduce")
        alex = await house.person(node=0, context=context)
        await alex.goes_to(f"/room/{room_id}#as=alex")
        await alex.is_shown("waiting_in_line")
        assert await alex.page.evaluate("document.getAnimations().length") == 0
