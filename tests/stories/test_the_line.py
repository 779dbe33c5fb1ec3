"""A locked room: who arrives waits in line, and hosts decide one by one or for all."""

from __future__ import annotations

import asyncio

from client_sim.client import RoomClient
from tests.stories.hall import (
    Hall,
    comes_in,
    ended_with,
    joined,
    line_of,
    lined_up,
    messages,
    misses,
    open_hall,
    refused,
    sees,
    sees_line,
    shows,
)


async def test_a_host_admits_one_and_the_others_move_up(site):
    async with open_hall(site, locked=True) as hall:
        maya = await hall.owner()
        iris, vito, dora = waiters = await three_in_line(hall)
        await sees_line(maya, *waiters)
        assert [tab.replica.lobby["position"] for tab in waiters] == [1, 2, 3]
        await maya.command("lobby.admit", participant_ids=[vito.participant_id])
        await comes_in(vito)
        await sees_line(maya, iris, dora)
        await dora.wait_until(lambda replica: replica.lobby["position"] == 2, what="a place further up")
        assert (iris.replica.lobby_state, maya.replica.room["locked"]) == ("waiting_in_line", True)


async def test_a_host_admits_several_and_hears_who_was_decided_already(site):
    async with open_hall(site, locked=True) as hall:
        maya = await hall.owner()
        iris, vito, dora = await three_in_line(hall)
        await maya.command("lobby.admit", participant_ids=[iris.participant_id])
        answer = await maya.command("lobby.admit", participant_ids=[tab.participant_id for tab in (iris, vito, dora)])
        assert answer["admitted"] == [vito.participant_id, dora.participant_id]
        assert answer["already_decided"] == [iris.participant_id]
        await sees(maya, iris, vito, dora)
        assert joined(maya) == [iris.participant_id, vito.participant_id, dora.participant_id]


async def test_all_are_admitted_in_the_order_of_the_line_and_who_comes_later_waits(site):
    async with open_hall(site, locked=True) as hall:
        maya = await hall.owner()
        waiters = [await hall.member(f"waiter{number}", node=number) for number in range(7)]
        assert (await maya.command("lobby.admit_all"))["admitted"] == len(waiters)
        late = await hall.member("late", node=1)
        await asyncio.gather(*(comes_in(tab) for tab in waiters))
        await sees(maya, *waiters)
        assert joined(maya) == [tab.participant_id for tab in waiters]
        await sees_line(maya, late)


async def test_unlocking_lets_the_line_in(site):
    async with open_hall(site, locked=True) as hall:
        maya, waiters = await hall.owner(), await three_in_line(hall)
        await maya.command("room.unlock")
        await asyncio.gather(*(comes_in(tab) for tab in waiters))
        await sees_line(maya)
        await sees(maya, *waiters)
        assert joined(maya) == [tab.participant_id for tab in waiters]


async def test_who_was_let_in_may_come_back_past_the_lock(site):
    async with open_hall(site, locked=True) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await maya.command("lobby.admit", participant_ids=[iris.participant_id])
        await comes_in(iris)
        await iris.command("leave")
        await misses(maya, iris.participant_id)
        assert (await hall.tab("iris")).replica.is_inside


async def test_declined_with_a_message_one_may_knock_once_more_and_not_twice(site):
    async with open_hall(site, locked=True) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await maya.command("lobby.decline", participant_id=iris.participant_id, message="We are full today.")
        page = await shows(iris, "declined")
        assert (page["decline_message"], page["can_knock"]) == ("We are full today.", True)
        await sees_line(maya)
        await iris.command("lobby.knock")
        await shows(iris, "waiting_in_line")
        await sees_line(maya, iris)
        await maya.command("lobby.decline", participant_id=iris.participant_id)
        page = await shows(iris, "declined")
        assert (page["decline_message"], page["can_knock"]) == (None, False)
        with refused("declined"):
            await iris.command("lobby.knock")


async def test_one_who_was_declined_does_not_come_in_with_an_unlocked_room(site):
    async with open_hall(site, locked=True) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await maya.command("lobby.decline", participant_id=iris.participant_id)
        await shows(iris, "declined")
        await maya.command("room.unlock")
        await iris.command("lobby.knock")
        await sees_line(maya, iris)
        assert (await shows(iris, "waiting_in_line"))["position"] == 1, "knocking asks a host, whatever the lock"
        await maya.command("lobby.admit", participant_ids=[iris.participant_id])
        await comes_in(iris)


async def test_sent_back_one_waits_again_at_the_end_of_the_line_with_every_tab(site):
    async with open_hall(site, locked=True) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        second = await hall.tab("iris")
        await maya.command("lobby.admit", participant_ids=[iris.participant_id])
        for tab in (iris, second):
            await comes_in(tab)
        dora = await hall.member("dora")
        await maya.command("lobby.send_back", participant_id=iris.participant_id)
        for tab in (iris, second):
            assert (await shows(tab, "waiting_in_line"))["position"] == 2
            assert tab.replica.left == "sent_back"
        await sees_line(maya, dora, iris)
        await misses(maya, iris.participant_id)


async def test_one_may_leave_the_line_and_join_its_end_again(site):
    async with open_hall(site, locked=True) as hall:
        maya = await hall.owner()
        iris, vito, dora = await three_in_line(hall)
        await iris.command("lobby.withdraw")
        assert (await shows(iris, "left_line"))["can_knock"]
        await sees_line(maya, vito, dora)
        await iris.command("lobby.knock")
        await sees_line(maya, vito, dora, iris)
        assert (await shows(iris, "waiting_in_line"))["position"] == 3


async def test_who_goes_away_for_longer_than_a_moment_loses_their_place(site):
    async with open_hall(site, locked=True) as hall:
        maya = await hall.owner()
        iris, vito, dora = await three_in_line(hall)
        await iris.close()
        await sees_line(maya, vito, dora)
        again = await hall.tab("iris", node=1)
        await sees_line(maya, vito, dora, again)
        assert lined_up(maya).count(vito.participant_id) == 1


async def test_the_line_reads_what_a_host_writes_to_it(site):
    async with open_hall(site, locked=True) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await maya.command("lobby.message", text="Five more minutes.")
        await iris.wait_until(lambda replica: replica.lobby["host_message"] == "Five more minutes.", what="message")
        late = await hall.member("late", node=1)
        assert late.replica.lobby["host_message"] == "Five more minutes."


async def test_waiters_learn_whether_a_host_is_there_and_nothing_about_anybody_else(site):
    async with open_hall(site, locked=True) as hall:
        iris = await hall.member("iris", node=1)
        assert not iris.replica.lobby["can_be_admitted"]
        maya = await hall.owner()
        await iris.wait_until(lambda replica: replica.lobby["can_be_admitted"], what="a host")
        vito = await hall.member("vito")
        await sees_line(maya, iris, vito)
        assert not messages(iris, "events")
        said = str(iris.history.received_messages())
        assert maya.participant_id not in said
        assert vito.participant_id not in said


async def test_a_session_that_ends_sends_the_line_away_too(site):
    async with open_hall(site, locked=True) as hall:
        maya, waiters = await hall.owner(), await three_in_line(hall)
        await maya.command("session.end")
        assert [await ended_with(tab) for tab in waiters] == ["session_ended"] * 3
        assert await ended_with(maya) == "session_ended"
        assert line_of(maya)


async def three_in_line(hall: Hall) -> list[RoomClient]:
    """Iris, Vito and Dora, on one node after the other."""
    return [await hall.member(name, node=number) for number, name in enumerate(("iris", "vito", "dora"))]
