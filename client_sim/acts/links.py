"""From an empty site to an invitation that is claimed on one device."""

from __future__ import annotations

import time
from typing import Any

from client_sim.api import Link
from client_sim.http_request import request
from client_sim.stage import EMAIL_OF, OWNER_ID, Disproved, Stage, expect_end, expect_refusal, prove

START_AHEAD_S = 8
LOOKS = 10
Raw = dict[str, Any]


async def room(stage: Stage) -> Raw:
    """The room product creates a room that opens in a few seconds."""
    starts_at_ms = time.time_ns() // 1_000_000 + START_AHEAD_S * 1000
    made = await stage.api().create_room(
        title="Chemistry, first lesson", starts_at_ms=starts_at_ms, standings={OWNER_ID: "owner"}
    )
    stage.room_id, stage.starts_at_ms = made["room_id"], starts_at_ms
    prove(made["phase"] == "scheduled" and made["starts_at_ms"] == starts_at_ms, f"the room is scheduled: {made}")
    return {"starts_in_s": START_AHEAD_S}


async def manager_inside(stage: Stage) -> Raw:
    """The owner signs in with the site's sign-in and is inside before the start, as manager."""
    maya = await stage.open_member_tab(OWNER_ID)
    prove(maya.replica.is_inside and maya.replica.role == "manager", f"the owner is inside as manager: {maya.replica.you}")
    prove(maya.replica.invitations is not None and maya.replica.waiters is not None, "a manager sees every list")
    prove(maya.participant_id in maya.replica.participants, "the owner is in the list of participants")
    return {"permissions": len((maya.replica.you or {})["permissions"])}


async def invitation(stage: Stage) -> Raw:
    """The manager invites somebody as viewer from the tab, and gets a link whose secret is in the fragment."""
    maya = stage.tabs[OWNER_ID]
    answer = await maya.command(
        "invitation.create", email=EMAIL_OF["iris"], first_name="Iris", last_name="Novak", role="viewer"
    )
    link = Link(answer["link"])
    prove(link.room_id == stage.room_id and len(link.secret) >= 20, f"the link names the room and holds a secret: {link}")
    await maya.wait_until(lambda replica: answer["invitation_id"] in (replica.invitations or {}), what="invitation row")
    again = await maya.command("invitation.link", invitation_id=answer["invitation_id"])
    prove(again["link"] == link.url, "the same link can be had again")
    stage.links["iris"] = link
    return {"secret_chars": len(link.secret)}


async def link_look(stage: Stage) -> Raw:
    """Looking at the link, however often and in whatever way, uses nothing up."""
    link, page = stage.links["iris"], stage.site.url(0) + "/join/" + stage.room_id
    for method in ("HEAD", "GET") * (LOOKS // 2):
        status = (await request(method, page)).status
        prove(status == 200, f"{method} of the page answers 200, not {status}")
    states = [(await stage.api(number).look(link))["state"] for number in range(LOOKS)]
    prove(set(states) == {"email_entry"}, f"the link still asks for the address: {set(states)}")
    row = await _invitation_row(stage)
    prove(row["status"] in ("created", "opened") and row["devices"] == 0, f"nobody has claimed it: {row['status']}")
    wrong = Link(f"{page}#{'A' * len(link.secret)}")
    await expect_refusal("invite_unknown", stage.api().look(wrong), "a mangled link")
    return {"page_loads": LOOKS, "looks": LOOKS, "status": row["status"]}


async def claim(stage: Stage) -> Raw:
    """Only the invited address claims the link, and the same device claims it as often as it likes."""
    api, link, laptop = stage.api(), stage.links["iris"], stage.device("laptop")
    looked = await api.look(link, laptop)
    attempt = api.claim(link, looked["nonce"], "somebody-else@example.org", laptop)
    await expect_refusal("email_mismatch", attempt, "another address")
    first = await api.look_and_claim(link, EMAIL_OF["iris"].upper(), laptop)
    state = (await stage.api(1).look(link, laptop))["state"]
    prove(state == "claimed_here", f"this device is known again: {state}")
    second = await stage.api(1).look_and_claim(link, EMAIL_OF["iris"], laptop)
    prove(first["participant_id"] == second["participant_id"], "the same device is the same participant")
    stage.sessions["laptop"] = second
    row = await _invitation_row(stage, "claimed")
    return {"devices": row["devices"], "claims": 2}


async def other_device(stage: Stage) -> Raw:
    """A second device is refused, even with the right address."""
    api, link, phone = stage.api(1), stage.links["iris"], stage.device("phone")
    looked = await api.look(link, phone)
    prove(looked["state"] == "used_on_another_device", f"the page says so: {looked['state']}")
    attempt = api.claim(link, looked["nonce"], EMAIL_OF["iris"], phone)
    refused = await expect_refusal("invite_used", attempt, "the right address on a second device")
    return {"status": refused.status}


async def device_move(stage: Stage) -> Raw:
    """The second device asks, the manager says yes on a live card, and the claim moves: the old tab hears of it."""
    maya, link, phone = stage.tabs[OWNER_ID], stage.links["iris"], stage.device("phone")
    laptop_tab = await stage.open_tab("laptop", stage.sessions["laptop"]["session_token"], device=stage.device("laptop"))
    looked = await stage.api(1).look(link, phone)
    page = await stage.open_tab("phone page", looked["lobby_token"], node=1)
    asked = await stage.api(1).ask(link, looked["nonce"], EMAIL_OF["iris"], phone, "Iris's phone")
    await page.wait_until(lambda replica: bool(replica.lobby and replica.lobby["device_request"] == "pending"), what="pending")
    request_row = await _device_request(stage, asked["request_id"])
    prove(request_row["label"] == "Iris's phone", "the manager reads what the device says of itself")
    await maya.command("device.allow", invitation_id=request_row["invitation_id"], request_id=asked["request_id"])
    await page.wait_until(lambda replica: replica.lobby_state == "device_allowed", what="device_allowed")
    ended = await expect_end(laptop_tab, "invite_moved")
    stage.sessions["phone"] = await stage.api(1).look_and_claim(link, EMAIL_OF["iris"], phone)
    attempt = stage.api().look_and_claim(link, EMAIL_OF["iris"], stage.device("laptop"))
    await expect_refusal("invite_moved", attempt, "the old device")
    await stage.close_tab("phone page")
    await stage.close_tab("laptop")
    return {"close_code": ended.close_code}


async def _invitation_row(stage: Stage, status: str | None = None) -> Raw:
    """The invitation as the manager's tab shows it, once it has that status."""

    def rows() -> list[Any]:
        return [row for row in (maya.replica.invitations or {}).values() if row["email"] == EMAIL_OF["iris"]]

    maya = stage.tabs[OWNER_ID]
    await maya.wait_until(lambda _: any(status in (None, row["status"]) for row in rows()), what=f"status {status}")
    return dict(rows()[0])


async def _device_request(stage: Stage, request_id: str) -> Raw:
    maya = stage.tabs[OWNER_ID]
    replica = await maya.wait_until(lambda replica: bool(replica.device_requests), what="device request")
    for row in (replica.device_requests or {}).values():
        if row["request_id"] == request_id:
            return dict(row)
    raise Disproved("the manager sees the request of the second device")
