"""A site with its own name, logo, colours and welcome: they are on every page, and can be read, light and dark."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.inspecting import SCHEMES, inspect
from tests.browser.people import SETTINGS, House, Person, expect, open_house
from tests.support.nodes import Cluster

NAME, WELCOME = "Harbour School <b>", "Good that you are here & early."
# A yellow on which white could not be read, and which could not be read on white.
ACCENTS = {"light": "#b8860b", "dark": "#ffd24d"}
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><rect width="90" height="30" fill="#b8860b"/></svg>'
SITE_SECRET = "site-secret-0123456789abcdefghijklmnopqr"
COLOUR = """(node) => {
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  context.fillStyle = getComputedStyle(node).backgroundColor;
  context.fillRect(0, 0, 1, 1);
  return "#" + [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((each) => each.toString(16).padStart(2, "0")).join("");
}"""


@pytest.fixture(scope="module")
def branded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A real site's node: it signs people in itself, so that there is no demo."""
    logo = tmp_path_factory.mktemp("look") / "logo.svg"
    logo.write_text(LOGO)
    cluster = Cluster(**SETTINGS, **_settings(logo))
    asyncio.run(cluster.add_node())
    yield cluster
    asyncio.run(cluster.__aexit__(None, None, None))


def _settings(logo: Path) -> dict[str, str]:
    return {
        "SITE_NAME": NAME, "SITE_WELCOME": WELCOME, "SITE_LOGO": str(logo), "SITE_ACCENT": ACCENTS["light"],
        "SITE_ACCENT_DARK": ACCENTS["dark"], "SITE_JWT_SECRET": SITE_SECRET,
    }


async def opens(house: House, address: str) -> Person:
    person = await house.person(node=0, context=await house.browser.new_context(locale="en"))
    await person.goes_to(address)
    return person


async def invited(house: House) -> Person:
    room_id = (await house.api.create_room(title="Chemistry", starts_at_ms=4_000_000_000_000))["room_id"]
    made = await house.api.invite(room_id, email="grace@example.org", first_name="Grace", last_name="Hopper", role="viewer")
    person = await opens(house, made["link"])
    await person.is_shown("countdown")
    return person


async def test_name_logo_and_welcome_are_on_the_invitees_page(branded):
    async with open_house(branded) as house:
        person = await invited(house)
        logo = person.page.get_by_role("img", name=NAME).first
        await expect(logo).to_be_visible()
        assert await logo.evaluate("(image) => image.naturalWidth") > 0
        await expect(person.page.get_by_text(WELCOME)).to_be_visible()
        assert person.foreign == []


async def test_a_sites_own_colours_are_used_and_can_be_read_light_and_dark(branded):
    async with open_house(branded) as house:
        for person in (await invited(house), await opens(house, "/admin")):
            button = person.page.locator("button.primary").first
            for scheme in SCHEMES:
                await person.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                assert await button.evaluate(COLOUR) == ACCENTS[scheme]
            assert (await inspect(person.page, person.page.url)).all == []


async def test_beside_a_real_site_the_front_page_says_where_rooms_are_opened(branded):
    async with open_house(branded) as house:
        person = await opens(house, "/")
        await person.is_shown("no_demo")
        await expect(person.page.locator("main")).to_contain_text("the link in your invitation")
        await expect(person.page.locator("main button")).to_have_count(0)
        assert (await inspect(person.page, "no_demo")).all == []


async def test_the_admin_page_shows_the_look_as_it_is_set(branded):
    async with open_house(branded) as house:
        person = await opens(house, "/admin#look")
        await person.page.fill("#key", branded.admin_api_key)
        await person.act("admin.enter").click()
        shown = person.page.locator('[data-section="look"]')
        await expect(shown.locator('[data-preview="look"]')).to_contain_text(WELCOME)
        for value in (NAME, *ACCENTS.values()):
            await expect(shown.locator("dd", has_text=value)).to_be_visible()
        assert (await inspect(person.page, "look")).all == []
