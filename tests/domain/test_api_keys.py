"""API keys: how often their use is worth a write."""

from __future__ import annotations

import pytest

from server.domain.api_keys import USE_NOTED_EVERY_MS, ApiKey, is_use_worth_noting


@pytest.mark.parametrize(
    ("last_used_at_ms", "noted"),
    [(None, True), (1_000, False), (1_001 - USE_NOTED_EVERY_MS, False), (1_000 - USE_NOTED_EVERY_MS, True)],
)
def test_a_use_is_noted_when_the_last_is_a_minute_old(last_used_at_ms, noted):
    key = ApiKey(key_id="k", name="n", secret_hash="h", created_at_ms=0, last_used_at_ms=last_used_at_ms)
    assert is_use_worth_noting(key, 1_000) is noted
