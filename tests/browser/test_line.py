"""The line on the page of a host: one notice and one soft sound however many come, which can be muted; words with a no."""

from __future__ import annotations

from contextlib import AsyncExitStack

from playwright.async_api import Locator

from tests.browser.people import Person, expect, open_house
from tests.browser.test_a_crowd_comes import inside
from tests.browser.test_room import enters, room_of

# A machine to make sounds with that only counts them. What looks at a page from here passes for a gesture, and is none.
COUNT_SOUNDS = """
let isActive = false;
addEventListener("pointerdown", () => { isActive = true; }, { capture: true });
Object.defineProperty(navigator, "userActivation", { value: { get hasBeenActive() { return isActive; } } });
window.sounds = 0;
window.AudioContext = class {
  currentTime = 0;
  destination = {};
  resume() { window.sounds += 1; }
  close() { return Promise.resolve(); }
};
window.OscillatorNode = class { connect(next) { return next; } start() {} stop() {} };
window.GainNode = class {
  gain = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
  connect(next) { return next; }
};
"""


async def test_three_who_come_are_one_notice_one_sound_and_the_number_on_the_tab(lone_cluster):
    async with open_house(lone_cluster) as house, AsyncExitStack() as tabs:
        room_id = await room_of(house, locked=True)
        maya = await enters(house, room_id, "maya", before=COUNT_SOUNDS)
        await enters(house, room_id, "vito", "waiting_in_line")
        notice = maya.page.locator('[data-notice="waiting"]')
        await expect(notice).to_contain_text("1 person is waiting")
        assert await maya.page.evaluate("window.sounds") == 0, "the browser lets nothing be heard before a gesture"
        await maya.page.locator("h1").click()
        for token in [(await house.api.demo_sign_in(room_id, name, name))["session_token"] for name in ("zoe", "alex")]:
            await tabs.enter_async_context(inside(lone_cluster.nodes[0].port, token))
        await expect(notice).to_contain_text("3 people are waiting")
        await expect(notice).to_have_count(1)
        await expect(maya.page).to_have_title("(3) Chemistry")
        assert await maya.page.evaluate("window.sounds") == 1
        await maya.act("tab.activity").click()
        await maya.act("line.show").click()
        await expect(maya.page.locator("#line-heading")).to_be_focused()
        await expect(notice).to_have_count(0)


async def test_a_host_who_muted_the_sound_hears_none_after_a_reload_either(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = await room_of(house, locked=True)
        maya = await enters(house, room_id, "maya", before=COUNT_SOUNDS)
        mute = maya.act("sound.mute")
        await expect(mute).to_have_attribute("aria-pressed", "true")
        await mute.click()
        await maya.page.reload()
        await maya.is_shown("inside")
        await expect(mute).to_have_attribute("aria-pressed", "false")
        await maya.page.locator("h1").click()
        await enters(house, room_id, "vito", "waiting_in_line")
        await expect(maya.page.locator('[data-notice="waiting"]')).to_be_visible()
        assert await maya.page.evaluate("window.sounds") == 0
        await mute.click()
        await enters(house, room_id, "zoe", "waiting_in_line")
        await expect(maya.page.locator('[data-notice="waiting"]')).to_contain_text("2")
        assert await maya.page.evaluate("window.sounds") == 1, "and is heard again when it is wanted again"


async def test_the_lobby_reads_what_a_host_writes_and_who_is_declined_reads_why(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = await room_of(house, locked=True)
        maya = await enters(house, room_id, "maya")
        vito = await enters(house, room_id, "vito", "waiting_in_line")
        await maya.page.locator("greenroom-line summary").click()
        await maya.page.fill("#lobby-message", "Two more minutes <b>please</b>")
        await maya.act("lobby.message").click()
        await expect(vito.page.locator("blockquote")).to_contain_text("Two more minutes <b>please</b>")
        await maya.act("lobby.decline").click()
        await maya.page.fill("#ask-field", "Next week.")
        await maya.page.locator("dialog button.primary").click()
        await vito.is_shown("declined")
        await expect(vito.page.locator("blockquote")).to_contain_text("Next week.")
        await expect(maya.page.locator("#line-heading")).to_have_text("Waiting 0")


async def test_the_rest_of_a_double_click_admits_nobody_else_and_unlocks_nothing(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = await room_of(house, locked=True)
        maya = await enters(house, room_id, "maya")
        for name in ("vito", "zoe", "alex"):
            await enters(house, room_id, name, "waiting_in_line")
        rows = maya.page.locator("#waiters > li")
        await expect(rows).to_have_count(3)
        spot = await clicks(maya, maya.act("lobby.admit").first)
        await expect(rows).to_have_count(2)
        await clicks_again(maya, spot)
        await maya.act("hand.raise").click()
        await expect(maya.act("hand.lower")).to_be_visible()  # what was asked for before it has been done
        await expect(rows).to_have_count(2)
        spot = await clicks(maya, maya.act("room.unlock"))
        await expect(maya.act("room.lock")).to_be_visible()
        await clicks_again(maya, spot)
        await maya.act("hand.lower").press("Enter")
        await expect(maya.act("hand.raise")).to_be_visible()
        await expect(maya.act("room.lock")).to_be_visible()


async def clicks(person: Person, button: Locator) -> tuple[float, float]:
    """Click where it is, and say where that was."""
    box = await button.bounding_box()
    assert box is not None
    spot = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await person.page.mouse.click(*spot)
    return spot


async def clicks_again(person: Person, spot: tuple[float, float]) -> None:
    """The second half of a double click, on whatever is there by now."""
    await expect(person.page.locator("greenroom-room [aria-busy]")).to_have_count(0)
    await person.page.mouse.move(*spot)
    await person.page.mouse.down(click_count=2)
    await person.page.mouse.up(click_count=2)
