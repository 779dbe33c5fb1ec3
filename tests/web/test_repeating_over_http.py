"""An Idempotency-Key: the same call again gets the same answer and does nothing; another call under it is refused."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from client_sim.http_request import Answer
from tests.support.nodes import CALM, Cluster, Node
from tests.support.redis_server import RedisServer
from tests.web.asking import API_KEY, EMAIL, ask, check_problem
from tests.web.tab import make_room, sit_in, token_for

INVITED = {"email": EMAIL, "first_name": "A", "last_name": "O", "role": "viewer"}


async def keyed(node: Node, path: str, body: Any, name: str = "once", **options: Any) -> Answer:
    """A POST under the key `name`, by the site where `options` name nobody else."""
    return await ask(node, "POST", path, body, **{"key": API_KEY, "headers": {"Idempotency-Key": name}, **options})


CREATING = {
    "a room": ("/v1/rooms", {"title": "T"}, {"title": "U"}),
    "a room with an id": ("/v1/rooms", {"title": "T", "room_id": "named-{room}"}, {"title": "T", "room_id": "other-{room}"}),
    "an invitation": ("/v1/rooms/{room}/invitations", INVITED, INVITED | {"role": "speaker"}),
    "a guest link": ("/v1/rooms/{room}/guest-links", {"name": "All"}, {"name": "Some"}),
    "a lock": ("/v1/rooms/{room}/lock", {}, None),
    "a message": ("/v1/rooms/{room}/lobby-message", {"text": "Soon."}, {"text": "Later."}),
    "people": ("/v1/directory/people", {"people": []}, {"people": [1]}),
}


async def creating(node: Node, name: str) -> tuple[str, Any, Any]:
    """What to ask for, and what else, with a room of its own."""
    room = await make_room(node)
    path, *bodies = CREATING[name]
    body, other = json.loads(json.dumps(bodies).replace("{room}", room))
    return path.replace("{room}", room), body, other


@pytest.mark.parametrize("name", CREATING)
async def test_the_same_call_again_gets_the_same_answer_byte_for_byte(any_node, name):
    path, body, _ = await creating(any_node, name)
    first = await keyed(any_node, path, body, name.replace(" ", "-"))
    again = await keyed(any_node, path, body, name.replace(" ", "-"))
    assert first.status < 300, first.body
    assert (again.status, again.body) == (first.status, first.body)


@pytest.mark.parametrize("name", [name for name in CREATING if CREATING[name][2] is not None])
async def test_the_same_key_for_something_else_is_refused(any_node, name):
    path, body, other = await creating(any_node, name)
    key = "else-" + name.replace(" ", "-")
    assert (await keyed(any_node, path, body, key)).status < 300
    check_problem(await keyed(any_node, path, other, key), 422, "idempotency_mismatch")


async def test_how_a_body_is_written_makes_no_difference(any_node):
    path = f"/v1/rooms/{await make_room(any_node)}/lobby-message"
    first = await keyed(any_node, path, None, raw=b'{"text": "Soon."}')
    assert (await keyed(any_node, path, None, raw=b'{ "text" :"\\u0053oon." }')).body == first.body


async def test_a_lock_that_was_there_already_is_not_set_by_a_repetition(any_node):
    room = await make_room(any_node, locked=True)
    first = await keyed(any_node, f"/v1/rooms/{room}/lock", {})
    await keyed(any_node, f"/v1/rooms/{room}/unlock", {}, "another")
    assert (await keyed(any_node, f"/v1/rooms/{room}/lock", {})).body == first.body
    assert json.loads((await ask(any_node, "GET", f"/v1/rooms/{room}", key=API_KEY)).body)["locked"] is False


async def test_a_refusal_is_decided_anew(any_node):
    room = await make_room(any_node, starts_at_ms=9_000_000_000_000)
    check_problem(await keyed(any_node, f"/v1/rooms/{room}/end", {}), 409, "not_live")
    await keyed(any_node, f"/v1/rooms/{room}/start", {}, "start")
    assert (await keyed(any_node, f"/v1/rooms/{room}/end", {})).status == 200


async def test_the_key_of_one_caller_is_not_the_key_of_another(any_node):
    room = await make_room(any_node)
    async with sit_in(any_node, room, "maya"):
        path = f"/v1/rooms/{room}/lobby-message"
        assert (await keyed(any_node, path, {"text": "From the site."})).status == 200
        token = await token_for(any_node, room, "maya")
        assert (await keyed(any_node, path, {"text": "From Maya."}, key=token)).status == 200


async def test_a_key_that_reads_like_a_step_of_another_is_a_key_of_its_own(any_node):
    room = await make_room(any_node)
    for key in ("k", "k.asked", "k.0", "k asked".replace(" ", "/")):
        await keyed(any_node, f"/v1/rooms/{room}/unlock", {}, f"un-{key}")
        assert json.loads((await keyed(any_node, f"/v1/rooms/{room}/lock", {}, key)).body)["seq"] is not None
        assert json.loads((await ask(any_node, "GET", f"/v1/rooms/{room}", key=API_KEY)).body)["locked"] is True


async def test_a_read_passes_over_a_key_that_it_has_no_use_for(node):
    answer = await ask(node, "GET", f"/v1/rooms/{await make_room(node)}", key=API_KEY, headers={"Idempotency-Key": "a b"})
    assert answer.status == 200


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 65, "a\tb"])
async def test_a_key_that_is_none_is_refused(node, key):
    check_problem(await keyed(node, "/v1/rooms", {"title": "T"}, key), 400, "bad_message")


async def test_two_nodes_at_the_same_instant_make_one_invitation():
    with RedisServer() as server:
        async with Cluster(server.url, **CALM, PUBLIC_URL="http://rooms.example.com") as cluster:
            nodes = [await cluster.add_node(), await cluster.add_node()]
            path = f"/v1/rooms/{await make_room(nodes[0])}/invitations"
            answers = await asyncio.gather(*(keyed(nodes[number % 2], path, INVITED) for number in range(10)))
            assert {(answer.status, answer.body) for answer in answers} == {(201, answers[0].body)}
            listed = json.loads((await ask(nodes[1], "GET", path, key=API_KEY)).body)["invitations"]
            assert len(listed) == 1
