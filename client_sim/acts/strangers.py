"""Who comes without a name that anybody has proven, and who does not come at all: guests and blocked domains."""

from __future__ import annotations

from typing import Any

from client_sim.api import Link
from client_sim.stage import EMAIL_OF, OWNER_ID, Stage, expect_refusal, prove

BLOCKED = "blocked.example.com"
Raw = dict[str, Any]


async def domain(stage: Stage) -> Raw:
    """An address of a blocked domain is not invited, nor let in with a link from before, and the manager can ask why."""
    api, maya = stage.api(), stage.tabs[OWNER_ID]
    address, device = f"eve@mail.{BLOCKED}", stage.device("eve")
    made = await api.invite(stage.room_id, email=address, first_name="Eve", last_name="Moss", role="viewer")
    await api.edit_site(blocked_domains=[BLOCKED.upper()])
    try:
        again = api.invite(stage.room_id, email=address, first_name="Eve", last_name="Moss", role="viewer")
        await expect_refusal("domain_blocked", again, "inviting an address below a blocked domain")
        link = Link(made["link"])
        await expect_refusal("domain_blocked", stage.api(1).look_and_claim(link, address, device), "the invited address")
        wrong = stage.api(1).look_and_claim(link, EMAIL_OF["iris"], device)
        await expect_refusal("email_mismatch", wrong, "another address learns nothing")
        decided = await maya.command("domain.check", email=address)
        prove(not decided["allowed"] and decided["decided_by"]["rule"] == BLOCKED, f"the rule is named: {decided}")
        near = await api.would_get_in(f"eve@not{BLOCKED}", stage.room_id)
        prove(near["allowed"], "a domain that only looks like it is another one")
    finally:
        await api.edit_site(blocked_domains=[])
    return {"rule": decided["decided_by"]}


async def guest(stage: Stage) -> Raw:
    """A guest link lets in as many devices as it says, as viewers whose names nobody has proven, whatever they type."""
    maya = stage.tabs[OWNER_ID]
    made = await maya.command("guest_link.create", name="Parents' evening", max_clicks=1)
    link, phone = Link(made["link"]), stage.device("guest phone")
    for number in range(3):
        looked = await stage.api(number).guest_look(link, phone)
        prove(looked["state"] == "guest_entry", f"looking uses nothing up: {looked['state']}")
    session = await stage.api().look_and_enter(link, "Gus", EMAIL_OF["iris"], phone)
    tab = await stage.open_tab("gus", session["session_token"], device=phone)
    prove(tab.replica.role == "viewer", "a guest is a viewer")
    iris = stage.tabs["iris"].participant_id
    prove(tab.participant_id != iris, "typing somebody's address does not make one that person")
    await maya.wait_until(lambda replica: tab.participant_id in replica.participants, what="guest in the list")
    prove(bool(maya.replica.participants[tab.participant_id]["unverified"]), "shown as unverified")
    again = await stage.api(1).look_and_enter(link, "Gus", "gus@example.org", phone)
    prove(again["participant_id"] == tab.participant_id, "the same device comes in as the same guest, without another click")
    second = stage.api(1).look_and_enter(link, "Hal", "hal@example.org", stage.device("another phone"))
    await expect_refusal("guest_link_full", second, "a second device")
    await maya.command("room.edit", guest_access=False)
    late = stage.api(1).look_and_enter(link, "Ina", "ina@example.org", stage.device("a third phone"))
    refused = await expect_refusal("guest_access_off", late, "after guest access was switched off")
    prove(tab.ended is None and tab.replica.is_inside, "who is inside stays")
    await tab.command("leave")
    await stage.close_tab("gus")
    return {"clicks": 1, "after": refused.code}
