"""The queue of mails: one stream per shard, read by all nodes as one group, and a record of each mail that is not dealt with.

To queue a mail with a change, in the script that makes the change (see `scripts/_mail.lua`):

    local refused = mail_refused(invitation)            -- before anything is written
    if refused then return refuse(refused) end
    queue_invitation_mail(args.mail_id, 'reminder', invitation)
    put_invitation(invitation)                          -- it shows the mail now

or, for kinds that no invitation shows: `queue_mail({mail_id = args.mail_id, kind = 'code', invitation_id = …, counter = 3})`.
The id comes from `new_mail_id()`, made in Python. Where nothing else changes, `MailStore.queue` does all that. What the
template of a kind is told beside the usual is decided in `actions/mail_words.py`.

Entries hold ids only. A node takes an entry (`take`), talks to the mail server up to the point where the message itself is
to be sent, asks for leave (`begin_sending`), which one gets, sends, and stores the outcome (`store_outcome`), which takes
the entry out. An entry whose node died is taken up by another after `claim_ms`; if leave had been given it is unsure.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from redis.exceptions import ResponseError

from server.domain.events import InvitationChanged
from server.domain.invitation import Invitation
from server.domain.mail import Mail, MailKind, MailStatus
from server.domain.person import Person
from server.domain.room import Room
from server.store.connection import reaching_store
from server.store.records import decode_as
from server.store.scripting import NotYet, Scripts

GROUP = "mailers"
FORGET_READER_AFTER_MS = 3_600_000
_OUTCOME = InvitationChanged(what="mail")


def new_mail_id() -> str:
    return "m" + secrets.token_hex(8)


@dataclass(frozen=True, kw_only=True)
class QueueEntry:
    """One entry of a shard's stream, delivered to this node."""

    shard: int
    entry_id: str
    mail_id: str
    room_id: str


@dataclass(frozen=True, kw_only=True)
class TakenMail:
    """A mail with all that is needed to write it."""

    entry: QueueEntry
    mail: Mail
    now_ms: int
    room: Room
    invitation: Invitation | None
    person: Person | None

    @property
    def address(self) -> str | None:
        """Where it goes: the stored address, and no other."""
        return self.invitation.email if self.invitation else self.person.email if self.person else None


class MailStore:
    def __init__(self, scripts: Scripts, *, incarnation: str, claim_ms: int) -> None:
        self._scripts = scripts
        self._claim_ms = claim_ms
        # A node that comes back under its name is another reader: what the earlier one was doing is taken up as anybody's.
        self._reader = scripts.node_id
        self._streams = {keys.mail.encode(): shard for shard, keys in enumerate(scripts.keyspace.by_shard)}

    async def queue(
        self,
        room_id: str,
        kind: MailKind,
        *,
        invitation_id: str | None = None,
        participant_id: str | None = None,
        counter: int = 0,
        good_until_ms: int | None = None,
        by: str | None = None,
        seen: dict[str, Any] | None = None,
        request_id: str | None = None,
    ) -> dict[str, Any]:
        """Queue one mail to an invitation's or a participant's address; answers its `mail_id`.

        Raises:
            MailQueueFull, MailTooSoon: it is being sent just now. FactsMoved
        """
        mail = {
            "mail_id": new_mail_id(), "kind": kind, "invitation_id": invitation_id, "participant_id": participant_id,
            "counter": counter, "good_until_ms": good_until_ms,
        }
        asked = InvitationChanged(what="mail_asked", by=by)
        return await self._scripts.run("mail_queue", room_id, {"mail": mail, "seen": seen}, asked, request_id=request_id)

    async def open(self) -> None:
        """Make the group where it is missing; it reads from the beginning, so that nothing queued before is passed by."""
        for keys in self._scripts.keyspace.by_shard:
            with reaching_store():
                try:
                    await self._scripts.redis.xgroup_create(keys.mail, GROUP, id="0", mkstream=True)
                except ResponseError as error:
                    if not str(error).startswith("BUSYGROUP"):
                        raise

    async def read(self, most: int) -> list[QueueEntry]:
        """New entries, without waiting for any: about `most`, and at least one of each shard that has some.

        Raises:
            StoreUnavailable
        """
        count = max(1, most // len(self._streams))
        # On a Cluster the streams lie in several slots, which one command cannot name.
        together = [[key] for key in self._streams] if self._scripts.is_cluster else [list(self._streams)]
        found = await asyncio.gather(*(self._read_group(keys, count) for keys in together))
        if None in found:
            await self.open()
        return [entry for entries in found for entry in entries or []]

    async def _read_group(self, keys: list[bytes], count: int) -> list[QueueEntry] | None:
        """None where the group is missing."""
        streams: Any = dict.fromkeys(keys, ">")
        with reaching_store():
            try:
                reply: Any = await self._scripts.redis.xreadgroup(GROUP, self._reader, streams, count=count)
            except ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise
                return None
        pairs = reply.items() if isinstance(reply, dict) else reply
        return [self._entry(self._streams[key], *entry) for key, entries in pairs for entry in _flat(entries)]

    async def claim(self, most: int, in_hand: Collection[QueueEntry]) -> list[QueueEntry]:
        """Up to `most` of each shard that some reader took long ago and has not dealt with: it died, or stands still, or its
        delivery was lost on the way. Those that this node has in hand are left to others.

        Raises:
            StoreUnavailable
        """
        found: list[QueueEntry] = []
        for shard in range(len(self._streams)):
            held = {entry.entry_id for entry in in_hand if entry.shard == shard}
            with reaching_store():
                try:
                    found += await self._claim_on(shard, most, held)
                except ResponseError as error:
                    if not str(error).startswith("NOGROUP"):
                        raise
        return found

    async def _claim_on(self, shard: int, most: int, held: set[str]) -> list[QueueEntry]:
        redis, stream = self._scripts.redis, self._scripts.keyspace.by_shard[shard].mail
        pending: Any = await redis.xpending_range(stream, GROUP, min="-", max="+", count=most + len(held), idle=self._claim_ms)
        ids = [one["message_id"] for one in pending if one["message_id"].decode() not in held]
        # Asked again with the time that each must have lain there: another node may have been faster.
        claimed: Any = await redis.xclaim(stream, GROUP, self._reader, self._claim_ms, ids) if ids else []
        await self._scripts.run_on_shard("mail_readers_forget", [stream], [GROUP, FORGET_READER_AFTER_MS])
        return [self._entry(shard, entry_id, fields) for entry_id, fields in claimed if fields]

    async def hand_back(self, entries: Collection[QueueEntry]) -> None:
        """Leave what was read and not begun to others at once: they need not wait until it has lain there long enough.

        Raises:
            StoreUnavailable
        """
        for shard in {entry.shard for entry in entries}:
            ids: Any = [entry.entry_id for entry in entries if entry.shard == shard]
            stream = self._scripts.keyspace.by_shard[shard].mail
            with reaching_store():
                await self._scripts.redis.xclaim(stream, GROUP, self._reader, 0, ids, idle=self._claim_ms, justid=True)

    async def take(self, entry: QueueEntry) -> TakenMail | None:
        """What is needed to write the mail; None where there is nothing to do. Raises: StoreUnavailable."""
        args = {"mail_id": entry.mail_id, "entry_id": entry.entry_id, "unsure_after_ms": self._claim_ms}
        step, *found = await self._scripts.read("mail_take", entry.room_id, args, _OUTCOME)
        if step != b"ready":
            return None
        now_ms, mail, room, invitation, person = found
        return TakenMail(
            entry=entry, now_ms=int(now_ms), mail=decode_as(Mail, mail), room=decode_as(Room, room),
            invitation=decode_as(Invitation, invitation) if invitation else None,
            person=decode_as(Person, person) if person else None,
        )

    async def begin_sending(self, taken: TakenMail, sender: str) -> bool:
        """Whether `sender` may send the message now; nobody else may from then on. Raises: StoreUnavailable."""
        args = {"mail_id": taken.mail.mail_id, "sender": sender, "tries": taken.mail.tries}
        return bool((await self._scripts.run("mail_sending", taken.room.room_id, args))["go_on"])

    async def store_outcome(
        self, taken: TakenMail, sender: str, status: MailStatus, *, error: str | None = None, retry_in_ms: int | None = None
    ) -> bool:
        """Store what became of the try, and take the entry out. False: another's word counts. Raises: StoreUnavailable."""
        args = {
            "mail_id": taken.mail.mail_id, "entry_id": taken.entry.entry_id, "sender": sender, "tries": taken.mail.tries,
            "invitation_id": taken.mail.invitation_id, "status": status, "error": error, "retry_in_ms": retry_in_ms,
        }
        return bool((await self._scripts.run("mail_outcome", taken.room.room_id, args, _OUTCOME))["stored"])

    async def offer_again(self, room_id: str, mail_id: str) -> None:
        """The pause before its next try is over. Raises: StoreUnavailable."""
        with contextlib.suppress(NotYet):
            await self._scripts.run("mail_again", room_id, {"mail_id": mail_id})

    async def close(self) -> None:
        """Leave the group where nothing is left to be taken up by others. Raises: StoreUnavailable."""
        for keys in self._scripts.keyspace.by_shard:
            await self._scripts.run_on_shard("mail_readers_forget", [keys.mail], [GROUP, 0, self._reader])

    @staticmethod
    def _entry(shard: int, entry_id: bytes, fields: dict[bytes, bytes]) -> QueueEntry:
        return QueueEntry(
            shard=shard, entry_id=entry_id.decode(),
            mail_id=fields[b"mail_id"].decode(), room_id=fields[b"room_id"].decode(),
        )


def _flat(entries: Any) -> Any:
    """redis-py gives the entries of a stream as one list, or, by its newer protocol, as a list of lists."""
    return entries[0] if entries and isinstance(entries[0], list) and isinstance(entries[0][0], tuple) else entries
