"""Redis has done it, and its answer never came: asked again, it is done once."""

from __future__ import annotations

import pytest

from client_sim.client import RoomClient
from tests.faults.breaking import SETTINGS, proxied, site_of, tried
from tests.stories.hall import joined, left, lined_up, open_hall, sees_line, told
from tests.support.nodes import Cluster
from tests.support.ports import HOST
from tests.support.proxy import TcpProxy, Way
from tests.support.waiting import wait_until

pytestmark = pytest.mark.faults

ROUNDS = 8


async def test_each_command_is_done_once_however_many_answers_are_lost(redis_server):
    async with TcpProxy(HOST, redis_server.port) as proxy, Cluster(redis_server.url, **SETTINGS) as cluster:
        await cluster.add_node()
        await cluster.add_node(**proxied(proxy))
        async with open_hall(site_of(cluster), locked=True) as hall:
            maya, mona = await hall.owner(), await hall.guest("mona", "moderator", node=1)
            iris = await hall.guest("iris", "moderator")
            for command, fields in commands_for(iris) * ROUNDS:
                proxy.cut_after(0, Way.REPLIES)
                await wait_until(lambda c=command, f=fields: is_done(mona, c, f), 20, command)
            await maya.command("room.unlock")
            for tab in (maya, iris):
                await tab.wait_until(lambda replica: not replica.room["locked"], what="everything before")
                new_roles = [event["new_role"] for event in told(tab, "participant.role_changed")]
                assert new_roles == ["speaker", "viewer"] * ROUNDS
                rows = [row for event in told(tab, "participants.updated") for row in event["participants"]]
                assert [row["hand_raised_at_ms"] is not None for row in rows] == [True, False] * ROUNDS
            assert iris.replica.you["role_rev"] == 1 + 2 * ROUNDS
            assert left(maya) == []


async def test_tabs_and_waiters_come_in_once_however_many_answers_are_lost(redis_server):
    async with TcpProxy(HOST, redis_server.port) as proxy, Cluster(redis_server.url, **SETTINGS) as cluster:
        await cluster.add_node()
        await cluster.add_node(**proxied(proxy))
        async with open_hall(site_of(cluster), locked=True) as hall:
            maya, mona = await hall.owner(), await hall.guest("mona", "moderator", node=1)
            waiters = []
            for number in range(ROUNDS):
                await hall.sign_in(f"waiter{number}")
                proxy.cut_after(0, Way.REPLIES)
                waiters.append(await hall.tab(f"waiter{number}", node=1))
            await sees_line(maya, *waiters)
            assert lined_up(maya) == [tab.participant_id for tab in waiters]
            for tab in waiters:
                proxy.cut_after(0, Way.REPLIES)
                fields = {"participant_ids": [tab.participant_id]}
                await wait_until(lambda f=fields: is_done(mona, "lobby.admit", f), 20, "admission")
            await sees_line(maya)
            assert joined(maya) == [mona.participant_id, *(tab.participant_id for tab in waiters)]


def commands_for(target: RoomClient) -> list[tuple[str, dict[str, str]]]:
    """Each changes something; the role and the hand end where they began."""
    return [
        ("role.change", {"participant_id": target.participant_id, "role": "speaker"}),
        ("hand.raise", {}),
        ("role.change", {"participant_id": target.participant_id, "role": "viewer"}),
        ("hand.lower", {}),
    ]


async def is_done(tab: RoomClient, command: str, fields: dict[str, object]) -> bool:
    return await tried(tab, command, **fields) in ("done", "already_decided")
