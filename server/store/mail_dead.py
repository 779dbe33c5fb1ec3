"""Mails that were given up, the newest thousand or so of each shard: to be looked at, and sent once more at a click."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from server.domain.events import InvitationChanged
from server.domain.mail import Mail
from server.domain.refusals import MailUnknown
from server.store.connection import reaching_store
from server.store.keys import shard_of
from server.store.mail import new_mail_id
from server.store.records import decode_as
from server.store.scripting import Scripts

_DEAD_ID = re.compile(r"([0-9]{1,15}-[0-9]{1,10})\.([A-Za-z0-9_-]{1,64})")


@dataclass(frozen=True, kw_only=True)
class DeadMail:
    """`dead_id`: of this entry, and its room; the mail's own status is failed or unsure."""

    dead_id: str
    mail: Mail
    error: str
    at_ms: int


@dataclass(frozen=True, kw_only=True)
class QueueCounts:
    """`waiting`: not dealt with, those that are tried again later included. `dead`: given up, and still to be looked at."""

    waiting: int
    dead: int


class DeadMailStore:
    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    async def counts(self) -> QueueCounts:
        """Over all shards. Raises: StoreUnavailable."""
        waiting, dead = 0, 0
        for keys in self._scripts.keyspace.by_shard:
            with reaching_store():
                waiting += int(await self._scripts.redis.hlen(keys.mails))
                dead += int(await self._scripts.redis.xlen(keys.mail_dead))
        return QueueCounts(waiting=waiting, dead=dead)

    async def page(self, after: str | None, limit: int) -> list[DeadMail]:
        """Up to `limit` that come after the entry `after`, shard by shard, the oldest of each first.

        Raises:
            MailUnknown: `after` is no id of an entry. StoreUnavailable
        """
        shards = self._scripts.keyspace.by_shard
        entry_id, room_id = _parse(after) if after else ("", "")
        first = shard_of(room_id, len(shards)) if after else 0
        found: list[DeadMail] = []
        for shard in range(first, len(shards)):
            least = f"({entry_id}" if shard == first and after else "-"
            with reaching_store():
                entries: Any = await self._scripts.redis.xrange(shards[shard].mail_dead, min=least, count=limit - len(found))
            found += [_dead(dead_id, fields) for dead_id, fields in entries]
            if len(found) >= limit:
                break
        return found

    async def revive(self, dead_id: str, *, request_id: str) -> dict[str, Any]:
        """Queue it again, under a new id; answers `mail_id`.

        Raises:
            MailUnknown, RoomUnknown, RoomDeleted, SessionEnded, InvitationClosed, MailQueueFull, MailTooSoon
            StoreUnavailable
        """
        entry_id, room_id = _parse(dead_id)
        args = {"dead": entry_id, "mail_id": new_mail_id()}
        return await self._scripts.run(
            "mail_revive", room_id, args, InvitationChanged(what="mail_asked"), request_id=request_id
        )


def _parse(dead_id: str) -> tuple[str, str]:
    """Raises: MailUnknown."""
    match = _DEAD_ID.fullmatch(dead_id)
    if match is None:
        raise MailUnknown
    return match[1], match[2]


def _dead(entry_id: bytes, fields: dict[bytes, bytes]) -> DeadMail:
    mail = decode_as(Mail, fields[b"mail"])
    return DeadMail(
        dead_id=f"{entry_id.decode()}.{mail.room_id}", mail=mail, error=fields[b"error"].decode(), at_ms=int(fields[b"at_ms"])
    )
