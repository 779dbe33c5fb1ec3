"""Connections cut in every way, a thousand times, while things happen: every tab is told everything, in order and once."""

from __future__ import annotations

import asyncio

import pytest

from client_sim.checker import judge
from client_sim.verdict import Verdict
from tests.faults.breaking import running
from tests.faults.churn import Churn
from tests.faults.figures import AddFigure, counts
from tests.faults.room_log import open_room_log

TABS = 60
DELIVERIES = counts(short=100_000, long=1_000_000)
CUTS = counts(short=1_000, long=10_000)
ACTS_PER_S = 50.0
CUT_AT_ONCE = 12
# Busy clients are slow to come back; that is not to count as having left.
SETTINGS = {"LEASE_TTL_MS": "10000", "LEASE_RENEW_MS": "1000", "PARTICIPANT_GRACE_MS": "20000", "HTTP_PER_S": "1000"}


@pytest.mark.timeout(counts(short=600, long=3_600))
async def test_nothing_is_lost_doubled_or_reordered_while_connections_are_cut(redis_url: str, figure: AddFigure) -> None:
    async with running(redis_url, nodes=3, **SETTINGS) as (_, site), Churn(site) as churn, open_room_log(
        redis_url, churn.room_id
    ) as log:
        await churn.fill(TABS)

        def is_enough() -> bool:
            return churn.events_seen >= DELIVERIES and churn.cuts.total() >= CUTS

        async with asyncio.TaskGroup() as group:
            group.create_task(churn.act(is_enough, ACTS_PER_S))
            group.create_task(churn.cut(is_enough, CUT_AT_ONCE))
        await churn.settle()
        present = await churn.present()
        verdict = judge(churn.histories, await log.settled(tab.client for tab in churn.tabs), present=present)
    add_figures(figure, churn, verdict)


def add_figures(figure: AddFigure, churn: Churn, verdict: Verdict) -> None:
    raw = verdict.counts() | {
        "cuts": dict(churn.cuts), "acts": dict(churn.done), "refused": dict(churn.refused), "failed": dict(churn.failed),
        "came_back": dict(churn.resumes),
        "tabs": len(churn.histories), "fell_short": verdict.findings,
    }  # fmt: skip
    assert verdict.deliveries >= DELIVERIES
    assert churn.cuts.total() >= CUTS
    assert verdict.compared >= len(churn.tabs), "everybody's replica was compared with the room"
    for name in ("lost", "duplicated", "reordered"):
        value = raw[name]
        figure(f"churn_{name}", value, unit="events", must="== 0", holds=value == 0, n=verdict.deliveries, raw=raw)
    assert verdict.holds, verdict.findings
