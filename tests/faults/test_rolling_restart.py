"""A new version goes out: one node after the other ends by SIGTERM and is started anew, while people are at it."""

from __future__ import annotations

import asyncio
import signal

import pytest

from client_sim.checker import judge
from tests.faults.breaking import running
from tests.faults.churn import BACK_S, Churn
from tests.faults.figures import AddFigure, counts
from tests.faults.room_log import open_room_log
from tests.support.nodes import Node
from tests.support.waiting import wait_until

TABS = 60
ROUNDS = counts(short=1, long=10)
ACTS_PER_S = 25.0
# Busy clients are slow to come back; that is not to count as having left.
SETTINGS = {"LEASE_TTL_MS": "10000", "LEASE_RENEW_MS": "1000", "PARTICIPANT_GRACE_MS": "20000", "HTTP_PER_S": "1000"}


@pytest.mark.timeout(counts(short=240, long=1_800))
async def test_nodes_restarted_one_after_another_cost_each_tab_one_reconnect_at_most(redis_url: str, figure: AddFigure) -> None:
    reconnects: list[int] = []
    is_over = False
    async with running(redis_url, nodes=3, **SETTINGS) as (cluster, site), Churn(site) as churn, open_room_log(
        redis_url, churn.room_id
    ) as log:
        await churn.fill(TABS)
        async with asyncio.TaskGroup() as group:
            group.create_task(churn.act(lambda: is_over, ACTS_PER_S))
            for node in ROUNDS * cluster.nodes:
                reconnects += await restart(node, churn)
            is_over = True
        await churn.settle()
        present = await churn.present()
        verdict = judge(churn.histories, await log.settled(tab.client for tab in churn.tabs), present=present)
    lost = verdict.lost + verdict.acknowledged_lost
    raw = verdict.counts() | {
        "restarts": ROUNDS * len(cluster.nodes), "tabs": len(churn.histories), "reconnects": sum(reconnects),
        "acts": dict(churn.done), "refused": dict(churn.refused), "failed": dict(churn.failed),
        "came_back": dict(churn.resumes), "fell_short": verdict.findings,
    }  # fmt: skip
    most = max(reconnects)
    figure("rolling_restart_reconnects", most, unit="a tab and restart", must="<= 1", holds=most <= 1, n=len(reconnects), raw=raw)
    figure("rolling_restart_lost", lost, unit="events and answers", must="== 0", holds=lost == 0, n=verdict.deliveries, raw=raw)
    assert sum(reconnects) >= TABS * ROUNDS / 2, "everybody's node was restarted at some time"
    assert verdict.holds, verdict.findings


async def restart(node: Node, churn: Churn) -> list[int]:
    """End the node and start it anew; answers how often each tab that was there throughout was welcomed again."""
    there = {tab: len(tab.client.history.entries) for tab in churn.tabs}
    churn.take_out(node.port)
    assert await node.terminate() in (0, -signal.SIGTERM)
    await node.restart()
    churn.put_back(node.port)
    stayed = [tab for tab in there if tab in churn.tabs]
    for tab in stayed:
        await wait_until(lambda tab=tab: tab.client.is_connected or tab.client.ended, BACK_S, f"{tab.client.history.who} back")
    return [len(tab.welcomes(there[tab])) for tab in stayed]
