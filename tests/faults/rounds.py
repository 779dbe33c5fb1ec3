"""Rounds of one fault in a room where somebody is always doing something: what fell short of the promise, in words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from client_sim.client import RoomClient
from client_sim.refused import Unanswered
from client_sim.replica import Replica
from tests.faults.breaking import proxied, site_of, tried
from tests.stories.hall import Hall, left, open_hall, sees, sees_line, told
from tests.support.nodes import Cluster, http_status
from tests.support.ports import HOST
from tests.support.proxy import TcpProxy
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until

NODES = 2
LEASE_TTL_S = 4.0  # the default
# After that whoever was to be swept is.
SWEPT_BY_S = LEASE_TTL_S + 2.0
STARVED_WITHIN_S = 4.0
PATIENCE_S = 30.0
# A use case asks Redis a few times, each time for three seconds at most, and one that stands still freezes the node before that.
ANSWERED_WITHIN_S = 10.0
EDIT_EVERY_S = 0.1
# A machine on which nobody runs for so long cannot notice anything in time; such a round is said, and done again.
STARVED_CORE_S = 0.5
PULSE_S = 0.02


@dataclass
class Outcome:
    """What came of all rounds. `acknowledged`: the number of the last edit that was answered with yes."""

    fell_short: list[str] = field(default_factory=list)
    detected_s: list[float] = field(default_factory=list)
    back_s: list[float] = field(default_factory=list)
    answered_s: float = 0.0  # the longest that anybody waited for an answer, yes or no
    acknowledged: int = 0
    refused: int = 0
    starved_cores: int = 0

    def raw(self) -> dict[str, Any]:
        return {
            "starved_cores": self.starved_cores,
            "worst_detected_s": round(max(self.detected_s, default=0.0), 2),
            "worst_back_s": round(max(self.back_s), 2),
            "worst_answered_s": round(self.answered_s, 2),
            "acknowledged": self.acknowledged,
            "refused": self.refused,
            "fell_short": self.fell_short[:10],
        }


Act = Callable[["Scene"], Awaitable[object]]


class Scene:
    """A locked room over two nodes at their default lease: its owner and a viewer inside, somebody in the line, and edits all the
    time. `proxies`: each node's way to Redis."""

    def __init__(self, redis: RedisServer, cluster: Cluster, proxies: list[TcpProxy], hall: Hall) -> None:
        self.redis, self.cluster, self.proxies, self.hall = redis, cluster, proxies, hall
        self.outcome = Outcome()
        self._edits = 0
        self._stopping = False
        self._slept_s = 0.0

    async def fill(self) -> None:
        self.maya, self.iris = await self.hall.owner(), await self.hall.member("iris", node=1)
        await sees(self.maya, self.iris)
        await self.maya.command("room.lock")
        self.vito = await self.hall.member("vito", node=1)
        await sees_line(self.maya, self.vito)

    @property
    def inside(self) -> list[RoomClient]:
        return [self.maya, self.iris]

    # ── What goes on all the time ────────────────────────────────────────────────────────────────────────────────────

    async def edit(self) -> None:
        """Change the room's title to one number after another, as fast as a person may."""
        while not self._stopping:
            self._edits += 1
            asked_s = time.monotonic()
            try:
                outcome = await tried(self.maya, "room.edit", title=str(self._edits), timeout_s=PATIENCE_S)
            except Unanswered:
                self.outcome.fell_short.append(f"edit {self._edits} had no answer at all")
                return
            self.outcome.answered_s = max(self.outcome.answered_s, time.monotonic() - asked_s)
            if outcome == "done":
                self.outcome.acknowledged = self._edits
            else:
                self.outcome.refused += 1
            await asyncio.sleep(EDIT_EVERY_S)

    async def edits_go_on(self, how_many: int = 3) -> None:
        """Wait until so many more were answered with yes."""
        upto = self.outcome.acknowledged + how_many
        await wait_until(lambda: self.outcome.acknowledged >= upto, PATIENCE_S, "edits")

    async def feel_the_pulse(self) -> None:
        """Note for how long this process did not run."""
        clock = asyncio.get_running_loop().time
        while True:
            before_s = clock()
            await asyncio.sleep(PULSE_S)
            self._slept_s = max(self._slept_s, clock() - before_s)

    # ── One round ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def play(self, rounds: int, breaks: Act, heals: Act, *, starves: bool) -> None:
        """So many rounds, and as many more at most where the machine stood still."""
        done = 0
        while done < rounds and self.outcome.starved_cores <= rounds:
            before, answered_s = len(self.outcome.fell_short), self.outcome.answered_s
            self._slept_s = 0.0
            detected_s, back_s = await self._round(breaks, heals, starves)
            if len(self.outcome.fell_short) > before and self._slept_s > STARVED_CORE_S:
                del self.outcome.fell_short[before:]
                self.outcome.answered_s = answered_s
                self.outcome.starved_cores += 1
                continue
            self.outcome.detected_s += detected_s
            self.outcome.back_s.append(back_s)
            done += 1
        assert done == rounds, f"{done} rounds were counted: {self.outcome}"

    async def _round(self, breaks: Act, heals: Act, starves: bool) -> tuple[list[float], float]:
        """How long it took until it was noticed, where it is to be, and until everything went on."""
        detected_s: list[float] = []
        began_s = time.monotonic()
        try:
            await breaks(self)
            if starves:
                await self._all_notice()
                detected_s.append(time.monotonic() - began_s)
        except (AssertionError, TimeoutError) as error:
            self.outcome.fell_short.append(f"while it lasted: {error}")
        if detected_s and detected_s[0] > STARVED_WITHIN_S:
            self.outcome.fell_short.append(f"noticed only after {detected_s[0]:.2f} s")
        healing_s = time.monotonic()
        await heals(self)
        try:
            await self._goes_on()
        except (AssertionError, TimeoutError) as error:
            self.outcome.fell_short.append(f"it did not go on: {error}")
        return detected_s, time.monotonic() - healing_s

    async def _all_notice(self) -> None:
        """Tabs are told that what they see may be old, and health says so too."""
        await asyncio.gather(*(self._is_told_stale(tab) for tab in (*self.inside, self.vito)), self._is_not_ready())

    async def _goes_on(self) -> None:
        """Tabs are told, edits are answered, and everybody hears them."""
        await asyncio.gather(*(self._is_told_fresh(tab) for tab in (*self.inside, self.vito)))
        await self.edits_go_on()
        upto = self.outcome.acknowledged
        await asyncio.gather(*(self._hears_edit(tab, upto) for tab in self.inside))
        await wait_until(self._is_ready, PATIENCE_S, "readiness")

    async def finish(self) -> None:
        """Wait until whoever was to be swept is, and judge what everybody was told."""
        self._stopping = True
        await asyncio.sleep(SWEPT_BY_S)  # nothing tells when a sweep did not happen
        for tab in self.inside:
            self.outcome.fell_short += [f"{tab.history.who} was told that {who} left" for who in left(tab)]
            self.outcome.fell_short += [f"{tab.history.who} heard of another epoch's line" for _ in told(tab, "waiters.removed")]
        try:
            await sees_line(self.maya, self.vito)
            await self.hall.check()
        except (AssertionError, TimeoutError) as error:
            self.outcome.fell_short.append(f"a silent gap: {error}"[:300])
        if self.outcome.answered_s > ANSWERED_WITHIN_S:
            self.outcome.fell_short.append(f"a command was answered after {self.outcome.answered_s:.1f} s")
        title = int(self.maya.replica.room["title"]) if self.maya.replica.room else 0
        if title < self.outcome.acknowledged:
            self.outcome.fell_short.append(f"edit {self.outcome.acknowledged} was answered, and the room shows {title}")

    async def _is_told_stale(self, tab: RoomClient) -> None:
        await tab.wait_until(lambda replica: replica.stale, PATIENCE_S, "word that it is stale")

    async def _is_told_fresh(self, tab: RoomClient) -> None:
        await tab.wait_until(lambda replica: not replica.stale and tab.is_connected, PATIENCE_S, "word that it is true again")

    async def _hears_edit(self, tab: RoomClient, number: int) -> None:
        await tab.wait_until(lambda replica: _edit_of(replica) >= number, PATIENCE_S, f"edit {number}")

    async def _is_not_ready(self) -> None:
        await wait_until(lambda: self._all_say(503), PATIENCE_S, "unreadiness")

    async def _is_ready(self) -> bool:
        return await self._all_say(200)

    async def _all_say(self, status: int) -> bool:
        said = await asyncio.gather(*(http_status(node.port, "/readyz") for node in self.cluster.nodes))
        return set(said) == {status}


def _edit_of(replica: Replica) -> int:
    return int(replica.room["title"]) if replica.room else 0


@asynccontextmanager
async def open_scene(redis: RedisServer, *, through_proxies: bool) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(TcpProxy(HOST, redis.port)) for _ in range(NODES) if through_proxies]
        cluster = await stack.enter_async_context(Cluster(redis.url))
        ways = [proxied(proxy) for proxy in proxies] or [{}] * NODES
        await asyncio.gather(*(cluster.add_node(**way) for way in ways))
        hall = await stack.enter_async_context(open_hall(site_of(cluster), checks=False, title="0"))
        scene = Scene(redis, cluster, proxies, hall)
        await scene.fill()
        tasks = [asyncio.create_task(scene.edit()), asyncio.create_task(scene.feel_the_pulse())]
        try:
            await scene.edits_go_on()
            yield scene
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
