"""The site's people over HTTP, and suggestions for those who may invite."""

from __future__ import annotations

import json

import pytest

from client_sim.api import Api
from client_sim.refused import Refused
from tests.web.asking import API_KEY, ask, check_problem
from tests.web.tab import open_tab


def api_of(node) -> Api:
    return Api(node.url, API_KEY)


def person(name: str, **fields):
    return {"email": f"{name}@example.org", "first_name": name.title(), "last_name": "Lovelace", **fields}


async def test_people_are_stored_changed_listed_and_deleted(any_node):
    api = api_of(any_node)
    made = await api.put_people([person("flo", external_id="f-1"), person("fred"), person("fred"), {"email": 7}, "nonsense"])
    assert [row["status"] for row in made["rows"]] == ["created", "created", "unchanged", "error", "error"]
    assert [row["code"] for row in made["rows"]] == [None, None, None, "row_invalid", "row_invalid"]
    assert made["counts"] == {"created": 2, "unchanged": 1, "error": 2}
    changed = await api.put_people([person("flora", external_id="f-1"), person("fred", external_id="f-1")])
    assert [(row["row"], row["status"], row["code"]) for row in changed["rows"]] == [
        (0, "updated", None), (1, "error", "address_taken"),
    ]  # fmt: skip
    flora_id = made["rows"][0]["person_id"]
    assert (await api.person(flora_id))["email"] == "flora@example.org"
    listed = await api.people(query="flor")
    assert [one["person_id"] for one in listed["people"]] == [flora_id]
    assert listed["next_cursor"] is None
    await api.delete_person(flora_id)
    for again in (api.person, api.delete_person):
        with pytest.raises(Refused) as refused:
            await again(flora_id)
        assert refused.value.code == "person_unknown"


async def test_pages_follow_each_other(node):
    api = api_of(node)
    await api.put_people([person(f"page{number}") for number in range(5)])
    first = await api.people(query="page", limit=3)
    rest = await api.people(query="page", limit=3, cursor=first["next_cursor"])
    found = [one["email"] for one in first["people"] + rest["people"]]
    assert sorted(found) == [f"page{number}@example.org" for number in range(5)]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "MTph", "!", "Mjph", "é"])
async def test_a_cursor_that_was_not_given_out_is_refused(node, cursor):
    with pytest.raises(Refused) as refused:
        await api_of(node).people(cursor=cursor)
    assert refused.value.code == "bad_message"


async def test_a_person_has_a_revision_that_deleting_may_name(node):
    api = api_of(node)
    person_id = (await api.put_people([person("rev")]))["rows"][0]["person_id"]
    path = f"/v1/directory/people/{person_id}"
    answer = await ask(node, "GET", path, key=API_KEY)
    assert (await ask(node, "GET", path, key=API_KEY, headers={"If-None-Match": answer.headers["etag"]})).status == 304
    await api.put_people([person("rev", last_name="Other")])
    stale = await ask(node, "DELETE", path, key=API_KEY, headers={"If-Match": answer.headers["etag"]})
    check_problem(stale, 412, "precondition_failed")
    fresh = (await ask(node, "GET", path, key=API_KEY)).headers["etag"]
    assert (await ask(node, "DELETE", path, key=API_KEY, headers={"If-Match": fresh})).status == 204


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/directory/people"), ("GET", "/v1/directory/people"), ("GET", "/v1/directory/people/d1"),
        ("DELETE", "/v1/directory/people/d1"),
    ],
)  # fmt: skip
async def test_without_the_api_key_nobody_learns_who_is_in_the_directory(node, method, path):
    check_problem(await ask(node, method, path, {"people": []} if method == "POST" else None), 401, "api_key_invalid")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"people": [{}] * 1_001}, 413, "too_many_rows"), ({"people": [{}] * 20_000}, 400, "bad_message"),
        ({"people": {}}, 400, "bad_message"), ({}, 400, "bad_message"), ({"people": ["x" * 1_100_000]}, 413, "too_large"),
    ],
    ids=["1,001 rows", "20,000 rows", "no list", "nothing", "too large"],
)
async def test_what_is_no_upload_is_refused_whole(node, body, status, code):
    check_problem(await ask(node, "POST", "/v1/directory/people", body, key=API_KEY), status, code)


async def test_a_manager_is_suggested_people_on_the_websocket_and_over_http_and_others_nobody(any_node):
    api = api_of(any_node)
    await api.put_people([person("zoe", last_name="Zyx-Müller"), person("zack", last_name="Zyx")])
    room_id = (await api.create_room(title="Chemistry", standings={"boss": "owner"}))["room_id"]
    boss, vic = await api.demo_sign_in(room_id, "boss", "Boss"), await api.demo_sign_in(room_id, "vic", "Vic")
    zoe = {"email": "zoe@example.org", "first_name": "Zoe", "last_name": "Zyx-Müller"}
    async with open_tab(any_node) as tab, open_tab(any_node) as other:
        await tab.hello(boss["session_token"])
        await other.hello(vic["session_token"])
        for text in ("zyx mull", "ZOE", "zoe@ex", "zyx-mü"):
            answer = await tab.command("people.suggest", text=text)
            assert answer["result"] == {"suggestions": [zoe]}
            assert answer["seq"] is None
        assert len((await tab.command("people.suggest", text="zyx"))["result"]["suggestions"]) == 2
        assert (await other.command("people.suggest", text="zyx"))["code"] == "role_forbidden"
        assert await api.suggest(room_id, "zoe") == [zoe]
        assert await api.suggest(room_id, "zoe", session_token=boss["session_token"]) == [zoe]
        with pytest.raises(Refused) as refused:
            await api.suggest(room_id, "zoe", session_token=vic["session_token"])
        assert refused.value.code == "role_forbidden"
        heard = json.dumps(other.heard)
        assert "zoe" not in heard
        assert "Zyx" not in heard


async def test_who_is_in_the_room_and_not_in_the_directory_is_not_suggested(node):
    api = api_of(node)
    room_id = (await api.create_room(title="Chemistry"))["room_id"]
    await api.demo_sign_in(room_id, "quentin", "Quentin")
    await api.invite(room_id, email="quinn@example.org", first_name="Quinn", last_name="Q", role="viewer")
    assert await api.suggest(room_id, "qu") == []


@pytest.mark.parametrize(("text", "code"), [("a", "bad_message"), (" ", "bad_message"), ("x" * 101, "bad_message")])
async def test_too_little_to_search_by_is_refused(node, text, code):
    room_id = (await api_of(node).create_room(title="Chemistry"))["room_id"]
    with pytest.raises(Refused) as refused:
        await api_of(node).suggest(room_id, text)
    assert refused.value.code == code


async def test_who_asks_for_suggestions_without_end_is_slowed_down_on_all_their_tabs(any_node):
    api = api_of(any_node)
    room_id = (await api.create_room(title="Chemistry", standings={"boss": "owner", "too": "co_owner"}))["room_id"]
    boss, too = await api.demo_sign_in(room_id, "boss", "Boss"), await api.demo_sign_in(room_id, "too", "Too")
    async with open_tab(any_node) as tab, open_tab(any_node) as other:
        await tab.hello(boss["session_token"])
        await other.hello(too["session_token"])
        answers = [await tab.command("people.suggest", text="zz") for _ in range(20)]
        assert {answer["type"] for answer in answers} == {"result"}
        codes = []
        for _ in range(45):
            try:
                await api.suggest(room_id, "zz", session_token=boss["session_token"])
            except Refused as refused:
                codes.append(refused.code)
        assert codes == ["rate_limited"] * 5
        assert (await tab.command("people.suggest", text="zz"))["code"] == "rate_limited"
        assert await api.suggest(room_id, "zz", session_token=too["session_token"]) == []
