"""Allowed and blocked e-mail domains: which addresses may come, and which rule decides.

Names are compared in their A-form (RFC 5890), in lower case and without a dot at the end; who takes names from people
brings them there first. A rule covers the domain and everything below it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from server.domain.refusals import DomainBlocked

MAX_RULES = 200
MAX_DOMAIN_CHARS = 253
# All rules of a list together: a room's travel with each of its changes.
MAX_LIST_CHARS = 10_000

# The fields that hold rules, of the site and of a room.
DOMAIN_LISTS = frozenset({"allowed_domains", "blocked_domains"})


class Scope(StrEnum):
    SITE = "site"
    ROOM = "room"


class RuleList(StrEnum):
    ALLOWED = "allowed"
    BLOCKED = "blocked"


class HasDomainRules(Protocol):
    """The site's document, or a room."""

    @property
    def allowed_domains(self) -> list[str]: ...
    @property
    def blocked_domains(self) -> list[str]: ...


@dataclass(frozen=True, kw_only=True)
class DecidedBy:
    """`rule`: the rule that covers the address; None where the allowed list decides because none of its rules does."""

    scope: Scope
    list: RuleList
    rule: str | None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """`decided_by` None: no rule says anything about the address."""

    allowed: bool
    decided_by: DecidedBy | None = None


def domain_of(email: str) -> str:
    """The domain of an address in the form in which addresses are compared."""
    return email.rpartition("@")[2].lower().rstrip(".")


def covers(rule: str, domain: str) -> bool:
    """Whether `rule` is this domain or one above it: `example.com` covers `eu.example.com`, and not `notexample.com`."""
    return domain == rule or domain.endswith(f".{rule}")


def decide_domain(email: str, site: HasDomainRules, room: HasDomainRules | None = None) -> Decision:
    """Whether an address may come, and why.

    A blocked domain stays out, whatever else allows it. An empty allowed list allows all; where the site and the room both
    have one, both must agree.
    """
    domain = domain_of(email)
    scopes: list[tuple[Scope, HasDomainRules]] = [(Scope.SITE, site), *([(Scope.ROOM, room)] if room is not None else [])]
    for scope, rules in scopes:
        if rule := _covering(rules.blocked_domains, domain):
            return Decision(allowed=False, decided_by=DecidedBy(scope=scope, list=RuleList.BLOCKED, rule=rule))
    agreed = None
    for scope, rules in scopes:
        if rules.allowed_domains:
            agreed = DecidedBy(scope=scope, list=RuleList.ALLOWED, rule=_covering(rules.allowed_domains, domain))
            if agreed.rule is None:
                return Decision(allowed=False, decided_by=agreed)
    return Decision(allowed=True, decided_by=agreed)


def check_domain(email: str, site: HasDomainRules, room: HasDomainRules | None = None) -> None:
    """Refuse an address that the site's or the room's rules keep out.

    Only to be asked where that may be said: at issue, or where the address typed is the invited one.

    Raises:
        DomainBlocked
    """
    if not decide_domain(email, site, room).allowed:
        raise DomainBlocked


def _covering(rules: Iterable[str], domain: str) -> str | None:
    """The narrowest rule that covers `domain`."""
    return max((rule for rule in rules if covers(rule, domain)), key=len, default=None)
