"""What a node says of itself to whoever looks after it."""

from __future__ import annotations

import json
from typing import Any

from tests.support.nodes import Node
from tests.support.waiting import wait_until
from tests.web.asking import API_KEY, ask, check_problem
from tests.web.tab import make_room, sit_in


async def held_by(node: Node) -> dict[str, Any]:
    answer = await ask(node, "GET", "/v1/node", key=API_KEY)
    assert answer.status == 200, answer.body
    held: dict[str, Any] = json.loads(answer.body)
    return held


async def test_what_a_node_holds_rises_with_a_tab_and_is_nothing_when_it_has_gone(any_node):
    await wait_until(lambda: holds(any_node, connections=0, rooms=0), timeout_s=15, what="an empty node")
    room_id = await make_room(any_node)
    async with sit_in(any_node, room_id, "maya"):
        held = await held_by(any_node)
        assert (held["connections"], held["rooms"]) == (1, 1)
        assert held["tasks"] > 0
    await wait_until(lambda: holds(any_node, connections=0, rooms=0), timeout_s=15, what="the node as it was")


async def test_what_a_node_holds_is_for_those_with_a_key(any_node):
    check_problem(await ask(any_node, "GET", "/v1/node"), 401, "api_key_invalid")


async def holds(node: Node, **wanted: Any) -> bool:
    held = await held_by(node)
    return all(held[name] == value for name, value in wanted.items())
