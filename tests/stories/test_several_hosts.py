"""One line, several hosts, on whichever nodes: they see the same, and each waiter is decided on once."""

from __future__ import annotations

import asyncio

from client_sim.client import RoomClient
from client_sim.refused import Refused
from tests.stories.hall import Hall, comes_in, has_role, line_of, lined_up, open_hall, refused, sees, sees_line, shows


async def test_hosts_on_every_node_see_each_waiter_exactly_once(site):
    async with open_hall(site, locked=True) as hall:
        hosts = [await hall.owner(), await moderator(hall, "mona", node=1)]
        waiters = [await hall.member(f"waiter{number}", node=number) for number in range(5)]
        for host in hosts:
            await sees_line(host, *waiters)
            assert lined_up(host) == [tab.participant_id for tab in waiters]


async def test_the_host_who_comes_second_hears_that_it_is_decided(site):
    async with open_hall(site, locked=True) as hall:
        maya, mona = await hall.owner(), await moderator(hall, "mona", node=1)
        iris, vito = await hall.member("iris"), await hall.member("vito", node=1)
        await maya.command("lobby.admit", participant_ids=[iris.participant_id])
        await maya.command("lobby.decline", participant_id=vito.participant_id)
        for tab in (iris, vito):
            with refused("already_decided"):
                await mona.command("lobby.admit", participant_ids=[tab.participant_id])
            with refused("already_decided"):
                await mona.command("lobby.decline", participant_id=tab.participant_id)
        assert iris.replica.is_inside
        await shows(vito, "declined")
        await sees_line(mona)


async def test_of_two_hosts_who_decide_at_once_one_decides(site):
    async with open_hall(site, locked=True) as hall:
        maya, mona = await hall.owner(), await moderator(hall, "mona", node=1)
        for number in range(4):
            waiter = await hall.member(f"waiter{number}", node=number)
            outcomes = await asyncio.gather(
                maya.command("lobby.admit", participant_ids=[waiter.participant_id]),
                mona.command("lobby.decline", participant_id=waiter.participant_id),
                return_exceptions=True,
            )
            codes = [outcome.code for outcome in outcomes if isinstance(outcome, Refused)]
            assert codes == ["already_decided"]
            if isinstance(outcomes[0], Refused):
                await shows(waiter, "declined")
            else:
                await comes_in(waiter)


async def test_a_moderator_who_comes_later_or_is_made_one_sees_the_same_line(site):
    async with open_hall(site, locked=True) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await maya.command("lobby.admit", participant_ids=[iris.participant_id])
        waiters = [await hall.member(f"waiter{number}", node=number) for number in range(4)]
        await sees_line(maya, *waiters)
        later = await moderator(hall, "mona", node=1)
        await maya.command("role.change", participant_id=iris.participant_id, role="moderator")
        await has_role(iris, "moderator")
        assert line_of(later) == line_of(iris) == line_of(maya)
        assert later.replica.waiters == iris.replica.waiters == maya.replica.waiters


async def test_a_second_tab_of_a_host_shows_the_same_line_in_either_encoding(site):
    async with open_hall(site, locked=True) as hall:
        maya = await hall.owner()
        waiters = [await hall.member(name, node=1) for name in ("iris", "vito")]
        second = await hall.tab("maya", node=1, encoding="greenroom.v1.msgpack")
        await sees_line(maya, *waiters)
        assert second.replica.waiters == maya.replica.waiters
        await second.command("lobby.admit_all")
        for tab in waiters:
            await comes_in(tab)
        for host in (maya, second):
            await sees_line(host)
            await sees(host, *waiters)


async def test_a_viewer_neither_sees_the_line_nor_decides(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await maya.command("room.lock")
        vito = await hall.member("vito")
        await sees_line(maya, vito)
        assert iris.replica.waiters is None
        for command in ("lobby.admit_all", "room.unlock", "session.end", "hands.clear"):
            with refused("role_forbidden"):
                await iris.command(command)
        assert vito.participant_id not in str(iris.history.received_messages())


async def moderator(hall: Hall, name: str, node: int) -> RoomClient:
    """Somebody invited as moderator, who walks in past the lock."""
    tab = await hall.guest(name, "moderator", node)
    assert tab.replica.is_inside
    return tab
