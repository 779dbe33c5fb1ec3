"""The story that `make demo` tells, and a small audience, as programs run them: every figure is there and holds."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.timed

STEPS = {
    "room", "manager_inside", "invitation", "link_look", "claim", "other_device", "device_move", "lobby", "countdown", "entry",
    "lock", "promotion", "promotion_to_ack_ms", "demotion", "hands", "remove_and_ban", "suggest", "mail", "reminder", "bulk",
    "domain", "guest", "reconnect", "replicas", "capacity", "host_absence", "reopen", "end",
}
ACROSS_NODES = {"promotion_across_nodes", "promotion_across_nodes_to_ack_ms"}


async def figures_of(*arguments: str, environ: dict[str, str]) -> tuple[int, list[dict[str, Any]]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "client_sim", *arguments, "--json",
        env={**os.environ, **environ}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    if process.returncode:
        print(out.decode()[-4000:], errors.decode()[-4000:])
    assert process.returncode is not None
    return process.returncode, [json.loads(line) for line in out.decode().splitlines()]


@pytest.mark.timeout(90)
async def test_the_story_holds_on_one_node_with_its_store_inside():
    status, lines = await figures_of("story", environ={"REDIS_URL": ""})
    assert status == 0
    assert {line["figure"] for line in lines[:-1]} == {f"story.{step}" for step in STEPS}
    assert lines[-1] == {"holds": True, "figures": len(STEPS)}


@pytest.mark.timeout(90)
async def test_the_story_holds_across_two_nodes_on_a_real_server(redis_url):
    status, lines = await figures_of("story", environ={"REDIS_URL": redis_url})
    assert status == 0
    assert {line["figure"] for line in lines[:-1]} == {f"story.{step}" for step in STEPS | ACROSS_NODES}
    assert lines[-1]["holds"]


@pytest.mark.timeout(90)
async def test_a_small_audience_loses_doubles_and_reorders_nothing(redis_url):
    arguments = ("audience", "--rooms", "3", "--people", "45", "--seconds", "5")
    status, lines = await figures_of(*arguments, environ={"REDIS_URL": redis_url})
    by_name = {line["figure"]: line["value"] for line in lines[:-1]}
    assert status == 0
    assert by_name["audience.deliveries"] > 500
    assert [by_name[f"audience.{name}"] for name in ("lost", "duplicated", "reordered", "replicas_unequal")] == [0, 0, 0, 0]
