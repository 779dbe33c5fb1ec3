"""One link for anybody: guests come as viewers, are seen as unverified, and stay when the link is switched off."""

from __future__ import annotations

import asyncio
from typing import Any

from client_sim.api import Link
from client_sim.client import RoomClient
from client_sim.device import Device
from tests.stories.hall import (
    Hall,
    comes_in,
    email_of,
    ended_with,
    has_role,
    open_hall,
    refused,
    sees,
    sees_line,
    shows,
    told,
)


async def make_link(maya: RoomClient, **limits: Any) -> tuple[str, Link]:
    made = await maya.command("guest_link.create", name="Open day", **limits)
    return made["guest_link_id"], Link(made["link"])


async def come(hall: Hall, link: Link, name: str, node: int = 0) -> RoomClient:
    """Open the guest link on a device, fill in the form, and stay on the page."""
    device = hall.devices.setdefault(name, Device())
    entered = await hall.api(node).look_and_enter(link, name.title(), email_of(name), device)
    hall.tokens[name] = entered["session_token"]
    return await hall.tab(name, node)


async def has_clicks(tab: RoomClient, guest_link_id: str, clicks: int) -> None:
    await tab.wait_until(lambda r: (r.guest_links or {})[guest_link_id]["clicks"] == clicks, 10, f"{clicks} clicks")


async def test_guests_walk_in_and_a_manager_watches_the_clicks(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        guest_link_id, link = await make_link(maya, max_clicks=2)
        for clicks, name in enumerate(("gus", "greta"), start=1):
            guest = await come(hall, link, name, node=clicks % 2)
            await comes_in(guest)
            await sees(maya, guest)
            await sees(iris, guest)
            await has_clicks(maya, guest_link_id, clicks)
        row = maya.replica.participants[guest.participant_id]
        assert (row["unverified"], row["email"], row["claimed_email"]) == (True, None, email_of("greta"))
        assert iris.replica.participants[guest.participant_id]["claimed_email"] is None
        assert told(iris, "guest_link.changed") == []
        with refused("guest_link_full"):
            await come(hall, link, "gil")


async def test_a_guest_is_promoted_live_and_may_come_back_as_what_they_are(site):
    async with open_hall(site) as hall:
        maya = await hall.owner()
        gus = await come(hall, (await make_link(maya))[1], "gus", node=1)
        await comes_in(gus)
        await maya.command("role.change", participant_id=gus.participant_id, role="speaker")
        await has_role(gus, "speaker")
        again = await hall.tab("gus")
        assert again.replica.role == "speaker"


async def test_in_a_locked_room_a_guest_waits_and_the_host_reads_what_they_typed(site):
    async with open_hall(site, locked=True) as hall:
        maya = await hall.owner()
        gus = await come(hall, (await make_link(maya))[1], "gus", node=1)
        await shows(gus, "waiting_in_line")
        await sees_line(maya, gus)
        (row,) = (maya.replica.waiters or {}).values()
        assert (row["unverified"], row["claimed_email"]) == (True, email_of("gus"))
        await maya.command("lobby.admit", participant_ids=[gus.participant_id])
        await comes_in(gus)


async def test_switched_off_a_link_lets_nobody_new_in_sends_waiting_pages_away_and_leaves_those_inside(site):
    async with open_hall(site, locked=True) as hall:
        maya = await hall.owner()
        guest_link_id, link = await make_link(maya)
        gus, greta = await come(hall, link, "gus", node=1), await come(hall, link, "greta", node=1)
        await maya.command("lobby.admit", participant_ids=[gus.participant_id])
        await comes_in(gus)
        await maya.command("guest_link.delete", guest_link_id=guest_link_id)
        assert await ended_with(greta) == "invite_revoked"
        await maya.wait_until(lambda replica: replica.guest_links == {}, 10, "an empty list of guest links")
        with refused("invite_revoked"):
            await come(hall, link, "gil")
        back = await come(hall, link, "gus")
        assert back.replica.is_inside


async def test_guests_switched_off_in_the_room_or_at_the_site_waiting_pages_hear_it(site):
    async with open_hall(site, locked=True) as hall:
        maya = await hall.owner()
        _, link = await make_link(maya)
        gus, greta = await come(hall, link, "gus"), await come(hall, link, "greta", node=1)
        await maya.command("room.edit", guest_access=False)
        assert await ended_with(gus) == await ended_with(greta) == "guest_access_off"
        await maya.command("room.edit", guest_access=True)
        gil = await come(hall, link, "gil", node=1)
        try:
            await hall.api(1).edit_site(guest_access=False)
            assert await ended_with(gil) == "guest_access_off"
            await maya.wait_until(lambda r: r.features["guest_access"] is False, 10, "no guests among the features")
            with refused("guest_access_off"):
                await come(hall, link, "gil")
        finally:
            await hall.api().edit_site(guest_access=True)


async def test_a_banned_guest_is_out_with_this_device_and_every_guest_link(site):
    async with open_hall(site) as hall:
        maya = await hall.owner()
        (_, link), (_, other) = await make_link(maya), await make_link(maya)
        gus = await come(hall, link, "gus", node=1)
        await maya.command("participant.ban", participant_id=gus.participant_id)
        assert await ended_with(gus) == "banned"
        for each in (link, other):
            with refused("banned"):
                await come(hall, each, "gus")


async def test_an_important_persons_address_typed_by_a_guest_gets_them_nothing(site):
    async with open_hall(site) as hall:
        maya = await hall.owner()
        guest = await come(hall, (await make_link(maya))[1], "vera", node=1)
        await comes_in(guest)
        await sees(maya, guest)
        await maya.command(
            "invitation.create", email=email_of("vera"), first_name="Vera", last_name="Novak", role="moderator", at_once=True
        )
        assert guest.replica.role == "viewer"
        assert maya.replica.participants[guest.participant_id]["role"] == "viewer"


async def test_of_many_guests_at_once_on_two_nodes_one_gets_the_last_click(site):
    async with open_hall(site) as hall:
        maya = await hall.owner()
        guest_link_id, link = await make_link(maya, max_clicks=1)
        found = await asyncio.gather(
            *(hall.api(n % 2).look_and_enter(link, "Gus", f"g{n}@example.org", Device()) for n in range(12)),
            return_exceptions=True,
        )
        assert sum(isinstance(one, dict) for one in found) == 1
        await has_clicks(maya, guest_link_id, 1)
