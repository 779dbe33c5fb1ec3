"""A tenth of a full hall stops reading: each is cut off in time and may come back, the others hardly notice, and the node can
stop."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from client_sim.api import Api
from tests.faults.figures import AddFigure, counts
from tests.faults.listener import Listener, connected_ports, listen
from tests.support.nodes import Cluster, Node

TABS = counts(short=500, long=2_000)
STALLED = TABS // 10
PAIRS = 10
EVENTS = 25  # of one slice
EVERY_S = counts(short=0.04, long=0.12)
CUT_WITHIN_S = 10.0
EXIT_WITHIN_S = 10.0
WORST_RATIO = 1.5
AT_A_TIME = 16
PATIENCE_S = 30.0
LONG_TEXT = "\N{GRINNING FACE}" * 2_000  # 8,000 bytes, so that little of it fills what the kernel takes
# A hall behind one address, and so many at once from one test.
SETTINGS = {"HTTP_PER_S": "100000", "HTTP_BURST": "1000000"}


class Crowd:
    """Tabs in one room of one node, and edits whose way to them is timed."""

    def __init__(self, cluster: Cluster, room_id: str, tokens: list[str]) -> None:
        self.node: Node = cluster.nodes[0]
        self.api = Api(self.node.url, cluster.admin_api_key)
        self.room_id, self.tokens = room_id, tokens
        self.stalling = tokens[:STALLED]  # who stops reading, again and again
        self.healthy: list[Listener] = []
        self._opened: list[Listener] = []
        self._gate = asyncio.Semaphore(AT_A_TIME)
        self._slices = 0

    async def enter(self, tokens: list[str], **options: Any) -> list[Listener]:
        async def one(token: str) -> Listener:
            async with self._gate:
                self._opened.append(tab := await listen(self.node.url, token, **options))
                return tab

        return await asyncio.gather(*map(one, tokens))

    async def stall(self) -> list[Listener]:
        """Tabs that come in and read nothing more."""
        stalled = await self.enter(self.stalling, narrow=True)
        for tab in stalled:
            tab.stop_reading()
        return stalled

    async def close(self) -> None:
        await leave(self._opened)

    async def slice_p99_s(self) -> float:
        """Edit the room `EVENTS` times; how long it took to the healthy tabs, of which one in a hundred took longer."""
        self._slices += 1
        sent_at_s: dict[str, float] = {}
        for number in range(EVENTS):
            title = f"s{self._slices}e{number}"
            sent_at_s[title] = asyncio.get_running_loop().time()
            await self.api.edit_room(self.room_id, title=title, description=LONG_TEXT)
            await asyncio.sleep(EVERY_S)
        await self._all_heard(title)
        taken_s = sorted(at_s - sent_at_s[name] for tab in self.healthy for name, at_s in tab.heard if name in sent_at_s)
        for tab in self.healthy:
            assert [name for name, _ in tab.heard] == list(sent_at_s), "each heard each edit, once and in order"
            tab.heard.clear()
        return taken_s[len(taken_s) * 99 // 100]

    async def _all_heard(self, title: str) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while not all(tab.heard and tab.heard[-1][0] == title for tab in self.healthy):
            assert time.monotonic() < deadline_s, "somebody heard nothing"
            await asyncio.sleep(0.02)

    async def cut_after_s(self, stalled: list[Listener], stopped_at_s: float) -> list[float]:
        """When each of them was cut off, while the room goes on; infinity for whoever never was."""
        waiting, cut_s = {tab.port for tab in stalled}, []
        number = 0
        while waiting and time.monotonic() - stopped_at_s < PATIENCE_S:
            number += 1
            await self.api.edit_room(self.room_id, title=f"c{number}", description=LONG_TEXT)
            gone = waiting - connected_ports(self.node.port)
            cut_s += [time.monotonic() - stopped_at_s] * len(gone)
            waiting -= gone
            await asyncio.sleep(EVERY_S)
        await self._all_heard(f"c{number}")
        for tab in self.healthy:
            tab.heard.clear()
        return cut_s + [float("inf")] * len(waiting)


@pytest.mark.timeout(counts(short=170, long=900))
async def test_those_who_read_hardly_notice_those_who_do_not(redis_url, figure: AddFigure):
    async with Cluster(redis_url, **SETTINGS) as cluster:
        await cluster.add_node()
        async with full_hall(cluster) as crowd:
            pairs = [await measure_pair(crowd, quiet_first=number % 2 == 0) for number in range(PAIRS)]
            cut_s, back = await cut_and_back(crowd)
            stopping = await stop_the_node(crowd)
    add_cuts(figure, cut_s, back)
    add_ratio(figure, pairs)
    holds = stopping["exit_s"] <= EXIT_WITHIN_S and stopping["exit_code"] == 0 and stopping["goodbyes"] == stopping["healthy"]
    must = f"<= {EXIT_WITHIN_S:g}, with status 0 and a goodbye for each who reads"
    figure("stalled_exit_s", round(stopping["exit_s"], 2), unit="s", must=must, holds=holds, raw=stopping)


@asynccontextmanager
async def full_hall(cluster: Cluster) -> AsyncIterator[Crowd]:
    api, gate = Api(cluster.nodes[0].url, cluster.admin_api_key), asyncio.Semaphore(AT_A_TIME)
    room_id = (await api.create_room(title="Hall"))["room_id"]

    async def token(number: int) -> str:
        async with gate:
            return str((await api.demo_sign_in(room_id, f"p{number}", f"P {number}"))["session_token"])

    crowd = Crowd(cluster, room_id, await asyncio.gather(*map(token, range(TABS))))
    try:
        crowd.healthy = await crowd.enter(crowd.tokens[STALLED:])
        yield crowd
    finally:
        await crowd.close()


async def measure_pair(crowd: Crowd, *, quiet_first: bool) -> tuple[float, float]:
    """The p99 without and with tabs that do not read, one after the other."""
    quiet_s = await crowd.slice_p99_s() if quiet_first else 0.0
    stalled = await crowd.stall()
    loud_s = await crowd.slice_p99_s()
    await leave(stalled)
    return quiet_s or await crowd.slice_p99_s(), loud_s


async def cut_and_back(crowd: Crowd) -> tuple[list[float], int]:
    """When each was cut off, and how many came back to where they were."""
    stalled = await crowd.stall()
    cut_s = await crowd.cut_after_s(stalled, time.monotonic())
    positions = [tab.welcome.result()["position"] for tab in stalled]
    await leave(stalled)
    pairs = zip(crowd.stalling, positions, strict=True)
    back = [tab for tab in await asyncio.gather(*(comes_back(crowd, token, at) for token, at in pairs)) if tab]
    await leave(back)
    return cut_s, len(back)


async def comes_back(crowd: Crowd, token: str, position: dict[str, Any]) -> Listener | None:
    """The tab again, from where it was; None where it was not let in or has neither what it missed nor the room whole."""
    try:
        (tab,) = await crowd.enter([token], resume=position)
    except (ConnectionError, TimeoutError):
        return None
    welcome = tab.welcome.result()
    return tab if welcome["resumed"] or welcome["snapshot"] else None


async def stop_the_node(crowd: Crowd) -> dict[str, Any]:
    """SIGTERM, while tabs are there that do not read."""
    await crowd.stall()
    await crowd.slice_p99_s()
    began_s = time.monotonic()
    exit_code = await crowd.node.terminate()
    exit_s = time.monotonic() - began_s
    goodbyes = sum(tab.bye is not None for tab in crowd.healthy)
    return {
        "exit_s": exit_s, "exit_code": exit_code, "goodbyes": goodbyes, "healthy": len(crowd.healthy), "stalled": STALLED
    }  # fmt: skip


async def leave(tabs: list[Listener]) -> None:
    for tab in tabs:
        tab.abort()
    await asyncio.gather(*(tab.lost.wait() for tab in tabs))


def add_cuts(figure: AddFigure, cut_s: list[float], back: int) -> None:
    late = [round(s, 1) for s in cut_s if s > CUT_WITHIN_S]
    raw = {"median_s": round(statistics.median(cut_s), 2), "of": TABS, "fell_short": late[:10]}
    figure("stalled_cut_after_s", round(max(cut_s), 2), unit="s", must=f"<= {CUT_WITHIN_S:g}", holds=not late, n=STALLED, raw=raw)
    lost = STALLED - back
    figure("stalled_not_back", lost, unit="tabs", must="== 0", holds=not lost, n=STALLED, raw={"back": back})


def add_ratio(figure: AddFigure, pairs: list[tuple[float, float]]) -> None:
    ratios = [loud_s / quiet_s for quiet_s, loud_s in pairs]
    ratio = statistics.median(ratios)
    raw = {
        "tabs": TABS, "stalled": STALLED, "events_a_slice": EVENTS, "ratios": [round(one, 2) for one in ratios],
        "p99_ms_without": round(statistics.median(quiet_s for quiet_s, _ in pairs) * 1000, 1),
        "p99_ms_with": round(statistics.median(loud_s for _, loud_s in pairs) * 1000, 1),
    }  # fmt: skip
    figure(
        "stalled_others_p99_ratio", round(ratio, 2), unit="of the p99 without them", must=f"<= {WORST_RATIO}",
        holds=ratio <= WORST_RATIO, n=PAIRS, raw=raw,
    )  # fmt: skip
