"""A manager looks after a room without being in it, over HTTP: nobody else may, and nobody is seen there for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from client_sim.api import Api, Link
from server.app import operations_of
from server.settings import load_settings
from server.web.callers import Caller
from tests.support.nodes import Node
from tests.web.asking import API_KEY, EMAIL, Invited, ask, check_problem
from tests.web.claiming import claim
from tests.web.tab import make_room, sit_in, token_for

INVITED = {"email": EMAIL, "first_name": "Ann", "last_name": "Ode", "role": "speaker"}
# What a manager can do from outside: operation → (method, path below the room's, body).
ASKED: dict[str, tuple[str, str, Any]] = {
    "invite": ("POST", "/invitations", INVITED),
    "invite_many": ("POST", "/invitations/bulk", {"rows": [INVITED]}),
    "suggest_people": ("GET", "/suggestions?text=an", None),
    "would_get_in_here": ("POST", "/would-get-in", {"email": EMAIL}),
    "edit_room": ("PATCH", "", {"title": "Optics"}),
    "delete_room": ("DELETE", "", None),
}


def declared_for_managers() -> Iterator[str]:
    for part in operations_of(load_settings({})):
        yield from (operation.operation_id for operation in part.declared if operation.caller is Caller.SITE_OR_MANAGER)


async def asks(node: Node, room_id: str, user: str, operation: str) -> Any:
    method, path, body = ASKED[operation]
    return await ask(node, method, f"/v1/rooms/{room_id}{path}", body, key=await token_for(node, room_id, user))


def test_every_operation_for_managers_is_asked_here():
    assert set(declared_for_managers()) == set(ASKED)


@pytest.mark.parametrize("operation", ASKED)
async def test_a_manager_does_it_without_being_in_the_room(any_node, operation):
    room_id = await make_room(any_node)
    answer = await asks(any_node, room_id, "maya", operation)
    assert answer.status < 300, answer.body
    if operation != "delete_room":
        assert (await Api(any_node.url, API_KEY).participants(room_id))["participants"] == []


@pytest.mark.parametrize("operation", ASKED)
async def test_whoever_has_no_standing_does_nothing_from_outside(node, operation):
    room_id = await make_room(node)
    check_problem(await asks(node, room_id, "bea", operation), 409, "not_inside")


@pytest.mark.parametrize("operation", ASKED)
async def test_inside_the_role_decides_as_ever(node, operation):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "bea"):
        check_problem(await asks(node, room_id, "bea", operation), 403, "role_forbidden")


@pytest.mark.parametrize("operation", ASKED)
async def test_a_standing_that_was_taken_away_is_worth_nothing_at_once(node, operation):
    room_id = await make_room(node, standings={"maya": "owner", "mona": "co_editor"})
    token = await token_for(node, room_id, "mona")
    await Api(node.url, API_KEY).edit_room(room_id, standings={"maya": "owner"})
    method, path, body = ASKED[operation]
    answer = await ask(node, method, f"/v1/rooms/{room_id}{path}", body, key=token)
    check_problem(answer, 409, "not_inside")


@pytest.mark.parametrize("operation", ASKED)
async def test_a_managers_link_is_no_sign_in(node, operation):
    """Whoever got hold of a link to a manager's address, and types it, looks after nothing."""
    room_id = await make_room(node)
    await token_for(node, room_id, "maya")
    email = "maya@example.org"
    made = await Api(node.url, API_KEY).invite(room_id, email=email, first_name="Maya", last_name="Ode", role="viewer")
    claimed = await claim(node, Invited(room_id, made["invitation_id"], Link(made["link"])), email=email)
    method, path, body = ASKED[operation]
    token = json.loads(claimed.body)["session_token"]
    check_problem(await ask(node, method, f"/v1/rooms/{room_id}{path}", body, key=token), 409, "not_inside")


async def test_a_manager_gives_nobody_a_standing(node):
    room_id = await make_room(node)
    token = await token_for(node, room_id, "maya")
    body = {"standings": {"maya": "owner", "bea": "co_owner"}}
    check_problem(await ask(node, "PATCH", f"/v1/rooms/{room_id}", body, key=token), 403, "role_forbidden")


async def test_the_room_hears_who_edited_it_from_outside(node):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "bea") as bea:
        await asks(node, room_id, "maya", "edit_room")
        while not (changed := [e for e in (await bea.until("events"))["events"] if e["type"] == "room.changed"]):
            pass
        assert changed[0]["room"]["title"] == "Optics"
        assert changed[0]["by"] is not None


@pytest.mark.parametrize(("off", "code"), [("site", "module_disabled"), ("room", "cnc_disabled")])
async def test_inviting_from_outside_is_refused_where_it_is_switched_off(node, off, code):
    api, room_id = Api(node.url, API_KEY), await make_room(node)
    if off == "room":
        await api.edit_room(room_id, cnc=False)
    else:
        await api.edit_site(invite_to_media=False)
    try:
        check_problem(await asks(node, room_id, "maya", "invite"), 403, code)
    finally:
        await api.edit_site(invite_to_media=True)


async def test_a_channels_room_takes_no_invitation_before_its_session(node):
    room_id = await make_room(node, kind="channel", channel_id="c-1", starts_at_ms=9_000_000_000_000)
    check_problem(await asks(node, room_id, "maya", "invite"), 409, "not_live")


async def test_acts_of_a_session_still_need_a_host_inside(node):
    room_id = await make_room(node)
    token = await token_for(node, room_id, "maya")
    for path in ("/lock", "/hands/clear", "/end"):
        check_problem(await ask(node, "POST", f"/v1/rooms/{room_id}{path}", {}, key=token), 409, "not_inside")


async def test_the_same_key_invites_once(node):
    room_id = await make_room(node)
    token = await token_for(node, room_id, "maya")
    headers = {"Idempotency-Key": "once"}
    first, again = [
        json.loads((await ask(node, "POST", f"/v1/rooms/{room_id}/invitations", INVITED, key=token, headers=headers)).body)
        for _ in range(2)
    ]
    assert first == again
