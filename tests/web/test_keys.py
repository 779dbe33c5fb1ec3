"""API keys that are made while the service runs: what they open, who sees their secret, and that a deleted one opens nothing."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import pytest
from redis.asyncio import Redis

from client_sim.http_request import Answer
from tests.support.nodes import CALM, Cluster, Node
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until
from tests.web.asking import API_KEY, ask, check_problem
from tests.web.tab import make_room, sit_in, token_for


async def call(node: Node, method: str, path: str, body: Any = None, key: str = API_KEY, **headers: str) -> Any:
    answer = await ask(node, method, path, body, key=key, headers={name.replace("_", "-"): v for name, v in headers.items()})
    assert answer.status < 300, answer.body
    return json.loads(answer.body or b"null")


async def make(node: Node, name: str = "reports", **headers: str) -> dict[str, Any]:
    made: dict[str, Any] = await call(node, "POST", "/v1/keys", {"name": name}, **headers)
    return made


async def drop(node: Node, key_id: str, key: str = API_KEY) -> Answer:
    return await ask(node, "DELETE", f"/v1/keys/{key_id}", key=key)


async def listed(node: Node, key_id: str) -> dict[str, Any] | None:
    keys = (await call(node, "GET", "/v1/keys"))["api_keys"]
    return next((one for one in keys if one["key_id"] == key_id), None)


async def test_a_new_key_opens_what_the_settings_key_opens_until_it_is_deleted(any_node):
    made = await make(any_node)
    room_id = (await call(any_node, "POST", "/v1/rooms", {"title": "Physics"}, key=made["secret"]))["room_id"]
    assert (await call(any_node, "GET", f"/v1/rooms/{room_id}", key=made["secret"]))["title"] == "Physics"
    assert (await call(any_node, "GET", f"/v1/rooms/{room_id}/audit", key=made["secret"]))["entries"]
    assert (await drop(any_node, made["key_id"], made["secret"])).status == 204
    check_problem(await ask(any_node, "GET", "/v1/rooms", key=made["secret"]), 401, "api_key_invalid")
    assert (await ask(any_node, "GET", "/v1/rooms", key=API_KEY)).status == 200


async def test_the_secret_is_told_once_and_the_list_never_holds_it(any_node):
    made = await make(any_node, "nightly reports")
    assert len(made["secret"]) >= 43
    whole = json.dumps(await call(any_node, "GET", "/v1/keys"))
    assert made["secret"] not in whole
    assert API_KEY not in whole
    assert hashlib.sha256(made["secret"].encode()).hexdigest() not in whole
    assert Cluster.session_keys.partition(":")[2] not in whole
    row = await listed(any_node, made["key_id"])
    assert row is not None
    assert (row["name"], row["from_settings"], row["created_at_ms"]) == ("nightly reports", False, made["created_at_ms"])
    await drop(any_node, made["key_id"])


async def test_the_list_shows_the_settings_keys_and_which_keys_sign(redis_node):
    shown = await call(redis_node, "GET", "/v1/keys")
    first = shown["api_keys"][0]
    assert (first["key_id"], first["from_settings"], first["created_at_ms"]) == ("settings-1", True, None)
    assert shown["session_keys"] == shown["link_keys"] == {"signs": "test", "verify": ["test"]}
    answer = check_problem(await drop(redis_node, "settings-1"), 404, "api_key_unknown")
    assert "ADMIN_API_KEYS" in answer["detail"]


async def test_that_a_key_is_used_shows_to_the_minute(any_node):
    made = await make(any_node)
    assert (await listed(any_node, made["key_id"]))["last_used_at_ms"] is None

    async def used() -> int | None:
        return (await listed(any_node, made["key_id"]))["last_used_at_ms"]

    await call(any_node, "GET", "/v1/rooms", key=made["secret"])
    first = await wait_until(used)
    for _ in range(3):
        await call(any_node, "GET", "/v1/rooms", key=made["secret"])
    assert await used() == first >= made["created_at_ms"]
    await drop(any_node, made["key_id"])


@pytest.mark.parametrize("name", ["", "   ", "n" * 61, None, 7])
async def test_a_key_has_a_name(node, name):
    check_problem(await ask(node, "POST", "/v1/keys", {"name": name}, key=API_KEY), 400, "bad_message")


async def test_there_are_twenty_at_most_however_many_are_made_at_once(any_node):
    answers = await asyncio.gather(
        *(ask(any_node, "POST", "/v1/keys", {"name": f"key {number}"}, key=API_KEY) for number in range(23))
    )
    made = [json.loads(answer.body)["key_id"] for answer in answers if answer.status == 201]
    shown = await call(any_node, "GET", "/v1/keys")
    assert len(made) == shown["most"] == 20
    check_problem(await ask(any_node, "POST", "/v1/keys", {"name": "one more"}, key=API_KEY), 409, "api_key_limit")
    for key_id in made:
        assert (await drop(any_node, key_id)).status == 204
    check_problem(await drop(any_node, made[0]), 404, "api_key_unknown")


async def test_asked_again_with_its_idempotency_key_no_second_key_is_made_and_no_secret_told(any_node):
    first = await make(any_node, idempotency_key="make-1")
    again = await make(any_node, idempotency_key="make-1")
    assert (again["key_id"], again["secret"]) == (first["key_id"], None)
    await call(any_node, "GET", "/v1/rooms", key=first["secret"])
    await drop(any_node, first["key_id"])


@pytest.mark.parametrize("wrong", ["grk_" + "A" * 43, "grk_", "grk_" + "A" * 44, "grk_" + "é" * 43, "settings-1", ""])
async def test_what_is_no_key_opens_nothing(any_node, wrong):
    answer = await ask(any_node, "GET", "/v1/rooms", headers={"Authorization": f"Bearer {wrong}".encode().decode("latin-1")})
    check_problem(answer, 401, "api_key_invalid")


async def test_nobody_but_the_site_sees_or_makes_keys(any_node):
    room_id = await make_room(any_node)
    async with sit_in(any_node, room_id, "maya"):
        for key in (await token_for(any_node, room_id, "maya"), "", None):
            check_problem(await ask(any_node, "GET", "/v1/keys", key=key), 401, "api_key_invalid")
            check_problem(await ask(any_node, "POST", "/v1/keys", {"name": "mine"}, key=key), 401, "api_key_invalid")
            check_problem(await ask(any_node, "DELETE", "/v1/keys/k1", key=key), 401, "api_key_invalid")


async def test_other_nodes_take_a_new_key_at_once_and_refuse_a_deleted_one_a_moment_later():
    with RedisServer() as server:
        async with Cluster(server.url, **CALM, SITE_CHECK_MS="200") as cluster:
            here, there = await cluster.add_node(), await cluster.add_node()
            made = await make(here)
            at_once = await asyncio.gather(*(ask(there, "GET", "/v1/rooms", key=made["secret"]) for _ in range(10)))
            assert {answer.status for answer in at_once} == {200}
            await drop(here, made["key_id"])
            check_problem(await ask(here, "GET", "/v1/rooms", key=made["secret"]), 401, "api_key_invalid")

            async def is_refused() -> bool:
                return (await ask(there, "GET", "/v1/rooms", key=made["secret"])).status == 401

            await wait_until(is_refused)
            for _ in range(5):
                assert await is_refused()


async def test_redis_holds_the_hash_of_a_key_and_never_the_key():
    with RedisServer() as server:
        async with Cluster(server.url, **CALM) as cluster:
            node = await cluster.add_node()
            made = await make(node)
            await call(node, "GET", "/v1/rooms", key=made["secret"])
            redis = Redis.from_url(server.url)
            everything = b"".join([await redis.dump(key) or b"" for key in await redis.keys("*")])
            await redis.aclose()
            assert made["secret"].encode() not in everything
            assert made["secret"] not in node.output()
