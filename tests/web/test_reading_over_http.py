"""Reading over HTTP: revisions as ETags, changes that depend on one, and lists in pages."""

from __future__ import annotations

import asyncio
import gzip
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from client_sim.http_request import Answer
from server.app import operations_of
from server.settings import load_settings
from tests.support.nodes import Node
from tests.web.asking import API_KEY, ask, check_problem
from tests.web.tab import make_room, sit_in

OPERATIONS = [operation for part in operations_of(load_settings({})) for operation in part.declared]


async def get(node: Node, path: str, **headers: str) -> Answer:
    return await ask(node, "GET", path, key=API_KEY, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def patch(node: Node, path: str, body: Any, if_match: str) -> Answer:
    return await ask(node, "PATCH", path, body, key=API_KEY, headers={"If-Match": if_match})


# ── ETags ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_room_that_is_as_you_have_it_is_not_sent_again(any_node):
    path = f"/v1/rooms/{await make_room(any_node)}"
    etag = (await get(any_node, path)).headers["etag"]
    for said in (etag, f'"7", {etag}', f"W/{etag}", "*"):
        answer = await get(any_node, path, If_None_Match=said)
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
    assert (await get(any_node, path, If_None_Match='"7"')).status == 200


async def test_the_etag_changes_with_the_room_and_with_nothing_else(any_node):
    room = await make_room(any_node)
    path = f"/v1/rooms/{room}"
    etag = (await get(any_node, path)).headers["etag"]
    async with sit_in(any_node, room, "bea"):
        assert (await get(any_node, path)).headers["etag"] == etag
    await ask(any_node, "PATCH", path, {"title": "Another"}, key=API_KEY)
    assert (await get(any_node, path)).headers["etag"] != etag


async def test_a_change_that_was_decided_on_an_older_revision_is_refused(any_node):
    path = f"/v1/rooms/{await make_room(any_node)}"
    etag = (await get(any_node, path)).headers["etag"]
    changed = await patch(any_node, path, {"title": "First"}, etag)
    assert changed.status == 200
    assert changed.headers["etag"] != etag
    check_problem(await patch(any_node, path, {"title": "Second"}, etag), 412, "precondition_failed")
    check_problem(await ask(any_node, "DELETE", path, key=API_KEY, headers={"If-Match": etag}), 412, "precondition_failed")
    assert json.loads((await get(any_node, path)).body)["title"] == "First"


async def test_of_many_changes_decided_on_one_revision_one_is_made(any_node):
    path = f"/v1/rooms/{await make_room(any_node)}"
    etag = (await get(any_node, path)).headers["etag"]
    answers = await asyncio.gather(*(patch(any_node, path, {"title": f"T{number}"}, etag) for number in range(8)))
    assert sorted(answer.status for answer in answers) == [200] + [412] * 7


@pytest.mark.parametrize("said", ["7", '"seven"', '"1", "2"', 'W/"1"', "", '"99999999999999999999"'])
async def test_an_if_match_that_names_no_revision_never_matches(node, said):
    path = f"/v1/rooms/{await make_room(node)}"
    answer = check_problem(await patch(node, path, {"title": "T"}, said), 412, "precondition_failed")
    assert "If-Match" in answer["detail"]


async def test_any_revision_will_do_for_a_star(node):
    assert (await patch(node, f"/v1/rooms/{await make_room(node)}", {"title": "T"}, "*")).status == 200


# ── Pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def pages_of(node: Node, path: str, field: str, **asked: Any) -> list[list[dict[str, Any]]]:
    pages, cursor = [], ""
    while cursor is not None:
        query = "&".join(f"{name}={value}" for name, value in {**asked, **({"cursor": cursor} if cursor else {})}.items())
        said = json.loads((await get(node, f"{path}?{query}")).body)
        pages.append(said[field])
        cursor = said["next_cursor"]
    return pages


async def test_all_rooms_are_listed_once_page_by_page(any_node):
    made = {await make_room(any_node) for _ in range(7)}
    gone = await make_room(any_node)
    await ask(any_node, "DELETE", f"/v1/rooms/{gone}", key=API_KEY)
    pages = await pages_of(any_node, "/v1/rooms", "rooms", limit=3)
    listed = [room["room_id"] for page in pages for room in page]
    assert all(len(page) <= 3 for page in pages)
    assert len(set(listed)) == len(listed)
    assert made <= set(listed)
    assert gone not in listed


async def test_people_and_the_line_are_listed_page_by_page_at_a_seq(any_node):
    room = await make_room(any_node)
    async with sit_in(any_node, room, "maya"), sit_in(any_node, room, "bea"), sit_in(any_node, room, "cleo"):
        await ask(any_node, "POST", f"/v1/rooms/{room}/lock", {}, key=API_KEY)
        async with sit_in(any_node, room, "will"):
            pages = await pages_of(any_node, f"/v1/rooms/{room}/participants", "participants", limit=1)
            assert [row["name"] for page in pages for row in page] == ["Bea", "Cleo", "Maya"]
            said = json.loads((await get(any_node, f"/v1/rooms/{room}/participants?group=hosts&search=ma")).body)
            assert ([row["name"] for row in said["participants"]], said["total"]) == (["Maya"], 1)
            line = json.loads((await get(any_node, f"/v1/rooms/{room}/line")).body)
            assert [row["name"] for row in line["waiters"]] == ["Will"]
            assert line["seq"] == said["seq"] > 0


async def test_a_list_that_would_be_older_than_what_the_caller_knows_is_refused(node):
    room = await make_room(node)
    seq = json.loads((await get(node, f"/v1/rooms/{room}")).body)["seq"]
    assert (await get(node, f"/v1/rooms/{room}/participants?at_least_seq={seq}")).status == 200
    check_problem(await get(node, f"/v1/rooms/{room}/participants?at_least_seq={seq + 1}"), 409, "seq_not_reached")


@pytest.mark.parametrize("path", ["/v1/rooms", "/v1/rooms/{room}/participants", "/v1/rooms/{room}/line"])
@pytest.mark.parametrize(
    "query", ["cursor=", "cursor=!", "cursor=bnVsbA", "cursor=W10", "limit=0", "limit=201", "limit=x", "limit=1&limit=2", "of=1"]
)
async def test_a_page_that_cannot_be_is_refused(node, path, query):
    check_problem(await get(node, f"{path.format(room=await make_room(node))}?{query}"), 400, "bad_message")


def forged(*position: Any) -> str:
    return urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


@pytest.mark.parametrize("position", [(-1, "x"), (-1000, "x"), (0.5, "x"), (0, 1), ("0", "x")])
async def test_a_place_among_the_rooms_that_was_not_given_out_is_refused(node, position):
    check_problem(await get(node, f"/v1/rooms?cursor={forged(*position)}"), 400, "bad_message")


@pytest.mark.parametrize("position", [(2**53, "x"), (2**80, ""), (0, "\0"), (0, "~" * 200)])
async def test_a_place_where_no_room_is_has_rooms_after_it_or_none(node, position):
    assert (await get(node, f"/v1/rooms?cursor={forged(*position)}")).status == 200


# ── The rest ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "body", "field", "message"),
    [
        ("/v1/rooms", {"title": "T", "locked": 1}, "locked", "Expected `bool`, got `int`"),
        ("/v1/rooms", {"title": "T", "phase": "open"}, "phase", "Object contains unknown field `phase`"),
        ("/v1/rooms", {}, "title", "Object missing required field `title`"),
        ("/v1/rooms/{room}/link/ask", {"secret": "s", "nonce": "n", "device_key": {}}, "device_key.kty",
         "Object missing required field `kty`"),
    ],
)
async def test_a_field_that_is_wrong_is_named(node, path, body, field, message):
    answer = await ask(node, "POST", path.format(room=await make_room(node)), body, key=API_KEY)
    assert check_problem(answer, 400, "bad_message")["errors"] == [{"path": field, "message": message}]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/rooms/{room}", None),
        ("POST", "/v1/rooms", {"title": "T", "room_id": "never-{room}"}),
        ("POST", "/v1/rooms/{room}/lock", {}),
        ("PATCH", "/v1/rooms/{room}", {"locked": True}),
        ("DELETE", "/v1/rooms/{room}", None),
    ],
)
async def test_a_query_parameter_that_an_operation_does_not_take_is_refused_and_nothing_done(node, method, path, body):
    room = await make_room(node)
    body = json.loads(json.dumps(body).replace("{room}", room))
    said = check_problem(await ask(node, method, f"{path.format(room=room)}?dry_run=1", body, key=API_KEY), 400, "bad_message")
    assert [error["path"] for error in said["errors"]] == ["dry_run"]
    assert json.loads((await get(node, f"/v1/rooms/{room}")).body)["locked"] is False
    assert (await get(node, f"/v1/rooms/never-{room}")).status == 404


async def test_whoever_looks_after_the_process_may_add_to_the_address(node):
    assert (await ask(node, "GET", "/healthz?at=1")).status == 200


@pytest.mark.parametrize("body", [b"<room/>", b'{"title": "T", "title": "T"}', b"\xff\xfe"])
async def test_a_body_that_is_no_json_is_called_that(node, body):
    said = check_problem(await ask(node, "POST", "/v1/rooms", raw=body, key=API_KEY), 400, "bad_message")
    assert "JSON" in said["detail"]


@pytest.mark.parametrize("path", ["/v1/rooms", "/v1/rooms/{room}/invitations/bulk"])
async def test_a_packed_body_is_refused_with_what_is_wrong(node, path):
    path = path.format(room=await make_room(node))
    sent = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = await ask(node, "POST", path, raw=gzip.compress(b'{"title": "T"}'), key=API_KEY, headers=sent)
    assert "Content-Encoding" in check_problem(answer, 400, "bad_message")["detail"]


async def test_who_has_shown_no_key_is_told_how_keys_are_shown(node):
    answer = await ask(node, "GET", "/v1/rooms")
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_head_is_a_get_without_its_body(node):
    path = f"/v1/rooms/{await make_room(node)}"
    head, got = await ask(node, "HEAD", path, key=API_KEY), await get(node, path)
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", got.headers["etag"])


async def test_a_path_names_all_its_methods_to_whoever_asks_it_wrongly(node):
    answer = await ask(node, "OPTIONS", f"/v1/rooms/{await make_room(node)}", key=API_KEY)
    assert answer.headers["allow"] == "DELETE, GET, HEAD, PATCH"
    assert "access-control-allow-origin" not in answer.headers


PERSON = {"email": "uma@example.org", "first_name": "Uma", "last_name": "One"}


async def conditional_paths(node: Node) -> list[tuple[str, str]]:
    person = await ask(node, "POST", "/v1/directory/people", {"people": [PERSON]}, key=API_KEY)
    person_id = json.loads(person.body)["rows"][0]["person_id"]
    paths = {"room_id": await make_room(node), "person_id": person_id}
    changing = [one for one in OPERATIONS if one.conditional and one.method != "GET"]
    assert changing
    return [(one.method, one.path.format(**paths)) for one in changing]


async def test_every_change_that_takes_an_if_match_keeps_to_it(any_node):
    for method, path in await conditional_paths(any_node):
        body = None if method == "DELETE" else {}
        answer = await ask(any_node, method, path, body, key=API_KEY, headers={"If-Match": '"9999"'})
        check_problem(answer, 412, "precondition_failed")


async def test_everything_that_takes_an_if_match_says_its_revision_when_it_is_read(any_node):
    for _, path in await conditional_paths(any_node):
        etag = (await get(any_node, path)).headers["etag"]
        assert (await get(any_node, path, If_None_Match=etag)).status == 304


async def test_a_change_that_takes_no_if_match_does_not_pretend_to(node):
    room = await make_room(node)
    made = await ask(node, "POST", f"/v1/rooms/{room}/guest-links", {"name": "All"}, key=API_KEY)
    path = f"/v1/rooms/{room}/guest-links/{json.loads(made.body)['guest_link_id']}"
    check_problem(await patch(node, path, {"name": "Some"}, '"1"'), 412, "precondition_failed")
