"""Instants from outside: thirteen digits at most, at every door where one can be named."""

from __future__ import annotations

import json

import pytest

from tests.web.asking import API_KEY, ask, check_problem
from tests.web.tab import make_room, sit_in

FARTHEST_MS = 9_999_999_999_999


async def start_of(node, room_id: str) -> int | None:
    start: int | None = json.loads((await ask(node, "GET", f"/v1/rooms/{room_id}", key=API_KEY)).body)["starts_at_ms"]
    return start


async def test_a_room_may_start_and_end_as_far_away_as_an_instant_can_be_named(any_node):
    body = {"title": "T", "starts_at_ms": FARTHEST_MS - 1, "ends_at_ms": FARTHEST_MS}
    made = json.loads((await ask(any_node, "POST", "/v1/rooms", body, key=API_KEY)).body)
    assert (made["starts_at_ms"], made["ends_at_ms"]) == (FARTHEST_MS - 1, FARTHEST_MS)
    as_far = {"starts_at_ms": FARTHEST_MS, "ends_at_ms": None}
    moved = await ask(any_node, "PATCH", f"/v1/rooms/{made['room_id']}", as_far, key=API_KEY)
    assert json.loads(moved.body)["starts_at_ms"] == FARTHEST_MS


@pytest.mark.parametrize("field", ["starts_at_ms", "ends_at_ms"])
async def test_a_room_for_one_millisecond_later_is_refused(node, field):
    body = {"title": "T", "starts_at_ms": 1, field: FARTHEST_MS + 1}
    check_problem(await ask(node, "POST", "/v1/rooms", body, key=API_KEY), 400, "bad_message")


async def test_a_room_is_not_moved_one_millisecond_farther(node):
    room_id = await make_room(node, starts_at_ms=FARTHEST_MS)
    answer = await ask(node, "PATCH", f"/v1/rooms/{room_id}", {"starts_at_ms": FARTHEST_MS + 1}, key=API_KEY)
    check_problem(answer, 400, "bad_message")
    assert await start_of(node, room_id) == FARTHEST_MS


async def test_a_manager_moves_it_as_far_and_not_one_millisecond_farther(any_node):
    room_id = await make_room(any_node, starts_at_ms=FARTHEST_MS - 1)
    async with sit_in(any_node, room_id, "maya") as maya:
        assert (await maya.command("room.edit", starts_at_ms=FARTHEST_MS))["type"] == "result"
        assert (await maya.command("room.edit", starts_at_ms=FARTHEST_MS + 1))["code"] == "bad_message"
        assert (await maya.room_whole())["room"]["starts_at_ms"] == FARTHEST_MS
