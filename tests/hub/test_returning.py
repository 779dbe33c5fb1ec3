"""Coming back: exactly what was missed, or the room whole, never something in between; and holes are closed openly."""

from __future__ import annotations

import asyncio

import pytest

from server.domain import events as e
from server.domain.person import PersonState
from server.domain.refusals import Refusal, RoomUnknown, StoreUnavailable
from server.domain.roles import Role
from server.wire.codec import Encoding
from server.wire.messages import ResumeAt
from tests.hub.tabs import ROOM, Item, Tab, World, inside, waiting
from tests.support.waiting import wait_until


def a_world() -> World:
    return World(inside("vic"), inside("ann"), inside("mod", Role.MODERATOR), inside("boss", Role.MANAGER), waiting("wanda"))


async def come_back(world: World, name: str, held: Tab, epoch: str = "e1") -> Tab:
    return await world.tab(name, resume=ResumeAt(epoch=epoch, seq=held.replica.last or 0))


def resumed(before: Tab, after: Tab) -> Tab:
    """The tab as its client sees it: what it held, and what came on the new connection."""
    joined = Tab("joined", 0)
    joined.connection = after.connection
    joined.outbox.payloads = before.outbox.payloads + after.outbox.payloads
    return joined


async def leave_and_miss(name: str, *missed: str) -> tuple[World, Tab, Tab]:
    world = a_world()
    keeper, before = await world.tab("boss"), await world.tab(name)
    world.hub.detach(before.connection)
    for step in missed:
        {
            "hand": lambda: world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=world.truth.seq)),
            "wait": lambda: world.happen(e.WaitersAdded(), waiting(f"w{world.truth.seq}", line_no=world.truth.seq)),
            "own hand": lambda: world.happen(e.HandsChanged(), world.change(name, hand_raised_at_ms=1)),
            "own role": lambda: world.give_role(name, Role.SPEAKER),
            "own role back": lambda: world.give_role(name, Role.VIEWER),
            "out": lambda: world.happen(e.SentBack(), world.change(name, state=PersonState.WAITING, line_no=50)),
            "in again": lambda: world.happen(
                e.ParticipantsJoined(admitted=True), world.change(name, state=PersonState.INSIDE, line_no=None)
            ),
        }[step]()
    assert keeper.connection
    return world, before, await come_back(world, name, before)


@pytest.mark.parametrize("missed", [[], ["hand"], ["hand", "wait", "hand"], ["wait"], ["own hand"], ["hand"] * 40])
@pytest.mark.parametrize("name", ["vic", "mod"])
async def test_a_returning_tab_gets_exactly_what_it_missed(name, missed):
    world, before, after = await leave_and_miss(name, *missed)
    welcome = after.messages[0]
    assert (welcome["resumed"], welcome["snapshot"]) == (True, None)
    assert welcome["position"]["seq"] == world.truth.seq
    assert [(frame["after"], frame["upto"]) for frame in after.frames()] == ([(10, 10 + len(missed))] if missed else [])
    world.check(resumed(before, after))


@pytest.mark.parametrize(
    "missed", [["own role"], ["hand", "own role", "own role back"], ["out", "in again"], ["out", "hand", "in again", "hand"]]
)
async def test_a_tab_whose_own_standing_moved_gets_the_room_whole(missed):
    world, before, after = await leave_and_miss("vic", *missed)
    assert (after.messages[0]["resumed"], after.frames()) == (False, [])
    world.check(resumed(before, after))


async def test_a_tab_that_was_sent_back_meanwhile_gets_the_lobby():
    _, _, after = await leave_and_miss("vic", "hand", "out")
    welcome = after.messages[0]
    assert (welcome["resumed"], welcome["snapshot"], welcome["position"]) == (False, None, None)
    assert welcome["lobby"]["state"] == "entering"


@pytest.mark.parametrize(("epoch", "seq"), [("e0", 10), ("", 10), ("e1", 11), ("e1", 2**53 - 1), ("e1", 3)])
async def test_a_position_that_the_log_cannot_serve_gets_the_room_whole(epoch, seq):
    world = a_world()
    tab = await world.tab("vic", resume=ResumeAt(epoch=epoch, seq=seq))
    assert tab.last["resumed"] is False
    world.check(tab)


async def test_live_events_go_on_after_a_resume():
    world, before, after = await leave_and_miss("vic", "hand", "hand")
    world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=None))
    world.check(resumed(before, after))


async def test_what_happens_while_the_missed_is_read_is_in_it():
    world = a_world()
    before = await world.tab("vic")
    await world.tab("boss")
    world.hub.detach(before.connection)
    world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=1))
    read, reads = world._read, []

    async def read_as_things_happen(room_id: str, after: int, upto: int) -> list | None:
        found = await read(room_id, after, upto)
        if not reads:
            world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=None))
        reads.append(upto)
        return found

    world.hub._read_log = read_as_things_happen
    after = await come_back(world, "vic", before)
    assert (after.messages[0]["resumed"], reads) == (True, [11, 12])
    world.check(resumed(before, after))


# ── Holes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    world.epoch = "e2"
    world.hub.reload_all("epoch")
    await wait_until(lambda: tab.types[-1] == "resync", what="the resync")
    assert (tab.last["reason"], tab.last["position"]["epoch"]) == ("epoch", "e2")


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
