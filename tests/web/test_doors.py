"""Who may knock at which door: methods, keys and ids."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from tests.support.nodes import Node
from tests.web.asking import API_KEY, ask, check_problem, make_invited
from tests.web.doors import DOORS, OF_A_ROOM, OPEN, PRODUCTS, Door

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


def path_of(door: Door, room_id: str = "no-such-room") -> str:
    return door.path.format(room=room_id, invitation="no-such-invitation")


def methods_at(path: str) -> set[str]:
    return {door.method for door in (*DOORS, *OPEN) if door.path == path}


WRONG = [
    pytest.param(method, door, id=f"{method} {door.path}")
    for door in {door.path: door for door in (*DOORS, *OPEN)}.values()
    for method in METHODS
    if method not in methods_at(door.path)
]


@pytest.mark.parametrize(("method", "door"), WRONG)
async def test_a_method_that_a_door_does_not_know_is_refused_and_the_right_ones_are_named(node, method, door):
    answer = await ask(node, method, path_of(door), key=API_KEY)
    check_problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) - {"HEAD"} <= methods_at(door.path)


NOWHERE = ["/v1", "/v1/", "/v1/nothing", "/v1/rooms/", "/v1/rooms/r/nothing", "/administration", "/.env", "//", "/v1//rooms"]


@pytest.mark.parametrize("path", NOWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_path_that_leads_nowhere_is_refused(node, method, path):
    check_problem(await ask(node, method, path, key=API_KEY), 404, "path_unknown")


# ── The API key ──────────────────────────────────────────────────────────────────────────────────────────────────────

KEYS: dict[str, dict[str, str]] = {
    "no key": {},
    "another key": {"Authorization": "Bearer " + "x" * 40},
    "the beginning of it": {"Authorization": f"Bearer {API_KEY[:-1]}"},
    "more than it": {"Authorization": f"Bearer {API_KEY}x"},
    "another case": {"Authorization": f"Bearer {API_KEY.upper()}"},
    "nothing after the scheme": {"Authorization": "Bearer "},
    "no scheme": {"Authorization": API_KEY},
    "another scheme": {"Authorization": f"Basic {API_KEY}"},
    "two spaces": {"Authorization": f"Bearer  {API_KEY}"},
    "no ASCII": {"Authorization": "Bearer \xe9\xff"},
    "30 kB": {"Authorization": "Bearer " + "x" * 30_000},
    "a cookie": {"Cookie": f"api_key={API_KEY}"},
    "another header": {"X-Api-Key": API_KEY},
}


@pytest.mark.parametrize("headers", KEYS.values(), ids=KEYS.keys())
@pytest.mark.parametrize("door", PRODUCTS, ids=str)
async def test_without_the_api_key_the_room_products_doors_stay_shut(node, door, headers):
    """And say nothing about whether the room is there."""
    invited = await make_invited(node)
    path = door.path.format(room=invited.room_id, invitation=invited.invitation_id)
    answers = [await ask(node, door.method, at, door.takes, headers=headers) for at in (path, path_of(door))]
    for answer in answers:
        check_problem(answer, 401, "api_key_invalid")
    assert answers[0].body == answers[1].body
    room = await ask(node, "GET", f"/v1/rooms/{invited.room_id}", key=API_KEY)
    assert json.loads(room.body)["title"] == "Chemistry"


async def test_the_key_in_the_address_is_no_key(node):
    check_problem(await ask(node, "GET", f"/v1/rooms/r1?key={API_KEY}&access_token={API_KEY}"), 401, "api_key_invalid")


# ── Ids ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

HOSTILE_IDS = [
    "..", "%2e%2e", ".", "*", "?", "a b", " ", "\x00", "a\x00b", "a|b", "{1}", "gr:{0.1}:log", "a\r\nb", "é", "\u202e", "\ufeff",
    "k\u212a", "𝕣𝕠𝕠𝕞", "a" * 65, "a" * 5_000, "<script>", "' OR 1=1", "$(id)", "%s%n", "-" * 65,
]
# What no browser sends, as it goes over the wire.
RAW_IDS = ["%FF", "%C0%80", "%ED%A0%80", "%E2%28%A1"]


@pytest.mark.parametrize("room_id", [*(quote(each, safe="") for each in HOSTILE_IDS), *RAW_IDS], ids=lambda each: each[:30])
@pytest.mark.parametrize("door", OF_A_ROOM, ids=str)
async def test_an_id_that_no_room_can_have_is_an_unknown_room(node, door, room_id):
    site_token = json.loads((await ask(node, "POST", "/v1/demo/sign-in", USER)).body)["site_token"]
    headers = {"Authorization": f"Bearer {site_token}"} if door.path.endswith(("sign-in", "/media")) else {}
    body = {"secret": "s" * 27} if door.path.endswith("look") else door.takes
    if body and "device_key" in body:
        body = {"secret": "s" * 27, "nonce": "n", **({"email": USER["email"]} if door.path.endswith("/code") else {})}
    answer = await ask(node, door.method, path_of(door, room_id), body, key=door.key, headers=headers)
    if room_id in ("..", "."):
        assert answer.status == 404  # what a client makes of such a path is its own affair
    elif "/link/" in door.path or "/guest/" in door.path:
        check_problem(answer, 404, "invite_unknown")
    else:
        check_problem(answer, 404, "room_unknown")


USER = {"user_id": "u1", "name": "Uma", "email": "uma@example.com"}


@pytest.mark.parametrize("room_id", HOSTILE_IDS)
async def test_no_room_is_made_with_a_hostile_id(node, room_id):
    check_problem(await ask(node, "POST", "/v1/rooms", {"title": "T", "room_id": room_id}, key=API_KEY), 400, "bad_message")


@pytest.mark.parametrize("invitation_id", ["no-such", "..%2f..", "a%7Cb", "%00", "a" * 5_000, "%FF"])
@pytest.mark.parametrize("step", ["revoke", "extend"])
async def test_an_unknown_invitation_is_refused(node: Node, step, invitation_id):
    invited = await make_invited(node)
    answer = await ask(node, "POST", f"/v1/rooms/{invited.room_id}/invitations/{invitation_id}/{step}", {}, key=API_KEY)
    if "%2f" in invitation_id:
        check_problem(answer, 404, "path_unknown")
    else:
        check_problem(answer, 404, "invitation_unknown")


@pytest.mark.parametrize("key", ["k" * 65, "k" * 5_000, "k\te", "\xe9"])
async def test_an_idempotency_key_that_is_too_long_or_not_plain_is_refused(node, key):
    answer = await ask(node, "POST", "/v1/rooms", {"title": "T"}, key=API_KEY, headers={"Idempotency-Key": key})
    check_problem(answer, 400, "bad_message")


async def test_the_same_idempotency_key_makes_one_room_and_one_invitation(any_node):
    headers = {"Idempotency-Key": "once"}
    rooms = [await ask(any_node, "POST", "/v1/rooms", {"title": "T"}, key=API_KEY, headers=headers) for _ in range(2)]
    assert [room.status for room in rooms] == [201, 201]
    room_ids = {json.loads(room.body)["room_id"] for room in rooms}
    assert len(room_ids) == 1
    body = {"email": "ann@example.com", "first_name": "A", "last_name": "O", "role": "viewer"}
    path = f"/v1/rooms/{room_ids.pop()}/invitations"
    made = [await ask(any_node, "POST", path, body, key=API_KEY, headers=headers) for _ in range(2)]
    assert made[0].body == made[1].body
    assert len(json.loads((await ask(any_node, "GET", path, key=API_KEY)).body)["invitations"]) == 1
