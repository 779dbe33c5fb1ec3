"""The site's people in Redis: one directory for all rooms, in one slot."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from server.domain.directory import DirectoryPerson
from server.domain.refusals import IdempotencyMismatch, PersonUnknown, PreconditionFailed, RateLimited
from server.domain.request_id import RequestId
from server.store.connection import reaching_store
from server.store.records import encode_args, without_nulls
from server.store.scripting import Scripts

MOST_LOOKED_AT = 500  # members of the index that one search walks over
# Somebody who types asks a few times a second; more than that is a program that copies the directory.
MOST_ASKED, ASKED_WINDOW_MS = 60, 10_000

_decoder = msgspec.json.Decoder(DirectoryPerson)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a search goes on: the number of the word that it goes by, and the member of the index that it saw last."""

    word: int
    member: bytes


@dataclass(frozen=True, kw_only=True)
class Found:
    """`after`: where to go on, None at the end; a page may hold less than asked for and still not be the last."""

    people: list[DirectoryPerson]
    after: Place | None


class DirectoryStore:
    def __init__(self, scripts: Scripts, *, most_people: int) -> None:
        self._scripts = scripts
        self._keys = scripts.keyspace.directory
        self._most_people = most_people

    async def upsert(self, rows: Sequence[dict[str, Any]], *, request_id: RequestId) -> list[dict[str, str]]:
        """Store people; for each row `status` and `person_id`, or `refused`. The same request again gets the first answer.

        Raises:
            IdempotencyMismatch
        """
        args = encode_args({"rows": [without_nulls(row) for row in rows], "most_people": self._most_people})
        keys = self._keys.all_of_people(request_id)
        argv = [self._scripts.skew_ms, args, request_id.fingerprint, request_id.keep_ms]
        reply = await self._scripts.run_on_shard("directory_upsert", keys, argv)
        if reply == b"idempotency_mismatch":
            raise IdempotencyMismatch
        answers: list[dict[str, str]] = json.loads(reply)
        return answers

    async def load(self, person_id: str) -> DirectoryPerson | None:
        with reaching_store():
            text: Any = await self._scripts.redis.hget(self._keys.people, person_id)
        return _decoder.decode(text) if text else None

    async def delete(self, person_id: str, *, expected_rev: int | None, request_id: str) -> None:
        """Raises: PersonUnknown; PreconditionFailed: the record is at another revision."""
        keys = self._keys.all_of_people(request_id)
        argv = [person_id, "" if expected_rev is None else expected_rev]
        outcome = await self._scripts.run_on_shard("directory_delete", keys, argv)
        if outcome == b"unknown":
            raise PersonUnknown
        if outcome == b"moved":
            raise PreconditionFailed

    async def page(self, words: Iterable[str], *, after: Place | None, limit: int) -> Found:
        """People in a lasting order: by address, or where words are asked by the longest of them."""
        return await self._search(sorted(words, key=len, reverse=True), after or Place(word=1, member=b""), limit)

    async def suggest(self, words: Iterable[str], *, asker: str, limit: int) -> list[DirectoryPerson]:
        """A few people, found by the rarest word.

        Raises:
            RateLimited: `asker` asked too often.
        """
        return (await self._search(list(words), Place(word=0, member=b""), limit, asker)).people

    async def _search(self, words: list[str], after: Place, limit: int, asker: str = "") -> Found:
        keys = [self._keys.people, self._keys.words, self._keys.index if words else self._keys.listed, self._keys.asked(asker)]
        bounds = [limit, MOST_LOOKED_AT, MOST_ASKED if asker else 0, ASKED_WINDOW_MS]
        reply = await self._scripts.run_on_shard("directory_search", keys, [after.member, after.word, *bounds, *words])
        if reply == b"rate_limited":
            raise RateLimited(retry_after_ms=ASKED_WINDOW_MS)
        word, member, *records = reply
        people = [_decoder.decode(record) for record in records]
        return Found(people=people, after=Place(word=int(word), member=member) if member else None)
