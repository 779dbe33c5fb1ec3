"""Links over HTTP: what is refused first, what every wrong guess looks like, and that looking uses nothing up."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from client_sim.api import Api
from client_sim.device import Device
from client_sim.http_request import Answer
from tests.support.nodes import Node
from tests.web.asking import API_KEY, EMAIL, Invited, ask, check_problem, make_invited, nonce_for
from tests.web.claiming import WRONG, claim, headers_of


async def claim_on(node: Node, invited: Invited, device: Device, **fields: Any) -> Answer:
    nonce = await nonce_for(node, invited)
    return await claim(node, invited, nonce=nonce, device_key=device.jwk, proof=device.claim_proof(nonce), **fields)


async def status_of(node: Node, invited: Invited) -> tuple[str, int]:
    listed = await ask(node, "GET", f"/v1/rooms/{invited.room_id}/invitations", key=API_KEY)
    invitation = json.loads(listed.body)["invitations"][0]
    return invitation["status"], invitation["devices"]


# ── What there is nothing of ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("step", ["look", "claim", "ask"])
async def test_unknown_mangled_and_of_another_room_are_one_answer_byte_for_byte(any_node, step):
    here, elsewhere = await make_invited(any_node), await make_invited(any_node)
    secret = here.link.secret
    tried = [
        (here.room_id, "A" * 27), (here.room_id, elsewhere.link.secret), (elsewhere.room_id, secret), ("no-such-room", secret),
        (here.room_id, secret[:-1]), (here.room_id, secret + "A"), (here.room_id, secret.swapcase()), (here.room_id, "x"),
        (here.room_id, "\x00"), (here.room_id, "é" * 100), (here.room_id, "x" * 5_000), (here.room_id, ""),
        (here.room_id, secret + "x" * 5_000), ("a|b", secret), ("a" * 300, secret),
    ]
    answers = []
    for room_id, guess in tried:
        body = {"secret": guess} if step == "look" else {"secret": guess, "nonce": "n", "email": EMAIL}
        answers.append(await ask(any_node, "POST", f"/v1/rooms/{room_id}/link/{step}", body))
    check_problem(answers[0], 404, "invite_unknown")
    assert len({answer.body for answer in answers}) == 1
    assert len({headers_of(answer) for answer in answers}) == 1


# ── The order of refusals at a claim ─────────────────────────────────────────────────────────────────────────────────


async def test_an_unknown_link_is_refused_before_anything_else_is_looked_at(node):
    invited = await make_invited(node)
    check_problem(await claim(node, invited, secret="A" * 27, nonce="n", email=WRONG), 404, "invite_unknown")


async def test_then_the_pages_nonce_before_the_link_says_that_it_was_withdrawn(node):
    invited = await make_invited(node)
    await Api(node.url, API_KEY).revoke(invited.room_id, invited.invitation_id)
    check_problem(await claim(node, invited, nonce="n", email=WRONG), 409, "nonce_invalid")


async def test_then_the_devices_proof(node):
    invited, device = await make_invited(node), Device()
    nonce = await nonce_for(node, invited)
    for proof in (None, "", "A" * 86, Device().claim_proof(nonce), device.hello_proof(nonce)):
        answer = await claim(node, invited, nonce=nonce, device_key=device.jwk, proof=proof, email=WRONG)
        check_problem(answer, 403, "proof_invalid")


async def test_then_that_it_was_withdrawn_before_the_address_is_compared(node):
    invited = await make_invited(node)
    nonce = await nonce_for(node, invited)
    await Api(node.url, API_KEY).revoke(invited.room_id, invited.invitation_id)
    for email in (EMAIL, WRONG):
        check_problem(await claim(node, invited, nonce=nonce, email=email), 410, "invite_revoked")


async def test_then_that_it_was_replaced_and_that_the_room_is_gone(node):
    invited = await make_invited(node)
    nonce, api = await nonce_for(node, invited), Api(node.url, API_KEY)
    await api.invite(invited.room_id, email=EMAIL, first_name="Ann", last_name="Ode", role="viewer")
    check_problem(await claim(node, invited, nonce=nonce), 410, "invite_replaced")
    other = await make_invited(node)
    nonce = await nonce_for(node, other)
    await api.delete_room(other.room_id)
    check_problem(await claim(node, other, nonce=nonce, email=WRONG), 410, "room_deleted")


async def test_then_that_another_device_has_it_before_the_address_is_compared(node):
    invited = await make_invited(node)
    assert (await claim_on(node, invited, Device())).status == 200
    for email in (EMAIL, WRONG):
        check_problem(await claim_on(node, invited, Device(), email=email), 409, "invite_used")


async def test_and_last_the_address(node):
    invited = await make_invited(node)
    check_problem(await claim(node, invited, email=WRONG), 403, "email_mismatch")
    assert await status_of(node, invited) == ("opened", 0)
    assert (await claim(node, invited)).status == 200


async def test_the_device_that_has_it_claims_again_without_an_address(node):
    invited, device = await make_invited(node), Device()
    first = json.loads((await claim_on(node, invited, device)).body)
    again = json.loads((await claim_on(node, invited, device, email=None)).body)
    assert again["participant_id"] == first["participant_id"]
    assert await status_of(node, invited) == ("claimed", 1)


# ── Looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_page_fetched_a_hundred_times_leaves_the_link_unspent(node):
    invited = await make_invited(node)
    for method in ("HEAD", "GET") * 50:
        assert (await ask(node, method, f"/join/{invited.room_id}")).status == 200
    assert await status_of(node, invited) == ("created", 0)
    assert (await claim(node, invited)).status == 200


async def test_looking_a_hundred_times_leaves_the_link_unspent(node):
    invited = await make_invited(node)
    for _ in range(100):
        await nonce_for(node, invited)
    assert await status_of(node, invited) == ("opened", 0)
    assert (await claim(node, invited)).status == 200


async def test_a_claim_without_what_the_page_gives_uses_nothing_up(node):
    """As a mail scanner does that posts the forms it finds."""
    invited = await make_invited(node)
    for body in ({"secret": invited.link.secret}, {"secret": invited.link.secret, "nonce": "", "email": ""}, {"email": EMAIL}):
        assert (await ask(node, "POST", invited.path("claim"), body)).status in (400, 409)
    assert (await ask(node, "GET", invited.path("claim"))).status == 405
    assert (await status_of(node, invited))[1] == 0


SMUGGLED = [{"role": "moderator"}, {"participant_id": "p1"}, {"room_id": "r2"}, {"invitation_id": "i2"}]


@pytest.mark.parametrize("smuggled", SMUGGLED)
@pytest.mark.parametrize("step", ["claim", "ask"])
async def test_a_role_or_a_person_beside_the_link_is_refused(node, step, smuggled):
    invited = await make_invited(node)
    body = {"secret": invited.link.secret, "nonce": await nonce_for(node, invited), "email": EMAIL, **smuggled}
    check_problem(await ask(node, "POST", invited.path(step), body), 400, "bad_message")
    assert (await status_of(node, invited))[1] == 0


@pytest.mark.parametrize("step", ["look", "claim", "ask"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_page_from_elsewhere_may_not_send_the_devices_cookie(node, step, origin):
    invited = await make_invited(node)
    answer = await ask(node, "POST", invited.path(step), {"secret": invited.link.secret}, headers={"Origin": origin})
    check_problem(answer, 403, "origin_forbidden")


async def test_what_a_link_shows_before_the_address_is_proven(node):
    invited = await make_invited(node, description="For insiders.")
    looked = json.loads((await ask(node, "POST", invited.path("look"), {"secret": invited.link.secret})).body)
    assert looked["room"]["description"] is None
    shown = json.dumps(looked)
    assert not re.search(r"Ann|ann@|speaker|" + invited.invitation_id, re.sub(r'"(nonce|lobby_token)": "[^"]*"', "", shown))
