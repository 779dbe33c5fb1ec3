"""The page of a room on the site: what is announced, to whom the site has signed in, without making anybody a person of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from client_sim.api import Api
from tests.support.nodes import Node
from tests.web.asking import API_KEY, ask, check_problem
from tests.web.tab import make_room

FAR_MS = 9_000_000_000_000
MANAGES = ["delete_room", "edit_room", "invite", "manage_invitations"]


async def site_token(node: Node, user: str) -> str:
    return await Api(node.url).demo_token(user, user.title(), f"{user}@example.com")


async def media(node: Node, room_id: str, user: str) -> Any:
    return await ask(node, "GET", f"/v1/rooms/{room_id}/media", key=await site_token(node, user))


async def shown(node: Node, room_id: str, user: str) -> dict[str, Any]:
    answer = await media(node, room_id, user)
    assert answer.status == 200, answer.body
    said: dict[str, Any] = json.loads(answer.body)
    return said


async def test_whoever_is_signed_in_reads_what_is_announced(any_node):
    room_id = await make_room(any_node, title="Chemistry", description="Bring your kits.", starts_at_ms=FAR_MS)
    said = await shown(any_node, room_id, "alex")
    assert said["room"] == {
        "room_id": room_id, "title": "Chemistry", "description": "Bring your kits.", "phase": "scheduled", "opens": "at_start",
        "starts_at_ms": FAR_MS, "kind": "standalone", "access": "members", "ends_at_ms": None, "cnc": True,
    }  # fmt: skip
    assert (said["standing"], said["permissions"]) == (None, [])


async def test_a_manager_reads_what_they_may_do_from_here(node):
    said = await shown(node, await make_room(node), "maya")
    assert (said["standing"], said["permissions"]) == ("owner", MANAGES)


async def test_reading_makes_nobody_a_person_of_the_room(node):
    api, room_id = Api(node.url, API_KEY), await make_room(node)
    before = (await api.room(room_id))["seq"]
    for user in ("alex", "maya"):
        await shown(node, room_id, user)
    assert (await api.room(room_id))["seq"] == before


async def test_a_room_for_invited_people_is_shown_to_its_managers_alone(node):
    room_id = await make_room(node, access="invited")
    check_problem(await media(node, room_id, "alex"), 403, "not_invited")
    assert (await shown(node, room_id, "maya"))["room"]["access"] == "invited"


async def test_an_ended_session_is_shown_as_ended(node):
    api, room_id = Api(node.url, API_KEY), await make_room(node)
    await api.act(room_id, "end")
    assert (await shown(node, room_id, "alex"))["room"]["phase"] == "ended"


async def test_a_deleted_room_and_one_that_never_was_are_told_apart(node):
    api, room_id = Api(node.url, API_KEY), await make_room(node)
    await api.delete_room(room_id)
    check_problem(await media(node, room_id, "maya"), 410, "room_deleted")
    check_problem(await media(node, "r-never", "maya"), 404, "room_unknown")


@pytest.mark.parametrize("key", [None, API_KEY, "t"])
async def test_nothing_is_announced_to_whom_the_site_has_not_signed_in(node, key):
    check_problem(await ask(node, "GET", f"/v1/rooms/{await make_room(node)}/media", key=key), 401, "token_invalid")
