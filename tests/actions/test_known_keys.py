"""A node's copy of the API keys: what was read before a change of its own is not taken for what is so after."""

from __future__ import annotations

from dataclasses import replace

from server.actions.known_keys import LOOK_AGAIN_S, KnownKeys
from server.domain.api_keys import USE_NOTED_EVERY_MS, ApiKey

KEY = ApiKey(key_id="k1", name="reports", secret_hash="ab", created_at_ms=1)


def holding(key: ApiKey = KEY) -> KnownKeys:
    known = KnownKeys()
    known.hold([key], as_of=known.changes)
    return known


def test_a_key_deleted_here_does_not_come_back_with_what_was_read_before():
    known = holding()
    as_of = known.changes
    known.forget("k1")
    known.hold([KEY], as_of=as_of)
    assert known.find("ab") is None


def test_a_key_that_is_gone_elsewhere_is_gone_here_with_the_next_reading():
    known = holding()
    known.hold([], as_of=known.changes)
    assert known.find("ab") is None


def test_a_use_is_noted_once_a_minute():
    known = holding()
    for at_ms in (1_000, 2_000, USE_NOTED_EVERY_MS + 999):
        known.use(known.find("ab"), at_ms)
    assert known.uses_to_note() == [("k1", 1_000)]
    known.use(known.find("ab"), USE_NOTED_EVERY_MS + 1_000)
    assert known.uses_to_note() == [("k1", USE_NOTED_EVERY_MS + 1_000)]


def test_a_use_that_redis_has_not_heard_of_yet_is_not_forgotten_by_a_reading():
    known = holding()
    known.use(KEY, 1_000)
    known.hold([KEY], as_of=known.changes)
    assert known.find("ab").last_used_at_ms == 1_000
    known.noted("k1", 1_000)
    assert known.uses_to_note() == []


def test_a_use_that_another_node_noted_is_not_noted_again():
    known = holding(replace(KEY, last_used_at_ms=5_000))
    known.use(known.find("ab"), 6_000)
    assert known.uses_to_note() == []


def test_unknown_keys_make_a_node_ask_only_so_often():
    known = KnownKeys()
    assert [known.may_look_again(at_s) for at_s in (0, LOOK_AGAIN_S / 2, LOOK_AGAIN_S, LOOK_AGAIN_S * 1.5)] == [
        True, False, True, False,
    ]
