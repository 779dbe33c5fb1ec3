"""A real mail server in a process of its own, which keeps every message as it came, and can be told to be difficult.

What it is told and what it has kept are files of one folder: it may be killed, and so may whoever talks to it.
"""

from __future__ import annotations

import asyncio
import base64
import datetime
import email
import email.policy
import ipaddress
import json
import os
import shutil
import socket
import ssl
import sys
import tempfile
import time
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.ports import HOST, free_port
from tests.support.process import Process

READY_TIMEOUT_S = 15
SLOW_S = 0.3
USER, PASSWORD = "rooms", "p:ss@w/rd"  # characters that a URL has to quote


@dataclass(frozen=True, kw_only=True)
class Received:
    """One message: the envelope, and the bytes between DATA and the dot. `taken`: the server meant to answer 250."""

    sender: str
    recipients: list[str]
    content: bytes
    signed_in: bool
    in_tls: bool
    taken: bool

    @property
    def message(self) -> EmailMessage:
        """As a mail program reads it."""
        parsed = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


class SmtpServer:
    """One server on loopback; use it as a context manager. `security`: none, starttls or tls."""

    def __init__(self, *, security: str = "none", sign_in: bool = False) -> None:
        self.port = free_port()
        self._security, self._sign_in = security, sign_in
        self._directory = Path(tempfile.mkdtemp(prefix="greenroom-smtp-"))
        self._process: Process | None = None

    def __enter__(self) -> Self:
        _write_certificate(self._directory)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def url(self) -> str:
        scheme = {"none": "smtp", "starttls": "smtp+starttls", "tls": "smtps"}[self._security]
        return f"{scheme}://{'rooms:p%3Ass%40w%2Frd@' if self._sign_in else ''}localhost:{self.port}"

    @property
    def ca_file(self) -> str:
        return str(self._directory / "cert.pem")

    @property
    def received(self) -> list[Received]:
        """Everything that came, whole and in order, nothing taken for a repetition of another."""
        path = self._directory / "messages"
        lines = path.read_text().splitlines() if path.exists() else []
        kept = [json.loads(line) for line in lines]
        return [Received(**{**one, "content": base64.b64decode(one["content"])}) for one in kept]

    @property
    def connections(self) -> int:
        path = self._directory / "connections"
        return len(path.read_text()) if path.exists() else 0

    def behave(self, **behaviour: str) -> None:
        """From the next command on. Names: connect, rset, mail, again (MAIL, but for a connection's
        first), rcpt, data (before it), end (after the message). Values: an
        answer such as `451 later`, `hang`, `slow` (a little later), `drop` (close without an answer), or at the end
        `250 drop` (answer, then close)."""
        self._written("behaviour", json.dumps(behaviour))

    def forget(self) -> None:
        """Everything that came so far."""
        (self._directory / "messages").unlink(missing_ok=True)

    def start(self) -> None:
        command = [
            sys.executable, "-m", "tests.support.smtp_server", str(self._directory), str(self.port), self._security,
            "sign_in" if self._sign_in else "open",
        ]
        root = Path(__file__).resolve().parents[2]
        self._process = Process(command, log_path=self._directory / "log", cwd=root)
        self._process.start()
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline and self._process.is_running:
            try:
                socket.create_connection((HOST, self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.01)
        raise RuntimeError(f"The mail server did not start:\n{self._process.output()}")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _written(self, name: str, text: str) -> None:
        """Whoever reads it sees the old text or the new."""
        path = self._directory / name
        path.with_suffix(".new").write_text(text)
        path.with_suffix(".new").replace(path)


def _write_certificate(directory: Path) -> None:
    """A certificate for localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(HOST))]
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (directory / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (directory / "key.pem").write_bytes(pem)


# ── The process itself ───────────────────────────────────────────────────────────────────────────────────────────────


class _Handler:
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def behaviour(self, step: str) -> str:
        path = self._directory / "behaviour"
        told: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        return told.get(step, "")

    async def at(self, step: str, server: SMTP, answer: str) -> str:
        told = self.behaviour(step)
        if told == "hang":
            await asyncio.sleep(3_600)
        if told == "slow":
            await asyncio.sleep(SLOW_S)
            return answer
        if told == "drop":
            server.transport.abort()
        return told or answer

    async def handle_MAIL(
        self, server: _Server, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        server.mails_begun += 1
        return await self.at("again" if server.mails_begun > 1 and self.behaviour("again") else "mail", server, "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self.at("rcpt", server, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        told = self.behaviour("end")
        in_tls = server.transport.get_extra_info("ssl_object") is not None
        self._keep(session, envelope, in_tls=in_tls, taken=not told[:1].isdigit() or told.startswith("250"))
        answer = await self.at("end", server, "250 OK")
        if answer == "250 drop":
            asyncio.get_running_loop().call_later(0.05, server.transport.abort)
        return answer

    def _keep(self, session: Session, envelope: Envelope, *, in_tls: bool, taken: bool) -> None:
        kept = {
            "sender": envelope.mail_from, "recipients": envelope.rcpt_tos, "taken": taken,
            "content": base64.b64encode(envelope.original_content or b"").decode(),
            "signed_in": bool(session.authenticated), "in_tls": in_tls,
        }
        with (self._directory / "messages").open("a") as messages:
            messages.write(json.dumps(kept) + "\n")
            messages.flush()
            os.fsync(messages.fileno())


class _Server(SMTP):
    """Can refuse a whole conversation, and the word DATA before any message."""

    event_handler: _Handler
    mails_begun = 0

    async def _handle_client(self) -> None:
        with (self.event_handler._directory / "connections").open("a") as connections:
            connections.write(".")
        told = self.event_handler.behaviour("connect")
        if told in ("hang", "drop"):
            await self.event_handler.at("connect", self, "")
        if told and told[0].isdigit():
            await self.push(told)
            self.transport.close()
            return
        await super()._handle_client()

    async def smtp_RSET(self, arg: str) -> None:
        told = self.event_handler.behaviour("rset")
        if not told:
            await super().smtp_RSET(arg)
            return
        await self.push(await self.event_handler.at("rset", self, told))

    async def smtp_DATA(self, arg: str) -> None:
        told = self.event_handler.behaviour("data")
        if not told:
            await super().smtp_DATA(arg)
            return
        answer = await self.event_handler.at("data", self, told)
        await self.push(answer)


def _check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    is_right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=is_right)


async def _serve(directory: Path, port: int, security: str, sign_in: bool) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(directory / "cert.pem", directory / "key.pem")
    options: dict[str, Any] = {"hostname": "mail.example.org", "enable_SMTPUTF8": False, "ident": "test"}
    if sign_in:
        options |= {"authenticator": _check, "auth_required": True, "auth_require_tls": security == "starttls"}
    if security == "starttls":
        options |= {"tls_context": tls, "require_starttls": True}
    handler = _Handler(directory)
    loop = asyncio.get_running_loop()
    context = tls if security == "tls" else None
    server = await loop.create_server(lambda: _Server(handler, loop=loop, **options), HOST, port, ssl=context)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4] == "sign_in"))
