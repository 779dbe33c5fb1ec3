"""A node that is stopped: everybody hears so, however little time there is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from server.app import GOODBYES_AT_ONCE, Node
from server.domain.refusals import ShuttingDown
from server.settings import load_settings
from server.store.store import Store


@pytest.mark.parametrize("drain_ms", ["0", "400"])
async def test_everybody_is_told_that_the_node_is_stopped(drain_ms, monkeypatch):
    settings = load_settings({"DRAIN_MS": drain_ms})
    node = Node(settings, Store(settings))
    told: list[object] = []
    tabs = [SimpleNamespace(end=told.append) for _ in range(2 * GOODBYES_AT_ONCE + 1)]
    monkeypatch.setattr(node.hub, "all_connections", lambda: tabs)
    await node.drain()
    assert {type(refusal) for refusal in told} == {ShuttingDown}
    assert len(told) == len(tabs)
    await node.services.store.close()
