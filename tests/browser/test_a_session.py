"""One session as its people see it, in a browser, on two nodes: invited, counted down, let in, promoted; and a node that dies."""

from __future__ import annotations

import re

from tests.browser.people import House, Person, expect, open_house_of_two
from tests.support.waiting import wait_until

EMAIL = "grace@example.org"
FAR_MS = 4_000_000_000_000

# In the page: what the list of people loses from now on, and when the own role is another one.
WATCH = """() => {
  window.lost = 0;
  const people = document.getElementById("participants");
  const rows = () => people.querySelectorAll("li[data-participant-id]").length;
  const before = rows();
  new MutationObserver(() => {
    window.lost += Math.max(0, before - rows());
  }).observe(people, { childList: true, subtree: true });
  const role = document.getElementById("own-role");
  const onRole = new MutationObserver(() => { window.role_at_ms ??= Date.now(); });
  onRole.observe(role, { attributes: true, attributeFilter: ["data-role"] });
}"""

# As the form of the room's settings has it: a start three seconds from now, in the browser's own zone.
SOON = "new Date(Date.now() + 3000 - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 19)"


async def test_from_the_invitation_to_another_device(redis_url, figure):
    async with open_house_of_two(redis_url) as house:
        maya, grace, vito = [await house.person(node=node) for node in (0, 1, 1)]
        made = await house.api.create_room(title="Chemistry", starts_at_ms=FAR_MS, standings={"maya": "owner"})
        room_id = made["room_id"]
        link = await _invites(maya, room_id)
        await _waits_for_the_start(maya, grace, link)
        await _knocks_and_is_let_in(maya, vito, room_id)
        await _is_promoted(maya, grace, vito, figure)
        await _outlives_a_node(house, maya, grace, vito, figure)
        await _moves_to_another_device(house, maya, grace, link)
        foreign = [url for person in house.people for url in person.foreign]
        figure("foreign_requests", len(foreign), unit="requests", must="== 0", holds=not foreign, n=len(house.people))


async def _invites(maya: Person, room_id: str) -> str:
    await maya.goes_to(f"/room/{room_id}#as=maya")
    await maya.is_shown("inside")
    await maya.act("invite.open").click()
    for field, text in (("email", EMAIL), ("first", "Grace"), ("last", "Hopper")):
        await maya.page.fill(f"#invite-{field}", text)
    await maya.act("invite.generate").click()
    link = maya.page.locator("#invite-link")
    await expect(link).to_have_value(re.compile("/join/.+#.+"))
    address = await link.input_value()
    await maya.act("invite.done").click()
    return address


async def _waits_for_the_start(maya: Person, grace: Person, link: str) -> None:
    await grace.goes_to(link)
    await grace.is_shown("countdown")
    await expect(grace.page.locator(".countdown")).to_be_visible()
    await grace.gives(EMAIL)
    await expect(grace.page.locator("#email")).to_be_hidden()
    await grace.is_shown("countdown")
    await maya.act("tab.settings").click()
    await maya.page.fill("#edit-starts_at_ms", await maya.page.evaluate(SOON))
    await maya.act("room.edit").click()
    await maya.act("tab.people").click()
    await grace.is_shown("inside")
    await grace.has_role("viewer")
    assert grace.reloads == 0, "she came in on the page that she had"
    await expect(maya.row("Grace Hopper")).to_be_visible()


async def _knocks_and_is_let_in(maya: Person, vito: Person, room_id: str) -> None:
    await maya.act("room.lock").click()
    await expect(maya.act("room.unlock")).to_be_visible()
    await vito.goes_to(f"/room/{room_id}#as=vito")
    await vito.is_shown("waiting_in_line")
    await expect(vito.page.locator(".position")).to_have_text("You are next in line.")
    await maya.act("lobby.admit").click()
    await vito.is_shown("inside")
    assert vito.reloads == 0


async def _is_promoted(maya: Person, grace: Person, vito: Person, figure) -> None:
    await expect(grace.row("Vito")).to_be_visible()
    await expect(grace.act("room.unlock")).to_be_hidden()
    sockets, was_loaded = grace.sockets, await grace.page.evaluate("performance.timeOrigin")
    await grace.page.evaluate(WATCH)
    asked_ms = await maya.page.evaluate("Date.now()")
    await maya.chooses("Grace Hopper", "Make moderator")
    await grace.has_role("moderator")
    await expect(grace.act("room.unlock")).to_be_visible()
    await expect(grace.page.locator("#line-heading")).to_have_text("Waiting 0")
    await expect(maya.row("Grace Hopper").locator('.applied[data-status="applied"]')).to_have_text("applied on 1 of 1 tab")
    took_ms = await grace.page.evaluate("window.role_at_ms") - asked_ms
    loads = await grace.page.evaluate('performance.getEntriesByType("navigation").length')
    reloads = grace.reloads + grace.sockets - sockets + loads - 1
    assert await grace.page.evaluate("performance.timeOrigin") == was_loaded
    figure("reloads_at_promotion", reloads, unit="loads and reconnects", must="== 0", holds=reloads == 0)
    figure("promotion_to_new_tools_ms", took_ms, unit="ms", must="<= 2000", holds=took_ms <= 2_000)


async def _outlives_a_node(house: House, maya: Person, grace: Person, vito: Person, figure) -> None:
    watched = (maya, grace, vito)
    for person in watched:
        await person.page.evaluate(WATCH)
    before = [await person.page.locator("#participants").inner_text() for person in watched]
    sockets = grace.sockets
    killed_ms = await grace.page.evaluate("Date.now()")
    house.kill(1)
    await wait_until(lambda: grace.sockets > sockets and vito.sockets > 0, 10, "a new connection")
    # A hand shows that both of them hear and are heard again.
    await vito.act("hand.raise").click()
    await expect(grace.page.locator('[data-group="hands"] li')).to_have_count(1)
    back_ms = await grace.page.evaluate("Date.now()") - killed_ms
    await expect(maya.page.locator('[data-group="hands"] li')).to_have_count(1)
    await vito.act("hand.lower").press("Enter")  # a second click there, so soon, would be the rest of a double click
    await expect(grace.page.locator('[data-group="hands"] li')).to_have_count(0)
    await expect(maya.page.locator('[data-group="hands"] li')).to_have_count(0)
    await expect(vito.page.locator('[data-group="hands"] li')).to_have_count(0)
    after = [await person.page.locator("#participants").inner_text() for person in watched]
    assert after == before
    assert await grace.page.locator("#own-role").get_attribute("data-role") == "moderator"
    lost = sum([await person.page.evaluate("window.lost") for person in watched]) + sum(person.reloads for person in watched)
    figure("lost_on_screen_after_kill", lost, unit="rows and reloads", must="== 0", holds=lost == 0, n=len(watched))
    figure("back_after_kill_ms", back_ms, unit="ms", must="<= 8000", holds=back_ms <= 8_000)


async def _moves_to_another_device(house: House, maya: Person, grace: Person, link: str) -> None:
    phone = await house.person(node=0)
    await phone.goes_to(link)
    await phone.is_shown("used_on_another_device")
    await phone.gives(EMAIL)
    await phone.is_shown("device_pending")
    await expect(maya.page.locator("#device-requests li")).to_have_count(1)
    await maya.act("device.allow").click()
    await phone.is_shown("inside")
    await phone.has_role("moderator")
    await grace.is_shown("moved")
    assert (phone.reloads, grace.reloads) == (0, 0)
