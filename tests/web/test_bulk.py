"""Inviting many over HTTP and on the websocket."""

from __future__ import annotations

import json

import pytest

from client_sim.api import Api, Link
from client_sim.device import Device
from tests.web.asking import API_KEY, ask, check_problem
from tests.web.tab import make_room, open_tab, sit_in, token_for

HEADER = "email,first_name,last_name,role"
CSV = {"Content-Type": "text/csv"}


def path_of(room_id: str) -> str:
    return f"/v1/rooms/{room_id}/invitations/bulk"


def row(name: str, **fields):
    return {"email": f"{name}@example.org", "first_name": name.title(), "last_name": "Bulk", "role": "viewer", **fields}


async def test_a_file_is_tried_then_uploaded_and_its_links_open(any_node):
    api = Api(any_node.url, API_KEY)
    room_id = await make_room(any_node)
    file = f"\ufeff{HEADER},key\r\nann@example.org,Ann,=1+1,speaker,a\r\nnobody,B,C,viewer,b\r\n"
    dry = await api.invite_many(room_id, file, dry_run=True)
    assert dry["dry_run"]
    assert [(one["line"], one["key"], one["status"], one["code"]) for one in dry["rows"]] == [
        (2, "a", "would_create", None), (3, "b", "error", "row_invalid"),
    ]  # fmt: skip
    assert await api.invitations(room_id) == []
    made = await api.invite_many(room_id, file)
    assert made["counts"] == {"created": 1, "error": 1}
    device = Device()
    assert (await api.look_and_claim(Link(made["rows"][0]["link"]), "ann@example.org", device))["participant_id"]
    assert (await api.invitations(room_id))[0]["last_name"] == "=1+1"
    again = (await api.invite_many(room_id, file))["rows"][0]
    assert (again["status"], again["invitation_id"]) == ("repeated", made["rows"][0]["invitation_id"])


async def test_the_same_idempotency_key_gives_the_same_invitations(any_node):
    api = Api(any_node.url, API_KEY)
    room_id = await make_room(any_node)
    rows = [row(f"p{number}") for number in range(40)]
    first, again = [await api.invite_many(room_id, rows, upload_key="u-1") for _ in range(2)]
    assert [one["link"] for one in again["rows"]] == [one["link"] for one in first["rows"]]
    assert len(await api.invitations(room_id)) == 40


WRONG_FILES = [
    ("", 1), ("a,b\n", 1), (f"{HEADER}\na@x.org,A\n", 2), (f'{HEADER}\na@x.org,A,B,viewer\nb@x.org,"B,C,viewer\n', 3),
    (f"{HEADER}\na@x.org,A\0,B,viewer\n", 2),
]  # fmt: skip


@pytest.mark.parametrize(("content", "line"), WRONG_FILES)
async def test_a_file_that_is_wrong_is_refused_whole_with_its_line(node, content, line):
    room_id = await make_room(node)
    answer = await ask(node, "POST", path_of(room_id), raw=content.encode(), key=API_KEY, headers=CSV)
    said = json.loads(answer.body)
    assert (answer.status, said["code"], said["line"]) == (400, "csv_invalid", line)
    assert await Api(node.url, API_KEY).invitations(room_id) == []


@pytest.mark.parametrize(
    ("raw", "headers", "status", "code"),
    [
        (b"{}", {"Content-Type": "application/xml"}, 400, "bad_message"),
        (f"{HEADER}\n".encode(), {"Content-Type": "text/csv; charset=latin-1"}, 400, "bad_message"),
        (b'{"rows": 7}', {}, 400, "bad_message"), (b'{"rows": [], "more": 1}', {}, 400, "bad_message"),
        (b"{}", {}, 400, "bad_message"), (b"\xff", {}, 400, "bad_message"),
        (json.dumps({"rows": [{}] * 1_001}).encode(), {}, 413, "too_many_rows"),
        ((HEADER + "\n" + "a@x.org,A,B,viewer\n" * 1_001).encode(), CSV, 413, "too_many_rows"),
        (b"x" * 1_100_000, CSV, 413, "too_large"), (b'"' + b"x" * 1_100_000, {}, 413, "too_large"),
    ],
)  # fmt: skip
async def test_what_is_no_upload_is_refused_whole(node, raw, headers, status, code):
    room_id = await make_room(node)
    check_problem(await ask(node, "POST", path_of(room_id), raw=raw, key=API_KEY, headers=headers), status, code)


async def test_rows_of_any_kind_are_each_answered(any_node):
    room_id = await make_room(any_node)
    rows = [None, 7, "x", [], {}, {"email": 1}, row("a", role="king"), row("b", send="yes"), row("c", more=1), row("d", key="")]
    rows.append(row("e"))
    answer = await Api(any_node.url, API_KEY).invite_many(room_id, rows)
    assert [one["code"] for one in answer["rows"]] == ["row_invalid"] * 10 + [None]
    assert [one["row"] for one in answer["rows"]] == list(range(11))


async def test_the_dry_run_of_the_query_holds_for_json_as_well(node):
    room_id = await make_room(node)
    answer = await ask(node, "POST", path_of(room_id) + "?dry_run=1", {"rows": [row("ann")]}, key=API_KEY)
    assert json.loads(answer.body)["rows"][0]["status"] == "would_create"
    check_problem(await ask(node, "POST", path_of(room_id) + "?dry_run=maybe", {"rows": []}, key=API_KEY), 400, "bad_message")


async def test_with_a_session_token_the_role_counts(any_node):
    room_id = await make_room(any_node)
    for user_id, status in (("maya", 200), ("vic", 403)):
        token = await token_for(any_node, room_id, user_id)
        async with open_tab(any_node) as tab:
            await tab.hello(token)
            assert (await ask(any_node, "POST", path_of(room_id), {"rows": [row("ann")]}, key=token)).status == status
    check_problem(await ask(any_node, "POST", path_of(room_id), {"rows": []}), 401, "api_key_invalid")


async def test_managers_hear_of_each_invitation_and_others_of_none(any_node):
    room_id = await make_room(any_node)
    async with sit_in(any_node, room_id, "maya") as maya, sit_in(any_node, room_id, "vic") as vic:
        answer = await maya.command("invitation.bulk", rows=[row(f"p{number}") for number in range(100)])
        assert answer["result"]["counts"] == {"created": 100}
        assert answer["seq"] is not None
        assert {one["status"] for one in answer["result"]["rows"]} == {"created"}
        assert len((await maya.room_whole())["invitations"]) == 100
        assert (await vic.command("invitation.bulk", rows=[row("x")]))["code"] == "role_forbidden"
        assert (await maya.command("invitation.bulk", rows=[row("x")] * 101))["code"] == "bad_message"
        assert "@example.org" not in json.dumps(vic.heard)
