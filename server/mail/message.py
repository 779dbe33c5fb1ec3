"""A mail as it goes over the wire: one recipient, both bodies, and the calendar file where there is a start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from server.mail.calendar import CalendarEntry, calendar_file
from server.mail.templates import Rendered


@dataclass(frozen=True, kw_only=True)
class Letter:
    """All that a message is made of. `mail_id` names it for ever: a mail tried again is the same message."""

    mail_id: str
    sender: Address
    recipient: str
    written_at_ms: int
    words: Rendered
    calendar: CalendarEntry | None = None


def write_message(letter: Letter) -> bytes:
    """The bytes of a message. Text is encoded so that no line of it can be taken for anything else."""
    message = EmailMessage(policy=SMTP)
    message["From"] = letter.sender
    message["To"] = Address(addr_spec=letter.recipient)
    message["Subject"] = letter.words.subject
    message["Date"] = datetime.fromtimestamp(letter.written_at_ms / 1000, UTC)
    message["Message-ID"] = f"<{letter.mail_id}@{letter.sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.words.text, cte="quoted-printable")
    message.add_alternative(letter.words.html, subtype="html", cte="quoted-printable")
    if letter.calendar is not None:
        message.add_attachment(
            calendar_file(letter.calendar, letter.written_at_ms), maintype="text", subtype="calendar", filename="start.ics",
            params={"method": "PUBLISH", "charset": "utf-8"},
        )
    return message.as_bytes()
