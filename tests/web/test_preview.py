"""A manager sees what an invitee would see: the same as the link itself then says, and nothing is changed by it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from client_sim.api import Link
from tests.support.nodes import Node
from tests.web.asking import API_KEY, EMAIL, Invited, ask, check_problem, make_invited
from tests.web.claiming import claim
from tests.web.tab import make_room, open_tab, sit_in, token_for

LATER_MS = 9_000_000_000_000


async def call(node: Node, method: str, path: str, body: Any = None, key: str = API_KEY) -> Any:
    answer = await ask(node, method, path, body, key=key)
    assert answer.status < 300, answer.body
    return json.loads(answer.body or b"null")


async def preview(node: Node, invited: Invited, device: str = "own") -> dict[str, Any]:
    path = f"/v1/rooms/{invited.room_id}/invitations/{invited.invitation_id}/preview?device={device}"
    shown: dict[str, Any] = await call(node, "GET", path)
    return shown


async def invite_into(node: Node, room_id: str, role: str = "viewer") -> Invited:
    body = {"email": EMAIL, "first_name": "Ann", "last_name": "Ode", "role": role}
    made = await call(node, "POST", f"/v1/rooms/{room_id}/invitations", body)
    return Invited(room_id, made["invitation_id"], Link(made["link"]))


async def page_after_claim(node: Node, invited: Invited) -> dict[str, Any] | None:
    """What the invitee's page really shows after the claim; None in the room."""
    token = json.loads((await claim(node, invited)).body)["session_token"]
    async with open_tab(node) as tab:
        welcome = await tab.hello(token)
        assert welcome["type"] == "welcome", welcome
        lobby: dict[str, Any] | None = welcome["lobby"]
        return lobby


def same_page(shown: dict[str, Any] | None, real: dict[str, Any] | None) -> bool:
    """Revisions count what a connection was told, and are its own."""
    if shown is None or real is None:
        return shown is real
    return {**shown, "rev": 0} == {**real, "rev": 0}


# ── It says what the link says ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", ["viewer", "speaker", "moderator"])
@pytest.mark.parametrize(
    "room",
    [
        {}, {"locked": True}, {"starts_at_ms": LATER_MS}, {"starts_at_ms": LATER_MS, "opens": "by_host"},
        {"starts_at_ms": LATER_MS, "email_proof": "typed", "locked": True}, {"capacity": 1},
    ],
    ids=["open", "locked", "before the start", "a host opens", "locked before the start", "one seat"],
)
async def test_it_shows_the_page_that_the_invitee_then_gets(any_node, room, role):
    room_id = await make_room(any_node, **room)
    async with sit_in(any_node, room_id, "maya"):
        invited = await invite_into(any_node, room_id, role)
        shown = await preview(any_node, invited)
        looked = await call(any_node, "POST", invited.path("look"), {"secret": invited.link.secret}, key="")
        assert shown["look"] == {name: looked[name] for name in ("state", "room", "email_proof")}
        assert (shown["refusal"], shown["claim_refusal"]) == (None, None)
        real = await page_after_claim(any_node, invited)
        assert shown["inside"] is (real is None)
        assert same_page(shown["after"], real)


async def test_before_the_address_is_proven_it_shows_what_the_page_shows(any_node):
    room_id = await make_room(any_node, starts_at_ms=LATER_MS, description="For the proven alone")
    invited = await invite_into(any_node, room_id)
    shown = await preview(any_node, invited)
    looked = await call(any_node, "POST", invited.path("look"), {"secret": invited.link.secret}, key="")
    async with open_tab(any_node) as tab:
        welcome = await tab.hello(looked["lobby_token"])
    assert same_page(shown["before"], welcome["lobby"])
    assert (shown["before"]["state"], shown["before"]["needs_email"]) == ("countdown", True)
    assert shown["look"]["room"]["description"] is shown["before"]["room"]["description"] is None
    assert shown["after"]["room"]["description"] == "For the proven alone"


async def test_in_a_full_room_it_shows_the_line(any_node):
    room_id = await make_room(any_node, capacity=2)
    async with sit_in(any_node, room_id, "maya"), sit_in(any_node, room_id, "bea"):
        shown = await preview(any_node, invited := await invite_into(any_node, room_id))
        assert (shown["inside"], shown["after"]["state"], shown["after"]["position"]) == (False, "room_full", 1)
        assert same_page(shown["after"], await page_after_claim(any_node, invited))


async def test_somebody_who_comes_to_a_line_sees_the_place_at_its_end(any_node):
    room_id = await make_room(any_node, locked=True)
    async with sit_in(any_node, room_id, "maya"), sit_in(any_node, room_id, "will"):
        shown = await preview(any_node, invited := await invite_into(any_node, room_id))
        assert shown["after"]["position"] == 2
        assert same_page(shown["after"], await page_after_claim(any_node, invited))


async def test_a_link_in_use_shows_its_own_device_the_room_and_another_that_it_is_used(any_node):
    invited = await make_invited(any_node)
    await claim(any_node, invited)
    own, other = await preview(any_node, invited), await preview(any_node, invited, "other")
    assert (own["look"]["state"], own["before"], own["inside"]) == ("claimed_here", None, True)
    assert (other["look"]["state"], other["before"]["state"]) == ("used_on_another_device", "used_on_another_device")
    refused = json.loads((await claim(any_node, invited)).body)
    assert other["claim_refusal"]["code"] == refused["code"] == "invite_used"


async def _revoke(node: Node, invited: Invited) -> None:
    await call(node, "POST", f"/v1/rooms/{invited.room_id}/invitations/{invited.invitation_id}/revoke", {})


async def _replace(node: Node, invited: Invited) -> None:
    await invite_into(node, invited.room_id)


async def _end(node: Node, invited: Invited) -> None:
    await call(node, "POST", f"/v1/rooms/{invited.room_id}/end", {})


async def _delete(node: Node, invited: Invited) -> None:
    await ask(node, "DELETE", f"/v1/rooms/{invited.room_id}", key=API_KEY)


@pytest.mark.parametrize("withdraw", [_revoke, _replace, _end, _delete], ids=["revoked", "replaced", "ended", "deleted"])
async def test_a_link_that_opens_nothing_shows_the_refusal_that_the_invitee_gets(any_node, withdraw):
    invited = await make_invited(any_node)
    await withdraw(any_node, invited)
    shown = await preview(any_node, invited)
    answer = await ask(any_node, "POST", invited.path("look"), {"secret": invited.link.secret})
    refused = json.loads(answer.body)
    assert shown["refusal"] == {
        "code": refused["code"], "message": refused["detail"], "next_step": refused["next_step"],
        "retry_after_ms": refused["retry_after_ms"],
    }
    assert (shown["look"], shown["before"], shown["after"], shown["inside"]) == (None, None, None, False)


async def test_a_domain_blocked_meanwhile_is_the_refusal_of_the_claim(any_node):
    invited = await make_invited(any_node)
    await call(any_node, "PATCH", f"/v1/rooms/{invited.room_id}", {"blocked_domains": ["example.com"]})
    shown = await preview(any_node, invited)
    assert (shown["refusal"], shown["look"]["state"], shown["after"]) == (None, "email_entry", None)
    assert shown["claim_refusal"]["code"] == json.loads((await claim(any_node, invited)).body)["code"] == "domain_blocked"


async def test_somebody_banned_is_shown_banned_until_a_newer_invitation(any_node):
    invited = await make_invited(any_node)
    who = json.loads((await claim(any_node, invited)).body)["participant_id"]
    await call(any_node, "POST", f"/v1/rooms/{invited.room_id}/participants/{who}/ban", {})
    assert (await preview(any_node, invited))["claim_refusal"]["code"] == "banned"
    newer = await invite_into(any_node, invited.room_id)
    shown = await preview(any_node, newer)
    assert (shown["claim_refusal"], shown["inside"]) == (None, True)


async def test_somebody_removed_sees_that_they_were(any_node):
    invited = await make_invited(any_node)
    who = json.loads((await claim(any_node, invited)).body)["participant_id"]
    await call(any_node, "POST", f"/v1/rooms/{invited.room_id}/participants/{who}/remove", {})
    shown = await preview(any_node, invited)
    assert (shown["inside"], shown["after"]["state"], shown["after"]["can_knock"]) == (False, "removed", True)


# ── It changes nothing ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_looking_at_it_changes_nothing_and_keeps_nothing(any_node):
    invited = await make_invited(any_node)
    room = f"/v1/rooms/{invited.room_id}"
    revoked = await invite_into(any_node, invited.room_id)
    await _revoke(any_node, revoked)

    async def everything() -> list[Any]:
        paths = ("/invitations", "/audit", "/refusals", "/participants", "/line")
        told = [await call(any_node, "GET", room + path) for path in paths]
        return [{name: value for name, value in one.items() if name != "now_ms"} for one in told]

    before = await everything()
    for one in (invited, revoked):
        for device in ("own", "other"):
            await preview(any_node, one, device)
    assert await everything() == before
    assert before[0]["invitations"][0]["stage"] in ("created", "replaced")


async def test_it_holds_no_secret(any_node):
    invited = await make_invited(any_node)
    shown = json.dumps(await preview(any_node, invited))
    assert invited.link.secret not in shown
    assert "token" not in shown
    assert "nonce" not in shown


# ── Who may ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_managers_may_and_nobody_else(any_node):
    room_id = await make_room(any_node, standings={"maya": "owner"})
    invited = await invite_into(any_node, room_id, "moderator")
    path = f"/v1/rooms/{room_id}/invitations/{invited.invitation_id}/preview"
    maya, bea = await token_for(any_node, room_id, "maya"), await token_for(any_node, room_id, "bea")
    check_problem(await ask(any_node, "GET", path, key=maya), 409, "not_inside")
    async with sit_in(any_node, room_id, "maya") as tab, sit_in(any_node, room_id, "bea") as bea_tab:
        assert (await ask(any_node, "GET", path, key=maya)).status == 200
        check_problem(await ask(any_node, "GET", path, key=bea), 403, "role_forbidden")
        bea_id = next(
            one["participant_id"] for one in (await bea_tab.room_whole())["participants"] if one["name"] == "Bea"
        )
        await tab.command("role.change", participant_id=bea_id, role="moderator")
        check_problem(await ask(any_node, "GET", path, key=bea), 403, "role_forbidden")
    check_problem(await ask(any_node, "GET", path), 401, "api_key_invalid")
    check_problem(await ask(any_node, "GET", path, key="wrong"), 401, "api_key_invalid")


async def test_an_invitation_of_another_room_is_unknown(any_node):
    invited, other = await make_invited(any_node), await make_invited(any_node)
    path = f"/v1/rooms/{other.room_id}/invitations/{invited.invitation_id}/preview"
    check_problem(await ask(any_node, "GET", path, key=API_KEY), 404, "invitation_unknown")
    check_problem(await ask(any_node, "GET", f"{path}?device=mine", key=API_KEY), 400, "bad_message")
