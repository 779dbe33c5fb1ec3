"""Which addresses the site's and the room's domain rules let in, and which rule decides."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from server.domain.domain_rules import DecidedBy, Decision, RuleList, Scope, check_domain, covers, decide_domain
from tests.support.refusing import refused


@dataclass
class Rules:
    allowed_domains: list[str] = field(default_factory=list)
    blocked_domains: list[str] = field(default_factory=list)


COVERED = ["example.com", "eu.example.com", "a.b.example.com"]
NOT_COVERED = ["notexample.com", "example.com.evil.org", "example.co", "com", "example.org", "xexample.com", "example.comx"]


@pytest.mark.parametrize("domain", COVERED)
def test_a_rule_covers_the_domain_and_what_lies_below_it(domain):
    assert covers("example.com", domain)


@pytest.mark.parametrize("domain", NOT_COVERED)
def test_a_rule_covers_nothing_beside_it_and_nothing_above(domain):
    assert not covers("example.com", domain)


@pytest.mark.parametrize("email", ["ann@example.com", "ann@EXAMPLE.COM", "ann@example.com.", "ann@Sub.Example.com"])
def test_capitals_and_a_dot_at_the_end_do_not_get_around_a_block(email):
    with refused("domain_blocked"):
        check_domain(email, Rules(blocked_domains=["example.com"]))


@pytest.mark.parametrize("email", [f"ann@{domain}" for domain in NOT_COVERED])
def test_who_is_not_covered_by_a_block_comes_in(email):
    check_domain(email, Rules(blocked_domains=["example.com"]))


def decided(scope: Scope, rule_list: RuleList, rule: str | None) -> DecidedBy:
    return DecidedBy(scope=scope, list=rule_list, rule=rule)


SITE, ROOM, ALLOWED, BLOCKED = Scope.SITE, Scope.ROOM, RuleList.ALLOWED, RuleList.BLOCKED

# site allowed, site blocked, room allowed, room blocked, of ann@eu.example.com: allowed, decided by
DECISIONS = [
    ([], [], [], [], True, None),
    ([], ["example.com"], [], [], False, decided(SITE, BLOCKED, "example.com")),
    ([], [], [], ["example.com"], False, decided(ROOM, BLOCKED, "example.com")),
    (["example.com"], [], [], [], True, decided(SITE, ALLOWED, "example.com")),
    (["example.org"], [], [], [], False, decided(SITE, ALLOWED, None)),
    ([], [], ["example.org"], [], False, decided(ROOM, ALLOWED, None)),
    ([], [], ["eu.example.com"], [], True, decided(ROOM, ALLOWED, "eu.example.com")),
    # blocked beats allowed, within a list of either and across them
    (["example.com"], ["eu.example.com"], [], [], False, decided(SITE, BLOCKED, "eu.example.com")),
    (["eu.example.com"], ["example.com"], [], [], False, decided(SITE, BLOCKED, "example.com")),
    (["example.com"], [], [], ["eu.example.com"], False, decided(ROOM, BLOCKED, "eu.example.com")),
    ([], ["example.com"], ["eu.example.com"], [], False, decided(SITE, BLOCKED, "example.com")),
    # the site and the room must both agree
    (["example.com"], [], ["example.org"], [], False, decided(ROOM, ALLOWED, None)),
    (["example.org"], [], ["example.com"], [], False, decided(SITE, ALLOWED, None)),
    (["example.com"], [], ["eu.example.com"], [], True, decided(ROOM, ALLOWED, "eu.example.com")),
    # the narrowest rule is named
    ([], ["example.com", "eu.example.com"], [], [], False, decided(SITE, BLOCKED, "eu.example.com")),
]


@pytest.mark.parametrize(("site_allowed", "site_blocked", "room_allowed", "room_blocked", "allowed", "by"), DECISIONS)
def test_blocked_beats_allowed_and_both_must_agree(site_allowed, site_blocked, room_allowed, room_blocked, allowed, by):
    site, room = Rules(site_allowed, site_blocked), Rules(room_allowed, room_blocked)
    assert decide_domain("ann@eu.example.com", site, room) == Decision(allowed=allowed, decided_by=by)
