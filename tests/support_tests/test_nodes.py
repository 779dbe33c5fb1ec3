"""Nodes as processes, tried with a small program in the server's place."""

import asyncio
import sys

import pytest

from tests.support.nodes import Cluster, http_status
from tests.support.ports import free_port
from tests.support.waiting import wait_until

STAND_IN = """
import http.server, json, os, sys
if os.environ.get("BREAK") == "at_start":
    sys.exit("broken")
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/bug":
            print("Traceback (most recent call last):", flush=True)
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args): pass
print(json.dumps(dict(os.environ)), flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""
COMMAND = (sys.executable, "-c", STAND_IN)


def stand_ins(redis_url: str | None = None, **options) -> Cluster:
    return Cluster(redis_url, command=COMMAND, **options)


async def test_nodes_share_the_store_and_the_keys_and_have_ports_and_names_of_their_own():
    async with stand_ins("redis://localhost:1") as cluster:
        first, second = await cluster.add_node(), await cluster.add_node(DRAIN_MS="1")
        assert first.port != second.port
        assert '"REDIS_URL": "redis://localhost:1"' in first.output()
        assert f'"SESSION_KEYS": "{cluster.session_keys}"' in second.output()
        assert '"NODE_ID": "node1"' in first.output()
        assert '"NODE_ID": "node2"' in second.output()
        assert '"DRAIN_MS": "1"' in second.output()
        assert '"DRAIN_MS"' not in first.output()


async def test_the_callers_own_settings_do_not_reach_a_node(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    async with stand_ins() as cluster:
        node = await cluster.add_node()
        assert "elsewhere" not in node.output()


async def test_a_killed_node_is_gone_and_comes_back_on_its_port():
    async with stand_ins() as cluster:
        node = await cluster.add_node()
        node.kill()
        assert await http_status(node.port, "/readyz") is None
        await node.restart()
        assert await http_status(node.port, "/readyz") == 200


async def test_a_paused_node_answers_only_after_it_is_resumed():
    async with stand_ins() as cluster:
        node = await cluster.add_node()
        node.pause()
        answer = asyncio.create_task(http_status(node.port, "/readyz"))
        done, _ = await asyncio.wait([answer], timeout=0.1)
        assert not done
        node.resume()
        assert await answer == 200


async def test_leaving_ends_every_node_even_a_paused_one():
    async with stand_ins() as cluster:
        running, paused = await cluster.add_node(), await cluster.add_node()
        paused.pause()
    assert not running.is_running
    assert not paused.is_running


async def test_a_node_that_ends_at_once_fails_with_its_log():
    async with stand_ins() as cluster:
        with pytest.raises(AssertionError, match="broken"):
            await cluster.add_node(BREAK="at_start")


async def test_a_taken_port_is_exchanged_for_another(monkeypatch):
    async with stand_ins() as cluster:
        first = await cluster.add_node()
        ports = iter([first.port, free_port()])
        monkeypatch.setattr("tests.support.nodes.free_port", lambda: next(ports))
        second = await cluster.add_node()
        assert second.port != first.port


async def test_a_traceback_in_a_nodes_log_fails_the_test_that_made_it():
    cluster = stand_ins()
    node = await cluster.add_node()
    await http_status(node.port, "/bug")
    await wait_until(node.tracebacks)
    with pytest.raises(AssertionError, match="logged a traceback"):
        await cluster.__aexit__(None, None, None)


async def test_a_traceback_may_be_allowed():
    async with stand_ins(allow_tracebacks=True) as cluster:
        node = await cluster.add_node()
        await http_status(node.port, "/bug")
        await wait_until(node.tracebacks)
