"""The first message: in time, once, with a token for this door and the proof that the token asks for."""

from __future__ import annotations

import pytest

from client_sim.api import Api
from client_sim.device import Device
from server.settings import Keyring, Secret
from server.trust.tokens import SessionClaims, Tokens
from tests.support.nodes import CALM, Cluster
from tests.web.asking import EMAIL, make_invited
from tests.web.tab import make_room, open_tab, sit_in, token_for, undisturbed

FAR_MS = 4_000_000_000_000


def node_tokens() -> Tokens:
    """The node's own keys in an attacker's hands would be the worst; here they make tokens for people that are not."""
    key_id, _, key = Cluster.session_keys.partition(":")
    return Tokens(Keyring({key_id: Secret(key)}), session_ttl_s=900)


async def test_who_says_nothing_is_told_to_come_back_and_say_hello():
    async with Cluster(**CALM, HELLO_TIMEOUT_MS="500") as cluster, open_tab(await cluster.add_node()) as tab:
        bye, close_code = await tab.end()
    assert bye is not None
    assert (bye["code"], close_code) == ("hello_timeout", 4405)
    assert bye["retry_after_ms"] is not None


FIRST = {
    "a command": '{"type": "room.lock", "id": "c1"}',
    "an acknowledgement": '{"type": "ack", "role_rev": 1}',
    "leave": '{"type": "leave", "id": "c1"}',
    "an unknown type": '{"type": "open.sesame", "id": "c1"}',
}
UNREADABLE = {
    "garbage": "garbage",
    "nothing": "",
    "a list": "[]",
    "hello without a token": '{"type": "hello"}',
    "hello with an empty token": '{"type": "hello", "token": ""}',
    "a token of 5,000 letters": '{"type": "hello", "token": "' + "x" * 5_000 + '"}',
    "hello with more": '{"type": "hello", "token": "t", "participant_id": "p1"}',
    "a key twice": '{"type": "hello", "token": "t", "token": "t"}',
    "a resume that is none": '{"type": "hello", "token": "t", "resume": {"epoch": 1, "seq": "x"}}',
    "a resume at half an event": '{"type": "hello", "token": "t", "resume": {"epoch": "e", "seq": 1.5}}',
    "half a surrogate": '{"type": "hello", "token": "\\ud800"}',
    "a binary frame": b'{"type": "hello", "token": "t"}',
}


@pytest.mark.parametrize("message", FIRST.values(), ids=FIRST.keys())
async def test_nothing_but_hello_may_come_first(node, message):
    async with open_tab(node) as tab:
        await tab.send(message)
        bye, close_code = await tab.end()
    assert bye is not None
    assert (bye["code"], close_code, bye["retry_after_ms"]) == ("hello_expected", 4541, None)


@pytest.mark.parametrize("message", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_a_hello_that_cannot_be_read_ends_the_connection(node, message):
    async with open_tab(node) as tab:
        await tab.send(message)
        bye, close_code = await tab.end()
    assert bye is not None
    assert (bye["code"], close_code, bye["retry_after_ms"]) == ("bad_message", 4540, None)


TOKENS = {
    "nonsense": "nonsense",
    "dots": "..",
    "4,096 letters": "x" * 4096,
    "a header nested deeply": "W1tb" * 900 + ".e30.e30",
    "somebody else's key": Tokens(Keyring({"test": Secret("k" * 20 + "0123456789abcdef")}), session_ttl_s=900).mint_session(
        SessionClaims(room_id="r1", participant_id="p1"), FAR_MS)[0],
    "a nonce": node_tokens().mint_nonce("r1", "i1", FAR_MS),
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
async def test_a_token_that_is_none_of_ours_is_refused_for_good(node, token):
    async with open_tab(node) as tab:
        bye = await tab.hello(token)
        assert (bye["type"], bye["code"], bye["retry_after_ms"]) == ("bye", "token_invalid", None)
        assert (await tab.end())[1] == 4530


async def test_an_expired_token_is_refused_with_a_code_that_invites_back(node):
    room_id = await make_room(node)
    token, _ = node_tokens().mint_session(SessionClaims(room_id=room_id, participant_id="p1"), 1_000_000_000_000)
    async with open_tab(node) as tab:
        assert (await tab.hello(token))["code"] == "token_expired"
        assert (await tab.end())[1] == 4404


@pytest.mark.parametrize(
    ("room_id", "code", "close_code"),
    [("no-such-room", "room_unknown", 4520), (None, "token_invalid", 4530)],
    ids=["room", "person"],
)
async def test_a_token_for_what_is_not_there_is_refused(node, room_id, code, close_code):
    claims = SessionClaims(room_id=room_id or await make_room(node), participant_id="p-nobody")
    token, _ = node_tokens().mint_session(claims, FAR_MS)
    async with open_tab(node) as tab:
        assert (await tab.hello(token))["code"] == code
        assert (await tab.end())[1] == close_code


async def test_the_sites_token_is_no_session(node):
    site_token = await Api(node.url).demo_token("maya", "Maya", "maya@example.com")
    async with open_tab(node) as tab:
        assert (await tab.hello(site_token))["code"] == "token_invalid"


async def test_hello_said_twice_is_refused_and_changes_nothing(node):
    room_id = await make_room(node)
    token = await token_for(node, room_id, "maya")
    async with sit_in(node, room_id, "uma") as uma, undisturbed(node, room_id):
        await uma.send({"type": "hello", "token": token})
        refused = await uma.until("refused")
        assert (refused["code"], refused["id"]) == ("bad_message", None)
        assert (await uma.command("room.lock"))["code"] == "role_forbidden"


# ── The device's key ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_session_copied_without_the_devices_key_is_refused(node):
    """And the owner of the key gets in with the same token."""
    invited, device = await make_invited(node), Device()
    token = (await Api(node.url).look_and_claim(invited.link, EMAIL, device))["session_token"]
    for stolen in ({}, {"proof": ""}, {"proof": "A" * 86}, {"proof": Device().hello_proof("another nonce")}):
        async with open_tab(node) as tab:
            assert (await tab.hello(token, **stolen))["code"] == "proof_invalid"
            assert (await tab.end())[1] == 4531
    async with open_tab(node) as tab:
        challenge = await tab.until("challenge")
        await tab.send({"type": "hello", "token": token, "proof": device.hello_proof(challenge["nonce"])})
        assert (await tab.receive())["type"] == "welcome"


async def test_the_right_key_over_another_connections_nonce_is_refused(node):
    invited, device = await make_invited(node), Device()
    token = (await Api(node.url).look_and_claim(invited.link, EMAIL, device))["session_token"]
    async with open_tab(node) as first, open_tab(node) as second:
        overheard = (await first.until("challenge"))["nonce"]
        await second.until("challenge")
        await second.send({"type": "hello", "token": token, "proof": device.hello_proof(overheard)})
        assert (await second.receive())["code"] == "proof_invalid"


async def test_a_proof_for_a_claim_is_none_for_a_hello(node):
    invited, device = await make_invited(node), Device()
    token = (await Api(node.url).look_and_claim(invited.link, EMAIL, device))["session_token"]
    async with open_tab(node) as tab:
        challenge = await tab.until("challenge")
        await tab.send({"type": "hello", "token": token, "proof": device.claim_proof(challenge["nonce"])})
        assert (await tab.receive())["code"] == "proof_invalid"


@pytest.mark.parametrize("seq", [-(2**63), -1, 0, 1, 10_000, 2**53 - 1, 2**53, 2**63, 2**64, 10**30])
@pytest.mark.parametrize("epoch", ["", "another", "own"])
async def test_a_hostile_resume_brings_the_room_whole_or_what_was_missed_and_disturbs_nobody(node, seq, epoch):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "uma") as uma, undisturbed(node, room_id):
        own = uma.heard[1]["position"]
        resume = {"epoch": own["epoch"] if epoch == "own" else epoch, "seq": seq}
        async with open_tab(node) as tab:
            welcome = await tab.hello(await token_for(node, room_id, "uma"), resume=resume)
            assert welcome["type"] == "welcome"
            assert welcome["resumed"] is (welcome["snapshot"] is None)
            if not welcome["resumed"]:
                assert welcome["snapshot"]["room"]["room_id"] == room_id
            else:
                assert (epoch, seq <= own["seq"] + 3) == ("own", True)


@pytest.mark.parametrize("whose", ["another person's", "another room's", "one that was bent"])
async def test_a_position_that_was_given_to_somebody_else_or_elsewhere_brings_the_room_whole_to_its_bearer_alone(node, whose):
    room_id, other_id = await make_room(node), await make_room(node)
    async with (
        sit_in(node, room_id, "uma") as uma, sit_in(node, room_id, "bea") as bea, sit_in(node, other_id, "uma") as elsewhere,
        undisturbed(node, room_id), open_tab(node) as tab,
    ):  # fmt: skip
        own = uma.heard[1]["position"]
        epoch = {
            "another person's": bea.heard[1]["position"]["epoch"], "another room's": elsewhere.heard[1]["position"]["epoch"],
            "one that was bent": own["epoch"][::-1],
        }[whose]  # fmt: skip
        welcome = await tab.hello(await token_for(node, room_id, "uma"), resume={"epoch": epoch, "seq": own["seq"]})
        assert (welcome["type"], welcome["resumed"]) == ("welcome", False)
        assert welcome["snapshot"]["room"]["room_id"] == room_id
        assert welcome["position"]["epoch"] == own["epoch"]


async def test_somebody_elses_connection_cannot_be_replaced(node):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "bea") as bea:
        theirs = bea.heard[1]["connection_id"]
        async with open_tab(node) as tab:
            assert (await tab.hello(await token_for(node, room_id, "maya"), replaces=theirs))["type"] == "welcome"
        assert (await bea.command("token.renew"))["type"] == "result"
        assert "bye" not in [message["type"] for message in bea.heard]
