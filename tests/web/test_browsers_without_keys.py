"""A browser without WebCrypto: its cookie, given at the first look, is all that it is known by."""

from __future__ import annotations

import json
import re
from typing import Any

from client_sim.api import Api, Link
from client_sim.device import Device
from client_sim.http_request import Answer
from tests.support.nodes import Node
from tests.web.asking import API_KEY, EMAIL, Invited, ask, check_problem, make_invited
from tests.web.claiming import claim
from tests.web.tab import JSON, Tab, open_tab, sit_in


def cookie_of(answer: Answer) -> str:
    """What a browser sends back."""
    found = re.fullmatch(r"(\S+=[A-Za-z0-9_-]{43}); .*", answer.headers["set-cookie"])
    assert found is not None, answer.headers["set-cookie"]
    return found[1]


async def send(node: Node, invited: Invited, step: str, cookie: str | None = None, **fields: Any) -> Answer:
    headers = {"Cookie": cookie} if cookie else {}
    return await ask(node, "POST", invited.path(step), {"secret": invited.link.secret, **fields}, headers=headers)


async def claim_with_key(node: Node, invited: Invited) -> None:
    device = Device()
    nonce = json.loads((await send(node, invited, "look", device_key=device.jwk)).body)["nonce"]
    fields = {"nonce": nonce, "email": EMAIL, "device_key": device.jwk, "proof": device.claim_proof(nonce)}
    assert (await send(node, invited, "claim", **fields)).status == 200


async def test_the_first_look_gives_a_cookie_and_later_ones_keep_it(node):
    invited = await make_invited(node)
    cookie = cookie_of(await send(node, invited, "look"))
    assert cookie_of(await send(node, invited, "look", cookie)) == cookie
    assert cookie_of(await send(node, invited, "look")) != cookie


async def test_the_cookie_of_the_first_look_claims_and_is_known_again(node):
    invited = await make_invited(node)
    looked = await send(node, invited, "look")
    cookie, nonce = cookie_of(looked), json.loads(looked.body)["nonce"]
    first = json.loads((await send(node, invited, "claim", cookie, nonce=nonce, email=EMAIL)).body)
    looked = await send(node, invited, "look", cookie)
    assert json.loads(looked.body)["state"] == "claimed_here"
    again = await send(node, invited, "claim", cookie, nonce=json.loads(looked.body)["nonce"])
    assert json.loads(again.body)["participant_id"] == first["participant_id"]


async def lobby_until(page: Tab, state: str) -> dict[str, Any]:
    while (lobby := (await page.until("lobby"))["lobby"])["state"] != state:
        pass
    return lobby


async def test_a_device_that_lost_its_key_gives_the_address_again_and_is_not_told_to_ask(any_node):
    invited, first, second = await make_invited(any_node), Device(), Device()
    looked = await send(any_node, invited, "look", device_key=first.jwk)
    cookie, nonce = cookie_of(looked), json.loads(looked.body)["nonce"]
    fields = {"device_key": first.jwk, "nonce": nonce, "proof": first.claim_proof(nonce), "email": EMAIL}
    assert (await send(any_node, invited, "claim", cookie, **fields)).status == 200
    shown = json.loads((await send(any_node, invited, "look", cookie, device_key=second.jwk)).body)
    assert shown["state"] == "email_entry"
    async with open_tab(any_node, subprotocols=[JSON]) as page:
        assert (await page.hello(shown["lobby_token"]))["lobby"]["state"] == "email_entry"
    stranger = json.loads((await send(any_node, invited, "look", device_key=second.jwk)).body)
    async with open_tab(any_node, subprotocols=[JSON]) as page:
        assert (await page.hello(stranger["lobby_token"]))["lobby"]["state"] == "used_on_another_device"


async def test_a_page_that_asked_with_its_cookie_hears_that_it_may_and_claims(any_node):
    invited = await make_invited(any_node, standings={"maya": "owner"})
    await claim_with_key(any_node, invited)
    looked = await send(any_node, invited, "look")
    cookie, shown = cookie_of(looked), json.loads(looked.body)
    assert shown["state"] == "used_on_another_device"
    async with sit_in(any_node, invited.room_id, "maya") as maya, open_tab(any_node, subprotocols=[JSON]) as page:
        assert (await page.hello(shown["lobby_token"]))["lobby"]["device_request"] is None
        asked = json.loads((await send(any_node, invited, "ask", cookie, nonce=shown["nonce"], email=EMAIL)).body)
        assert (await lobby_until(page, "used_on_another_device"))["device_request"] == "pending"
        answer = await maya.command(
            "device.allow", invitation_id=invited.invitation_id, request_id=asked["request_id"]
        )
        assert answer["type"] == "result"
        await lobby_until(page, "device_allowed")
    nonce = json.loads((await send(any_node, invited, "look", cookie)).body)["nonce"]
    assert (await send(any_node, invited, "claim", cookie, nonce=nonce)).status == 200
    check_problem(await send(any_node, invited, "claim", nonce=nonce, email=EMAIL), 409, "invite_used")


async def test_a_device_that_has_the_link_no_more_does_nothing_over_http_either(any_node):
    api = Api(any_node.url, API_KEY)
    room_id = (await api.create_room(title="Chemistry"))["room_id"]
    made = await api.invite(room_id, email=EMAIL, first_name="Ann", last_name="Ode", role="moderator")
    invited = Invited(room_id, made["invitation_id"], Link(made["link"]))
    token = json.loads((await claim(any_node, invited)).body)["session_token"]
    async with open_tab(any_node) as tab:
        assert (await tab.hello(token))["type"] == "welcome"
        assert (await ask(any_node, "POST", f"/v1/rooms/{room_id}/lock", {}, key=token)).status == 200
        released = f"/v1/rooms/{room_id}/invitations/{invited.invitation_id}/release"
        assert (await ask(any_node, "POST", released, {}, key=API_KEY)).status == 200
        for method, path, body in (("POST", "/unlock", {}), ("GET", "/participants.json", None)):
            answer = await ask(any_node, method, f"/v1/rooms/{room_id}{path}", body, key=token)
            check_problem(answer, 401, "token_invalid")
