"""Over HTTP: going on with a session, the next one, and what may be edited of a room."""

from __future__ import annotations

import json
from typing import Any

import pytest

from client_sim.api import Api
from tests.support.nodes import Node
from tests.web.asking import API_KEY, ask
from tests.web.tab import make_room, open_tab, sit_in, token_for

CHANNEL = {"kind": "channel", "channel_id": "c1"}


async def post(node: Node, path: str, bearer: str | None, **body: Any) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    answer = await ask(node, "POST", path, body, headers=headers)
    return answer.status, json.loads(answer.body or b"{}")


async def ended_room(node: Node, **room: Any) -> tuple[str, dict[str, str]]:
    """An ended room, and the session tokens of the manager maya and of the viewer vic."""
    room_id = await make_room(node, **room)
    tokens = {name: await token_for(node, room_id, name) for name in ("maya", "vic")}
    async with sit_in(node, room_id, "vic"), sit_in(node, room_id, "maya") as maya:
        assert (await maya.command("session.end"))["type"] == "result"
    return room_id, tokens


@pytest.mark.parametrize(
    ("who", "status", "code"), [("site", 200, None), ("maya", 200, None), ("vic", 403, "role_forbidden"), (None, 401, None)]
)
async def test_the_site_or_a_host_goes_on_with_a_session(any_node, who, status, code):
    room_id, tokens = await ended_room(any_node)
    bearer = API_KEY if who == "site" else tokens.get(who or "")
    got, body = await post(any_node, f"/v1/rooms/{room_id}/reopen", bearer)
    assert (got, body.get("code")) == (status, code if code else body.get("code"))
    phase = (await Api(any_node.url, API_KEY).room(room_id))["phase"]
    assert phase == ("open" if status == 200 else "ended")


async def test_going_on_twice_is_refused_and_a_repetition_is_not(node):
    room_id, _ = await ended_room(node)
    path = f"/v1/rooms/{room_id}/reopen"
    for _ in range(2):
        answer = await ask(
            node, "POST", path, {}, headers={"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": "once"}
        )
        assert answer.status == 200
    got, body = await post(node, path, API_KEY)
    assert (got, body["code"]) == (409, "already_live")


async def test_an_ended_room_says_until_when_it_can_be_gone_on_with(node):
    api = Api(node.url, API_KEY)
    room_id = await make_room(node, reopen_s=600)
    assert (await api.room(room_id))["reopenable_until_ms"] is None
    room_id, _ = await ended_room(node, reopen_s=600)
    shown = await api.room(room_id)
    assert 0 < shown["reopenable_until_ms"] - shown["now_ms"] <= 600_000


@pytest.mark.parametrize(
    ("who", "status", "code"), [("site", 201, None), ("maya", 201, None), ("vic", 403, "role_forbidden")]
)
async def test_the_site_or_a_host_begins_the_next_session_of_a_channels_room(any_node, who, status, code):
    room_id, tokens = await ended_room(any_node, **CHANNEL)
    bearer = API_KEY if who == "site" else tokens[who]
    got, body = await post(any_node, f"/v1/rooms/{room_id}/sessions", bearer)
    assert (got, body.get("code")) == (status, code)
    if status == 201:
        assert body == {"session_no": 2}


async def test_a_standalone_room_has_no_next_session(node):
    room_id, _ = await ended_room(node)
    got, body = await post(node, f"/v1/rooms/{room_id}/sessions", API_KEY)
    assert (got, body["code"]) == (410, "session_ended")


@pytest.mark.parametrize("body", [{"starts_at_ms": -1}, {"starts_at_ms": "soon"}, {"more": 1}, {"ends_at_ms": 10**14}])
async def test_what_makes_no_sense_begins_no_session(node, body):
    room_id, _ = await ended_room(node, **CHANNEL)
    got, answer = await post(node, f"/v1/rooms/{room_id}/sessions", API_KEY, **body)
    assert (got, answer["code"]) == (400, "bad_message")


async def test_a_token_of_the_session_before_opens_nothing(any_node):
    room_id, tokens = await ended_room(any_node, **CHANNEL)
    await Api(any_node.url, API_KEY).begin_session(room_id)
    async with open_tab(any_node) as tab:
        bye = await tab.hello(tokens["maya"])
        assert (bye["type"], bye["code"]) == ("bye", "session_ended")


@pytest.mark.parametrize(
    ("room", "is_good"),
    [
        ({"kind": "channel", "channel_id": "c1", "access": "channel_members"}, True),
        ({"kind": "channel"}, False),
        ({"channel_id": "c1"}, False),
        ({"access": "channel_members"}, False),
        ({"kind": "hall"}, False),
        ({"channel_id": "", "kind": "channel"}, False),
        ({"channel_id": "c" * 129, "kind": "channel"}, False),
        ({"reopen_s": -1}, False),
        ({"reopen_s": 2_592_001}, False),
        ({"reopen_s": 0}, True),
    ],
)
async def test_a_room_is_made_where_its_settings_make_sense(node, room, is_good):
    answer = await ask(
        node, "POST", "/v1/rooms", {"title": "A room", **room}, headers={"Authorization": f"Bearer {API_KEY}"}
    )
    assert answer.status == (201 if is_good else 400)


async def test_everything_of_a_room_is_edited_and_shown(any_node):
    api = Api(any_node.url, API_KEY)
    room_id = await make_room(any_node, starts_at_ms=9_999_999_000_000, **CHANNEL)
    wanted = {
        "title": "New", "description": "Also", "starts_at_ms": None, "ends_at_ms": 9_999_999_999_999, "opens": "by_host",
        "access": "channel_members", "cnc": False, "early_entry_s": 60, "link_ttl_s": 600, "link_devices": -1, "reopen_s": 5,
        "moderators_invite": True, "speakers_initiate": True, "rename": True, "standings": {"olga": "owner"},
    }
    shown = await api.edit_room(room_id, **wanted)
    assert {name: shown[name] for name in wanted} == wanted
    assert (shown["kind"], shown["channel_id"], shown["session_no"]) == ("channel", "c1", 1)
    assert {name: value for name, value in (await api.room(room_id)).items() if name in wanted} == wanted


@pytest.mark.parametrize(
    "changes",
    [
        {"title": None}, {"opens": None}, {"kind": "channel"}, {"channel_id": "c2"}, {"session_no": 5}, {"phase": "open"},
        {"standings": {"a": "viewer"}}, {"standings": {"": "owner"}}, {"cnc": 1}, {"link_devices": 0}, {"link_devices": -2},
    ],
)
async def test_what_cannot_be_edited_is_refused(node, changes):
    room_id = await make_room(node)
    answer = await ask(
        node, "PATCH", f"/v1/rooms/{room_id}", changes, headers={"Authorization": f"Bearer {API_KEY}"}
    )
    assert (answer.status, json.loads(answer.body)["code"]) == (400, "bad_message")
