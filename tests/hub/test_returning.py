"""Coming back: exactly what was missed, or the room whole, never something in between; and holes are closed openly."""

from __future__ import annotations

import pytest

from server.domain import events as e
from server.domain.contents import RoomContents
from server.domain.person import PersonState
from server.domain.roles import Role
from server.hub.room import HubRoom
from server.wire.messages import ResumeAt
from tests.hub.tabs import Tab, World, inside, waiting
from tests.wire.people import a_room


def a_world() -> World:
    return World(inside("vic"), inside("ann"), inside("mod", Role.MODERATOR), inside("boss", Role.MANAGER), waiting("wanda"))


async def come_back(world: World, name: str, held: Tab) -> Tab:
    return await world.tab(name, resume=ResumeAt(epoch=held.replica.epoch or "", seq=held.replica.last or 0))


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


@pytest.mark.parametrize(
    ("whose", "seq"), [("nobody", 10), ("ann", 10), ("an earlier life", 10), ("vic", 11), ("vic", 2**53 - 1), ("vic", 3)]
)
async def test_a_position_that_the_log_cannot_serve_gets_the_room_whole(whose, seq):
    world = a_world()
    epochs = {"nobody": "", **{name: (await world.tab(name)).replica.epoch or "" for name in ("vic", "ann")}}
    if whose == "an earlier life":
        epochs[whose], world.epoch = epochs["vic"], "e2"
        await world.reload("epoch")
    tab = await world.tab("vic", resume=ResumeAt(epoch=epochs[whose], seq=seq))
    assert tab.last["resumed"] is False
    world.check(tab)


def test_the_epoch_that_a_tab_sees_is_another_for_each_life_room_and_participant():
    def seen(epoch: str, room_id: str, participant_id: str) -> str:
        room = HubRoom(RoomContents(now_ms=0, seq=10, room=a_room(room_id=room_id)), epoch, lambda: 0)
        return room.position(participant_id).epoch

    tried = [(epoch, room_id, who) for epoch in ("e1", "e2") for room_id in ("room-1", "room-2") for who in ("p-vic", "p-ann")]
    shown = [seen(*of) for of in tried]
    assert len(set(shown)) == len(tried)
    assert shown == [seen(*of) for of in tried], "another node says the same"


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

    async def read_as_things_happen(room_id: str, epoch: str, after: int, upto: int) -> list | None:
        found = await read(room_id, epoch, after, upto)
        if not reads:
            world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=None))
        reads.append(upto)
        return found

    world.hub._read_log = read_as_things_happen
    after = await come_back(world, "vic", before)
    assert (after.messages[0]["resumed"], reads) == (True, [11, 12])
    world.check(resumed(before, after))
