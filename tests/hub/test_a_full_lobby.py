"""A full lobby: what all who wait are told is worked out once for all of them, and once for all that happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from server.domain import events as e
from server.domain.contents import RoomContents
from server.domain.person import PersonState
from tests.hub.tabs import Tab, World, inside, waiting
from tests.support.waiting import wait_until
from tests.wire.people import a_person, a_room

WAITERS = 300


async def a_lobby(count: int) -> tuple[World, list[Tab]]:
    """So many people in line, one tab each, and no host inside."""
    waiters = [waiting(f"w{number}", line_no=number + 1) for number in range(count)]
    world = World(*waiters, inside("vic"), room=a_room(locked=True))
    return world, [await world.tab(f"w{number}") for number in range(count)]


def counting(name: str, calls: Counter[str]) -> Callable[[RoomContents], object]:
    found = getattr(RoomContents, name)

    def count(contents: RoomContents) -> object:
        calls[name] += 1
        return found(contents)

    return count


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the whole room was gone through for what everybody in the lobby asks."""
    calls: Counter[str] = Counter()
    for name in ("line", "has_host_inside"):
        monkeypatch.setattr(RoomContents, name, counting(name, calls))
    return calls


@pytest.mark.parametrize("cause", ["a flush", "a tick"])
async def test_the_line_is_sorted_once_and_a_host_looked_for_once_for_all_who_wait(counted, cause):
    world, tabs = await a_lobby(WAITERS)
    world.happen(e.PeopleLeft(), world.change("w0", state=PersonState.KNOWN, present=False, line_no=None), flush=False)
    counted.clear()
    if cause == "a flush":
        world.room.flush()
    else:
        world.room.tick(5)
    assert counted == {"line": 1, "has_host_inside": 1}
    assert [tab.last["lobby"]["position"] for tab in tabs[1:101]] == list(range(1, 101))
    assert sum(message["type"] == "lobby" for message in tabs[5].messages) == 1
    await world.close()


async def test_many_events_of_one_moment_are_one_page_for_each_who_waits():
    world, tabs = await a_lobby(20)
    for number in range(5):
        gone = world.change(f"w{number}", state=PersonState.KNOWN, present=False, line_no=None)
        world.happen(e.PeopleLeft(), gone, flush=False)
    world.happen(e.ParticipantsJoined(), a_person("boss", PersonState.INSIDE, "manager"), flush=False)
    await wait_until(lambda: tabs[-1].types[-1] == "lobby", what="a page")
    for place, tab in enumerate(tabs[5:], start=1):
        assert tab.types == ["welcome", "lobby"]
        assert (tab.last["lobby"]["position"], tab.last["lobby"]["can_be_admitted"]) == (place, True)
    await world.close()
