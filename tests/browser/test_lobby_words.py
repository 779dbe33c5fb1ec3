"""Refusals in the reader's language: every code that the server may answer, what happened and what to do next."""

from __future__ import annotations

import re

import pytest

from server.domain import refusals
from tests.browser.conftest import PAGES

OF_THE_PAGES = re.compile(r'new Refused\(\{\s*code: "(\w+)"')
KEY = re.compile(r'^  "?([\w.]+)"?: ', re.MULTILINE)


def codes() -> set[str]:
    said_by_pages = {code for path in PAGES.rglob("*.js") for code in OF_THE_PAGES.findall(path.read_text())}
    return {*refusals.BY_CODE, *said_by_pages} - {"claim_lost"}  # which leads on, and is never shown


@pytest.mark.parametrize("language", ["ar", "de"])
def test_every_refusal_is_told_with_what_to_do_next(language):
    keys = KEY.findall((PAGES / "words" / language / "refusals.js").read_text())
    assert len(keys) == len(set(keys))
    missing = {key for code in codes() for key in (code, f"{code}.next")} - set(keys)
    assert missing == set()


def test_in_english_the_server_speaks_for_itself():
    assert KEY.findall((PAGES / "words" / "en" / "refusals.js").read_text()) == []


def test_every_end_that_the_card_knows_is_a_refusal_of_the_server_or_of_the_pages():
    table = re.search(r"export const ENDS = \{(.*?)\n\};", (PAGES / "lobby" / "states.js").read_text(), re.DOTALL)
    assert table is not None
    assert set(re.findall(r"^  (\w+): ", table[1], re.MULTILINE)) - codes() == set()
