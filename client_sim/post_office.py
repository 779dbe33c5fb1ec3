"""A real SMTP server in this process: keeps every mail as it came, and hands it out as a mail program reads it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

ARRIVES_S = 15.0
_LINK = re.compile(r"https?://\S+/join/\S+#\S+")


class PostOffice:
    """`port` is where it listens, on this machine only."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._mails: list[tuple[str, EmailMessage]] = []
        self._arrived = asyncio.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take one mail in; called by aiosmtpd."""
        raw = envelope.content
        mail = message_from_bytes(raw if isinstance(raw, bytes) else (raw or "").encode(), policy=policy.default)
        self._mails += [(address.lower(), mail) for address in envelope.rcpt_tos]
        self._arrived.set()
        return "250 Taken"

    async def mails_to(self, address: str, *, at_least: int = 1) -> list[EmailMessage]:
        """Every mail to `address`, once there are that many.

        Raises:
            TimeoutError: they did not come.
        """
        async with asyncio.timeout(ARRIVES_S):
            while len(found := [mail for to, mail in self._mails if to == address]) < at_least:
                self._arrived.clear()
                await self._arrived.wait()
        return found


@asynccontextmanager
async def open_post_office() -> AsyncIterator[PostOffice]:
    """A post office on a port of its own, for as long as the context lasts."""
    office = PostOffice()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(office, hostname="localhost"), "127.0.0.1", 0)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()


def text_of(mail: EmailMessage) -> str:
    """The plain text, as somebody reads it whose mail program shows no HTML."""
    body = mail.get_body(preferencelist=("plain",))
    return str(body.get_content()) if isinstance(body, EmailMessage) else ""


def link_in(mail: EmailMessage) -> str:
    """The invitation link of a mail; empty where there is none."""
    found = _LINK.search(text_of(mail))
    return found.group() if found else ""


def attached_types(mail: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
