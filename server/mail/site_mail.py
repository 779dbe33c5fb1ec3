"""How this site sends e-mail, read from its settings once; what makes no sense refuses to start."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import parseaddr
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.domain.invitation import normalise_email
from server.domain.refusals import Refusal
from server.mail.smtp import MailServer, read_mail_server
from server.mail.templates import MailTemplates, load_templates
from server.mail.text import plain_line
from server.settings import Settings, SettingsError


@dataclass(frozen=True, kw_only=True)
class SiteMail:
    """`host`: the site's own name, said to the mail server and in ids of events in calendars. `site_url`: without a slash at its
    end."""

    server: MailServer
    sender: Address
    templates: MailTemplates
    time_zone: ZoneInfo
    host: str
    site_url: str


def load_site_mail(settings: Settings) -> SiteMail | None:
    """How mail is sent; None where no mail server is named, so that nothing offers to send any.

    Raises:
        SettingsError: a setting or a template makes no sense; the message names it.
    """
    if settings.smtp_url is None:
        return None
    if settings.is_embedded and settings.mail_workers == 0:
        raise SettingsError("MAIL_WORKERS=0 leaves the mail to other nodes, and without REDIS_URL there are none.")
    if settings.mail_claim_ms < 3 * settings.smtp_timeout_ms:
        raise SettingsError("MAIL_CLAIM_MS must be at least three times SMTP_TIMEOUT_MS, or a slow mail server's mail is unsure.")
    return SiteMail(
        server=read_mail_server(settings.smtp_url, ca_file=settings.smtp_ca_file, timeout_s=settings.smtp_timeout_ms / 1000),
        sender=_sender(settings.mail_from),
        templates=load_templates(settings.mail_templates, settings.mail_default_language),
        time_zone=_time_zone(settings.mail_time_zone),
        host=urlsplit(settings.public_url).hostname or "localhost",
        site_url=settings.public_url.rstrip("/"),
    )


def _sender(mail_from: str) -> Address:
    # On one line first: what stands behind a line break inside the quotes, Pythons read as the address or as nothing.
    name, address = parseaddr(plain_line(mail_from, len(mail_from)))
    try:
        normalise_email(address)
    except Refusal:
        raise SettingsError("MAIL_FROM must be an address, as in Rooms <rooms@example.com>, when SMTP_URL is set.") from None
    return Address(display_name=plain_line(name), addr_spec=address)


def _time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(f"MAIL_TIME_ZONE: {name!r} is no time zone such as Europe/Berlin.") from None
