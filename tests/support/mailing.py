"""A site whose mail goes to a real mail server, with one or more mailers at work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from server.actions import invitations
from server.actions.invitations import Invitee
from server.actions.services import Answer, Services
from server.background.due import DueRunner
from server.background.mail_sending import MailSending
from server.background.mailer import Mailer
from server.background.tasks import BackgroundTasks
from server.domain.mail import MailState
from server.domain.roles import Role
from server.settings import Secret
from tests.support.rooms import Site, open_site
from tests.support.smtp_server import SmtpServer
from tests.support.waiting import wait_until

# Times that do not run out, however long the machine stands still; and one for tests that watch a mail being taken up by another.
UNHURRIED = {"mail_claim_ms": 60_000, "smtp_timeout_ms": 10_000, "mail_retry_s": ()}
TAKEN_UP_SOON = {"mail_claim_ms": 3_000, "smtp_timeout_ms": 1_000}


@asynccontextmanager
async def open_mail_site(store_url: str, server: SmtpServer, **settings: Any) -> AsyncIterator[Site]:
    """A site with a room and its manager `boss`, whose mails go to `server` once somebody sends them."""
    mail = {"smtp_url": Secret(server.url), "smtp_ca_file": server.ca_file, **UNHURRIED, **settings}
    async with open_site(store_url, **mail) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        yield site


@asynccontextmanager
async def mailer_of(services: Services, sending: type[MailSending] = MailSending) -> AsyncIterator[Mailer]:
    """A mailer at work, with what makes it try again."""
    mailer = Mailer(services, services.sends_mail(), sending)
    tasks = BackgroundTasks()
    tasks.start("mailer", mailer.step)
    tasks.start("due", DueRunner(services).step)
    try:
        yield mailer
    finally:
        await tasks.stop()
        await mailer.close()


async def invite_by_mail(site: Site, name: str = "ina", **fields: Any) -> Answer:
    """The answer to inviting somebody whose link is mailed."""
    invitee = {
        "email": f"{name}@example.com", "first_name": name.title(), "last_name": "Vited", "role": Role.SPEAKER,
        "send_email": True, **fields,
    }
    return await invitations.invite(site.services, site.by("boss"), Invitee(**invitee))


async def mail_of(site: Site, invitation_id: str) -> MailState | None:
    return (await site.contents()).invitations[invitation_id].mail


async def wait_for_mail(site: Site, invitation_id: str, *statuses: str, timeout_s: float = 10) -> MailState:
    """What the invitation shows, once it is one of these."""

    async def shown() -> MailState | None:
        mail = await mail_of(site, invitation_id)
        return mail if mail is not None and mail.status in statuses else None

    found = await wait_until(shown, timeout_s=timeout_s, what=f"a mail that is {' or '.join(statuses)}")
    assert found is not None
    return found
