"""HTTP calls to a node as an attacker or the room product makes them, and what every refusal looks like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from client_sim.api import Api, Link
from client_sim.http_request import Answer, request
from tests.support.nodes import Cluster, Node

API_KEY = Cluster.admin_api_key
EMAIL = "ann@example.com"

PROBLEM_FIELDS = {"type", "title", "status", "code", "detail", "next_step", "retry_after_ms", "errors"}


async def ask(
    node: Node,
    method: str,
    path: str,
    body: Any = None,
    *,
    raw: bytes | None = None,
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One request; `body` is sent as JSON, `raw` as it is."""
    sent = dict(headers or {})
    if key is not None:
        sent["Authorization"] = f"Bearer {key}"
    payload = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
    return await request(method, node.url + path, headers=sent, body=payload)


def check_problem(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """The answer is a refusal in the one shape that there is, with this code, and says nothing about the inside."""
    said = json.loads(answer.body)
    assert (answer.status, said.get("code")) == (status, code), answer.body[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert set(said) == PROBLEM_FIELDS
    assert said["status"] == status
    assert said["title"]
    assert said["next_step"]
    assert b"Traceback" not in answer.body
    assert b".py" not in answer.body
    return said


@dataclass(frozen=True)
class Invited:
    """A room with one invitation of somebody with the address `EMAIL`."""

    room_id: str
    invitation_id: str
    link: Link

    def path(self, step: str) -> str:
        return f"/v1/rooms/{self.room_id}/link/{step}"


async def make_invited(node: Node, **room: Any) -> Invited:
    api = Api(node.url, API_KEY)
    room_id = (await api.create_room(title="Chemistry", **room))["room_id"]
    made = await api.invite(room_id, email=EMAIL, first_name="Ann", last_name="Ode", role="speaker")
    return Invited(room_id, made["invitation_id"], Link(made["link"]))


async def nonce_for(node: Node, invited: Invited) -> str:
    """The nonce of a page that has just been opened."""
    answer = await ask(node, "POST", invited.path("look"), {"secret": invited.link.secret})
    nonce: str = json.loads(answer.body)["nonce"]
    return nonce
