"""Domain names as people type them, brought into the form in which rules and addresses are compared.

Lengths are looked at before anything else: what converts names takes its time over long ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import idna
from publicsuffixlist import PublicSuffixList

from server.domain.domain_rules import DOMAIN_LISTS, MAX_DOMAIN_CHARS, MAX_LIST_CHARS, MAX_RULES
from server.domain.invitation import ASCII_LOWER, normalise_email
from server.domain.refusals import BadMessage, DomainInvalid, RuleTooWide, TooManyRules

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_OTHER_DOTS = set("\u3002\uff0e\uff61")
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def clean_rules(names: Iterable[str]) -> list[str]:
    """Rules as an admin types them, in their A-form, sorted, each once.

    Raises:
        DomainInvalid, RuleTooWide, TooManyRules
    """
    listed = list(names)
    if len(listed) > MAX_RULES:
        raise TooManyRules
    rules = sorted({clean_rule(name) for name in listed})
    if sum(map(len, rules)) > MAX_LIST_CHARS:
        raise TooManyRules
    return rules


def with_clean_rules(fields: dict[str, Any]) -> dict[str, Any]:
    """`fields` of a room or of the site, with the domain rules among them cleaned. Raises: as `clean_rules`."""
    return {name: clean_rules(value) if name in DOMAIN_LISTS else value for name, value in fields.items()}


def clean_rule(name: str) -> str:
    """One rule. Raises: DomainInvalid, RuleTooWide: it would be a rule for everybody's domain."""
    domain = to_a_form(name)
    if _public_suffixes().is_public(domain):
        raise RuleTooWide(f"{domain} is everybody's, and nobody's in particular.")
    return domain


def to_a_form(name: str) -> str:
    """A domain's name in lower case ASCII, without a dot at the end. Raises: DomainInvalid."""
    trimmed = name.strip(" \t")
    if not trimmed or len(trimmed) > MAX_DOMAIN_CHARS + 1:
        raise DomainInvalid
    if not trimmed.isascii():
        trimmed = _encode(trimmed)
    domain = trimmed.lower().removesuffix(".")
    if len(domain) > MAX_DOMAIN_CHARS or not _NAME.fullmatch(domain) or domain.rpartition(".")[2].isdigit():
        raise DomainInvalid
    return domain


def normalise_address(address: str) -> str:
    """An address in the form in which addresses are compared, its domain in the A-form; all else as `normalise_email` says.

    Wide letters, other dots and capitals beyond ASCII are refused, and not mapped as in a rule: an address proves something.

    Raises:
        BadMessage: this is no address that we can compare safely.
    """
    local, at, domain = address.strip(" \t").rpartition("@")
    if domain.isascii() or len(domain) > MAX_DOMAIN_CHARS or _OTHER_DOTS & set(domain):
        return normalise_email(address)
    try:
        return normalise_email(f"{local}{at}{idna.encode(domain.translate(ASCII_LOWER)).decode()}")
    except (idna.IDNAError, UnicodeError):
        raise BadMessage("This is not an e-mail address.") from None


def _encode(name: str) -> str:
    # UTS 46 is what browsers and mail programs do with a name that is typed: capitals and wide letters are the plain ones.
    try:
        return idna.encode(name, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise DomainInvalid from None


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()
