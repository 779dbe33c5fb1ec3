"""A room's invitations over HTTP: the living list, what can be done with each, who did it, and who was refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from client_sim.api import Api
from client_sim.device import Device
from tests.support.nodes import Cluster, Node
from tests.web.asking import API_KEY, EMAIL, Invited, ask, check_problem, make_invited, nonce_for
from tests.web.claiming import WRONG, claim, headers_of
from tests.web.tab import make_room, sit_in, token_for


async def get(node: Node, invited: Invited, path: str, status: int = 200) -> dict[str, Any]:
    answer = await ask(node, "GET", f"/v1/rooms/{invited.room_id}/{path}", key=API_KEY)
    assert answer.status == status, answer.body
    said: dict[str, Any] = json.loads(answer.body)
    return said


async def post(node: Node, invited: Invited, path: str, body: Any = None) -> dict[str, Any]:
    address = f"/v1/rooms/{invited.room_id}/invitations/{invited.invitation_id}/{path}"
    answer = await ask(node, "POST", address, body or {}, key=API_KEY)
    assert answer.status == 200, answer.body
    said: dict[str, Any] = json.loads(answer.body)
    return said


async def row(node: Node, invited: Invited) -> dict[str, Any]:
    return await get(node, invited, f"invitations/{invited.invitation_id}")


async def test_a_row_tells_how_far_an_invitation_has_come_and_on_which_devices(any_node):
    invited, device = await make_invited(any_node), Device()
    assert (await row(any_node, invited))["stage"] == "created"
    session = await Api(any_node.url).look_and_claim(invited.link, EMAIL, device)
    shown = await row(any_node, invited)
    assert (shown["stage"], shown["role"], shown["participant_id"]) == ("away", "speaker", session["participant_id"])
    (held,) = shown["device_list"]
    assert (held["device_id"], held["has_key"]) == (device.thumbprint[:12], True)
    assert shown["last_device_at_ms"] == held["claimed_at_ms"]


async def test_a_row_tells_who_asks_for_another_device_so_that_the_site_can_answer(any_node):
    invited, device = await make_invited(any_node), Device()
    await Api(any_node.url).look_and_claim(invited.link, EMAIL, Device())
    assert (await row(any_node, invited))["device_request"] is None
    look = await Api(any_node.url).look(invited.link, device)
    given = {"email": EMAIL, "device_key": device.jwk, "proof": device.claim_proof(look["nonce"]), "label": "A telephone"}
    body = {"secret": invited.link.secret, "nonce": look["nonce"], **given}
    asked = json.loads((await ask(any_node, "POST", invited.path("ask"), body)).body)
    told = (await row(any_node, invited))["device_request"]
    assert (told["request_id"], told["label"]) == (asked["request_id"], "A telephone")
    allow = f"/v1/rooms/{invited.room_id}/invitations/{invited.invitation_id}/devices/{told['request_id']}/allow"
    assert (await ask(any_node, "POST", allow, {}, key=API_KEY)).status == 200
    shown = await row(any_node, invited)
    assert (shown["device_request"], shown["device_list"][0]["device_id"]) == (None, device.thumbprint[:12])


async def test_the_list_is_filtered_by_stage_and_comes_in_pages(any_node):
    invited = await make_invited(any_node)
    api = Api(any_node.url, API_KEY)
    for number in range(4):
        await api.invite(invited.room_id, email=f"p{number}@example.com", first_name="P", last_name="Q", role="viewer")
    await api.look_and_claim(invited.link, EMAIL, Device())
    assert [one["email"] for one in await api.invitations(invited.room_id, stage="away")] == [EMAIL]
    assert len(await api.invitations(invited.room_id, stage="not_come")) == 5
    found, query = [], "invitations?limit=2"
    while True:
        page = await get(any_node, invited, query)
        found += [one["email"] for one in page["invitations"]]
        if page["next_cursor"] is None:
            break
        query = f"invitations?limit=2&cursor={page['next_cursor']}"
    assert found == [EMAIL, *(f"p{number}@example.com" for number in range(4))]


async def test_the_list_is_searched_by_name_and_address_and_comes_the_newest_first(any_node):
    invited = await make_invited(any_node)
    api = Api(any_node.url, API_KEY)
    for name, last in (("Zoë", "Łukasz"), ("Bo", "Anders"), ("Ann", "Berg")):
        await api.invite(invited.room_id, email=f"{name[0].lower()}x@example.org", first_name=name, last_name=last, role="viewer")

    async def names(query: str) -> list[str]:
        page = await get(any_node, invited, f"invitations?{query}")
        assert page["total"] == len(page["invitations"])
        return [f"{one['first_name']} {one['last_name']}" for one in page["invitations"]]

    assert await names("search=zoe%20luk") == ["Zoë Łukasz"]
    assert await names("search=an&order=newest") == ["Ann Berg", "Bo Anders", "Ann Ode"]
    assert await names("search=bx@example") == ["Bo Anders"]
    assert await names("search=nobody") == []
    assert await names("search=an&stage=created") == ["Ann Ode", "Bo Anders", "Ann Berg"]
    found, query = [], "invitations?limit=1&order=newest&search=example"
    while query:
        page = await get(any_node, invited, query)
        assert page["total"] == 4
        found += [one["first_name"] for one in page["invitations"]]
        cursor = page["next_cursor"]
        query = f"invitations?limit=1&order=newest&search=example&cursor={cursor}" if cursor else ""
    assert found == ["Ann", "Bo", "Zoë", "Ann"]


async def test_managers_inside_read_the_list_and_moderators_do_not(any_node):
    room_id = await make_room(any_node)
    invited = await Api(any_node.url, API_KEY).invite(
        room_id, email=EMAIL, first_name="Ann", last_name="Ode", role="viewer"
    )
    paths = [f"/v1/rooms/{room_id}/invitations", f"/v1/rooms/{room_id}/invitations/{invited['invitation_id']}"]
    manager, other = await token_for(any_node, room_id, "maya"), await token_for(any_node, room_id, "bea")
    for path in paths:
        check_problem(await ask(any_node, "GET", path, key=manager), 409, "not_inside")
    async with sit_in(any_node, room_id, "maya") as maya, sit_in(any_node, room_id, "bea"):
        people = {one["name"]: one["participant_id"] for one in (await maya.room_whole())["participants"]}
        for role in ("viewer", "moderator"):
            await maya.command("role.change", participant_id=people["Bea"], role=role)
            for path in paths:
                assert (await ask(any_node, "GET", path, key=manager)).status == 200
                check_problem(await ask(any_node, "GET", path, key=other), 403, "role_forbidden")


@pytest.mark.parametrize(
    "query",
    ["order=best", "search=" + "s" * 101, "stage=gone", "limit=0", "limit=9999", "cursor=x", "cursor=WzFd", "unknown=1"],
)
async def test_a_question_to_the_list_that_makes_no_sense_is_refused(node, query):
    invited = await make_invited(node)
    answer = await ask(node, "GET", f"/v1/rooms/{invited.room_id}/invitations?{query}", key=API_KEY)
    check_problem(answer, 400, "bad_message")


async def test_what_can_be_done_in_place(any_node):
    invited, device = await make_invited(any_node), Device()
    assert (await post(any_node, invited, "link"))["link"] == invited.link.url
    await post(any_node, invited, "role", {"role": "moderator"})
    assert (await row(any_node, invited))["invited_role"] == "moderator"
    await Api(any_node.url).look_and_claim(invited.link, EMAIL, device)
    await post(any_node, invited, "release")
    assert (await row(any_node, invited))["stage"] == "moved"
    assert (await claim(any_node, invited)).status == 200


async def test_a_device_is_allowed_over_http(any_node):
    invited = await make_invited(any_node)
    api, phone = Api(any_node.url, API_KEY), Device()
    await api.look_and_claim(invited.link, EMAIL, Device())
    looked = await api.look(invited.link, phone)
    asked = await api.ask(invited.link, looked["nonce"], EMAIL, phone)
    await post(any_node, invited, f"devices/{asked['request_id']}/allow")
    assert (await api.look_and_claim(invited.link, EMAIL, phone))["session_token"]


async def test_support_sees_who_did_what_and_who_was_refused(any_node):
    invited = await make_invited(any_node)
    check_problem(await claim(any_node, invited, email=WRONG), 403, "email_mismatch")
    await post(any_node, invited, "revoke")
    check_problem(await claim(any_node, invited, nonce="x"), 409, "nonce_invalid")
    done = (await get(any_node, invited, "audit"))["entries"]
    assert [(line["name"], line["details"].get("what")) for line in done] == [
        ("invitation_changed", "revoked"), ("invitation_changed", "opened"), ("invitation_changed", "created"),
        ("room_created", None),
    ]
    assert done[0]["subjects"] == [{"kind": "invitation", "id": invited.invitation_id}]
    refused = (await get(any_node, invited, "refusals"))["refusals"]
    assert [(line["door"], line["code"]) for line in refused] == [("claim", "nonce_invalid"), ("claim", "email_mismatch")]
    assert {line["invitation_id"] for line in refused} == {invited.invitation_id}
    assert WRONG not in json.dumps(refused)


async def test_both_come_in_pages(node):
    invited = await make_invited(node)
    for _ in range(4):
        await claim(node, invited, email=WRONG)
    for path, name in (("audit", "entries"), ("refusals", "refusals")):
        whole = (await get(node, invited, path))[name]
        first = await get(node, invited, f"{path}?limit=1")
        second = await get(node, invited, f"{path}?limit=1&cursor={first['next_cursor']}")
        assert first[name] + second[name] == whole[:2]
        for cursor in ("IiRldmlsIg", "LTU", "x"):
            address = f"/v1/rooms/{invited.room_id}/{path}?cursor={cursor}"
            check_problem(await ask(node, "GET", address, key=API_KEY), 400, "bad_message")


async def test_a_room_that_is_not_there_has_neither(node):
    for path in ("audit", "refusals"):
        check_problem(await ask(node, "GET", f"/v1/rooms/no-room/{path}", key=API_KEY), 404, "room_unknown")


# ── The mailed code ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_without_a_mail_server_no_room_asks_for_codes(node):
    answer = await ask(node, "POST", "/v1/rooms", {"title": "T", "email_proof": "code"}, key=API_KEY)
    check_problem(answer, 403, "email_not_configured")


async def test_a_right_and_a_wrong_address_are_answered_alike_to_the_byte():
    async with Cluster(SMTP_URL="smtp://127.0.0.1:1", MAIL_FROM="rooms@example.org") as cluster:
        node = await cluster.add_node()
        invited = await make_invited(node, email_proof="code")
        looked = json.loads((await ask(node, "POST", invited.path("look"), {"secret": invited.link.secret})).body)
        assert looked["email_proof"] == "code"
        answers = []
        for email in (EMAIL, WRONG, "no address"):
            body = {"secret": invited.link.secret, "nonce": await nonce_for(node, invited), "email": email}
            answers.append(await ask(node, "POST", invited.path("code"), body))
        assert {answer.status for answer in answers} == {200}
        assert len({answer.body for answer in answers}) == 1
        assert len({tuple(name for name, _ in headers_of(answer)) for answer in answers}) == 1
        for email in (EMAIL, WRONG):
            check_problem(await claim(node, invited, email=email), 409, "code_required")
            check_problem(await claim(node, invited, email=email, code="x"), 403, "code_mismatch")
