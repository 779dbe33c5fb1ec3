"""Fifty devices claim one link at once, on three nodes, while the store fails over: one of them has it."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from client_sim.api import Api, Link
from client_sim.device import Device
from client_sim.refused import Refused, Unanswered
from tests.faults.breaking import site_of
from tests.faults.failing_over import AGAIN, SETTINGS
from tests.faults.figures import LONG, AddFigure, counts
from tests.stories.hall import Hall, email_of, open_hall
from tests.support.nodes import Cluster
from tests.support.replicated import SentinelGroup
from tests.support.waiting import wait_until

LINKS = counts(short=200, long=2_000)
LINKS_PER_FAILOVER = 200
CLAIMS = 50
NODES = 3
PAUSE_S = 0.2
BACK_S = 40


class Race:
    """`told`: what the claims were told. `winners`: of each link, the devices that it was given to."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._devices = [Device() for _ in range(CLAIMS)]
        self.told: Counter[str] = Counter()
        self.winners: dict[str, dict[int, str]] = {}

    async def run(self, name: str) -> None:
        """Invite somebody, and have every device claim the link at once, until each has a yes or a no."""
        link = await self._until_answered(0, lambda _: self._hall.invite(name))
        looked = await self._until_answered(0, lambda api: api.look(link))
        outcomes = await asyncio.gather(*(self._claim(name, link, looked["nonce"], number) for number in range(CLAIMS)))
        self.winners[name] = {number: won for number, won in enumerate(outcomes) if won is not None}

    async def still_won(self, name: str) -> bool:
        """Whether the link is still that device's, and theirs who they were then; to another device it says no."""
        (number, participant_id), = self.winners[name].items()
        link, other = self._hall.links[name], (number + 1) % CLAIMS
        looked = await self._until_answered(0, lambda api: api.look(link))
        again = await self._claim(name, link, looked["nonce"], number)
        return again == participant_id and await self._claim(name, link, looked["nonce"], other) is None

    async def _claim(self, name: str, link: Link, nonce: str, number: int) -> str | None:
        """The participant that this device is by the link; None where it is another device's."""
        device = self._devices[number]
        row = await self._until_answered(number, lambda api: api.claim(link, nonce, email_of(name), device))
        return str(row["participant_id"]) if row else None

    async def _until_answered(self, node: int, ask: Callable[[Api], Awaitable[Any]]) -> Any:
        """The answer, on one node after another; None where the link is another device's."""
        for number in itertools.count(node):
            try:
                answer = await ask(self._hall.api(number))
                self.told["done"] += 1
                return answer
            except (Refused, Unanswered, OSError, TimeoutError) as error:
                code = error.code if isinstance(error, Refused) else "unanswered"
                self.told[code] += 1
                if code == "invite_used":
                    return None
                if code not in AGAIN:
                    raise
            await asyncio.sleep(PAUSE_S)  # how fast they try again


@pytest.mark.timeout(counts(short=400, long=3000))
async def test_each_link_has_exactly_one_winner(figure: AddFigure):
    group, failovers = SentinelGroup(is_quick=not LONG), 0
    async with group, Cluster(group.url, **SETTINGS) as cluster:
        await asyncio.gather(*(cluster.add_node() for _ in range(NODES)))
        async with open_hall(site_of(cluster), checks=False) as hall:
            race = Race(hall)
            for first in range(0, LINKS, LINKS_PER_FAILOVER):
                names = [f"invitee{number}" for number in range(first, min(first + LINKS_PER_FAILOVER, LINKS))]
                middle = len(names) // 2
                await run_all(race, names[:middle])
                # The old master takes writes for a while beside the new one.
                relieving = asyncio.create_task(group.ask_for_failover())
                await run_all(race, names[middle:])
                await relieving
                failovers += 1
                await wait_until(group.is_whole, BACK_S, "the whole group")
            wrong = [name for name, winners in race.winners.items() if len(winners) != 1]
            lost = [name for name in race.winners if name not in wrong and not await race.still_won(name)]
    raw = {"claims": LINKS * CLAIMS, "failovers": failovers, "told": dict(race.told), "fell_short": [*wrong, *lost][:5]}
    right = LINKS - len(wrong) - len(lost)
    figure("one_link_winners", right, unit="links with one winner", must=f"== {LINKS}", holds=right == LINKS, n=LINKS, raw=raw)


async def run_all(race: Race, names: list[str]) -> None:
    for name in names:
        await race.run(name)
