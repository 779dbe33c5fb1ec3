"""Claiming a link with whatever somebody may send, and what of an answer is compared."""

from __future__ import annotations

from typing import Any

from client_sim.http_request import Answer
from tests.support.nodes import Node
from tests.web.asking import EMAIL, Invited, ask, nonce_for

WRONG = "eve@example.com"


async def claim(node: Node, invited: Invited, *, network: str | None = None, **fields: Any) -> Answer:
    """A claim with a fresh nonce and the right address, where `fields` say nothing else."""
    body = {"secret": invited.link.secret, "email": EMAIL, **fields}
    if "nonce" not in body:
        body["nonce"] = await nonce_for(node, invited)
    headers = {"X-Forwarded-For": network} if network else {}
    return await ask(node, "POST", invited.path("claim"), body, headers=headers)


def headers_of(answer: Answer) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in answer.headers.items() if name != "date"))
