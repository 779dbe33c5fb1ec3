"""Redis restarts, dies, stands still, is out of reach or full, again and again: no silent gap, nobody is said to have left, and
where nodes cannot work their tabs and their health say so in time."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass

import pytest

from client_sim.client import RoomClient
from tests.faults.breaking import site_of
from tests.faults.figures import AddFigure, counts
from tests.faults.rounds import Act, Outcome, Scene, open_scene
from tests.stories.hall import Hall, ended_with, left, open_hall, sees
from tests.support.nodes import Cluster
from tests.support.proxy import Way
from tests.support.redis_server import RedisServer

ROUNDS = counts(short=3, long=30)
TIMEOUT_S = counts(short=100, long=1_400)
TIMES = 5  # what is over in a moment happens so often in a round
DELAY_MS = 150  # each way
SHORTEST_ANSWER_BYTES, LONGEST_ANSWER_BYTES = 0, 3_000


async def nothing(scene: Scene) -> None:
    """It is over by itself."""


@dataclass(frozen=True)
class Fault:
    """`breaks` begins it and `heals` ends it. `starves`: while it lasts nodes cannot work. `keeps`: what Redis has answered is on
    disk. `on_the_way`: the nodes reach Redis through proxies."""

    breaks: Act
    heals: Act = nothing
    starves: bool = False
    keeps: bool = False
    on_the_way: bool = False


# ── Redis ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def restart(scene: Scene) -> None:
    await asyncio.to_thread(scene.redis.restart)


async def kill(scene: Scene) -> None:
    await asyncio.to_thread(scene.redis.kill)


async def stop(scene: Scene) -> None:
    scene.redis.stop()


async def go_on(scene: Scene) -> None:
    scene.redis.cont()


async def say(scene: Scene, *words: str) -> None:
    await asyncio.to_thread(scene.redis.command, *words)


async def cut_connections(scene: Scene) -> None:
    for _ in range(TIMES):
        await say(scene, "CLIENT", "KILL", "TYPE", "normal")
        await scene.edits_go_on(1)


async def flush_scripts(scene: Scene) -> None:
    for _ in range(TIMES):
        await say(scene, "SCRIPT", "FLUSH")
        await scene.edits_go_on(1)


async def fill_up(scene: Scene) -> None:
    await say(scene, "CONFIG", "SET", "maxmemory", "1")


async def make_space(scene: Scene) -> None:
    await say(scene, "CONFIG", "SET", "maxmemory", "0")


# ── The way to it ────────────────────────────────────────────────────────────────────────────────────────────────────


async def swallow(scene: Scene) -> None:
    for proxy in scene.proxies:
        proxy.black_hole()


async def refuse(scene: Scene) -> None:
    for proxy in scene.proxies:
        await proxy.refuse()
        proxy.reset_all()


async def delay(scene: Scene) -> None:
    for proxy in scene.proxies:
        proxy.delay(DELAY_MS)
    await scene.edits_go_on(TIMES)


async def cut_answers(scene: Scene) -> None:
    for _ in range(TIMES):
        for proxy in scene.proxies:
            proxy.cut_after(random.randint(SHORTEST_ANSWER_BYTES, LONGEST_ANSWER_BYTES), Way.REPLIES)
        await scene.edits_go_on(2)


async def half_close(scene: Scene) -> None:
    for way in Way:
        for proxy in scene.proxies:
            proxy.half_close(way)
        await scene.edits_go_on(2)


async def heal(scene: Scene) -> None:
    for proxy in scene.proxies:
        await proxy.heal()


FAULTS = {
    "restarted": Fault(restart, keeps=True),
    "killed": Fault(kill, restart, starves=True, keeps=True),
    "stopped": Fault(stop, go_on, starves=True),
    "connections_cut": Fault(cut_connections),
    "scripts_flushed": Fault(flush_scripts),
    "silent": Fault(swallow, heal, starves=True, on_the_way=True),
    "full": Fault(fill_up, make_space, starves=True),
    "far": Fault(delay, heal, on_the_way=True),
    "answer_cut": Fault(cut_answers, heal, on_the_way=True),
    "half_closed": Fault(half_close, heal, on_the_way=True),
    "refuses": Fault(refuse, heal, starves=True, on_the_way=True),
}


@pytest.mark.timeout(TIMEOUT_S)
@pytest.mark.parametrize("name", FAULTS)
async def test_no_gap_is_silent_and_nobody_leaves_however_often(name, figure: AddFigure):
    fault = FAULTS[name]
    with RedisServer(appendonly=fault.keeps) as redis:
        async with open_scene(redis, through_proxies=fault.on_the_way) as scene:
            await scene.play(ROUNDS, fault.breaks, fault.heals, starves=fault.starves)
            await scene.finish()
    add(figure, name, scene.outcome)


@pytest.mark.timeout(TIMEOUT_S)
async def test_a_redis_that_comes_back_empty_is_said_to_every_tab_however_often(figure: AddFigure):
    outcome = Outcome()
    with RedisServer() as redis:
        async with Cluster(redis.url) as cluster:
            await asyncio.gather(*(cluster.add_node() for _ in range(2)))
            for _ in range(ROUNDS):
                async with open_hall(site_of(cluster), checks=False) as hall:
                    tabs = await everybody_in_and_before(hall)
                    began_s = time.monotonic()
                    await asyncio.to_thread(redis.restart, keep_data=False)
                    codes = await asyncio.gather(*(ended_with(tab) for tab in tabs), return_exceptions=True)
                    outcome.back_s.append(time.monotonic() - began_s)
                    outcome.fell_short += [f"a tab was told {code!r}" for code in codes if code != "room_unknown"]
                    outcome.fell_short += [f"{tab.history.who} was told that {who} left" for tab in tabs for who in left(tab)]
    add(figure, "emptied", outcome)


def add(figure: AddFigure, name: str, outcome: Outcome) -> None:
    short = len(outcome.fell_short)
    figure(f"redis_{name}_fell_short", short, unit="", must="== 0", holds=not short, n=ROUNDS, raw=outcome.raw())


async def everybody_in_and_before(hall: Hall) -> list[RoomClient]:
    """A manager, a viewer on the other node, and somebody in the line."""
    maya, iris = await hall.owner(), await hall.member("iris", node=1)
    await sees(maya, iris)
    await maya.command("room.lock")
    return [maya, iris, await hall.member("vito", node=1)]
