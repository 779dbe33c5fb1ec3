"""Many at the same instant: one link claimed fifty times, and a door that opens for three hundred."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import pytest

from client_sim.client import RoomClient
from client_sim.codec import MSGPACK
from client_sim.device import Device
from client_sim.refused import Refused
from tests.faults.breaking import running
from tests.stories.hall import Hall, email_of, joined, left, line_of, messages, open_hall, told
from tests.support.nodes import Node
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.faults

CLAIMS = 50
PEOPLE = 300
AT_A_TIME = 12
OPENED_WITHIN_S = 30
# So many clients in one process are slow to come back; here that is not to count as having left.
LONG_LEASE = {"LEASE_TTL_MS": "30000", "LEASE_RENEW_MS": "1000"}
# The line and the list are told row by row, so that every coming in can be counted.
EVERY_ROW = {"LARGE_FROM": "1000", "LONG_LINE_FROM": "1000"}


@pytest.mark.timeout(60)
async def test_of_fifty_devices_that_claim_one_link_at_once_one_has_it(redis_url):
    async with running(redis_url, nodes=3) as (_, site), open_hall(site) as hall:
        for number in range(3):
            name = f"guest{number}"
            await hall.invite(name)
            outcomes = Counter(await asyncio.gather(*(claim(hall, name, node) for node in range(CLAIMS))))
            assert outcomes == {"claimed": 1, "invite_used": CLAIMS - 1}
        rows = await hall.api().invitations(hall.room_id)
        assert [row["devices"] for row in rows] == [1, 1, 1]


@pytest.mark.timeout(120)
async def test_three_hundred_are_let_in_once_and_in_their_order_when_the_door_opens(redis_url):
    async with (
        running(redis_url, nodes=3, BATCH_SIZE="25", **LONG_LEASE, **EVERY_ROW) as (_, site),
        open_hall(site, starts_in_s=600) as hall,
    ):
        maya, waiting = await fill_the_line(hall)
        line = line_of(maya)
        assert len(line) == PEOPLE
        await maya.command("session.start")
        await all_come_in(maya, waiting)
        assert joined(maya) == line
        assert [len(messages(tab, "entered")) for tab in waiting] == [1] * PEOPLE
        assert openings(maya) == {"opening": 1, "opened": 1}
        assert not any(messages(tab, "bye") or messages(tab, "resync") for tab in waiting)


@pytest.mark.timeout(120)
async def test_a_node_killed_while_the_door_opens_keeps_nobody_out(redis_server):
    async with (
        running(redis_server.url, nodes=3, BATCH_SIZE="5", **LONG_LEASE, **EVERY_ROW) as (cluster, site),
        open_hall(site, starts_in_s=600) as hall,
    ):
        maya, waiting = await fill_the_line(hall)
        line = line_of(maya)
        for tab in waiting:
            if tab.url == site.url(2):
                tab.url = site.url(1)
        host = await hall.tab("maya", node=2)
        host.url = site.url(1)
        # In a thread: so many clients keep this one busy, and the door opens in a moment.
        killing = asyncio.create_task(asyncio.to_thread(kill_in_the_middle, redis_server, cluster.nodes[2]))
        starting = asyncio.create_task(host.command("session.start", timeout_s=OPENED_WITHIN_S))
        assert 0 < await killing < PEOPLE, "it was in the middle of it"
        await asyncio.gather(starting, return_exceptions=True)
        await all_come_in(maya, waiting)
        assert Counter(joined(maya)) == Counter(line), "each once"
        assert left(maya) == []
        assert openings(maya) == {"opening": 1, "opened": 1}


async def claim(hall: Hall, name: str, node: int) -> str:
    """How it went for one more device with the right address."""
    try:
        await hall.api(node).look_and_claim(hall.links[name], email_of(name), Device())
    except Refused as refused:
        return refused.code
    return "claimed"


async def fill_the_line(hall: Hall) -> tuple[RoomClient, list[RoomClient]]:
    """Maya inside, and everybody else before the door, spread over all nodes."""
    maya, gate = await hall.owner(encoding=MSGPACK), asyncio.Semaphore(AT_A_TIME)

    async def come(number: int) -> RoomClient:
        async with gate:
            return await hall.member(f"p{number}", node=number, encoding=MSGPACK)

    waiting = await asyncio.gather(*(come(number) for number in range(PEOPLE)))
    await maya.wait_until(lambda replica: len(replica.waiters) == PEOPLE, what="full line")
    return maya, waiting


def kill_in_the_middle(redis: RedisServer, node: Node) -> int:
    """Kill the node as soon as the line gets shorter; answers how many were left in it."""
    for _ in range(10_000):
        waiting = int(redis.command("EVAL", "return redis.call('ZCARD', redis.call('KEYS', '*:line')[1] or '')", "0"))
        if waiting < PEOPLE:
            node.kill()
            return waiting
        time.sleep(0.001)
    raise AssertionError("Nobody was let in.")


async def all_come_in(maya: RoomClient, waiting: list[RoomClient]) -> None:
    await asyncio.gather(*(tab.wait_until(lambda replica: replica.is_inside, OPENED_WITHIN_S, "entry") for tab in waiting))
    await maya.wait_until(
        lambda replica: len(replica.participants) == PEOPLE + 1 and replica.room["phase"] == "open", OPENED_WITHIN_S, "full room"
    )


def openings(tab: RoomClient) -> Counter[str]:
    return Counter(event["what"] for event in told(tab, "room.changed"))
