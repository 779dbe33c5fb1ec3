"""The states of somebody in the room."""

from __future__ import annotations

from tests.browser.gallery.scene import EMAIL, FAR_MS, Reach, Scene, lose_connection
from tests.browser.people import Person, expect

STATES: dict[str, Reach] = {}
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "\u202egnihton si siht\u202c",
    "W" * 100,
    "👩‍👩‍👧‍👦 Zoë 𝕋𝕖𝕤𝕥",
    "مريم بنت أحمد",
    "</bdi><script>alert(1)</script>",
)


def state(reach: Reach) -> Reach:
    """Its name is the name of the function."""
    STATES[reach.__name__] = reach
    return reach


@state
async def room_viewer(scene: Scene) -> Person:
    room_id = await scene.room(description="We begin with acids and bases.")
    await scene.joins(room_id, "maya")
    return await scene.enters(room_id, "alex", "inside")


@state
async def room_promoted(scene: Scene) -> Person:
    room_id = await scene.room()
    alex = await scene.enters(room_id, "alex", "inside")
    (row,) = (await scene.api.participants(room_id))["participants"]
    await scene.api.act(room_id, f"participants/{row['participant_id']}/role", role="moderator")
    await alex.has_role("moderator")
    return alex


@state
async def room_manager(scene: Scene) -> Person:
    room_id = await scene.room(capacity=30)
    for user_id in ("alex", "bo"):
        await scene.joins(room_id, user_id)
    await scene.invite(room_id, role="speaker")
    maya = await scene.enters(room_id, "maya", "inside")
    await scene.api.act(room_id, "lock")
    for user_id in ("vito", "zoe"):
        await scene.joins(room_id, user_id)
    await expect(maya.page.locator("#waiters li")).to_have_count(2)
    return maya


@state
async def room_alone(scene: Scene) -> Person:
    return await scene.enters(await scene.room(), "maya", "inside")


@state
async def room_before_the_start(scene: Scene) -> Person:
    return await scene.enters(await scene.room(starts_at_ms=FAR_MS, early_entry_s=86_400), "maya", "inside")


@state
async def room_hostile_names(scene: Scene) -> Person:
    room_id = await scene.room()
    maya = await scene.enters(room_id, "maya", "inside")
    for number, name in enumerate(HOSTILE[:3]):
        await scene.joins(room_id, f"inside{number}", name)
    await scene.api.act(room_id, "lock")
    for number, name in enumerate(HOSTILE):
        await scene.joins(room_id, f"waiting{number}", name)
    await scene.invite(room_id, first_name="<b>Grace</b>")
    await expect(maya.page.locator("#waiters li")).to_have_count(len(HOSTILE))
    return maya


@state
async def room_host_absent(scene: Scene) -> Person:
    room_id = await scene.room()
    maya = await scene.enters(room_id, "maya", "inside")
    alex = await scene.enters(room_id, "alex", "inside")
    await maya.act("leave").click()
    await expect(alex.page.locator("#host-absence")).to_be_visible()
    return alex


@state
async def device_request(scene: Scene) -> Person:
    room_id = await scene.room()
    link = (await scene.invite(room_id))["link"]
    await scene.claim_elsewhere(link)
    maya = await scene.enters(room_id, "maya", "inside")
    phone = await scene.opens(link, "used_on_another_device")
    await phone.gives(EMAIL)
    await expect(maya.page.locator("#device-requests li")).to_have_count(1)
    return maya


@state
async def person_menu(scene: Scene) -> Person:
    room_id = await scene.room()
    await scene.joins(room_id, "alex")
    maya = await scene.enters(room_id, "maya", "inside")
    await maya.row("Alex").locator('[aria-haspopup="menu"]').click()
    await expect(maya.page.get_by_role("menuitem").first).to_be_visible()
    return maya


@state
async def asked_before_ending(scene: Scene) -> Person:
    maya = await room_alone(scene)
    await maya.act("session.end").click()
    await expect(maya.page.locator("dialog")).to_be_visible()
    return maya


@state
async def connection_lost(scene: Scene) -> Person:
    alex = await room_viewer(scene)
    await lose_connection(alex)
    await expect(alex.page.locator("#connection")).to_be_visible()
    return alex


@state
async def invite_dialog(scene: Scene) -> Person:
    maya = await room_alone(scene)
    await maya.act("invite.open").first.click()
    await expect(maya.page.locator("dialog #invite-email")).to_be_visible()
    return maya


@state
async def invite_link_ready(scene: Scene) -> Person:
    maya = await invite_dialog(scene)
    for field, text in (("email", EMAIL), ("first", "Grace"), ("last", "Hopper")):
        await maya.page.fill(f"#invite-{field}", text)
    await maya.act("invite.generate").click()
    await expect(maya.page.locator("#invite-link")).to_be_visible()
    return maya


@state
async def invitations_list(scene: Scene) -> Person:
    room_id = await scene.room()
    for number, role in enumerate(("viewer", "speaker", "moderator")):
        await scene.invite(room_id, email=f"guest{number}@example.org", role=role)
    maya = await scene.enters(room_id, "maya", "inside")
    await maya.page.get_by_role("tab", name="Invitations").or_(maya.page.locator('[role="tab"]').nth(1)).first.click()
    await expect(maya.page.locator("[data-invitation-id]")).to_have_count(3)
    return maya
