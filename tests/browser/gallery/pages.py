"""The pages beside the room: media page, demo home, admin."""

from __future__ import annotations

from tests.browser.gallery.scene import FAR_MS, Reach, Scene
from tests.browser.people import Person, expect

STATES: dict[str, Reach] = {}


def state(reach: Reach) -> Reach:
    """Its name is the name of the function."""
    STATES[reach.__name__] = reach
    return reach


@state
async def media(scene: Scene) -> Person:
    room_id = await scene.room(starts_at_ms=FAR_MS, description="We begin with acids and bases.")
    person = await scene.opens(f"/media/{room_id}#as=maya")
    await expect(person.page.locator("h1")).to_have_text("Chemistry for beginners")
    return person


@state
async def home(scene: Scene) -> Person:
    person = await scene.opens("/")
    await expect(person.page.locator("h1")).to_be_visible()
    return person


@state
async def admin_key(scene: Scene) -> Person:
    person = await scene.opens("/admin")
    await expect(person.page.locator("h1")).to_be_visible()
    return person


@state
async def home_choices(scene: Scene) -> Person:
    person = await home(scene)
    await person.act("home.choices").click()
    return person


@state
async def side_by_side(scene: Scene) -> Person:
    person = await home(scene)
    await person.act("home.be.maya").click()
    await person.is_shown("side_by_side")
    alex = person.page.frame_locator('iframe[name$=".alex"]')
    await expect(alex.locator('main > [data-state="waiting_in_line"]')).to_be_visible()
    return person


async def in_admin(scene: Scene, section: str) -> Person:
    person = await scene.opens(f"/admin#{section}")
    await person.page.fill("#key", scene.house.cluster.admin_api_key)
    await person.act("admin.enter").click()
    await expect(person.page.locator(f'[data-section="{section.partition("/")[0]}"]')).to_be_visible()
    return person


@state
async def admin_wrong_key(scene: Scene) -> Person:
    person = await admin_key(scene)
    await person.page.fill("#key", "not-the-key")
    await person.act("admin.enter").click()
    await expect(person.page.locator('.problem[data-code="api_key_invalid"]')).to_be_visible()
    return person


@state
async def admin_site(scene: Scene) -> Person:
    return await in_admin(scene, "site")


@state
async def admin_look(scene: Scene) -> Person:
    return await in_admin(scene, "look")


@state
async def admin_domains(scene: Scene) -> Person:
    person = await in_admin(scene, "domains")
    await person.page.fill("#would", "grace@example.org")
    await person.act("domains.ask").click()
    await expect(person.page.locator('[data-answer="yes"]')).to_be_visible()
    return person


@state
async def admin_email(scene: Scene) -> Person:
    person = await in_admin(scene, "email")
    await expect(person.page.frame_locator(".mail-frame").locator("h1")).to_be_visible()
    return person


@state
async def admin_keys(scene: Scene) -> Person:
    person = await in_admin(scene, "keys")
    await person.page.fill("#key-name", "Room product")
    await person.act("key.create").click()
    await expect(person.page.locator("#key-secret")).to_be_visible()
    return person


@state
async def admin_room(scene: Scene) -> Person:
    return await in_admin(scene, f"rooms/{await scene.room()}")


@state
async def admin_support(scene: Scene) -> Person:
    room_id = await scene.room()
    made = await scene.invite(room_id)
    await scene.api.revoke(room_id, made["invitation_id"])
    person = await in_admin(scene, f"support/{room_id}")
    await person.page.fill("#why-email", "grace@example.org")
    await person.act("support.why").click()
    await expect(person.page.locator('[data-code="invite_revoked"]').first).to_be_visible()
    return person
