"""Names of domains as people type them: one form of each, and nothing that would be a rule for everybody."""

from __future__ import annotations

import pytest

from server.domain.domain_rules import MAX_RULES
from server.domain.refusals import BadMessage
from server.trust import domain_names
from server.trust.domain_names import clean_rule, clean_rules, normalise_address
from tests.support.refusing import refused

SAME = [
    ("example.com", "example.com"), ("EXAMPLE.com", "example.com"), (" example.com. ", "example.com"),
    ("sub.example.com", "sub.example.com"), ("bücher.example", "xn--bcher-kva.example"),
    ("BÜCHER.example", "xn--bcher-kva.example"), ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ("XN--BCHER-KVA.EXAMPLE.", "xn--bcher-kva.example"), ("example\u3002com", "example.com"),
    ("\uff45xample.com", "example.com"), ("host.internal", "host.internal"), ("example.c\u200bom", "example.com"),
]
NONSENSE = [
    "", " ", ".", "..", "example..com", ".example.com", "-example.com", "example-.com", "exa mple.com", "exam_ple.com",
    "*.example.com", "@example.com", "ann@example.com", "https://example.com", "example.com/path", "example.com:25",
    "192.0.2.1", "[192.0.2.1]", "example.com\x00", "example.com\n", "a" * 64 + ".example.com", "x" * 254,
    ".".join(["a" * 60] * 5), "x" * 10_000, "ü" * 10_000, "\u2603.example",
]
TOO_WIDE = ["com", "COM.", "co.uk", "org", "github.io", "example", "xn--p1ai", "рф", "foo.ck", "kawasaki.jp"]


@pytest.mark.parametrize(("typed", "rule"), SAME)
def test_a_rule_has_one_form_however_it_is_typed(typed, rule):
    assert clean_rule(typed) == rule


@pytest.mark.parametrize("typed", NONSENSE, ids=[repr(typed)[:24] for typed in NONSENSE])
def test_what_is_no_domain_is_no_rule(typed):
    with refused("domain_invalid"):
        clean_rule(typed)


@pytest.mark.parametrize("typed", TOO_WIDE)
def test_a_rule_for_everybodys_domain_is_refused(typed):
    with refused("rule_too_wide"):
        clean_rule(typed)


def test_a_list_holds_each_rule_once_and_in_order():
    assert clean_rules(["b.example.com", "EXAMPLE.com", "example.com."]) == ["b.example.com", "example.com"]


def test_a_list_holds_two_hundred_rules_and_no_more():
    names = [f"d{number}.example.com" for number in range(MAX_RULES + 1)]
    assert len(clean_rules(names[:MAX_RULES])) == MAX_RULES
    with refused("too_many_rules"):
        clean_rules(names)


def test_a_list_of_very_long_rules_is_shorter():
    with refused("too_many_rules"):
        clean_rules([".".join([f"{number:060d}"] * 4) + ".com" for number in range(100)])


@pytest.mark.parametrize("name", ["ü" * 10_000, "ü." * 5_000, "x" * 10_000 + ".com"])
def test_lengths_are_looked_at_before_anything_is_converted(name, monkeypatch):
    monkeypatch.setattr(domain_names.idna, "encode", lambda *args, **kwargs: pytest.fail("converted"))
    with refused("domain_invalid"):
        clean_rule(name)
    with pytest.raises(BadMessage):
        normalise_address(f"ann@{name}")


ADDRESSES = [
    ("Ann@Example.com", "ann@example.com"), ("ann@bücher.example", "ann@xn--bcher-kva.example"),
    ("ann@Bücher.example", "ann@xn--bcher-kva.example"), ("ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example"),
]
REFUSED = [
    "mi\u212ae@example.com", "mike@\u212ae.example", "mike@\uff45xample.com", "mike\uff20example.com", "mike@example\u3002com",
    "mike@ex\u200bample.com", "mike@example.com.", "mike@BÜCHER.example", "", "@", "mike@", "mike@-ü.example",
]


@pytest.mark.parametrize(("typed", "compared"), ADDRESSES)
def test_the_domain_of_an_address_is_compared_in_its_a_form(typed, compared):
    assert normalise_address(typed) == compared


@pytest.mark.parametrize("typed", REFUSED)
def test_what_only_looks_like_another_address_is_refused_and_not_mapped(typed):
    with pytest.raises(BadMessage):
        normalise_address(typed)


def test_a_look_alike_domain_is_another_domain():
    assert normalise_address("ann@ex\u0430mple.com") == "ann@xn--exmple-4nf.com"
