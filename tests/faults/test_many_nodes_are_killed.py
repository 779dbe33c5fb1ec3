"""kill -9 again and again, at the default lease: ghosts go in time, who comes back was never away, answers hold."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from itertools import count

import pytest

from client_sim.client import RoomClient
from tests.faults.breaking import site_of
from tests.faults.figures import AddFigure, counts
from tests.stories.hall import Hall, left, open_hall, sees, sees_line
from tests.support.nodes import Cluster, Node
from tests.support.waiting import wait_until

KILLS = counts(short=10, long=100)
AT_ONCE = 5  # nodes that die at the same time, each with a room of its own
SURVIVORS = 2
WAITERS = 4
GONE_WITHIN_S = 6.0
LEASE_TTL_S = 4.0  # the default
PATIENCE_S = 30.0


@dataclass
class Outcome:
    """What the kills did, over all rounds."""

    ghosts_s: list[float] = field(default_factory=list)
    false_leaves: list[str] = field(default_factory=list)
    lost_answers: list[str] = field(default_factory=list)
    returns: int = 0
    late_returns: int = 0  # after the lease: then they may be taken for gone
    answers: int = 0


@pytest.mark.timeout(counts(short=170, long=1_500))
async def test_kills_leave_no_ghost_put_nobody_out_and_lose_no_answer(redis_url, figure: AddFigure):
    outcome = Outcome()
    async with Cluster(redis_url) as cluster:
        await asyncio.gather(*(cluster.add_node() for _ in range(SURVIVORS + AT_ONCE)))
        victims = cluster.nodes[SURVIVORS:]
        for number in range(KILLS // AT_ONCE):
            if number:
                await asyncio.gather(*(victim.restart() for victim in victims))
            await asyncio.gather(*(kill_one(cluster, victim, outcome) for victim in victims))
    worst_s = max(outcome.ghosts_s)
    late = [round(s, 2) for s in outcome.ghosts_s if s > GONE_WITHIN_S]
    figure(
        "node_killed_ghosts_s", round(worst_s, 2), unit="s", must=f"<= {GONE_WITHIN_S:g}", holds=not late, n=KILLS,
        raw={"ghosts": len(outcome.ghosts_s), "median_s": round(sorted(outcome.ghosts_s)[KILLS // 2], 2), "fell_short": late},
    )  # fmt: skip
    figure(
        "node_killed_false_leaves", len(outcome.false_leaves), unit="people", must="== 0", holds=not outcome.false_leaves,
        n=outcome.returns, raw={"kills": KILLS, "after_the_lease": outcome.late_returns, "fell_short": outcome.false_leaves},
    )  # fmt: skip
    figure(
        "node_killed_lost_answers", len(outcome.lost_answers), unit="answers", must="== 0",
        holds=not outcome.lost_answers and outcome.answers >= KILLS, n=outcome.answers,
        raw={"kills": KILLS, "fell_short": outcome.lost_answers},
    )  # fmt: skip


async def kill_one(cluster: Cluster, victim: Node, outcome: Outcome) -> None:
    """One node dies in the middle of a moderator's admissions and promotions; three of its people come back, two do not."""
    index = cluster.nodes.index(victim)
    async with open_hall(site_of(cluster), locked=True) as hall:
        maya = await hall.owner()
        mona = await hall.guest("mona", "moderator", node=index)
        back = [mona, *[await let_in(hall, maya, name, index) for name in ("iris", "vito")]]
        lost = [await let_in(hall, maya, name, index, reconnects=False) for name in ("dora", "nils")]
        observers = [maya, await let_in(hall, maya, "ora", 1)]
        waiters = [await hall.member(f"waiter{number}", node=number % SURVIVORS) for number in range(WAITERS)]
        await asyncio.gather(*(sees(observer, *back, *lost) for observer in observers), sees_line(mona, *waiters))
        before = {tab: tab.replica.connection_id for tab in back}
        for tab in back:
            tab.url = cluster.nodes[0].url
        answered: list[tuple[str, str]] = []
        deciding = asyncio.create_task(decide(mona, waiters, back[1:], answered))
        await wait_until(lambda: len(answered) >= 2, PATIENCE_S, "the first answers")
        victim.kill()
        killed_at_s = time.monotonic()
        returned_s = asyncio.gather(*(returned_after_s(tab, before[tab], killed_at_s) for tab in back))
        gone_s = await asyncio.gather(*(gone_after_s(seer, ghost, killed_at_s) for seer in observers for ghost in lost))
        outcome.ghosts_s.append(max(gone_s))
        in_time = {tab.participant_id for tab, s in zip(back, await returned_s, strict=True) if s < LEASE_TTL_S}
        outcome.returns += len(in_time)
        outcome.late_returns += len(back) - len(in_time)
        await asyncio.wait_for(deciding, PATIENCE_S)
        # A command of everybody's own passes through the log behind whatever came before.
        await asyncio.gather(*(observer.compare() for observer in observers))
        outcome.false_leaves += sorted({who for seer in observers for who in left(seer) if who in in_time})
        outcome.answers += len(answered)
        outcome.lost_answers += [f"{what} {who}" for what, who in answered if not holds(maya, what, who)]


async def let_in(hall: Hall, maya: RoomClient, name: str, node: int, **options: bool) -> RoomClient:
    """Somebody who comes to the locked room and is admitted by its owner."""
    tab = await hall.member(name, node, **options)
    await sees_line(maya, tab)
    await maya.command("lobby.admit", participant_ids=[tab.participant_id])
    await tab.wait_until(lambda replica: replica.is_inside, what="entry")
    return tab


async def decide(mona: RoomClient, waiters: list[RoomClient], people: list[RoomClient], answered: list[tuple[str, str]]) -> None:
    """Admit one after another and promote people up and down; what was answered goes into `answered`."""
    numbers = count()
    for waiter in waiters:
        await mona.command("lobby.admit", participant_ids=[waiter.participant_id], timeout_s=PATIENCE_S)
        answered.append(("admitted", waiter.participant_id))
        for person in people:
            role = "speaker" if next(numbers) // len(people) % 2 == 0 else "moderator"
            await mona.command("role.change", participant_id=person.participant_id, role=role, timeout_s=PATIENCE_S)
            answered[:] = [(what, who) for what, who in answered if what == "admitted" or who != person.participant_id]
            answered.append((role, person.participant_id))


def holds(tab: RoomClient, what: str, who: str) -> bool:
    row = tab.replica.participants.get(who)
    return row is not None and (what == "admitted" or row["role"] == what)


async def gone_after_s(seer: RoomClient, ghost: RoomClient, killed_at_s: float) -> float:
    await seer.wait_until(lambda replica: ghost.participant_id not in replica.participants, PATIENCE_S, "shorter list")
    return time.monotonic() - killed_at_s


async def returned_after_s(tab: RoomClient, before: str | None, killed_at_s: float) -> float:
    await tab.wait_until(lambda replica: replica.connection_id != before, PATIENCE_S, "new connection")
    return time.monotonic() - killed_at_s
