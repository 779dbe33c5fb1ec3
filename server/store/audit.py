"""Reading who did what in a room, and keeping who was refused and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from server.domain.audit import AuditLine, RefusalLine
from server.store.connection import reaching_store
from server.store.scripting import Scripts

REFUSALS_KEPT = 1_000


class AuditStore:
    def __init__(self, scripts: Scripts, *, retention_ms: int) -> None:
        self._scripts = scripts
        self._retention_ms = retention_ms

    async def page(self, room_id: str, *, before: int | None, limit: int) -> list[AuditLine]:
        """The newest acts first, those before the seq `before` where one is given. Raises: StoreUnavailable."""
        key = self._scripts.keyspace.room(room_id).audit
        newest = "+" if before is None else f"({before}-0"
        with reaching_store():
            found: Any = await self._scripts.redis.xrevrange(key, max=newest, min="-", count=limit)
        return [_act(entry_id, fields) for entry_id, fields in found]

    async def note_refusal(self, room_id: str, line: Mapping[str, str | None]) -> None:
        """Keep one refusal, the newest thousand or so of a room. Raises: StoreUnavailable."""
        keys = self._scripts.keyspace.room(room_id)
        pairs = [part for name, value in line.items() if value is not None for part in (name, value)]
        await self._scripts.run_on_shard(
            "refusal_note", [keys.refusals, keys.room], [self._retention_ms, REFUSALS_KEPT, *pairs]
        )

    async def refusals(self, room_id: str, *, before: str | None, limit: int) -> list[RefusalLine]:
        """The newest refusals first, those before the id `before` where one is given. Raises: StoreUnavailable."""
        key = self._scripts.keyspace.room(room_id).refusals
        with reaching_store():
            found: Any = await self._scripts.redis.xrevrange(key, max=f"({before}" if before else "+", min="-", count=limit)
        return [_refusal(entry_id, fields) for entry_id, fields in found]


def _act(entry_id: bytes, fields: dict[bytes, bytes]) -> AuditLine:
    line = json.loads(fields[b"line"])
    return AuditLine(
        seq=int(entry_id.split(b"-")[0]),
        at_ms=int(fields[b"at_ms"]),
        name=line.pop("name"),
        by=line.pop("by", None),
        details=line,
        subjects=[(kind, record_id) for kind, record_id in json.loads(fields[b"subjects"])],
    )


def _refusal(entry_id: bytes, fields: dict[bytes, bytes]) -> RefusalLine:
    told = {name.decode(): value.decode() for name, value in fields.items()}
    return RefusalLine(refusal_id=entry_id.decode(), at_ms=int(entry_id.split(b"-")[0]), **told)
