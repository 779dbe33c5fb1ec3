"""A node that stands still until its lease is gone, and goes on, again and again: it is fenced, what it says late counts for
nothing, and its tabs are there again."""

from __future__ import annotations

import asyncio
import time

import pytest

from client_sim.client import RoomClient
from client_sim.refused import Refused
from tests.faults.breaking import site_of, tried
from tests.faults.figures import AddFigure, counts
from tests.faults.rounds import PATIENCE_S, Outcome
from tests.stories.hall import Hall, has_role, left, open_hall, sees
from tests.support.nodes import Cluster
from tests.support.waiting import wait_until

ROUNDS = counts(short=3, long=30)
GONE_WITHIN_S = 6.0


@pytest.mark.timeout(counts(short=100, long=1_400))
async def test_what_a_node_says_after_its_lease_counts_for_nothing_however_often(redis_url, figure: AddFigure):
    outcome = Outcome()
    async with Cluster(redis_url) as cluster:
        await asyncio.gather(*(cluster.add_node() for _ in range(2)))
        async with open_hall(site_of(cluster), checks=False) as hall:
            maya, mona = await hall.owner(), await hall.guest("mona", "moderator", node=1)
            iris = await hall.member("iris", node=1)
            await sees(maya, mona, iris)
            for number in range(ROUNDS):
                await stand_still(cluster, (maya, mona, iris), outcome, number)
            await judge_all(hall, outcome)
            times_left = left(maya).count(iris.participant_id)
            if times_left != ROUNDS:
                outcome.fell_short.append(f"iris was away {ROUNDS} times and said to have left {times_left} times")
    short = len(outcome.fell_short)
    figure("node_stopped_fell_short", short, unit="", must="== 0", holds=not short, n=ROUNDS, raw=outcome.raw())


async def stand_still(cluster: Cluster, people: tuple[RoomClient, RoomClient, RoomClient], outcome: Outcome, number: int) -> None:
    """While the node of mona and iris stands still, mona asks for something that she may not do any more when it goes on."""
    maya, mona, iris = people
    node = cluster.nodes[1]
    await has_role(mona, "moderator", PATIENCE_S)
    node.pause()
    stopped_at_s = time.monotonic()
    late = asyncio.create_task(mona.command("room.edit", title=f"late {number}", timeout_s=2 * PATIENCE_S))
    await maya.wait_until(lambda replica: iris.participant_id not in replica.participants, PATIENCE_S, "shorter list")
    outcome.detected_s.append(gone_s := time.monotonic() - stopped_at_s)
    if gone_s > GONE_WITHIN_S:
        outcome.fell_short.append(f"gone only after {gone_s:.2f} s")
    await maya.command("role.change", participant_id=mona.participant_id, role="viewer")
    await maya.command("room.edit", title=f"meanwhile {number}")
    node.resume()
    resumed_at_s = time.monotonic()
    (said,) = await asyncio.gather(late, return_exceptions=True)
    if not isinstance(said, Refused) or said.code not in ("role_forbidden", "store_unavailable"):
        outcome.fell_short.append(f"what was asked of the node before it stood still was answered with {said!r}")
    await sees(maya, mona, iris, timeout_s=PATIENCE_S)
    title = f"meanwhile {number}"
    await iris.wait_until(lambda replica: replica.room["title"] == title and not replica.stale, PATIENCE_S, "what happened")
    await wait_until(lambda: _is_done(iris), PATIENCE_S, "an answer")
    outcome.back_s.append(time.monotonic() - resumed_at_s)
    if maya.replica.room["title"] != f"meanwhile {number}":
        outcome.fell_short.append(f"the room is called {maya.replica.room['title']!r}")
    await maya.command("role.change", participant_id=mona.participant_id, role="moderator")
    outcome.acknowledged += 1


async def judge_all(hall: Hall, outcome: Outcome) -> None:
    try:
        await hall.check()
    except AssertionError as error:
        outcome.fell_short.append(f"a silent gap: {error}"[:300])


async def _is_done(tab: RoomClient) -> bool:
    return await tried(tab, "hand.raise") in ("done", "already_decided")
