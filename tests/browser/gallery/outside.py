"""The states of somebody who is not in the room."""

from __future__ import annotations

import asyncio

from tests.browser.gallery.scene import EMAIL, FAR_MS, Reach, Scene, lose_connection
from tests.browser.people import Person

STATES: dict[str, Reach] = {}
BLOCKED = "grace@blocked.example.org"


def state(reach: Reach) -> Reach:
    """Its name is the name of the function."""
    STATES[reach.__name__] = reach
    return reach


@state
async def invalid(scene: Scene) -> Person:
    return await scene.opens(f"/join/{await scene.room()}#not-a-link", "invalid")


@state
async def email_entry(scene: Scene) -> Person:
    return await scene.opens((await scene.invite(await scene.room()))["link"], "email_entry")


@state
async def email_mismatch(scene: Scene) -> Person:
    person = await scene.opens((await scene.invite(await scene.room()))["link"], "email_entry")
    await person.gives("somebody.else@example.org")
    await person.page.locator("#problem").wait_for()
    return person


@state
async def used_on_another_device(scene: Scene) -> Person:
    link = (await scene.invite(await scene.room()))["link"]
    await scene.claim_elsewhere(link)
    return await scene.opens(link, "used_on_another_device")


@state
async def device_pending(scene: Scene) -> Person:
    person = await used_on_another_device(scene)
    await person.gives(EMAIL)
    await person.is_shown("device_pending")
    return person


@state
async def withdrawn(scene: Scene) -> Person:
    room_id = await scene.room()
    made = await scene.invite(room_id)
    await scene.api.revoke(room_id, made["invitation_id"])
    return await scene.opens(made["link"], "withdrawn")


@state
async def room_deleted(scene: Scene) -> Person:
    room_id = await scene.room()
    link = (await scene.invite(room_id))["link"]
    await scene.api.delete_room(room_id)
    return await scene.opens(link, "withdrawn")


@state
async def domain_blocked(scene: Scene) -> Person:
    room_id = await scene.room()
    link = (await scene.invite(room_id, email=BLOCKED))["link"]
    await scene.api.edit_room(room_id, blocked_domains=["blocked.example.org"])
    return await scene.proves(link, "domain_blocked", email=BLOCKED)


@state
async def try_later(scene: Scene) -> Person:
    person = await scene.opens((await scene.invite(await scene.room()))["link"], "email_entry")
    shown = person.page.locator('main > [data-state="try_later"]')
    for number in range(20):  # one more than may be wrong; a press while an answer is under way counts for nothing
        if await shown.is_visible():
            break
        if await person.page.locator("#email").is_visible():
            await person.gives(f"wrong{number}@example.org")
        await asyncio.sleep(0.5)
    await person.is_shown("try_later")
    return person


@state
async def countdown_unproven(scene: Scene) -> Person:
    return await scene.opens((await scene.invite(await scene.room(starts_at_ms=FAR_MS)))["link"], "countdown")


@state
async def countdown(scene: Scene) -> Person:
    words = "Bring a notebook. We begin with acids and bases, and end with questions."
    room_id = await scene.room(starts_at_ms=FAR_MS, description=words)
    await scene.api.act(room_id, "lobby-message", text="We start on the hour.")
    person = await scene.proves((await scene.invite(room_id))["link"], "countdown")
    await person.page.locator("#email").wait_for(state="hidden")
    return person


@state
async def waiting_for_host(scene: Scene) -> Person:
    room_id = await scene.room(starts_at_ms=1_000_000, opens="by_host")
    return await scene.proves((await scene.invite(room_id))["link"], "waiting_for_host")


@state
async def waiting_in_line(scene: Scene) -> Person:
    room_id = await scene.room(locked=True)
    await scene.api.act(room_id, "lobby-message", text="One moment, please.")
    return await scene.enters(room_id, "vito", "waiting_in_line")


@state
async def room_full(scene: Scene) -> Person:
    room_id = await scene.room(capacity=1)
    await scene.joins(room_id, "alex")
    return await scene.enters(room_id, "bo", "room_full")


@state
async def declined(scene: Scene) -> Person:
    room_id = await scene.room(locked=True)
    person = await scene.enters(room_id, "vito", "waiting_in_line")
    await scene.api.act(room_id, f"line/{await scene.waiter_in(room_id)}/decline", message="This lesson is for the other class.")
    await person.is_shown("declined")
    return person


async def _put_out(scene: Scene, how: str, shown: str) -> Person:
    room_id = await scene.room()
    person = await scene.enters(room_id, "vito", "inside")
    (row,) = (await scene.api.participants(room_id))["participants"]
    await scene.api.act(room_id, f"participants/{row['participant_id']}/{how}")
    await person.is_shown(shown)
    return person


@state
async def removed(scene: Scene) -> Person:
    return await _put_out(scene, "remove", "removed")


@state
async def sent_back(scene: Scene) -> Person:
    return await _put_out(scene, "send-back", "waiting_in_line")


@state
async def banned(scene: Scene) -> Person:
    return await _put_out(scene, "ban", "banned")


@state
async def session_ended(scene: Scene) -> Person:
    room_id = await scene.room()
    person = await scene.enters(room_id, "vito", "inside")
    await scene.api.act(room_id, "end")
    await person.is_shown("session_ended")
    return person


@state
async def left(scene: Scene) -> Person:
    person = await scene.enters(await scene.room(), "vito", "inside")
    await person.act("leave").click()
    await person.is_shown("left")
    return person


@state
async def guest_entry(scene: Scene) -> Person:
    made = await scene.api.create_guest_link(await scene.room(), "For parents")
    return await scene.opens(made["link"], "guest_entry")


@state
async def code_asked(scene: Scene) -> Person:
    return await scene.opens((await scene.invite(await scene.room(email_proof="code")))["link"], "email_entry")


@state
async def reconnecting(scene: Scene) -> Person:
    room_id = await scene.room(locked=True)
    person = await scene.enters(room_id, "vito", "waiting_in_line")
    await lose_connection(person)
    await person.is_shown("reconnecting")
    return person
