"""The site's API keys in the store: none twice, none beyond the bound, and nothing left of one that is gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain.api_keys import MAX_API_KEYS, ApiKey
from server.domain.refusals import ApiKeyLimit, ApiKeyUnknown
from tests.support.rooms import open_site

KEY = ApiKey(key_id="k1", name="reports", secret_hash="ab", created_at_ms=1)


async def test_a_key_is_made_once_and_another_does_not_take_its_id(store_url):
    async with open_site(store_url) as site:
        keys = site.store.api_keys
        assert await keys.create(KEY)
        assert await keys.create(KEY), "the answer was lost and it is asked for again"
        assert not await keys.create(replace(KEY, secret_hash="cd"))
        assert await keys.load() == [KEY]


async def test_there_are_no_more_than_may_be(store_url):
    async with open_site(store_url) as site:
        keys = site.store.api_keys
        many = [replace(KEY, key_id=f"k{number}", created_at_ms=number) for number in range(MAX_API_KEYS)]
        for key in reversed(many):
            await keys.create(key)
        with pytest.raises(ApiKeyLimit):
            await keys.create(replace(KEY, key_id="one more"))
        assert await keys.create(many[0]), "one that is there may be asked for again"
        assert await keys.load() == many, "the oldest first"


async def test_of_a_key_that_was_deleted_nothing_is_left(store_url):
    async with open_site(store_url) as site:
        keys = site.store.api_keys
        await keys.create(KEY)
        await keys.note_use("k1", 60_000)
        for _ in range(2):
            await keys.delete("k1", request_id="r1")
        with pytest.raises(ApiKeyUnknown):
            await keys.delete("k1", request_id="r2")
        await keys.note_use("k1", 120_000)
        await keys.create(KEY)
        assert await keys.load() == [KEY], "not even when it was used"


async def test_a_use_noted_late_does_not_take_the_place_of_a_later_one(store_url):
    async with open_site(store_url) as site:
        keys = site.store.api_keys
        await keys.create(KEY)
        for at_ms in (180_000, 120_000):
            await keys.note_use("k1", at_ms)
        assert await keys.load() == [replace(KEY, last_used_at_ms=180_000)]
