"""Guests at the door of one node: whoever is not in yet hears at once that guests are not wanted, and nobody else does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain import events as e
from server.domain.guests import GuestLinkStatus
from server.domain.person import PersonState
from server.domain.roles import Role
from tests.hub.tabs import World, inside, waiting
from tests.wire.people import a_guest, a_guest_link


def a_world() -> World:
    guests = [a_guest("gus", PersonState.WAITING), a_guest("greta", PersonState.INSIDE), a_guest("gil", PersonState.DECLINED)]
    world = World(*guests, inside("boss", Role.MANAGER), inside("mod", Role.MODERATOR), waiting("wanda"))
    world.truth.guest_links["g-open"] = a_guest_link("open")
    return world


NAMES = ["gus", "greta", "gil", "boss", "mod", "wanda"]


def switch_the_link_off(world: World) -> None:
    link = replace(world.truth.guest_links["g-open"], status=GuestLinkStatus.OFF)
    world.happen(e.GuestLinkChanged(what="off", by="p-boss"), link)


def switch_the_room_off(world: World) -> None:
    world.happen(e.RoomChanged(what="edited", by="p-boss"), replace(world.truth.room, guest_access=False))


@pytest.mark.parametrize(
    ("switch_off", "code"), [(switch_the_link_off, "invite_revoked"), (switch_the_room_off, "guest_access_off")]
)
async def test_guests_who_are_not_in_yet_are_sent_away_and_nobody_else_is(switch_off, code):
    world = a_world()
    tabs = {name: await world.tab(name) for name in NAMES}
    switch_off(world)
    ended = {name: tab.last["code"] for name, tab in tabs.items() if "bye" in tab.types}
    assert ended == {"gus": code, "gil": code}
    world.check(tabs["greta"], tabs["boss"], tabs["mod"])


async def test_only_managers_hear_of_a_guest_link():
    world = a_world()
    tabs = {name: await world.tab(name) for name in NAMES}
    world.happen(e.GuestLinkChanged(what="clicked"), replace(world.truth.guest_links["g-open"], clicks=4))
    heard = {name: tab.heard() for name, tab in tabs.items()}
    assert heard == {name: ["guest_link.changed"] if name == "boss" else [] for name in NAMES}
    assert [name for name, tab in tabs.items() if "Link-open" in str(tab.messages)] == ["boss"]


async def test_who_becomes_a_manager_is_shown_the_guest_links():
    world = a_world()
    tab = await world.tab("mod")
    world.give_role("mod", Role.MANAGER)
    assert list(tab.replica.guest_links) == ["g-open"]
    world.check(tab)


async def test_a_click_takes_nothing_from_anybody_so_no_page_is_looked_at_for_it(monkeypatch):
    world = a_world()
    for name in NAMES:
        await world.tab(name)
    looked_at: list[object] = []
    monkeypatch.setattr("server.hub.room.check_still_welcome", lambda standing, tab: looked_at.append(tab))
    world.happen(e.GuestLinkChanged(what="clicked"), replace(world.truth.guest_links["g-open"], clicks=4))
    assert looked_at == []
    switch_the_link_off(world)
    assert len(looked_at) == len(NAMES)
