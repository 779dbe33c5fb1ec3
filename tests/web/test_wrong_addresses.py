"""Any address but the invited one: one answer for all, counted by network, and the invitee elsewhere still gets in."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.web.asking import EMAIL, check_problem, make_invited, nonce_for
from tests.web.claiming import WRONG, claim, headers_of

NOT_HERS = [
    "eve@example.com", "ann@example.com.evil.org", "ann+x@example.com", "a.nn@example.com", "ann@sub.example.com",
    "ann@example.co",
    '"ann"@example.com', "ann@example.com.", "\u200bann@example.com", "\uff41nn@example.com", "ann@ex\u0430mple.com",
    "no address", "", "x" * 1_000, "ann@example.com\x00", "ann@example.com,eve@example.com", "a" * 64 + "@" + "b" * 63 + ".com",
]


@pytest.mark.parametrize("email", NOT_HERS, ids=[repr(email)[:30] for email in NOT_HERS])
async def test_any_wrong_address_is_answered_alike_to_the_byte(node, email):
    invited, other = await make_invited(node), await make_invited(node)
    reference = await claim(node, invited, email=WRONG)
    tried = await claim(node, other, email=email)
    check_problem(tried, 403, "email_mismatch")
    assert tried.body == reference.body
    assert headers_of(tried) == headers_of(reference)
    assert EMAIL.encode() not in tried.body


@pytest.mark.parametrize("email", ["ann@example.com", "ANN@Example.COM", "  ann@example.com\t"])
async def test_only_case_and_spaces_around_do_not_matter(node, email):
    assert (await claim(node, await make_invited(node), email=email)).status == 200


async def test_after_five_wrong_addresses_a_network_waits_and_the_invitee_elsewhere_gets_in(any_node):
    invited = await make_invited(any_node)
    is_behind_a_proxy = any_node.output().find("embedded") >= 0
    if not is_behind_a_proxy:
        for _ in range(5):
            check_problem(await claim(any_node, invited, email=WRONG), 403, "email_mismatch")
        check_problem(await claim(any_node, invited), 429, "too_many_attempts")
        return
    for _ in range(5):
        check_problem(await claim(any_node, invited, network="192.0.2.1", email=WRONG), 403, "email_mismatch")
    for email in (WRONG, EMAIL):
        answer = await claim(any_node, invited, network="192.0.2.1", email=email)
        assert check_problem(answer, 429, "too_many_attempts")["retry_after_ms"] == 600_000
        assert answer.headers["retry-after"] == "600"
    assert (await claim(any_node, invited, network="192.0.2.2")).status == 200


async def test_tries_at_once_are_counted_one_by_one(any_node):
    invited = await make_invited(any_node)
    nonce = await nonce_for(any_node, invited)
    answers = await asyncio.gather(*(claim(any_node, invited, nonce=nonce, email=f"e{n}@example.com") for n in range(12)))
    codes = [json.loads(answer.body)["code"] for answer in answers]
    assert (codes.count("email_mismatch"), codes.count("too_many_attempts")) == (5, 7)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),  # one household, whatever address it takes
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),  # an IPv4 address as a dual-stack socket shows it
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("198.51.100.9, 192.0.2.1", "198.51.100.8, 192.0.2.1", True),  # what the sender wrote before the proxy counts for nothing
        ("192.0.2.1, 127.0.0.1", "192.0.2.2, 127.0.0.1", False),
    ],
)
async def test_whose_tries_are_counted_together(node, one, other, is_same):
    invited = await make_invited(node)
    for _ in range(5):
        check_problem(await claim(node, invited, network=one, email=WRONG), 403, "email_mismatch")
    answer = await claim(node, invited, network=other, email=WRONG)
    check_problem(answer, *((429, "too_many_attempts") if is_same else (403, "email_mismatch")))


async def test_a_forwarded_address_in_a_line_before_the_proxys_own_counts_for_nothing(node):
    """Some proxies add a line of their own instead of continuing the sender's."""
    invited = await make_invited(node)
    nonce = await nonce_for(node, invited)
    body = json.dumps({"secret": invited.link.secret, "nonce": nonce, "email": WRONG}).encode()
    codes = []
    for number in range(6):
        head = (
            f"POST {invited.path('claim')} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.{number}\r\n"
            f"X-Forwarded-For: 192.0.2.77\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        writer.write(head.encode() + body)
        codes.append(json.loads((await reader.read()).partition(b"\r\n\r\n")[2])["code"])
        writer.close()
    assert codes == ["email_mismatch"] * 5 + ["too_many_attempts"]


async def test_without_a_trusted_proxy_a_forwarded_address_counts_for_nothing(site_node):
    invited = await make_invited(site_node)
    for number in range(5):
        check_problem(await claim(site_node, invited, network=f"192.0.2.{number}", email=WRONG), 403, "email_mismatch")
    check_problem(await claim(site_node, invited, network="192.0.2.9"), 429, "too_many_attempts")
