"""Every "no": its code, its close code, and what to do next."""

from __future__ import annotations

import re

import pytest

from server.domain.refusals import ALL, BY_CODE, Refusal

# Which the product names, and which may never change.
STABLE = [
    "invite_unknown",
    "invite_expired",
    "invite_used",
    "invite_moved",
    "invite_revoked",
    "invite_replaced",
    "email_mismatch",
    "room_deleted",
    "session_ended",
    "not_live",
    "declined",
    "banned",
    "too_many_attempts",
    "role_forbidden",
    "already_decided",
    "busy",
    "module_disabled",
    "cnc_disabled",
    "store_unavailable",
]
MAX_REASON_BYTES = 123  # of a websocket's close frame

each = pytest.mark.parametrize("refusal", ALL, ids=lambda refusal: refusal.code)


def subclasses_of(kind: type[Refusal]) -> set[type[Refusal]]:
    return {found for direct in kind.__subclasses__() for found in {direct, *subclasses_of(direct)}}


def test_the_list_holds_every_refusal_of_the_module():
    assert set(ALL) == {refusal for refusal in subclasses_of(Refusal) if refusal.__module__ == Refusal.__module__}


def test_no_two_refusals_share_a_code():
    assert len(BY_CODE) == len(ALL)


@pytest.mark.parametrize("code", STABLE)
def test_the_codes_that_the_product_promises_exist(code):
    assert BY_CODE[code].code == code


@each
def test_a_code_is_a_word_for_programs(refusal):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", refusal.code)
    assert refusal.code != Refusal.code


@each
def test_a_refusal_says_what_is_and_what_to_do_next(refusal):
    for sentence in (refusal.message, refusal.next_step):
        assert sentence.endswith("."), sentence
        assert sentence[0].isupper(), sentence
    assert len(refusal.message.encode()) <= MAX_REASON_BYTES


@each
def test_close_codes_invite_back_exactly_where_trying_again_can_help(refusal):
    comes_back = 4000 <= refusal.close_code <= 4499
    stays_away = 4500 <= refusal.close_code <= 4999
    assert comes_back or stays_away
    assert comes_back is (refusal.retry_after_ms is not None)


@each
def test_the_status_is_one_of_a_refused_or_failed_request(refusal):
    assert 400 <= refusal.status <= 599
    if refusal.status in (429, 503) and refusal.close_code != Refusal.close_code:
        assert refusal.retry_after_ms is not None


def test_close_codes_of_their_own_are_not_shared():
    own = [refusal.close_code for refusal in ALL if refusal.close_code != Refusal.close_code]
    assert len(own) == len(set(own))


def test_a_sentence_and_a_pause_may_be_given_and_the_class_stays_as_it_was():
    given = BY_CODE["busy"]("Somebody else was faster.", retry_after_ms=5)
    assert (given.message, given.retry_after_ms, str(given)) == ("Somebody else was faster.", 5, given.message)
    plain = BY_CODE["busy"]()
    assert (plain.message, plain.retry_after_ms) != (given.message, given.retry_after_ms)


def test_no_pause_can_be_given_as_none():
    assert BY_CODE["role_forbidden"]().retry_after_ms is None
    assert BY_CODE["token_expired"](retry_after_ms=0).retry_after_ms == 0
