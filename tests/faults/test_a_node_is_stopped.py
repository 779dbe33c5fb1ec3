"""SIGTERM: a node sends its tabs elsewhere before it ends, and ends in time whoever does not listen."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from server.background.tasks import BackgroundTasks
from tests.faults.breaking import comes_back, deaf_tab, running
from tests.stories.hall import comes_in, joined, left, messages, open_hall, sees, sees_line
from tests.support.nodes import http_status
from tests.support.waiting import wait_until

pytestmark = pytest.mark.faults

ENDS_WITHIN_S = 10
ENDED = (0, -signal.SIGTERM)  # by itself, in either way of saying so


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
        await wait_until(lambda: is_not_ready(cluster.nodes[1].port), what="no readiness")
        for tab, connection_id in before.items():
            await comes_back(tab, connection_id)
            (bye,) = messages(tab, "bye")
            assert bye["code"] == "shutting_down"
            assert 0 <= bye["retry_after_ms"] <= 2_000
        assert await ending in ENDED
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
            assert exit_code in ENDED
            assert time.monotonic() - began_s < ENDS_WITHIN_S


async def test_people_of_a_stopped_node_who_do_not_come_back_are_gone_without_a_lease_to_wait_for(redis_url):
    async with running(redis_url, LEASE_TTL_MS="30000") as (cluster, site), open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1, reconnects=False)
        await sees(maya, iris)
        await cluster.nodes[1].terminate()
        await maya.wait_until(lambda replica: iris.participant_id not in replica.participants, 5, "shorter list")
        assert left(maya) == [iris.participant_id]


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


async def is_not_ready(port: int) -> bool:
    return await http_status(port, "/readyz") != 200
