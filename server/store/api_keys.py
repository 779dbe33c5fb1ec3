"""The API keys that were made while the service runs, in Redis: hashes of secrets, and when each was last used."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from server.domain.api_keys import MAX_API_KEYS, ApiKey
from server.domain.refusals import ApiKeyLimit, ApiKeyUnknown
from server.store.connection import reaching_store
from server.store.scripting import Scripts

_decoder = msgspec.json.Decoder(ApiKey)


class ApiKeyStore:
    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts
        self._keys = scripts.keyspace.api_keys

    async def load(self) -> list[ApiKey]:
        """All of them, the oldest first. Raises: StoreUnavailable."""
        with reaching_store():
            records: Any = await self._scripts.redis.hgetall(self._keys.records)
            uses: Any = await self._scripts.redis.hgetall(self._keys.uses)
        found = [
            replace(_decoder.decode(text), last_used_at_ms=int(uses[key_id]) if key_id in uses else None)
            for key_id, text in records.items()
        ]
        return sorted(found, key=lambda key: (key.created_at_ms, key.key_id))

    async def create(self, key: ApiKey) -> bool:
        """Keep a new key; False where one of this id was made before, with another secret. Raises: ApiKeyLimit."""
        text = msgspec.json.encode(key).decode()
        made = await self._scripts.run_on_shard("api_key_create", [self._keys.records], [key.key_id, text, MAX_API_KEYS])
        if made == b"full":
            raise ApiKeyLimit
        return bool(made == b"made")

    async def delete(self, key_id: str, *, request_id: str) -> None:
        """Raises: ApiKeyUnknown."""
        keys = [self._keys.records, self._keys.uses, self._keys.result(request_id)]
        if await self._scripts.run_on_shard("api_key_delete", keys, [key_id]) == b"unknown":
            raise ApiKeyUnknown

    async def note_use(self, key_id: str, at_ms: int) -> None:
        """Raises: StoreUnavailable."""
        await self._scripts.run_on_shard("api_key_used", [self._keys.records, self._keys.uses], [key_id, at_ms])
