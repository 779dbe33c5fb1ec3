"""Who is in the room, as a file: what is in it for whom, and that no spreadsheet runs what a guest typed."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_sim.api import Api
from client_sim.device import Device
from server.web.tables import csv_bytes, utc_time
from tests.support.nodes import Node
from tests.web.asking import API_KEY, ask, check_problem
from tests.web.tab import make_room, open_tab, sit_in, token_for
from tests.web.test_guests import Guests, Link


async def rows_of(node: Node, room_id: str, key: str = API_KEY) -> list[dict[str, str]]:
    answer = await ask(node, "GET", f"/v1/rooms/{room_id}/participants.csv", key=key)
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="participants-{room_id}.csv"'
    assert answer.body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))


async def export_of(node: Node, room_id: str, key: str = API_KEY) -> dict[str, Any]:
    answer = await ask(node, "GET", f"/v1/rooms/{room_id}/participants.json", key=key)
    assert answer.status == 200, answer.body
    export: dict[str, Any] = json.loads(answer.body)
    return export


async def test_everybody_who_is_in_the_room_is_in_the_file_and_nobody_who_waits(any_node):
    room_id = await make_room(any_node)
    async with sit_in(any_node, room_id, "maya"), sit_in(any_node, room_id, "bea"):
        await ask(any_node, "POST", f"/v1/rooms/{room_id}/lock", {}, key=API_KEY)
        async with sit_in(any_node, room_id, "will"):
            rows = await rows_of(any_node, room_id)
            assert [(row["name"], row["role"], row["standing"], row["verified"]) for row in rows] == [
                ("Maya", "manager", "owner", "yes"), ("Bea", "viewer", "", "yes"),
            ]
            assert [row["email"] for row in rows] == ["maya@example.org", "bea@example.org"]
            export = await export_of(any_node, room_id)
            assert [one["name"] for one in export["participants"]] == ["Maya", "Bea"]
            assert [row["joined_at_utc"] for row in rows] == [utc_time(one["joined_at_ms"]) for one in export["participants"]]


async def test_moderators_get_no_addresses_and_managers_do(any_node):
    room_id = await make_room(any_node)
    async with sit_in(any_node, room_id, "maya") as maya, sit_in(any_node, room_id, "bea") as bea:
        bea_id = (await bea.room_whole())["participants"][0]["participant_id"]
        people = {one["name"]: one["participant_id"] for one in (await maya.room_whole())["participants"]}
        assert bea_id in people.values()
        await maya.command("role.change", participant_id=people["Bea"], role="moderator")
        as_moderator = await rows_of(any_node, room_id, await token_for(any_node, room_id, "bea"))
        assert [row["name"] for row in as_moderator] == ["Maya", "Bea"]
        assert "example.org" not in json.dumps(as_moderator)
        assert "email" not in as_moderator[0]
        shown = await export_of(any_node, room_id, await token_for(any_node, room_id, "bea"))
        assert {one["email"] for one in shown["participants"]} == {None}
        as_manager = await rows_of(any_node, room_id, await token_for(any_node, room_id, "maya"))
        assert as_manager[0]["email"] == "maya@example.org"


@pytest.mark.parametrize("kind", ["csv", "json"])
async def test_viewers_and_people_outside_take_nothing_away(any_node, kind):
    room_id = await make_room(any_node)
    path = f"/v1/rooms/{room_id}/participants.{kind}"
    async with sit_in(any_node, room_id, "maya"), sit_in(any_node, room_id, "bea"):
        viewer = await token_for(any_node, room_id, "bea")
        check_problem(await ask(any_node, "GET", path, key=viewer), 403, "role_forbidden")
        outside = await token_for(any_node, room_id, "will")
        check_problem(await ask(any_node, "GET", path, key=outside), 409, "not_inside")
    other = await token_for(any_node, await make_room(any_node), "maya")
    check_problem(await ask(any_node, "GET", path, key=other), 401, "token_invalid")
    check_problem(await ask(any_node, "GET", path), 401, "api_key_invalid")
    check_problem(await ask(any_node, "GET", f"/v1/rooms/none/participants.{kind}", key=API_KEY), 404, "room_unknown")


async def test_a_guest_who_is_called_like_a_formula_is_a_text_to_every_spreadsheet(any_node):
    room_id = await make_room(any_node)
    made = await Api(any_node.url, API_KEY).create_guest_link(room_id, "Everybody")
    guests = Guests(room_id, made["guest_link_id"], Link(made["link"]))
    named = '=HYPERLINK("https://example.com","Win")'
    device = Device()
    entered = await Api(any_node.url).look_and_enter(guests.link, named, "eve@example.com", device)
    async with open_tab(any_node) as tab:
        challenge = await tab.until("challenge")
        proof = device.hello_proof(challenge["nonce"])
        await tab.send({"type": "hello", "token": entered["session_token"], "proof": proof})
        await tab.until("welcome")
        (row,) = await rows_of(any_node, room_id)
        assert (row["name"], row["verified"], row["email"], row["email_as_typed"]) == ("'" + named, "no", "", "eve@example.com")
        assert (await export_of(any_node, room_id))["participants"][0]["name"] == named


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_whatever_is_in_a_table_comes_back_from_the_file_and_begins_no_formula(rows):
    read = list(csv.reader(io.StringIO(csv_bytes(("a", "b"), rows).decode("utf-8-sig"), newline="")))
    assert read[0] == ["a", "b"]
    for row, given_row in zip(read[1:], rows, strict=True):
        for cell, given_cell in zip(row, given_row, strict=True):
            assert cell in (given_cell, "'" + given_cell)
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
            assert not cell.startswith(("\t", "\r", "\n"))


def test_numbers_are_numbers_and_what_is_missing_is_empty():
    assert csv_bytes(("a", "b", "c"), [(-1, None, True)]) == b"\xef\xbb\xbfa,b,c\r\n-1,,yes\r\n"
