"""The words by which somebody of the site's people is found."""

from __future__ import annotations

import pytest

from server.domain.directory import MAX_WORDS, check_search, fold, words_for
from tests.support.refusing import refused


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ada", "ada"), ("ÉMILE", "emile"), ("e\u0301mile", "emile"), ("Straße", "strasse"), ("Łukasz", "lukasz"),
        ("SØREN", "soren"), ("İpek", "ipek"), ("ﬁona", "fiona"), ("mi\u212ae", "mike"), ("Ｍａ", "ma"), ("北京", "北京"),
        ("Ñandú", "nandu"), ("Ægir", "aegir"), ("", ""),
    ],
)  # fmt: skip
def test_accents_and_case_fold_away(text, folded):
    assert fold(text) == folded
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("first_name", "last_name", "words"),
    [
        ("Ada", "Lovelace", ["ada", "lovelace", "x@example.org"]),
        ("Ada Maria", "de la Cruz", ["ada", "cruz", "de", "la", "maria", "x@example.org"]),
        ("Jean-Luc", "Smith-Jones", ["jean-luc", "jones", "luc", "smith-jones", "x@example.org"]),
        ("ada", "ADA", ["ada", "x@example.org"]),
        ("-", "--", ["-", "--", "x@example.org"]),
        ("=2+3", "@SUM(A1)", ["=2+3", "@sum(a1)", "x@example.org"]),
        ("\u200b", "\u0301", ["x@example.org"]),
    ],
)
def test_a_person_is_found_by_the_address_and_by_each_word_of_the_name(first_name, last_name, words):
    assert words_for("x@example.org", first_name, last_name) == words


def test_the_words_of_one_person_are_bounded_and_the_address_is_among_them():
    words = words_for("x@ex.org", " ".join("abcdefghijklmnopqrstuvwxyz"), "-".join("abcdefghijklmnopqrstuvwxyz"))
    assert len(words) == MAX_WORDS
    assert "x@ex.org" in words
    assert words == sorted(words, key=str.encode)


@pytest.mark.parametrize(
    ("text", "words"),
    [("ma", ["ma"]), ("  Má  sM ", ["ma", "sm"]), ("a b", ["a", "b"]), ("ada ADA", ["ada"]), ("ada@exa", ["ada@exa"])],
)
def test_what_is_searched_for_is_folded_as_the_index_is(text, words):
    assert check_search(text) == words


@pytest.mark.parametrize("text", ["", " ", "a", " a ", "é", "a\u0301", "x" * 101, "a b c d e f", "ab\0", "ab\u200b", "ab\x7f"])
def test_too_little_too_much_and_what_cannot_be_typed_are_refused(text):
    with refused("bad_message"):
        check_search(text)
