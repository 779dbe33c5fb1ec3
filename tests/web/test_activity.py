"""The activity of a room for its managers: rows that can be shown as they are, and who may read them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.domain.refusals import EmailMismatch
from tests.support.nodes import Node
from tests.web.asking import API_KEY, EMAIL, ask, check_problem
from tests.web.claiming import claim
from tests.web.tab import make_room, sit_in, token_for
from tests.web.test_preview import invite_into


async def rows_of(node: Node, room_id: str, kind: str = "audit", key: str = API_KEY, **query: Any) -> list[dict[str, Any]]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = await ask(node, "GET", f"/v1/rooms/{room_id}/{kind}?{asked}", key=key)
    assert answer.status == 200, answer.body
    rows: list[dict[str, Any]] = json.loads(answer.body)["entries" if kind == "audit" else "refusals"]
    return rows


async def test_a_row_says_who_did_what_to_whom_by_the_names_of_today(any_node):
    room_id = await make_room(any_node, title="Physics", rename=True)
    async with sit_in(any_node, room_id, "maya") as maya, sit_in(any_node, room_id, "bea") as bea:
        people = {one["name"]: one["participant_id"] for one in (await maya.room_whole())["participants"]}
        await maya.command("role.change", participant_id=people["Bea"], role="speaker")
        await bea.command("person.rename", name="Beatrix")
        await maya.command("room.lock")
        row = next(row for row in await rows_of(any_node, room_id) if row["name"] == "role_changed")
        assert row["actor"] == {"kind": "person", "id": people["Maya"], "name": "Maya"}
        assert row["targets"] == [{"kind": "person", "id": people["Bea"], "name": "Beatrix"}]
        assert (row["details"], row["more_targets"]) == ({"old": "viewer", "new": "speaker"}, 0)
        locked = next(row for row in await rows_of(any_node, room_id) if row["details"].get("what") == "locked")
        assert {"kind": "room", "id": room_id, "name": "Physics"} in locked["targets"]


async def test_what_the_site_did_is_the_services_and_an_invitation_has_its_invitees_name(any_node):
    room_id = await make_room(any_node)
    invited = await invite_into(any_node, room_id)
    row = (await rows_of(any_node, room_id))[0]
    assert row["actor"] == {"kind": "service", "id": None, "name": None}
    assert row["targets"] == [{"kind": "invitation", "id": invited.invitation_id, "name": "Ann Ode"}]


async def test_of_many_targets_the_first_are_named_and_the_others_counted(any_node):
    room_id = await make_room(any_node, starts_at_ms=9_000_000_000_000)
    rows = [{"email": f"p{n}@example.com", "first_name": "P", "last_name": str(n), "role": "viewer"} for n in range(25)]
    await ask(any_node, "POST", f"/v1/rooms/{room_id}/invitations/bulk", {"rows": rows}, key=API_KEY)
    for row in await rows_of(any_node, room_id, limit=200):
        assert len(row["targets"]) <= 20
        assert len(row["targets"]) + row["more_targets"] >= len({(s["kind"], s["id"]) for s in row["subjects"]} - {"application"})


async def test_a_refusal_says_whose_link_it_was(any_node):
    room_id = await make_room(any_node)
    invited = await invite_into(any_node, room_id)
    await claim(any_node, invited, email="eve@example.com")
    (row,) = await rows_of(any_node, room_id, "refusals")
    assert row["message"] == EmailMismatch.message
    assert (row["door"], row["code"], row["invitee_name"], row["person_name"]) == ("claim", "email_mismatch", "Ann Ode", None)
    assert EMAIL not in json.dumps(row)
    assert "eve@example.com" not in json.dumps(row)


async def test_where_somebody_refused_came_from_is_for_the_site_alone(any_node):
    room_id = await make_room(any_node)
    await claim(any_node, await invite_into(any_node, room_id), email="eve@example.com")
    async with sit_in(any_node, room_id, "maya"):
        (row,) = await rows_of(any_node, room_id, "refusals")
        path, key = f"/v1/rooms/{room_id}/refusals", await token_for(any_node, room_id, "maya")
        (for_manager,) = json.loads((await ask(any_node, "GET", path, key=key)).body)["refusals"]
    assert row["network"].endswith(".0/24")
    assert for_manager == row | {"network": None}


@pytest.mark.parametrize("kind", ["audit", "refusals"])
async def test_managers_inside_read_it_and_moderators_viewers_and_people_outside_do_not(any_node, kind):
    room_id = await make_room(any_node)
    path = f"/v1/rooms/{room_id}/{kind}"
    manager, other = await token_for(any_node, room_id, "maya"), await token_for(any_node, room_id, "bea")
    check_problem(await ask(any_node, "GET", path, key=manager), 409, "not_inside")
    async with sit_in(any_node, room_id, "maya") as maya, sit_in(any_node, room_id, "bea"):
        assert (await ask(any_node, "GET", path, key=manager)).status == 200
        check_problem(await ask(any_node, "GET", path, key=other), 403, "role_forbidden")
        people = {one["name"]: one["participant_id"] for one in (await maya.room_whole())["participants"]}
        await maya.command("role.change", participant_id=people["Bea"], role="moderator")
        check_problem(await ask(any_node, "GET", path, key=other), 403, "role_forbidden")
    elsewhere = await token_for(any_node, await make_room(any_node), "maya")
    check_problem(await ask(any_node, "GET", path, key=elsewhere), 401, "token_invalid")
    check_problem(await ask(any_node, "GET", path), 401, "api_key_invalid")


async def test_a_manager_pages_through_it_and_meets_every_row_once(any_node):
    room_id = await make_room(any_node)
    async with sit_in(any_node, room_id, "maya") as maya:
        for _ in range(4):
            await maya.command("room.lock")
            await maya.command("room.unlock")
        key, found, cursor = await token_for(any_node, room_id, "maya"), [], ""
        while cursor is not None:
            path = f"/v1/rooms/{room_id}/audit?limit=3" + (f"&cursor={cursor}" if cursor else "")
            said = json.loads((await ask(any_node, "GET", path, key=key)).body)
            found += said["entries"]
            cursor = said["next_cursor"]
        assert found == await rows_of(any_node, room_id, limit=200)
        assert len(found) >= 9
