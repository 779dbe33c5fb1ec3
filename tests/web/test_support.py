"""Why somebody does not get in: one answer, which agrees with what they are then told, and which nobody but the site gets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from client_sim.api import Api, Link
from tests.support.nodes import Node
from tests.web.asking import API_KEY, EMAIL, Invited, ask, check_problem, make_invited
from tests.web.claiming import claim
from tests.web.tab import make_room, sit_in, token_for
from tests.web.test_guests import Guests, enter
from tests.web.test_preview import invite_into

LATER_MS = 9_000_000_000_000


async def call(node: Node, method: str, path: str, body: Any = None) -> Any:
    answer = await ask(node, method, path, body, key=API_KEY)
    assert answer.status < 300, answer.body
    return json.loads(answer.body or b"null")


async def why(node: Node, room_id: str, email: str = EMAIL) -> dict[str, Any]:
    told: dict[str, Any] = await call(node, "POST", "/v1/support/why", {"email": email, "room_id": room_id})
    return told


async def code_at_claim(node: Node, invited: Invited) -> str | None:
    answer = await ask(node, "POST", invited.path("look"), {"secret": invited.link.secret})
    if answer.status == 200:
        answer = await claim(node, invited)
    code: str | None = json.loads(answer.body).get("code")
    return code


# ── It agrees with what they are told ────────────────────────────────────────────────────────────────────────────────


async def _nothing(node: Node, invited: Invited) -> None:
    pass


async def _revoke(node: Node, invited: Invited) -> None:
    await call(node, "POST", f"/v1/rooms/{invited.room_id}/invitations/{invited.invitation_id}/revoke", {})


async def _end(node: Node, invited: Invited) -> None:
    await call(node, "POST", f"/v1/rooms/{invited.room_id}/end", {})


async def _block(node: Node, invited: Invited) -> None:
    await call(node, "PATCH", f"/v1/rooms/{invited.room_id}", {"blocked_domains": ["example.com"]})


@pytest.mark.parametrize(
    ("done", "code"), [(_nothing, None), (_revoke, "invite_revoked"), (_end, "session_ended"), (_block, "domain_blocked")]
)
async def test_the_code_is_the_one_that_the_invitee_then_gets(any_node, done, code):
    invited = await make_invited(any_node)
    await done(any_node, invited)
    told = await why(any_node, invited.room_id)
    assert told["code"] == code
    assert told["sentence"].endswith(".")
    assert await code_at_claim(any_node, invited) == code
    assert [one["invitation_id"] for one in told["invitations"]] == [invited.invitation_id]


async def test_on_another_device_it_is_another_code(any_node):
    invited = await make_invited(any_node)
    await claim(any_node, invited)
    told = await why(any_node, invited.room_id)
    assert (told["code"], told["page"], told["elsewhere_code"]) == (None, "inside", "invite_used")
    assert await code_at_claim(any_node, invited) == "invite_used"
    assert len(told["invitations"][0]["device_list"]) == 1


@pytest.mark.parametrize(
    ("room", "page"), [({"starts_at_ms": LATER_MS}, "countdown"), ({"locked": True}, "waiting_in_line"), ({}, "inside")]
)
async def test_whoever_is_not_refused_is_told_of_by_their_page(any_node, room, page):
    invited = await make_invited(any_node, **room)
    told = await why(any_node, invited.room_id)
    assert (told["code"], told["page"]) == (None, page)
    assert (told["link"]["after"] or {"state": "inside"})["state"] == page


async def test_somebody_banned_is_found_with_their_name_and_since_when(any_node):
    invited = await make_invited(any_node)
    who = json.loads((await claim(any_node, invited)).body)["participant_id"]
    await call(any_node, "POST", f"/v1/rooms/{invited.room_id}/participants/{who}/ban", {})
    told = await why(any_node, invited.room_id)
    assert told["code"] == "banned"
    (person,) = told["people"]
    assert (person["participant_id"], person["name"], person["state"], person["proven"]) == (who, "Ann Ode", "banned", True)
    assert person["banned_at_ms"]


async def test_of_several_invitations_the_one_that_holds_counts_and_all_are_listed(any_node):
    invited = await make_invited(any_node)
    newer = await invite_into(any_node, invited.room_id)
    told = await why(any_node, invited.room_id)
    assert told["code"] is None
    assert {one["invitation_id"]: one["stage"] for one in told["invitations"]} == {
        newer.invitation_id: "created", invited.invitation_id: "replaced",
    }


async def test_the_refusals_at_their_link_are_there_and_those_of_others_are_not(any_node):
    invited = await make_invited(any_node)
    await claim(any_node, invited, email="eve@example.com")
    other = {"email": "otto@example.com", "first_name": "Otto", "last_name": "Ode", "role": "viewer"}
    made = await call(any_node, "POST", f"/v1/rooms/{invited.room_id}/invitations", other)
    await claim(any_node, Invited(invited.room_id, made["invitation_id"], Link(made["link"])))
    told = await why(any_node, invited.room_id)
    assert [(row["code"], row["invitee_name"]) for row in told["refusals"]] == [("email_mismatch", "Ann Ode")]
    assert "eve@example.com" not in json.dumps(told)


async def test_a_guest_is_found_by_the_address_that_they_typed_and_it_proves_nothing(any_node):
    room_id = await make_room(any_node)
    made = await Api(any_node.url, API_KEY).create_guest_link(room_id, "Everybody")
    await enter(any_node, Guests(room_id, made["guest_link_id"], Link(made["link"])))
    told = await why(any_node, room_id)
    (person,) = told["people"]
    assert (person["name"], person["proven"], person["guest_link_id"]) == ("Gus", False, made["guest_link_id"])


@pytest.mark.parametrize(
    ("room", "code"), [({"access": "members"}, None), ({"access": "invited"}, "not_invited")]
)
async def test_of_an_address_that_nobody_invited_it_says_what_the_sign_in_brings(any_node, room, code):
    room_id = await make_room(any_node, **room)
    told = await why(any_node, room_id, "nobody@example.com")
    assert (told["code"], told["link"], told["invitations"], told["people"]) == (code, None, [], [])


async def test_somebody_who_came_with_the_sites_sign_in_is_found_inside(any_node):
    room_id = await make_room(any_node)
    async with sit_in(any_node, room_id, "bea"):
        told = await why(any_node, room_id, " Bea@Example.org")
        assert (told["email"], told["page"]) == ("bea@example.org", "inside")
        assert told["people"][0]["present"]


# ── It changes nothing, and is for the site alone ────────────────────────────────────────────────────────────────────


async def test_asking_changes_nothing_and_no_log_holds_the_address(any_node):
    invited = await make_invited(any_node)

    async def everything() -> list[Any]:
        room = f"/v1/rooms/{invited.room_id}"
        told = [await call(any_node, "GET", f"{room}/{what}") for what in ("invitations", "audit", "refusals")]
        return [{name: value for name, value in one.items() if name != "now_ms"} for one in told]

    before = await everything()
    await why(any_node, invited.room_id)
    assert await everything() == before
    assert EMAIL not in any_node.output()


async def test_it_holds_no_secret(any_node):
    invited = await make_invited(any_node)
    assert invited.link.secret not in json.dumps(await why(any_node, invited.room_id))


async def test_nobody_but_the_site_may_ask(any_node):
    room_id = await make_room(any_node)
    body = {"email": EMAIL, "room_id": room_id}
    async with sit_in(any_node, room_id, "maya"):
        for key in (None, "", "wrong", await token_for(any_node, room_id, "maya")):
            check_problem(await ask(any_node, "POST", "/v1/support/why", body, key=key), 401, "api_key_invalid")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "no address", "room_id": "r"}, 400, "bad_message"),
        ({"email": EMAIL}, 400, "bad_message"),
        ({"email": EMAIL, "room_id": "none"}, 404, "room_unknown"),
        ({"email": EMAIL, "room_id": "a b"}, 404, "room_unknown"),
        ({"email": EMAIL, "room_id": "r" * 65}, 400, "bad_message"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(node, body, status, code):
    if body.get("email") == "no address":
        body["room_id"] = await make_room(node)
    check_problem(await ask(node, "POST", "/v1/support/why", body, key=API_KEY), status, code)
