"""The site's document over HTTP: who may, what is refused, and two admins at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from client_sim.api import Api
from tests.support.nodes import Node
from tests.web.asking import API_KEY, ask, check_problem, make_invited
from tests.web.claiming import claim

SITE = "/v1/site"
ALL_OPEN = {
    "invite_to_media": True, "guest_access": True, "moderators_invite": False, "speakers_initiate": False,
    "allowed_domains": [], "blocked_domains": [],
}


@asynccontextmanager
async def site_of(node: Node) -> AsyncIterator[Api]:
    """The node's site; afterwards it is as it was, for the tests that share the node."""
    api = Api(node.url, API_KEY)
    try:
        yield api
    finally:
        await api.edit_site(**ALL_OPEN)


async def test_what_is_changed_is_read_and_has_a_tag(any_node):
    async with site_of(any_node) as api:
        before = await api.site()
        changed = await api.edit_site(guest_access=False, blocked_domains=["B.example.com", "a.example.com."])
        assert changed == before | {
            "guest_access": False, "blocked_domains": ["a.example.com", "b.example.com"], "rev": before["rev"] + 1,
        }
        read = await ask(any_node, "GET", SITE, key=API_KEY)
        assert (json.loads(read.body), read.headers["etag"]) == (changed, f'"{changed["rev"]}"')


@pytest.mark.parametrize("how", ["If-Match", "rev"])
async def test_an_admin_who_saw_an_older_document_is_told_so(any_node, how):
    async with site_of(any_node) as api:
        rev = (await api.edit_site(guest_access=False))["rev"]
        for seen, is_told in ((rev - 1, True), (rev, False)):
            headers = {"If-Match": f'"{seen}"'} if how == "If-Match" else {}
            body = {"guest_access": True} | ({"rev": seen} if how == "rev" else {})
            tried = await ask(any_node, "PATCH", SITE, body, key=API_KEY, headers=headers)
            if is_told:
                check_problem(tried, 412, "precondition_failed")
            else:
                assert tried.status == 200


async def test_of_many_admins_at_once_one_is_first(any_node):
    async with site_of(any_node) as api:
        rev = (await api.edit_site(guest_access=False))["rev"]
        tried = await asyncio.gather(*(
            ask(any_node, "PATCH", SITE, {"rev": rev, "blocked_domains": [f"d{n}.example.com"]}, key=API_KEY) for n in range(8)
        ))
        assert sorted(answer.status for answer in tried) == [200] + [412] * 7


@pytest.mark.parametrize("key", [None, "wrong-key", "a.b.c"])
async def test_nobody_without_the_key_reads_or_changes_it(node, key):
    for method, path, body in (("GET", SITE, None), ("PATCH", SITE, {}), ("POST", "/v1/would-get-in", {"email": "a@b.example"})):
        check_problem(await ask(node, method, path, body, key=key), 401, "api_key_invalid")


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (["com"], "rule_too_wide"), (["github.io"], "rule_too_wide"), (["x" * 254], "domain_invalid"),
        (["x" * 1_001], "bad_message"), ([1], "bad_message"), ("example.com", "bad_message"),
        ([f"d{n}.example.com" for n in range(201)], "too_many_rules"), (["*.example.com"], "domain_invalid"),
    ],
)
@pytest.mark.parametrize("path", [SITE, "/v1/rooms"])
async def test_a_rule_that_makes_no_sense_is_refused_with_a_code(node, path, rules, code):
    method, body = ("PATCH", {}) if path == SITE else ("POST", {"title": "T"})
    check_problem(await ask(node, method, path, body | {"allowed_domains": rules}, key=API_KEY), 400, code)


async def test_a_domain_blocked_after_the_mail_went_is_told_to_the_invitee_and_to_nobody_else(any_node):
    invited, other = await make_invited(any_node), await make_invited(any_node)
    wrong = await claim(any_node, other, email="eve@example.com")
    async with site_of(any_node) as api:
        await api.edit_site(blocked_domains=["EXAMPLE.com"])
        blocked = await claim(any_node, invited, email="eve@example.com")
        assert blocked.body == wrong.body
        check_problem(await claim(any_node, invited), 403, "domain_blocked")


async def test_would_this_address_get_in(any_node):
    async with site_of(any_node) as api:
        invited = await make_invited(any_node, allowed_domains=["bücher.example", "example.com"])
        await api.edit_site(blocked_domains=["eu.example.com"])
        told = [await api.would_get_in(email, invited.room_id) for email in ("ann@example.com", "a@xn--bcher-kva.example")]
        assert [(one["allowed"], one["decided_by"]["rule"], one["invited"]) for one in told] == [
            (True, "example.com", True), (True, "xn--bcher-kva.example", False),
        ]
        assert await api.would_get_in("ann@EU.example.com") == {
            "allowed": False, "decided_by": {"scope": "site", "list": "blocked", "rule": "eu.example.com"},
        }
        assert await api.would_get_in("ann@example.org") == {"allowed": True, "decided_by": None}
        check_problem(await ask(any_node, "POST", "/v1/would-get-in", {"email": "no address"}, key=API_KEY), 400, "bad_message")
