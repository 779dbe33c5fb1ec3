"""Guest links over HTTP: what spends a click, what does not, and that no answer tells the two kinds of links apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from client_sim.api import Api, Link
from client_sim.device import Device
from client_sim.http_request import Answer
from tests.support.nodes import Node
from tests.web.asking import API_KEY, EMAIL, ask, check_problem, make_invited
from tests.web.claiming import headers_of


@dataclass(frozen=True)
class Guests:
    room_id: str
    guest_link_id: str
    link: Link

    def path(self, step: str) -> str:
        return f"/v1/rooms/{self.room_id}/guest/{step}"


async def make_guests(node: Node, **limits: int) -> Guests:
    api = Api(node.url, API_KEY)
    room_id = (await api.create_room(title="Open day"))["room_id"]
    made = await api.create_guest_link(room_id, "Everybody", **limits)
    return Guests(room_id, made["guest_link_id"], Link(made["link"]))


async def clicks(node: Node, guests: Guests) -> int:
    (link,) = await Api(node.url, API_KEY).guest_links(guests.room_id)
    return int(link["clicks"])


async def look(node: Node, guests: Guests, **options: Any) -> Answer:
    return await ask(node, "POST", guests.path("look"), {"secret": guests.link.guest_secret}, **options)


async def enter(node: Node, guests: Guests, device: Device | None = None, *, headers: Any = None, **fields: Any) -> Answer:
    """Send the form as the page does, where `fields` say nothing else."""
    nonce = json.loads((await look(node, guests, headers=headers)).body)["nonce"]
    body = {"secret": guests.link.guest_secret, "nonce": nonce, "name": "Gus", "email": EMAIL}
    if device:
        body |= {"device_key": device.jwk, "proof": device.claim_proof(nonce)}
    return await ask(node, "POST", guests.path("enter"), body | fields, headers=headers)


async def test_unknown_mangled_elsewhere_and_an_invitations_are_one_answer_byte_for_byte(any_node):
    here, elsewhere, invited = await make_guests(any_node), await make_guests(any_node), await make_invited(any_node)
    secret = here.link.guest_secret
    guest_tries = [
        (here.room_id, "A" * 27), (here.room_id, elsewhere.link.guest_secret), ("no-such-room", secret), (here.room_id, ""),
        (here.room_id, "g." + secret), (here.room_id, secret[:-1]), (invited.room_id, invited.link.secret), ("a|b", secret),
    ]
    answers = [
        await ask(any_node, "POST", f"/v1/rooms/{room_id}/guest/{step}", {"secret": guess, **fields})
        for step, fields in (("look", {}), ("enter", {"nonce": "n", "name": "G", "email": EMAIL}))
        for room_id, guess in guest_tries
    ]
    for guess in (secret, "g." + secret):
        answers.append(await ask(any_node, "POST", f"/v1/rooms/{here.room_id}/link/look", {"secret": guess}))
    check_problem(answers[0], 404, "invite_unknown")
    assert len({answer.body for answer in answers}) == 1
    assert len({headers_of(answer) for answer in answers}) == 1


async def test_scanners_spend_no_click(any_node):
    guests = await make_guests(any_node, max_clicks=1)
    join = f"/join/{guests.room_id}"
    for _ in range(20):
        assert (await ask(any_node, "GET", join)).status == 200
    assert (await ask(any_node, "HEAD", join)).status in (200, 405)
    for _ in range(5):
        assert (await look(any_node, guests)).status == 200
    for body in ({}, {"name": "x", "email": "x@example.com"}, {"secret": guests.link.guest_secret, "name": "x", "email": EMAIL}):
        check_problem(await ask(any_node, "POST", guests.path("enter"), body), 400, "bad_message")
    without_a_name = await enter(any_node, guests, Device(), name=None)
    check_problem(without_a_name, 400, "bad_message")
    check_problem(await enter(any_node, guests, Device(), email=""), 400, "bad_message")
    assert await clicks(any_node, guests) == 0
    assert (await enter(any_node, guests, Device())).status == 200
    assert await clicks(any_node, guests) == 1


async def test_the_nonce_of_another_links_page_is_no_page(node):
    guests, other = await make_guests(node), await make_guests(node)
    nonce = json.loads((await look(node, other)).body)["nonce"]
    check_problem(await enter(node, guests, nonce=nonce), 409, "nonce_invalid")
    check_problem(await enter(node, guests, nonce="n"), 409, "nonce_invalid")


async def test_a_proof_of_another_key_is_no_proof(node):
    guests, device = await make_guests(node), Device()
    check_problem(await enter(node, guests, device, proof=Device().claim_proof("n")), 403, "proof_invalid")
    check_problem(await enter(node, guests, device, proof=None), 403, "proof_invalid")
    assert await clicks(node, guests) == 0


async def test_a_browser_without_keys_comes_back_by_its_cookie(any_node):
    guests = await make_guests(any_node, max_clicks=1)
    first = await enter(any_node, guests)
    cookie = first.headers["set-cookie"].split(";")[0]
    origin = {"Cookie": cookie, "Origin": any_node.url}
    again = await enter(any_node, guests, headers=origin, name=None, email=None)
    assert again.status == 200, again.body
    assert json.loads(again.body)["participant_id"] == json.loads(first.body)["participant_id"]
    check_problem(await look(any_node, guests), 409, "guest_link_full")


async def test_another_sites_page_cannot_send_a_guests_form(node):
    guests = await make_guests(node)
    check_problem(await look(node, guests, headers={"Origin": "https://evil.example"}), 403, "origin_forbidden")


async def test_what_the_client_says_of_its_role_is_refused(node):
    guests = await make_guests(node)
    for field in ({"role": "moderator"}, {"email_proof": "link"}, {"participant_id": "p-1"}, {"unverified": False}):
        check_problem(await enter(node, guests, Device(), **field), 400, "bad_message")


async def test_no_list_of_guest_links_holds_a_secret(node):
    guests = await make_guests(node)
    listed = await ask(node, "GET", f"/v1/rooms/{guests.room_id}/guest-links", key=API_KEY)
    assert guests.link.guest_secret.encode() not in listed.body
    assert set(json.loads(listed.body)["guest_links"][0]) == {
        "guest_link_id", "name", "clicks", "max_clicks", "expires_at_ms", "created_at_ms", "created_by",
    }


async def test_the_same_request_makes_one_link(node):
    guests = await make_guests(node)
    path, body = f"/v1/rooms/{guests.room_id}/guest-links", {"name": "More"}
    made = [await ask(node, "POST", path, body, key=API_KEY, headers={"Idempotency-Key": "once"}) for _ in range(3)]
    assert {answer.body for answer in made} == {made[0].body}
    assert len(await Api(node.url, API_KEY).guest_links(guests.room_id)) == 2


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_a_link_that_is_off_is_unknown_to_those_who_manage_links(node, method):
    guests = await make_guests(node)
    path = f"/v1/rooms/{guests.room_id}/guest-links/{guests.guest_link_id}"
    assert (await ask(node, "DELETE", path, key=API_KEY)).status == 204
    check_problem(await ask(node, method, path, {} if method == "PATCH" else None, key=API_KEY), 404, "guest_link_unknown")
    check_problem(await look(node, guests), 410, "invite_revoked")
    assert await Api(node.url, API_KEY).guest_links(guests.room_id) == []
