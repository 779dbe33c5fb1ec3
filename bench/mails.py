"""Mails per second from the queue to a mail server on this machine, against the same messages sent with bare aiosmtplib."""

from __future__ import annotations

import asyncio
import statistics
import time

import aiosmtplib

from bench.slices import Paired
from server.actions.rooms import create_room
from server.actions.services import Services
from server.background.mailer import Mailer
from server.background.tasks import BackgroundTasks
from server.domain.invitation import Invitation
from server.domain.roles import Role
from server.domain.room import Room
from server.mail.site_mail import load_site_mail
from server.settings import load_settings
from server.store.mail import new_mail_id
from server.store.store import Store
from server.trust.link_secrets import LinkSecrets
from server.trust.site_tokens import SiteTokens
from server.trust.tokens import Tokens
from tests.support.smtp_server import SmtpServer
from tests.support.waiting import wait_until

ROOM = "bench-mails"
WORKERS = 4


async def measure_mails(redis_url: str, pairs: int, per_slice: int) -> Paired:
    """So many mails are queued, then a mailer is set to work; both sides send over as many connections, and keep them."""
    with SmtpServer() as server:
        services = _services(redis_url, server)
        try:
            await create_room(services, Room(room_id=ROOM, title="Mails"), "bench-mails")
            rates = []
            for pair in range(pairs):
                per_s = await _from_queue(services, server, pair, per_slice)
                content = server.received[-1].content
                rates.append((per_s, await _bare(server, content, per_slice)))
        finally:
            await services.store.close()
    return Paired(
        per_s=statistics.median(per_s for per_s, _ in rates), baseline_per_s=statistics.median(bare for _, bare in rates),
        ratio=statistics.median(per_s / bare for per_s, bare in rates), pairs=pairs, operations=pairs * per_slice,
    )


def _services(redis_url: str, server: SmtpServer) -> Services:
    keys = {"SESSION_KEYS": "k:" + "0123456789abcdef" * 2, "LINK_KEYS": "k:" + "fedcba9876543210" * 2}
    settings = load_settings({
        **keys, "ADMIN_API_KEYS": "0123456789abcdef" * 2, "REDIS_URL": redis_url, "SMTP_URL": server.url,
        "MAIL_FROM": "rooms@example.org", "MAIL_WORKERS": str(WORKERS),
    })
    return Services(
        settings=settings, store=Store(settings), tokens=Tokens(settings.session_keys, session_ttl_s=900),
        site_tokens=SiteTokens(settings), links=LinkSecrets(settings.link_keys, settings.public_url),
        mail=load_site_mail(settings),
    )


async def _from_queue(services: Services, server: SmtpServer, pair: int, count: int) -> float:
    for number in range(count):
        name = f"g{pair}x{number}"
        invitation = Invitation(
            invitation_id=f"i{name}", email=f"{name}@example.com", first_name="Ina", last_name="Vited", role=Role.VIEWER,
            key_id=services.links.current_key_id, secret_hash=name, expires_at_ms=int(time.time() * 1000) + 3_600_000,
        )
        await services.store.invitations.create(ROOM, invitation, by=None, seen={}, request_id=None, mail_id=new_mail_id())
    server.forget()
    mailer, tasks = Mailer(services, services.sends_mail()), BackgroundTasks()
    started_s = time.perf_counter()
    tasks.start("mailer", mailer.step)

    async def done() -> bool:
        return (await services.store.dead_mail.counts()).waiting == 0

    await wait_until(done, timeout_s=60)
    elapsed_s = time.perf_counter() - started_s
    await tasks.stop()
    await mailer.close()
    assert len(server.received) == count
    return count / elapsed_s


async def _bare(server: SmtpServer, content: bytes, count: int) -> float:
    numbers = iter(range(count))

    async def worker() -> None:
        async with aiosmtplib.SMTP(hostname="localhost", port=server.port, start_tls=False) as client:
            for number in numbers:
                await client.sendmail("rooms@example.org", [f"g{number}@example.com"], content)

    started_s = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(WORKERS)))
    return count / (time.perf_counter() - started_s)
