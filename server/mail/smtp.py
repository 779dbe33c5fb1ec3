"""The conversation with the mail server, in steps, so that what is about to happen can be stored between them."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from server.settings import Secret, SettingsError

DEFAULT_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# Servers end long conversations and quiet ones; better that we do.
MAILS_PER_CONNECTION = 50
IDLE_S = 5.0
# How long a mail server that cannot be reached, or wants another password, is left alone: longer each time, up to the last.
RESTS_S = (1, 2, 4, 8, 15, 30, 60)
# A mail server that wants a sign-in, or another: it is not this mail that is wrong, and it is right once the setting is.
_SIGN_IN_CODES = frozenset({530, 534, 535, 538})


class MailDelayed(Exception):
    """It was not sent and may be later. The message says what the server said, or what became of it."""


class MailRefused(Exception):
    """The server will not take it, now or later."""


class MailUnsure(Exception):
    """The message was sent and the answer did not come."""


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where mail goes. `timeout_s`: for all up to the message, and again for the message."""

    host: str
    port: int
    use_tls: bool
    start_tls: bool
    user: str | None
    password: Secret | None
    timeout_s: float
    tls: ssl.SSLContext | None


def read_mail_server(url: Secret, *, ca_file: str, timeout_s: float) -> MailServer:
    """The mail server that SMTP_URL names.

    Raises:
        SettingsError: without the URL, since it may hold a password.
    """
    try:
        parts = urlsplit(url.reveal())
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme not in DEFAULT_PORTS or not host:
        raise SettingsError("SMTP_URL must be smtp://, smtps:// or smtp+starttls://user:password@host:port.")
    if parts.username and scheme == "smtp" and host not in LOOPBACK:
        raise SettingsError("SMTP_URL: a password goes over smtps:// or smtp+starttls:// only, except on this machine.")
    return MailServer(
        host=host, port=port or DEFAULT_PORTS[scheme], use_tls=scheme == "smtps", start_tls=scheme == "smtp+starttls",
        user=unquote(parts.username) if parts.username else None,
        password=Secret(unquote(parts.password or "")) if parts.username else None,
        timeout_s=timeout_s, tls=_tls(ca_file) if scheme != "smtp" else None,
    )


def _tls(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"SMTP_CA_FILE: {ca_file!r} holds no certificates: {error}") from None


class Conversation:
    """One connection, for one mail after another."""

    def __init__(self, server: MailServer, own_host: str) -> None:
        self._server = server
        self._client = aiosmtplib.SMTP(
            hostname=server.host, port=server.port, use_tls=server.use_tls, start_tls=server.start_tls,
            username=server.user, password=server.password.reveal() if server.password else None,
            tls_context=server.tls, timeout=server.timeout_s, local_hostname=own_host,
        )
        self._count = 0
        self._is_between = False  # a mail was named and not taken: the server has to be told to forget it
        self._used_at_s = time.monotonic()

    @property
    def is_reusable(self) -> bool:
        is_fresh = time.monotonic() - self._used_at_s < IDLE_S
        return self._client.is_connected and self._count < MAILS_PER_CONNECTION and is_fresh

    async def connect(self) -> None:
        """Be connected, in TLS where that is asked for, and signed in. Raises: MailDelayed."""
        if self._client.is_connected:
            return
        try:
            async with asyncio.timeout(self._server.timeout_s):
                await self._client.connect()
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            self.close()
            raise MailDelayed(_said(error)) from None
        self._count, self._is_between = 0, False

    async def address(self, sender: str, recipient: str) -> None:
        """Say from whom it comes and to whom it goes: one recipient. Raises: MailDelayed, MailRefused."""
        try:
            async with asyncio.timeout(self._server.timeout_s):
                await self._begin(sender)
                await self._client.rcpt(recipient)
        except (SMTPSenderRefused, SMTPRecipientRefused) as error:
            raise _answered(error) from None
        except (SMTPException, OSError, TimeoutError) as error:
            self.close()
            raise MailDelayed(_said(error)) from None

    async def _begin(self, sender: str) -> None:
        """The next mail on the same connection; on a new one where the server has ended it, or wants no further mail on it."""
        is_used, must_forget, self._is_between = self._count > 0 or self._is_between, self._is_between, True
        try:
            if must_forget:
                await self._client.rset()
            await self._client.mail(sender)
        except (SMTPException, OSError) as error:
            if not is_used or (isinstance(error, SMTPSenderRefused) and error.code >= 500):
                raise
            self._client.close()
            await self._client.connect()
            self._count = 0
            await self._client.mail(sender)

    async def transmit(self, message: bytes) -> None:
        """Send the message. Once begun, only the server's answer says whether it has it.

        Raises:
            MailDelayed, MailRefused: it has not. MailUnsure: the answer did not come.
        """
        self._count += 1
        try:
            async with asyncio.timeout(self._server.timeout_s):
                await self._client.data(message)
            self._is_between = False
        except SMTPDataError as error:
            raise _answered(error) from None
        except (SMTPException, OSError, TimeoutError) as error:
            self.close()
            raise MailUnsure(_said(error)) from None
        finally:
            self._used_at_s = time.monotonic()

    def close(self) -> None:
        self._client.close()

    async def quit(self) -> None:
        """End it with a goodbye, as servers like it."""
        with contextlib.suppress(SMTPException, OSError, TimeoutError):
            async with asyncio.timeout(1):
                await self._client.quit()
        self.close()


class Connections:
    """Conversations that wait for their next mail, as many as there are mails sent at once; and how long the mail server is left
    alone, since no mail can be sent without it and none is to use up its tries meanwhile."""

    def __init__(self, server: MailServer, own_host: str) -> None:
        self._server, self._own_host = server, own_host
        self._idle: list[Conversation] = []
        self._rest_until_s = 0.0
        self._failures = 0

    @property
    def is_troubled(self) -> bool:
        """Whether the last to try could not be connected."""
        return self._failures > 0

    def rest_s(self) -> float:
        """For how long nobody should try."""
        return max(0.0, self._rest_until_s - time.monotonic())

    async def connected(self) -> Conversation:
        """One that is connected and signed in. Raises: MailDelayed."""
        conversation = self._take()
        try:
            await conversation.connect()
        except MailDelayed:
            if self.rest_s() == 0:  # several may find out at once
                self._rest_until_s = time.monotonic() + RESTS_S[min(self._failures, len(RESTS_S) - 1)]
                self._failures += 1
            raise
        self._failures = 0
        return conversation

    def _take(self) -> Conversation:
        while self._idle:
            conversation = self._idle.pop()
            if conversation.is_reusable:
                return conversation
            conversation.close()
        return Conversation(self._server, self._own_host)

    def give_back(self, conversation: Conversation) -> None:
        if conversation.is_reusable:
            self._idle.append(conversation)
        else:
            conversation.close()

    async def close_idle(self, *, all_of_them: bool = False) -> None:
        """End those that nobody has used for a while."""
        ended = [one for one in self._idle if all_of_them or not one.is_reusable]
        self._idle = [one for one in self._idle if one not in ended]
        await asyncio.gather(*(one.quit() for one in ended))


def _answered(error: SMTPResponseException) -> MailDelayed | MailRefused:
    is_final = 500 <= error.code <= 599 and error.code not in _SIGN_IN_CODES
    said = f"{error.code} {error.message}"
    return MailRefused(said) if is_final else MailDelayed(said)


def _said(error: BaseException) -> str:
    if isinstance(error, SMTPAuthenticationError):
        return f"{error.code} The mail server refused the sign-in."  # its own words may repeat what it was given
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {error.message}"
    if isinstance(error, TimeoutError):
        return "The mail server did not answer in time."
    return str(error) or type(error).__name__
