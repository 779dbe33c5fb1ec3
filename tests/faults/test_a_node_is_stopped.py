"""SIGTERM: a node sends its tabs elsewhere before it ends, and ends in time whoever does not listen."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from client_sim.client import RoomClient
from client_sim.codec import JSON, MSGPACK
from server.background.tasks import BackgroundTasks
from tests.faults.breaking import comes_back, deaf_tab, running
from tests.stories.hall import comes_in, joined, left, messages, open_hall, sees, sees_line
from tests.support.nodes import Node, http_status

pytestmark = pytest.mark.faults

ENDS_WITHIN_S = 10
MANY = 130  # tabs, more than are sent away at once


async def test_every_tab_is_told_to_come_back_and_goes_on_at_the_other_node(redis_url):
    async with running(redis_url, PARTICIPANT_GRACE_MS="3000") as (cluster, site), open_hall(site) as hall:
        maya = await hall.owner()
        tabs = [await hall.member(f"p{number}", node=1) for number in range(5)]
        await sees(maya, *tabs)
        await maya.command("room.lock")
        waiter = await hall.member("waiter", node=1)
        await sees_line(maya, waiter)
        before = {tab: tab.replica.connection_id for tab in [*tabs, waiter]}
        for tab in before:
            tab.url = site.url(0)
        began_s = time.monotonic()
        ending = asyncio.create_task(cluster.nodes[1].terminate())
        for tab, connection_id in before.items():
            await comes_back(tab, connection_id)
            (bye,) = messages(tab, "bye")
            assert bye["code"] == "shutting_down"
            assert 0 <= bye["retry_after_ms"] <= 2_000
        assert await ending == 0
        assert time.monotonic() - began_s < ENDS_WITHIN_S
        await maya.command("lobby.admit_all")
        await comes_in(waiter)
        await sees(maya, *tabs, waiter)
        assert left(maya) == []
        assert len(joined(maya)) == len(tabs) + 1


async def test_it_ends_in_time_though_a_tab_does_not_read_and_another_says_nothing(redis_url):
    async with running(redis_url) as (cluster, site), open_hall(site) as hall:
        await hall.owner()
        session = await hall.sign_in("vito")
        node = cluster.nodes[1]
        async with deaf_tab(node.url, session["session_token"]) as (socket, _):
            socket.transport.pause_reading()
            for number in range(100):
                await hall.api().edit_room(hall.room_id, title=f"edit {number}", description="\N{GRINNING FACE}" * 2_000)
            _, silent = await asyncio.open_connection("127.0.0.1", node.port)
            began_s = time.monotonic()
            exit_code = await node.terminate()
            silent.transport.abort()
            assert exit_code == 0
            assert time.monotonic() - began_s < ENDS_WITHIN_S


async def test_people_of_a_stopped_node_who_do_not_come_back_are_gone_without_a_lease_to_wait_for(redis_url):
    async with running(redis_url, LEASE_TTL_MS="30000") as (cluster, site), open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1, reconnects=False)
        await sees(maya, iris)
        await cluster.nodes[1].terminate()
        await maya.wait_until(lambda replica: iris.participant_id not in replica.participants, 5, "shorter list")
        assert left(maya) == [iris.participant_id]


async def test_while_it_sends_its_tabs_away_it_says_so_to_whoever_asks_and_takes_nobody_in(redis_url):
    async with running(redis_url, DRAIN_MS="3000") as (cluster, site), open_hall(site) as hall:
        await hall.owner()
        node = cluster.nodes[1]
        tokens = [(await hall.sign_in(name))["session_token"] for name in ("vito", "late")]
        # Whoever has not said hello yet is a connection: it keeps the node from ending at once.
        async with deaf_tab(node.url, tokens[0]) as (socket, _), knock(node) as undecided:
            assert json.loads(await undecided.recv())["type"] == "challenge"
            ending = asyncio.create_task(node.terminate())
            assert (await heard(socket, "bye"))["code"] == "shutting_down"
            assert await http_status(node.port, "/readyz") == 503
            assert await http_status(node.port, "/healthz") == 200
            async with knock(node) as late:
                assert (await heard(late, "bye"))["code"] == "shutting_down"
            await undecided.send(json.dumps({"type": "hello", "token": tokens[1]}))
            assert json.loads(await undecided.recv())["code"] == "shutting_down", "and no welcome before"
        assert await ending == 0


async def test_many_tabs_go_in_several_lots_and_nobody_is_seen_to_leave(redis_url):
    settings = {"PARTICIPANT_GRACE_MS": "3000", "DRAIN_MS": "4000", "LARGE_FROM": "1000"}
    async with running(redis_url, **settings) as (cluster, site), open_hall(site) as hall:
        maya, gate = await hall.owner(), asyncio.Semaphore(8)

        async def come(number: int) -> RoomClient:
            async with gate:
                return await hall.member(f"p{number}", node=1, encoding=MSGPACK)

        tabs = await asyncio.gather(*(come(number) for number in range(MANY)))
        await sees(maya, *tabs)
        before = {tab: tab.replica.connection_id for tab in tabs}
        for tab in tabs:
            tab.url = site.url(0)
        assert await cluster.nodes[1].terminate() == 0
        await asyncio.gather(*(comes_back(tab, before[tab], 30) for tab in tabs))
        assert {bye["code"] for tab in tabs for bye in messages(tab, "bye")} == {"shutting_down"}
        await maya.compare()
        assert left(maya) == []
        assert len(maya.replica.participants) == MANY + 1


async def test_a_task_of_the_node_that_misses_its_cancellation_is_cancelled_again():
    tasks, missed = BackgroundTasks(), []

    async def step() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if missed:
                raise
            missed.append(1)

    tasks.start("deaf", step)
    await asyncio.sleep(0)
    await tasks.stop()
    assert missed


def knock(node: Node) -> connect:
    """A websocket, and no word said on it."""
    return connect(node.ws_url, subprotocols=[Subprotocol(JSON)], proxy=None)


async def heard(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of this type."""
    while (message := json.loads(await socket.recv()))["type"] != kind:
        pass
    return dict(message)
