"""A mail on its way: what is kept of it in the queue, what managers see of it, and when one may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from server.domain.refusals import MailTooSoon

# Between two mails to one invitee: a double click is one mail. The scripts have the same (`scripts/_mail.lua`).
MAIL_EVERY_MS = 60_000


class MailKind(StrEnum):
    """Which template. TEST is not queued: whoever asks for it waits for the mail server's answer."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    CODE = "code"
    HOSTS_WANTED = "hosts_wanted"
    TEST = "test"


class MailStatus(StrEnum):
    """SENDING is kept before the message's first byte is sent. UNSURE: it is not known whether the mail server took it; only
    somebody's click sends it again. DROPPED: it was withdrawn, or had become pointless, before it was sent."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"
    DROPPED = "dropped"


# These bring the link, and the start as a calendar file. An invitation shows how far they are; a newer one takes the place of
# an older one.
SHOWN_KINDS = frozenset({MailKind.INVITATION, MailKind.REMINDER})


@dataclass(kw_only=True)
class Mail:
    """One mail of the queue, as stored: ids only, from which the link is made again when it is sent. It is forgotten once it
    is dealt with.

    To whom: the address of the invitation, or of the participant. `counter`: the sender's own, such as the number of a
    code. `good_until_ms`: pointless from then on. `takes`: how often somebody took it up since the last outcome of a try.
    """

    mail_id: str
    kind: MailKind
    room_id: str
    invitation_id: str | None = None
    participant_id: str | None = None
    counter: int = 0
    good_until_ms: int | None = None
    status: MailStatus = MailStatus.QUEUED
    tries: int = 0
    takes: int = 0
    queued_at_ms: int = 0
    sending_at_ms: int | None = None
    sender: str | None = None


@dataclass(kw_only=True)
class MailState:
    """How far an invitation's newest mail is. `at_ms`: since when; `error`: why it failed, or is tried again; `dead_entry`: where
    it is among the dead."""

    mail_id: str
    kind: MailKind
    status: MailStatus
    at_ms: int
    tries: int = 0
    error: str | None = None
    dead_entry: str | None = None


def check_mail_due(last: MailState | None, now_ms: int) -> None:
    """Refuse another mail to somebody who has just been sent one, or will be in a moment. What failed may be sent at once.

    Raises:
        MailTooSoon
    """
    if last is None or last.status in (MailStatus.FAILED, MailStatus.DROPPED):
        return
    wait_ms = last.at_ms + MAIL_EVERY_MS - now_ms
    if wait_ms > 0:
        raise MailTooSoon(retry_after_ms=wait_ms)
