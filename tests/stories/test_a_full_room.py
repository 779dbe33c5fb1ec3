"""A room with a few seats: who comes beyond them waits, sees why, and goes in by themselves in the order of the line."""

from __future__ import annotations

import asyncio

from client_sim.client import RoomClient
from tests.stories.hall import Hall, comes_in, joined, messages, misses, open_hall, refused, sees, sees_line, shows


async def come(hall: Hall, *names: str) -> list[RoomClient]:
    """Signed-in people, one node after the other."""
    return [await hall.member(name, node=number) for number, name in enumerate(names)]


async def test_who_finds_no_seat_sees_that_the_room_is_full_and_goes_in_when_somebody_leaves(site):
    async with open_hall(site, capacity=2) as hall:
        maya = await hall.owner()
        iris, vito, dora = await come(hall, "iris", "vito", "dora")
        await comes_in(iris)
        assert [(await shows(tab, "room_full"))["position"] for tab in (vito, dora)] == [1, 2]
        await sees_line(maya, vito, dora)
        await iris.command("leave")
        await comes_in(vito)
        assert (await shows(dora, "room_full"))["can_be_admitted"]
        await dora.wait_until(lambda replica: replica.lobby["position"] == 1, what="a place further up")
        await sees(maya, vito)
        shown = [message["lobby"]["state"] for message in messages(dora, "lobby")]
        assert "entering" not in shown, "nothing is promised too early"


async def test_of_many_who_come_at_once_as_many_go_in_as_there_are_seats(site):
    async with open_hall(site, capacity=5) as hall:
        maya = await hall.owner()
        names = [f"guest{number}" for number in range(12)]
        tabs = await asyncio.gather(*(hall.member(name, node=number) for number, name in enumerate(names)))
        in_, out = [tab for tab in tabs if tab.replica.is_inside], [tab for tab in tabs if not tab.replica.is_inside]
        assert (len(in_), len(out)) == (4, 8)
        assert {tab.replica.lobby_state for tab in out} == {"room_full"}
        await sees(maya, *in_)


async def test_more_seats_let_the_line_in_in_its_order_and_none_are_counted_where_there_is_no_limit(site):
    async with open_hall(site, capacity=1) as hall:
        maya = await hall.owner()
        iris, vito, dora = await come(hall, "iris", "vito", "dora")
        await sees_line(maya, iris, vito, dora)
        await maya.command("room.edit", capacity=3)
        for tab in (iris, vito):
            await comes_in(tab)
        await shows(dora, "room_full")
        await maya.command("room.edit", capacity=None)
        await comes_in(dora)
        await sees(maya, iris, vito, dora)
        assert joined(maya) == [tab.participant_id for tab in (iris, vito, dora)]
        assert maya.replica.room["capacity"] is None


async def test_hosts_come_in_beyond_the_seats(site):
    async with open_hall(site, capacity=1) as hall:
        iris = await hall.member("iris", node=1)
        await comes_in(iris)
        maya = await hall.owner()
        await comes_in(maya)
        await sees(iris, maya)


async def test_a_host_of_a_locked_full_room_admits_as_many_as_there_are_seats(site):
    async with open_hall(site, capacity=2, locked=True) as hall:
        maya = await hall.owner()
        iris, vito, dora = await come(hall, "iris", "vito", "dora")
        answer = await maya.command("lobby.admit", participant_ids=[tab.participant_id for tab in (vito, iris)])
        assert (answer["admitted"], answer["full"]) == ([vito.participant_id], [iris.participant_id])
        await comes_in(vito)
        with refused("room_full"):
            await maya.command("lobby.admit", participant_ids=[dora.participant_id])
        with refused("room_full"):
            await maya.command("lobby.admit_all")
        assert (iris.replica.lobby_state, dora.replica.lobby_state) == ("waiting_in_line", "waiting_in_line")


async def test_who_drops_out_for_a_moment_keeps_the_seat_and_who_stays_away_loses_it(site):
    async with open_hall(site, capacity=2) as hall:
        maya = await hall.owner()
        iris, vito = await come(hall, "iris", "vito")
        await iris.close()
        await misses(maya, iris.participant_id)
        assert vito.replica.lobby_state == "room_full"
        again = await hall.tab("iris", node=1)
        assert again.replica.is_inside
        await again.close()
        await comes_in(vito, timeout_s=20)
        late = await hall.tab("iris")
        await shows(late, "room_full")
        await maya.command("room.lock")
        await vito.command("leave")
        await comes_in(late)


async def test_one_may_leave_the_line_of_a_full_room(site):
    async with open_hall(site, capacity=1) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await shows(iris, "room_full")
        await iris.command("lobby.withdraw")
        await shows(iris, "left_line")
        await sees_line(maya)
