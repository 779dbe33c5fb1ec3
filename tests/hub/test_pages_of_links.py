"""Tabs that hang on a link, and pages in the lobby: they hear what becomes of it, and nothing twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from server.domain import events as e
from server.domain.invitation import Device, InvitationStatus
from server.domain.person import PersonState
from server.domain.refusals import TooManyTabs
from server.hub.connections import TABS_PER_LINK
from tests.hub.tabs import Tab
from tests.hub.test_moving import a_world
from tests.wire.people import a_person, an_invitation


@pytest.mark.parametrize(
    ("status", "code"), [(InvitationStatus.REVOKED, "invite_revoked"), (InvitationStatus.REPLACED, "invite_replaced")]
)
async def test_a_page_of_a_link_that_is_withdrawn_ends(status, code):
    world = a_world()
    world.truth.invitations["i-guest"] = an_invitation("guest", status=InvitationStatus.OPENED)
    page = await world.tab(None, invitation_id="i-guest", device_id="d-1")
    world.happen(e.InvitationChanged(what="revoked"), an_invitation("guest", status=status))
    assert (page.last["type"], page.last["code"]) == ("bye", code)


async def test_a_page_of_a_link_hears_that_its_device_may():
    world = a_world()
    claimed = an_invitation("guest", asked=True, devices={"d-old": Device(device_id="d-old")})
    world.truth.invitations["i-guest"] = claimed
    page = await world.tab(None, invitation_id="i-guest", device_id="device-guest")
    assert (page.last["lobby"]["state"], page.last["lobby"]["device_request"]) == ("used_on_another_device", "pending")
    moved = replace(claimed, device_request=None, devices={"device-guest": Device(device_id="device-guest")})
    world.happen(e.InvitationChanged(what="moved"), moved)
    assert page.last["lobby"]["state"] == "device_allowed"


async def test_a_tab_of_the_device_that_lost_the_claim_ends():
    world = a_world()
    world.truth.invitations["i-vic"] = an_invitation("vic")
    old = await world.tab("vic", invitation_id="i-vic", device_id="d-old")
    new = await world.tab("vic", invitation_id="i-vic", device_id="d-new")
    world.happen(e.InvitationChanged(what="moved"), an_invitation("vic", moved_devices={"d-old": 5}))
    assert (old.last["type"], old.last.get("code")) == ("bye", "invite_moved")
    assert not new.connection.ended.done()


async def test_a_tab_that_was_replaced_ends_and_another_persons_does_not():
    world = a_world()
    mine, other = await world.tab("vic"), await world.tab("ann")
    world.happen(e.TabReplaced(connection_id=mine.connection.connection_id, by="p-vic"))
    world.happen(e.TabReplaced(connection_id=other.connection.connection_id, by="p-vic"))
    assert (mine.last["type"], mine.last["code"]) == ("bye", "replaced")
    assert not other.connection.ended.done()


async def test_a_link_is_open_on_so_many_pages_of_a_node_and_no_more_even_when_they_come_at_once():
    world = a_world()
    for name in ("guest", "other"):
        world.truth.invitations[f"i-{name}"] = an_invitation(name, status=InvitationStatus.OPENED)
    pages = [world.tab(None, invitation_id="i-guest", device_id=f"d-{number}") for number in range(TABS_PER_LINK + 5)]
    found = await asyncio.gather(*pages, return_exceptions=True)
    refused = [page for page in found if isinstance(page, TooManyTabs)]
    welcomed = [page for page in found if isinstance(page, Tab)]
    assert (len(welcomed), len(refused)) == (TABS_PER_LINK, 5)
    await world.tab(None, invitation_id="i-other", device_id="d-1")
    await world.tab("vic", invitation_id="i-guest", device_id="d-1")
    world.hub.detach(welcomed[0].connection)
    await world.tab(None, invitation_id="i-guest", device_id="d-99")


async def test_a_lobby_page_is_sent_again_only_when_it_changed():
    world = a_world(locked=True)
    tab = await world.tab("wanda")
    for number in range(3):
        world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=number))
    assert tab.types == ["welcome"]
    world.happen(e.WaitersAdded(), a_person("early", PersonState.WAITING, line_no=1))
    assert (tab.last["lobby"]["position"], tab.last["lobby"]["rev"]) == (2, 2)
