"""Loading a room, and closing the holes of its log openly: what is missing is said to be, and the room is sent whole."""

from __future__ import annotations

import asyncio

import pytest

from server.domain import events as e
from server.domain.person import PersonState
from server.domain.refusals import Refusal, RoomUnknown, StoreUnavailable
from server.domain.roles import Role
from server.wire.codec import Encoding
from tests.hub.tabs import ROOM, Item, Tab, inside, waiting
from tests.hub.test_returning import a_world
from tests.support.waiting import wait_until


async def test_a_hole_reloads_the_room_and_says_so_to_every_tab():
    world = a_world()
    tabs = [await world.tab(name) for name in ("vic", "mod", "boss")]
    world.write(e.HandsChanged(), world.change("ann", hand_raised_at_ms=1))  # lost on its way
    world.happen(e.HandsChanged(), world.change("vic", hand_raised_at_ms=2), flush=False)
    await wait_until(lambda: all(tab.types[-1] == "resync" for tab in tabs), what="the resync")
    assert [tab.last["reason"] for tab in tabs] == ["gap"] * 3
    world.check(*tabs)
    await world.close()


async def test_an_entry_that_came_before_is_told_once():
    world = a_world()
    tab = await world.tab("vic")
    entry = world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=1))
    world.hub.deliver(Item(entry))
    world.room.flush()
    assert len(tab.frames()) == 1


async def test_events_that_come_while_the_room_loads_are_not_lost():
    world = a_world()
    gate = asyncio.Event()
    loaded = world._load

    async def load_then_wait(room_id: str):
        contents = await loaded(room_id)
        await gate.wait()
        return contents

    world.hub._load_room = load_then_wait
    attaching = asyncio.create_task(world.tab("vic"))
    await wait_until(lambda: ROOM in world.hub._loading, what="the loading")
    world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=1))
    world.happen(e.ParticipantsJoined(), inside("new"))
    gate.set()
    tab = await attaching
    assert tab.messages[0]["position"]["seq"] == 12
    world.check(tab)


async def test_many_tabs_of_a_new_room_load_it_once():
    world, loads = a_world(), []

    async def count() -> None:
        loads.append(1)

    world.loading = count
    tabs = await asyncio.gather(*(world.tab("vic") for _ in range(10)))
    assert len(loads) == 1
    world.check(*tabs)


async def test_a_tab_waits_for_the_seq_of_its_own_entering():
    world = a_world()
    await world.tab("boss")
    tab = Tab("vic", 0)
    attaching = asyncio.create_task(world.hub.attach(tab.connection, seq=11, resume=None))
    await asyncio.sleep(0)
    assert tab.types == []
    world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=1))
    await attaching
    assert tab.messages[0]["position"]["seq"] == 11


async def test_a_role_that_changed_in_a_hole_is_in_the_resync():
    world = a_world()
    tab = await world.tab("vic")
    promoted = world.change("vic", role=Role.MODERATOR, role_rev=2)
    world.write(e.RoleChanged(old="viewer", new="moderator"), promoted)
    world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=1), flush=False)
    await wait_until(lambda: tab.types[-1] == "resync", what="the resync")
    assert (tab.last["you"]["role"], tab.last["you"]["role_rev"]) == ("moderator", 2)
    world.check(tab)
    world.happen(e.WaitersAdded(), waiting("will", line_no=9))
    world.check(tab)
    await world.close()


async def test_who_was_put_out_in_a_hole_gets_the_lobby():
    world = a_world()
    tab = await world.tab("vic")
    world.write(e.SentBack(), world.change("vic", state=PersonState.WAITING, line_no=60))
    world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=1), flush=False)
    await wait_until(lambda: tab.types[-1] == "lobby", what="the lobby")
    assert tab.last["left"] == "sent_back"
    await world.close()


async def test_another_epoch_brings_the_room_whole_with_its_name():
    world = a_world()
    tab = await world.tab("vic")
    before, world.epoch = tab.replica.epoch, "e2"
    await world.reload("epoch")
    assert (tab.last["type"], tab.last["reason"]) == ("resync", "epoch")
    assert tab.replica.epoch not in (before, None)


@pytest.mark.parametrize(("refusal", "code"), [(RoomUnknown(), "room_unknown"), (StoreUnavailable(), "store_unavailable")])
async def test_a_room_that_cannot_be_loaded_refuses_its_tabs(refusal, code):
    world = a_world()

    async def fail() -> None:
        raise refusal

    world.loading = fail
    with pytest.raises(Refusal) as found:
        await world.tab("vic")
    assert found.value.code == code
    assert world.hub.rooms == {}


async def test_a_room_that_is_gone_when_it_is_loaded_again_ends_its_tabs():
    world = a_world()
    tab = await world.tab("vic")

    async def fail() -> None:
        raise RoomUnknown

    world.loading = fail
    world.hub.reload(ROOM, "gap")
    await wait_until(lambda: tab.types[-1] == "bye", what="the goodbye")
    assert tab.last["code"] == "room_unknown"


async def test_a_room_without_tabs_is_let_go():
    world = a_world()
    tab = await world.tab("vic", encoding=Encoding.MSGPACK)
    world.hub.detach(tab.connection)
    assert world.hub.rooms == {}
    assert world.hub.outgoing.take()[ROOM].departed == {("p-vic", tab.connection.connection_id): False}
