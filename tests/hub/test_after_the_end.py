"""A tab whose connection has ended is still there for a moment: to hear the answer to its command, and nothing of the room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from server.domain import events as e
from server.domain.person import PersonState
from server.domain.refusals import ShuttingDown
from server.domain.roles import Role
from server.wire.messages import Result
from tests.hub.tabs import Tab, World
from tests.hub.test_moving import a_world
from tests.wire.people import an_invitation

# What ends the tab of somebody inside.
ENDS: dict[str, Callable[[World, Tab], object]] = {
    "banned": lambda w, t: w.happen(
        e.ParticipantRemoved(ban=True), w.change("vic", state=PersonState.BANNED, present=False), flush=False
    ),
    "moved to another device": lambda w, t: w.happen(
        e.InvitationChanged(what="moved"), an_invitation("vic", moved_devices={"d-1": 5}), flush=False
    ),
    "replaced": lambda w, t: w.happen(e.TabReplaced(connection_id=t.connection.connection_id, by="p-vic"), flush=False),
    "sent elsewhere": lambda w, t: t.connection.end(ShuttingDown()),
}


def go_on(world: World) -> None:
    """Whatever else the same read of the log brings: about others, about the tab's own person, and about the room."""
    world.give_role("ann", Role.SPEAKER, flush=False)
    if world.truth.people["p-vic"].state is PersonState.INSIDE:
        world.give_role("vic", Role.MODERATOR, by="p-vic", flush=False)
    world.happen(e.RoomChanged(what="edited"), replace(world.truth.room, title="Another"), flush=False)
    if world.truth.people["p-vic"].state is PersonState.INSIDE:
        world.happen(e.SentBack(), world.change("vic", state=PersonState.WAITING, line_no=90), flush=False)
    world.room.flush()
    world.room.tick(5)
    world.room.set_stale(True, 5)


async def a_tab(world: World) -> Tab:
    world.truth.invitations["i-vic"] = an_invitation("vic")
    return await world.tab("vic", invitation_id="i-vic", device_id="d-1")


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
async def test_a_tab_that_has_ended_hears_the_answer_to_its_own_command_and_nothing_of_the_room(end):
    world = a_world()
    tab = await a_tab(world)
    with tab.connection.answering():
        end(world, tab)
        heard = len(tab.messages)
        go_on(world)
        world.room.resync_one(tab.connection, "sync")
        assert tab.types[heard:] == []
        tab.connection.answer(Result(id="c1", seq=None, result={}))
    assert tab.types[heard:] == ["result", "bye"]
    await world.close()


async def test_a_page_of_the_lobby_that_has_ended_is_shown_no_other():
    world = a_world(locked=True)
    world.truth.invitations["i-wanda"] = an_invitation("wanda")
    tab = await world.tab("wanda", invitation_id="i-wanda", device_id="d-1")
    with tab.connection.answering():
        world.happen(e.InvitationChanged(what="moved"), an_invitation("wanda", moved_devices={"d-1": 5}), flush=False)
        heard = len(tab.messages)
        world.happen(e.RoomChanged(what="messaged"), replace(world.truth.room, lobby_message="Soon."), flush=False)
        world.room.flush()
        let_in = world.change("wanda", state=PersonState.INSIDE, line_no=None)
        world.happen(e.ParticipantsJoined(admitted=True), let_in, flush=False)
        world.room.flush()
        assert tab.types[heard:] == []
    assert tab.types[heard:] == ["bye"]
    await world.close()


async def test_a_tab_that_was_not_asking_anything_hears_its_goodbye_last():
    world = a_world()
    tab = await a_tab(world)
    ENDS["banned"](world, tab)
    go_on(world)
    assert tab.types[-1] == "bye"
    assert tab.types.count("bye") == 1
    await world.close()
