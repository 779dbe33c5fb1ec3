"""A room's log, read from the store beside the nodes while a test goes on: the truth that the judge holds all histories against.

Telling is the server's own (`wire.telling`), reading is not: what nodes, windows, frames and connections do to an event on its
way to a tab does not touch what stands here.

    async with open_hall(site, checks=False) as hall, open_room_log(redis_server.url, hall.room_id) as log:
        ...
        verdict = judge((tab.history for tab in hall.tabs), await log.settled(hall.tabs))

It must be opened before the people come whose roles and events are to be judged.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from client_sim.client import RoomClient
from client_sim.lives import Lives
from client_sim.truth import RoleSet, Truth, truth_from
from server.domain.contents import RoomContents
from server.domain.crowd import FEW
from server.domain.events import Entry
from server.hub.room import epoch_shown
from server.settings import Settings
from server.store.keys import Keyspace
from server.store.records import decode_entry
from server.store.store import Store
from server.wire.audiences import AUDIENCES
from server.wire.showing import show_snapshot
from server.wire.telling import tell
from tests.support.rooms import make_settings
from tests.support.waiting import wait_until

POLL_S = 0.05  # a room's stream keeps a thousand entries, so that none is missed
READ_AT_ONCE = 1_000


class RoomLog:
    """Entries by seq. Where the store comes back as another one, perhaps older, that is another life of the log."""

    def __init__(self, redis: Redis, keyspace: Keyspace, contents: RoomContents, epoch: str) -> None:
        self._redis = redis
        self._base = contents
        self._room_id = contents.room.room_id
        self._log_key, self._epoch_key = keyspace.room(self._room_id).log, keyspace.shard(self._room_id).epoch
        self._epochs = [epoch]
        self._past: list[dict[int, Entry]] = []
        self._entries: dict[int, Entry] = {}

    @property
    def last(self) -> int:
        """The seq of the newest entry that was read."""
        return max(self._entries, default=self._base.seq)

    @property
    def lives(self) -> int:
        return len(self._epochs)

    async def read(self) -> int:
        """Read what is new; answers how many entries that were. Raises: RedisError."""
        async with self._redis.pipeline(transaction=True) as both:
            both.get(self._epoch_key)
            both.xrange(self._log_key, f"({self.last}-0", "+", count=READ_AT_ONCE)
            epoch, found = await both.execute()
        if epoch is not None and epoch.decode() != self._epochs[-1]:
            found = await self._redis.xrange(self._log_key)
            self._begin_anew(epoch.decode(), first=_seq(found[0][0]) if found else 0)
        for entry_id, fields in found:
            seq = _seq(entry_id)
            crowd = fields.get(b"crowd", b"")
            self._entries[seq] = decode_entry(self._room_id, seq, fields[b"event"], fields[b"changes"], crowd)
        return len(found)

    async def follow(self) -> None:
        while True:
            with contextlib.suppress(RedisError, OSError):
                while await self.read() == READ_AT_ONCE:
                    pass
            await asyncio.sleep(POLL_S)

    async def reaches(self, seq: int, timeout_s: float = 60) -> None:
        await wait_until(lambda: self.last >= seq, timeout_s, f"the log at {seq}")

    async def settled(self, tabs: Iterable[RoomClient]) -> Lives:
        """The truth, once it reaches as far as each of these tabs."""
        await self.reaches(max((tab.replica.last or 0 for tab in tabs), default=0))
        return self.truth()

    def truth(self) -> Lives:
        """What was said so far, in each life.

        Raises:
            AssertionError: entries are missing.
        """
        past = [self._truth_of(entries, is_cut_off=True) for entries in self._past]
        return Lives(truths=[*past, self._truth_of(self._entries)], number_of=self._number_of)

    def _begin_anew(self, epoch: str, first: int) -> None:
        """What the store still has replaces what was read; what it had trimmed before was not lost."""
        self._epochs.append(epoch)
        self._past.append(self._entries)
        self._entries = {seq: entry for seq, entry in self._entries.items() if seq < first}

    def _truth_of(self, by_seq: dict[int, Entry], *, is_cut_off: bool = False) -> Truth:
        entries = [by_seq[seq] for seq in sorted(by_seq) if seq > self._base.seq]
        upto = self._base.seq + len(entries)
        assert [entry.seq for entry in entries] == list(range(self._base.seq + 1, upto + 1)), "the log was read with holes"
        return truth_from(
            {audience: [row for entry in entries for row in _plain(tell(entry, audience))] for audience in AUDIENCES},
            upto=upto,
            bases={audience: _plain(show_snapshot(self._base, audience)) for audience in AUDIENCES},
            roles=_roles(self._base, entries),
            quiet=[entry.seq for entry in entries if entry.crowd != FEW],
            is_cut_off=is_cut_off,
        )

    def _number_of(self, participant_id: str, shown: str) -> int | None:
        told = [epoch_shown(epoch, self._room_id, participant_id) for epoch in self._epochs]
        return told.index(shown) if shown in told else None


@asynccontextmanager
async def open_room_log(redis_url: str, room_id: str) -> AsyncIterator[RoomLog]:
    """Follow a room's log from now on."""
    store = Store(_settings(redis_url))
    following = None
    try:
        log = RoomLog(store.redis, store.keyspace, *await store.rooms.load_in_epoch(room_id))
        following = asyncio.create_task(log.follow())
        yield log
    finally:
        if following:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        await store.close()


def _settings(redis_url: str) -> Settings:
    return make_settings(redis_url, log_shards=Settings.log_shards)


def _roles(base: RoomContents, entries: list[Entry]) -> dict[str, list[RoleSet]]:
    """Each change of anybody's role, the ones that they began with included."""
    roles = {who: [RoleSet(seq=base.seq, role_rev=person.role_rev)] for who, person in base.people.items()}
    for entry in entries:
        for person in entry.people():
            known = roles.setdefault(person.participant_id, [])
            if not known or known[-1].role_rev != person.role_rev:
                known.append(RoleSet(seq=entry.seq, role_rev=person.role_rev))
    return roles


def _plain(value: Any) -> Any:
    """As it would be on the wire."""
    return json.loads(msgspec.json.encode(value))


def _seq(entry_id: bytes) -> int:
    return int(entry_id.split(b"-")[0])
