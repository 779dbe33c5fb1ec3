"""Every operation of the served document, called with what its schema allows and with what it does not: no answer is a bug, and
every answer is one that the document names.

LONG=1 tries 25 times as much, with another seed each time.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import secrets
from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings

from server.app import operations_of
from server.settings import load_settings
from server.web.openapi import make_document
from tests.support.nodes import Cluster, Node
from tests.web.asking import API_KEY, ask

LONG = os.environ.get("LONG") == "1"
pytestmark = pytest.mark.timeout(1800 if LONG else 120)

# What the rules of rooms refuse is well-formed all the same: too late (410), of another revision (412), used up (422).
_RULES = ["410", "412", "422"]
CONFIG = schemathesis.Config.from_dict({
    "seed": secrets.randbits(32) if LONG else 1,
    "generation": {"deterministic": not LONG},
    "checks": {
        "negative_data_rejection": {"expected-statuses": ["400", "401", "403", "404", "405", "409", "413", *_RULES]},
        # Replaced by `taken_as_the_document_says`: what a schema cannot say (that a cursor was given out, that an address is
        # one) is refused with 400 as well, and told from a wrong schema by the fields that the answer names.
        "positive_data_acceptance": {"enabled": False},
    },
})
DOCUMENT = make_document(operations_of(load_settings({})))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)

_numbers = itertools.count()


@pytest.fixture(scope="module")
def attacked() -> Iterator[Node]:
    # As many calls as this come from one network only here.
    cluster = Cluster(HTTP_PER_S="100000", HTTP_BURST="1000000")
    try:
        yield asyncio.run(cluster.add_node())
    finally:
        asyncio.run(cluster.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        yield made


@pytest.fixture
def room(attacked: Node, session: requests.Session) -> dict[str, str]:
    """What paths name: a locked room, an invitation and a guest link of it; nobody is there."""
    url, headers = attacked.url + "/v1/rooms", {"Authorization": f"Bearer {API_KEY}"}
    room_id = f"attacked-{next(_numbers)}"

    def make(path: str, body: dict[str, object]) -> dict[str, str]:
        answer = session.post(url + path, json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        made: dict[str, str] = answer.json()
        return made

    # The calls before may have switched everything off.
    site = {"invite_to_media": True, "guest_access": True, "allowed_domains": [], "blocked_domains": []}
    assert session.patch(attacked.url + "/v1/site", json=site, headers=headers).status_code == 200
    make("", {"title": "T", "room_id": room_id, "locked": True, "starts_at_ms": 9_000_000_000_000})
    invited = make(f"/{room_id}/invitations", {"email": "a@example.com", "first_name": "A", "last_name": "B", "role": "viewer"})
    guest = make(f"/{room_id}/guest-links", {"name": "G"})
    return {"room_id": room_id, "invitation_id": invited["invitation_id"], "guest_link_id": guest["guest_link_id"]}


@schemathesis.check
def taken_as_the_document_says(ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case) -> None:
    """A body or a query that its schema allows is never refused for one of its fields."""
    if case.meta is not None and case.meta.generation.mode.is_positive and response.status_code == 400:
        assert not response.json()["errors"], "allowed by the document, refused by the server"


@SCHEMA.parametrize()
@settings(
    max_examples=150 if LONG else 6, deadline=None, derandomize=not LONG, database=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_names(
    case: schemathesis.Case, attacked: Node, session: requests.Session, room: dict[str, str]
) -> None:
    if case.meta is None or case.meta.generation.mode.is_positive:
        # Ids that are, for every other call: those that chance makes up name nothing.
        known = {name: room[name] for name in case.path_parameters if name in room and next(_numbers) % 2}
        case.path_parameters |= known
    case.call_and_validate(base_url=attacked.url, session=session, headers={"Authorization": f"Bearer {API_KEY}"})


def test_no_call_was_a_bug(attacked: Node) -> None:
    assert attacked.tracebacks() == []


async def test_the_served_document_is_the_one_that_was_attacked(attacked: Node) -> None:
    assert json.loads((await ask(attacked, "GET", "/v1/openapi.json")).body) == json.loads(json.dumps(DOCUMENT))


