"""The acts of a host over HTTP: the room product may do them all, people inside what their role lets them, nobody else any."""

from __future__ import annotations

import json

import pytest

from client_sim.api import Api
from client_sim.device import Device
from server.app import operations_of
from server.settings import load_settings
from server.web.acts_api import ACTS
from server.web.callers import TAKES_KEY, Caller
from tests.web.asking import API_KEY, EMAIL, ask, check_problem, make_invited
from tests.web.tab import make_room, open_tab, sit_in, token_for

OPERATIONS = [operation for part in operations_of(load_settings({})) for operation in part.declared]
NEED_A_KEY = [operation for operation in OPERATIONS if operation.caller in TAKES_KEY]
FOR_PEOPLE = [operation for operation in OPERATIONS if operation.caller is Caller.SITE_OR_PERSON]


def path_of(operation, room_id: str = "r") -> str:
    return operation.path.format(**{name: room_id if name == "room_id" else "x" for name in operation.path_names})


@pytest.mark.parametrize("operation", NEED_A_KEY, ids=lambda operation: operation.operation_id)
async def test_nothing_of_the_room_product_is_done_for_nobody(node, operation):
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {API_KEY}"}):
        check_problem(await ask(node, operation.method, path_of(operation), headers=headers), 401, "api_key_invalid")


@pytest.mark.parametrize("operation", FOR_PEOPLE, ids=lambda operation: operation.operation_id)
async def test_a_token_counts_in_its_own_room_alone(node, operation):
    room, other = await make_room(node), await make_room(node)
    async with sit_in(node, room, "maya"):
        token = await token_for(node, room, "maya")
        check_problem(await ask(node, operation.method, path_of(operation, other), {}, key=token), 401, "token_invalid")


# Two need more than a role first: somebody to admit, and e-mail.
OF_THE_ROOM = [path for _, path in ACTS if "{" not in path and path not in ("/line/admit", "/invitations/remind")]


@pytest.mark.parametrize("path", OF_THE_ROOM)
async def test_a_viewer_may_do_none_of_the_acts(node, path):
    room = await make_room(node)
    async with sit_in(node, room, "bea"):
        body = {"text": "T"} if path == "/lobby-message" else {}
        token = await token_for(node, room, "bea")
        check_problem(await ask(node, "POST", f"/v1/rooms/{room}{path}", body, key=token), 403, "role_forbidden")


async def test_whoever_is_not_inside_may_do_nothing(node):
    room = await make_room(node, locked=True)
    async with sit_in(node, room, "will"):
        token = await token_for(node, room, "will")
        check_problem(await ask(node, "POST", f"/v1/rooms/{room}/unlock", {}, key=token), 409, "not_inside")


async def test_a_token_that_is_bound_to_a_device_is_no_proof_over_http(node):
    invited, device = await make_invited(node), Device()
    session = await Api(node.url).look_and_claim(invited.link, EMAIL, device)
    answer = await ask(node, "POST", f"/v1/rooms/{invited.room_id}/lock", {}, key=session["session_token"])
    check_problem(answer, 403, "token_bound")


async def test_a_manager_inside_acts_over_http_and_every_tab_hears_who_it_was(any_node):
    room = await make_room(any_node)
    async with sit_in(any_node, room, "maya") as maya, sit_in(any_node, room, "bea") as bea:
        token = await token_for(any_node, room, "maya")
        answer = await ask(any_node, "POST", f"/v1/rooms/{room}/lock", {}, key=token)
        assert answer.status == 200
        seq = json.loads(answer.body)["seq"]
        for tab in (maya, bea):
            while not (changed := [e for e in (await tab.until("events"))["events"] if e["type"] == "room.changed"]):
                pass
            assert (changed[0]["what"], changed[0]["seq"]) == ("locked", seq)
            assert changed[0]["by"] is not None


async def test_the_site_lets_the_line_in_and_gives_roles(any_node):
    room = await make_room(any_node, locked=True)
    api = Api(any_node.url, API_KEY)
    async with open_tab(any_node) as tab:
        await tab.hello(await token_for(any_node, room, "will"))
        assert (await api.act(room, "line/admit-all"))["admitted"] == 1
        you = (await tab.until("entered"))["you"]
        done = await api.act(room, f"participants/{you['participant_id']}/role", role="moderator")
        assert (done["changed"], done["expected"]) == (True, 1)
        while not (refresh := [e for e in (await tab.until("events"))["events"] if e["type"] == "refresh"]):
            pass
        assert (refresh[0]["role"], refresh[0]["by"]) == ("moderator", None)
    check_problem(
        await ask(any_node, "POST", f"/v1/rooms/{room}/participants/nobody/ban", {}, key=API_KEY), 404, "participant_unknown"
    )
