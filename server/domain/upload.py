"""Invitations in bulk: what an uploaded row is, when it is the same row again, and what would become of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from server.domain.invitation import Invitation, InvitationStatus
from server.domain.refusals import DuplicateRow, Refusal, RowInvalid, RowKeyReused, TooManyInvitations
from server.domain.roles import INVITABLE, Role

MAX_ROW_KEY_CHARS = 64


class RowStatus(StrEnum):
    CREATED = "created"
    REPEATED = "repeated"
    WOULD_CREATE = "would_create"
    WOULD_REPLACE = "would_replace"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class UploadedRow:
    """A row as it came. `line`: of the file, where it came in one; `refusal`: why it could not be read."""

    email: str = ""
    first_name: str = ""
    last_name: str = ""
    role: str = ""
    send: bool = False
    key: str | None = None
    line: int | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row that makes sense. `number` counts from 0; `key` is what it is known by again, `digest` what it says; `lasting`: the
    key stands for it for ever, else only while the invitation that it made holds."""

    number: int
    email: str
    first_name: str
    last_name: str
    role: Role
    send: bool
    key: str
    digest: str
    lasting: bool


@dataclass(kw_only=True)
class RowOutcome:
    """What became of a row, or would. `replaced`: the id of the older invitation that goes."""

    status: RowStatus
    invitation_id: str | None = None
    link: str | None = None
    replaced: str | None = None
    refusal: Refusal | None = None
    seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class RowSeen:
    """What is there of one row: what its key made (`invitation id|digest`), that invitation, and its address's present one."""

    made_by: str | None
    made: Invitation | None
    present: Invitation | None


@dataclass(frozen=True, kw_only=True)
class RowsSeen:
    room_for_addresses: int
    room_for_invitations: int
    rows: list[RowSeen] = field(default_factory=list)


def failed(refusal: Refusal) -> RowOutcome:
    return RowOutcome(status=RowStatus.ERROR, refusal=refusal)


def check_role(role: str) -> Role:
    """Raises: RowInvalid."""
    if role not in INVITABLE:
        raise RowInvalid(f"role must be one of {', '.join(sorted(INVITABLE))}.")
    return Role(role)


def row_key_for(*, given: str | None, actor_id: str | None, upload_key: str | None, digest: str) -> tuple[str, bool]:
    """What a row is known by again, and whether for ever.

    By the key that it was given, by whoever uploads; else within an upload with a key by what it says; else by that alone, so
    that the same file again makes nothing twice, but makes what was revoked meanwhile anew.

    Raises:
        RowInvalid: the key given is no key.
    """
    who = actor_id or "site"
    if given is not None:
        if not (0 < len(given) <= MAX_ROW_KEY_CHARS and given.isprintable()):
            raise RowInvalid(f"A key has 1 to {MAX_ROW_KEY_CHARS} printable characters.")
        return digest_of("key", who, given), True
    if upload_key is not None:
        return digest_of("upload", who, upload_key, digest), True
    return digest_of("content", digest), False


def digest_of(*parts: str) -> str:
    """A short name for some texts; where one ends and the next begins counts."""
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()[:32]


def check_no_duplicate(row: Row, emails: set[str], keys: set[str]) -> None:
    """Refuse a second row of one upload for an address, or with a key; notes what it has seen. Raises: DuplicateRow."""
    if row.email in emails or row.key in keys:
        raise DuplicateRow
    emails.add(row.email)
    keys.add(row.key)


def made_before(row: Row, seen: RowSeen, *, now_ms: int, planned_end_ms: int) -> Invitation | None:
    """The invitation that this very row made before, if it still stands for it. Stands in invitation_create.lua as well.

    Raises:
        RowKeyReused: its key made one, out of another row.
    """
    if seen.made is None or seen.made_by is None:
        return None
    if seen.made_by.partition("|")[2] != row.digest:
        raise RowKeyReused
    withdrawn = seen.made.status in (InvitationStatus.REVOKED, InvitationStatus.REPLACED)
    holds = not withdrawn and now_ms < max(seen.made.expires_at_ms, planned_end_ms)
    return seen.made if row.lasting or holds else None


class Preview:
    """What an upload would do, row after row: each counts for the bounds that the next ones meet."""

    def __init__(self, seen: RowsSeen, *, now_ms: int, planned_end_ms: int) -> None:
        self._addresses_left = seen.room_for_addresses
        self._invitations_left = seen.room_for_invitations
        self._now_ms = now_ms
        self._planned_end_ms = planned_end_ms

    def outcome_for(self, row: Row, seen: RowSeen) -> RowOutcome:
        """Raises: RowKeyReused, TooManyInvitations."""
        made = made_before(row, seen, now_ms=self._now_ms, planned_end_ms=self._planned_end_ms)
        if made is not None:
            return RowOutcome(status=RowStatus.REPEATED, invitation_id=made.invitation_id)
        present = seen.present
        if (present is None and self._addresses_left < 1) or self._invitations_left < 1:
            raise TooManyInvitations
        self._invitations_left -= 1
        self._addresses_left -= present is None
        if present is not None and present.status in (InvitationStatus.CREATED, InvitationStatus.OPENED):
            return RowOutcome(status=RowStatus.WOULD_REPLACE, replaced=present.invitation_id)
        return RowOutcome(status=RowStatus.WOULD_CREATE)
