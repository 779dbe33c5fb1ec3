"""Several nodes from one command: what they share, what is refused, and that one that dies comes back."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from client_sim import Api
from server.launcher import environ_for
from server.settings import SettingsError
from tests.support.ports import free_port
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[1]
REDIS = {"REDIS_URL": "redis://localhost"}


def test_several_nodes_refuse_a_store_that_lives_in_one_process():
    with pytest.raises(SettingsError, match="NODES"):
        environ_for({}, 2)


@pytest.mark.parametrize("port", ["banana", "65535", "-1", "70000"])
def test_ports_that_there_are_not_refuse_to_start(port):
    with pytest.raises(SettingsError, match="PORT"):
        environ_for({**REDIS, "PORT": port}, 2)


def test_nodes_share_keys_that_are_made_up_where_none_are_given():
    shared = environ_for({**REDIS, "PORT": "9000"}, 3)
    assert {name for name in ("SESSION_KEYS", "LINK_KEYS", "ADMIN_API_KEYS") if shared[name]} == {
        "SESSION_KEYS", "LINK_KEYS", "ADMIN_API_KEYS",
    }
    assert environ_for({**REDIS, "PORT": "9000"}, 3)["SESSION_KEYS"] != shared["SESSION_KEYS"]


def test_links_name_one_address_and_pages_of_every_node_may_connect():
    shared = environ_for({**REDIS, "PORT": "9000"}, 2)
    assert shared["PUBLIC_URL"] == "http://localhost:9000"
    allowed = set(shared["ALLOWED_ORIGINS"].split(","))
    assert {"http://localhost:9000", "http://localhost:9001", "http://127.0.0.1:9001"} <= allowed


def test_settings_that_were_given_are_kept():
    given = {"PUBLIC_URL": "https://rooms.example.org", "LINK_KEYS": "k1:" + "0123456789abcdef" * 2}
    shared = environ_for({**REDIS, **given}, 2)
    assert {name: shared[name] for name in given} == given


@pytest.mark.parametrize("nodes", ["0", "two", "-1", "65", "1.5"])
async def test_a_number_of_nodes_that_makes_no_sense_refuses_to_start(nodes):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.launcher", env={**os.environ, "NODES": nodes}, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert b"NODES" in errors


def children_of(process: asyncio.subprocess.Process) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


@pytest.mark.faults
@pytest.mark.skipif(sys.platform != "linux", reason="finds the nodes through /proc")
async def test_a_node_that_is_killed_is_started_again_and_all_end_with_the_launcher(redis_url):
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.launcher", cwd=ROOT, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "NODES": "2", "PORT": str(port), "REDIS_URL": redis_url},
    )
    nodes = [Api(f"http://127.0.0.1:{port + index}") for index in range(2)]
    try:
        for node in nodes:
            await wait_until(node.is_ready, timeout_s=20, what="node ready")
        victim = children_of(process)[0]
        os.kill(victim, signal.SIGKILL)
        await wait_until(lambda: victim not in children_of(process), timeout_s=10, what="killed node gone")
        for node in nodes:
            await wait_until(node.is_ready, timeout_s=20, what="node back")
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 20)
    assert not any([await node.is_ready() for node in nodes])


def _alive(process: asyncio.subprocess.Process) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
