"""What nobody foresaw: a room that cannot be read, a bug in the middle of telling, entries of a past that was taken back.
Nobody waits for ever, and whoever stays holds the room as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from server.domain import events as e
from server.wire.telling import tell
from tests.hub.tabs import ROOM, Item, Tab, World
from tests.hub.test_returning import a_world
from tests.support.waiting import wait_until
from tests.wire.people import an_entry


def unreadable() -> Callable[[], Awaitable[None]]:
    async def fail() -> None:
        raise ValueError("a record of another version")

    return fail


async def test_everybody_who_comes_to_a_room_that_cannot_be_read_is_told_so_at_once():
    world = a_world()
    world.loading = unreadable()
    found = await asyncio.gather(*(world.tab("vic") for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in found] == [ValueError] * 3
    assert world.hub.rooms == {}


async def test_a_room_that_could_not_be_read_opens_as_soon_as_it_can():
    world = a_world()
    world.loading = unreadable()
    with pytest.raises(ValueError, match="another version"):
        await world.tab("vic")
    world.loading = None
    world.check(await world.tab("vic"))


async def test_a_room_that_cannot_be_read_anew_ends_its_tabs_with_a_word_and_opens_again_later():
    world = a_world()
    tabs = [await world.tab(name) for name in ("vic", "wanda", "boss")]
    world.loading = unreadable()
    world.hub.reload(ROOM, "gap")
    await wait_until(lambda: all(tab.types[-1] == "bye" for tab in tabs), what="the goodbyes")
    assert [(tab.last["code"], tab.last["retry_after_ms"]) for tab in tabs] == [("internal_error", 2_000)] * 3
    for tab in tabs:
        world.hub.detach(tab.connection)
    world.loading = None
    world.check(await world.tab("vic"))


def fail_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next entry cannot be told."""

    def fail(*_: object) -> None:
        monkeypatch.setattr("server.hub.room.tell", tell)
        raise KeyError("nobody thought of this")

    monkeypatch.setattr("server.hub.room.tell", fail)


async def test_an_entry_that_cannot_be_told_brings_every_tab_the_room_whole(monkeypatch):
    world = a_world()
    tabs = [await world.tab(name) for name in ("vic", "mod", "boss")]
    fail_once(monkeypatch)
    world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=1), flush=False)
    await wait_until(lambda: all(tab.types[-1] == "resync" for tab in tabs), what="the room whole")
    assert [tab.last["reason"] for tab in tabs] == ["gap"] * 3
    world.check(*tabs)
    await go_on(world, *tabs)


async def go_on(world: World, *tabs: Tab) -> None:
    """What happens next is told as ever."""
    world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=None))
    world.check(*tabs)
    assert {tab.types[-1] for tab in tabs} == {"events"}
    await world.close()


@pytest.mark.parametrize("ahead", [2, 20])
async def test_entries_of_a_past_that_was_taken_back_neither_stop_the_loading_nor_are_applied(monkeypatch, ahead):
    monkeypatch.setattr("server.hub.hub.RELOAD_PAUSE_S", 0)
    world, loads = a_world(), []
    lost = world.change("ann", hand_raised_at_ms=99)

    async def a_late_entry_comes() -> None:
        loads.append(1)
        if len(loads) == 1:
            world.hub.deliver(Item(an_entry(e.HandsChanged(), lost, seq=world.truth.seq + ahead)))

    world.loading = a_late_entry_comes
    tab = await world.tab("vic")
    assert (len(loads), tab.messages[0]["position"]["seq"]) == (2, 10)
    world.check(tab)
    await go_on(world, tab)


async def test_a_room_that_is_being_read_when_the_store_goes_back_is_read_once_more():
    """What was read may be of the life that is over."""
    world, reads = a_world(), 0

    async def go_back_meanwhile() -> None:
        nonlocal reads
        reads += 1
        if reads == 1:
            world.hub.reload_all("epoch")

    world.loading = go_back_meanwhile
    tab = await world.tab("vic")
    assert reads == 2
    world.check(tab)
