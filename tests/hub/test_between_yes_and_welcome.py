"""Between the store's yes and the welcome the room goes on: what happens then to the tab's person or link counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from server.domain import events as e
from server.domain.invitation import InvitationStatus
from server.domain.person import PersonState
from server.domain.room import Phase
from tests.hub.tabs import Tab, World
from tests.hub.test_moving import a_world
from tests.support.waiting import wait_until
from tests.wire.people import an_invitation

# Who comes, what happens before they are welcomed, and the code that they hear instead.
MEANWHILE: dict[str, tuple[str, Callable[[World], object], str]] = {
    "the claim moved": (
        "vic", lambda w: w.happen(e.InvitationChanged(what="moved"), an_invitation("vic", moved_devices={"d-1": 5})),
        "invite_moved",
    ),
    "the link of somebody who waits was withdrawn": (
        "wanda",
        lambda w: w.happen(e.InvitationChanged(what="revoked"), an_invitation("wanda", status=InvitationStatus.REVOKED)),
        "invite_revoked",
    ),
    "the person was banned": (
        "vic",
        lambda w: w.happen(e.ParticipantRemoved(ban=True), w.change("vic", state=PersonState.BANNED, present=False)),
        "banned",
    ),
    "the session ended": (
        "vic", lambda w: w.happen(e.RoomChanged(what="ended"), replace(w.truth.room, phase=Phase.ENDED)), "session_ended"
    ),
    "the room was deleted": (
        "wanda", lambda w: w.happen(e.RoomChanged(what="deleted"), replace(w.truth.room, phase=Phase.DELETED)), "room_deleted"
    ),
}


async def come_while(world: World, tab: Tab, happens: Callable[[World], object]) -> None:
    """The store has said yes at the seq that is written while the tab waits for it."""
    attaching = asyncio.create_task(world.hub.attach(tab.connection, seq=world.truth.seq + 1, resume=None))
    await wait_until(lambda: world.room._reaching._waiting, what="a tab that waits for the log")
    happens(world)
    await attaching


@pytest.mark.parametrize(("name", "happens", "code"), MEANWHILE.values(), ids=MEANWHILE.keys())
async def test_what_ends_a_tab_before_its_welcome_is_all_that_it_hears(name, happens, code):
    world = a_world()
    world.truth.invitations[f"i-{name}"] = an_invitation(name)
    await world.tab("boss")
    tab = Tab(name, 0, invitation_id=f"i-{name}", device_id="d-1")
    await come_while(world, tab, happens)
    assert tab.types == ["bye"]
    assert tab.last["code"] == code
    await world.close()


async def test_the_page_of_a_link_that_is_withdrawn_before_its_welcome_hears_that_alone():
    world = a_world()
    world.truth.invitations["i-guest"] = an_invitation("guest", status=InvitationStatus.OPENED)
    await world.tab("boss")
    page = Tab(None, 0, invitation_id="i-guest", device_id="d-1")
    revoked = an_invitation("guest", status=InvitationStatus.REVOKED)
    await come_while(world, page, lambda w: w.happen(e.InvitationChanged(what="revoked"), revoked))
    assert (page.types, page.last["code"]) == (["bye"], "invite_revoked")
    await world.close()


async def test_who_is_inside_is_welcomed_though_their_link_was_withdrawn():
    world = a_world()
    world.truth.invitations["i-vic"] = an_invitation("vic")
    await world.tab("boss")
    tab = Tab("vic", 0, invitation_id="i-vic", device_id="d-1")
    revoked = an_invitation("vic", status=InvitationStatus.REVOKED)
    await come_while(world, tab, lambda w: w.happen(e.InvitationChanged(what="revoked"), revoked))
    assert tab.types == ["welcome"]
    world.check(tab)
    await world.close()
