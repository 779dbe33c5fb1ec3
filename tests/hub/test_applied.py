"""How far a role has come: a state, told to whoever gave it, and said again with every room whole."""

from __future__ import annotations

from server.domain import events as e
from server.domain.application import Application
from server.domain.roles import Role
from tests.hub.test_moving import a_world


def an_application(applied: bool, rev: int, by: str = "p-boss") -> Application:
    return Application(participant_id="p-vic", role_rev=2, by=by, tabs={"c-1": True, "c-2": applied}, rev=rev)


async def test_how_far_a_role_has_come_reaches_every_tab_of_whoever_gave_it_and_nobody_else():
    world = a_world()
    bosses = [await world.tab("boss") for _ in range(2)]
    others = [await world.tab(name) for name in ("vic", "mod", "ann")]
    world.give_role("vic", Role.SPEAKER, by="p-boss", tabs=("c-1", "c-2"))
    world.happen(e.RoleApplied(), an_application(False, 3))
    world.happen(e.RoleApplied(), an_application(True, 4))
    for tab in bosses:
        states = [(m["applied"], m["expected"], m["status"]) for m in tab.messages if m["type"] == "applied"]
        assert states == [(0, 2, "pending"), (1, 2, "pending"), (2, 2, "applied")]
    assert all("applied" not in tab.types for tab in others)


async def test_whoever_gave_a_role_hears_how_far_it_has_come_when_they_return():
    world = a_world()
    world.truth.applications["p-vic"] = an_application(False, 3)
    boss, mod = await world.tab("boss"), await world.tab("mod")
    assert boss.types == ["welcome", "applied"]
    assert mod.types == ["welcome"]


async def test_how_far_a_role_has_come_is_said_again_when_the_room_is_sent_whole():
    world = a_world()
    world.truth.applications["p-vic"] = an_application(False, 3)
    boss = await world.tab("boss")
    world.truth.applications["p-vic"] = an_application(True, 4)
    await world.reload("gap")
    assert boss.replica.applied["p-vic"]["status"] == "applied"
