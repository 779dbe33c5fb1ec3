"""What a mail says to whom: from the records it is about to the words of its template."""

from __future__ import annotations

from collections.abc import Callable

from server.actions.services import Services
from server.domain.mail import SHOWN_KINDS, MailKind
from server.domain.room import Room
from server.domain.stages import good_until_ms
from server.mail.calendar import CalendarEntry
from server.mail.dates import written_instant
from server.mail.message import Letter
from server.mail.site_mail import SiteMail
from server.mail.text import plain_line
from server.store.mail import TakenMail


def write_letter(services: Services, taken: TakenMail) -> Letter:
    """The mail, with its link made again from ids.

    Raises:
        TemplateBroken. KeyError: the key of the link was retired
    """
    site = services.sends_mail()
    assert taken.address is not None
    wished = taken.invitation.language if taken.invitation else None
    language = site.templates.language_for(taken.mail.kind, wished)
    return Letter(
        mail_id=taken.mail.mail_id, sender=site.sender, recipient=taken.address,
        written_at_ms=taken.mail.queued_at_ms,
        words=site.templates.render(taken.mail.kind, language, values_for(services, taken, language)),
        calendar=_calendar(site, taken) if taken.mail.kind in SHOWN_KINDS else None,
    )


def values_for(services: Services, taken: TakenMail, language: str) -> dict[str, str]:
    """The placeholders' values: those of every kind, and what this kind says beside."""
    site, room, invitation = services.sends_mail(), taken.room, taken.invitation
    first, last = (invitation.first_name, invitation.last_name) if invitation else _names(taken)
    brings_link = invitation is not None and taken.mail.kind in SHOWN_KINDS
    url = services.links.link_for(room.room_id, invitation) if invitation and brings_link else _page(site, room)
    expires_at_ms = good_until_ms(invitation, room) if invitation else None
    values = {
        "FIRSTNAME": first, "LASTNAME": last, "EMAIL": taken.address or "", "TITLE": room.title,
        "ROLE": invitation.role if invitation else "", "URL": url,
        "STARTS_AT": written_instant(room.starts_at_ms, site.time_zone, language),
        "EXPIRES_AT": written_instant(expires_at_ms, site.time_zone, language),
    }
    beside = BESIDE.get(taken.mail.kind)
    return {**values, **(beside(services, taken) if beside else {})}


def secrets_of(services: Services, taken: TakenMail) -> tuple[str, ...]:
    """What stands in the mail and nowhere else. Raises: KeyError: the key of the link was retired."""
    if taken.mail.kind is MailKind.CODE:
        return (_code(services, taken)["CODE"],)
    if taken.invitation is None:
        return ()
    return (services.links.link_for(taken.room.room_id, taken.invitation).partition("#")[2],)


def _names(taken: TakenMail) -> tuple[str, str]:
    first, _, last = (taken.person.name if taken.person else "").partition(" ")
    return first, last


def _page(site: SiteMail, room: Room) -> str:
    return f"{site.site_url}/room/{room.room_id}"


def _calendar(site: SiteMail, taken: TakenMail) -> CalendarEntry | None:
    room, invitation = taken.room, taken.invitation
    if room.starts_at_ms is None or invitation is None:
        return None
    return CalendarEntry(
        uid=f"{invitation.invitation_id}@{site.host}", sequence=room.rev, title=plain_line(room.title),
        starts_at_ms=room.starts_at_ms, ends_at_ms=room.ends_at_ms, page=_page(site, room),
    )


def _waiting(services: Services, taken: TakenMail) -> dict[str, str]:
    return {"WAITING": str(taken.mail.counter)}


def _code(services: Services, taken: TakenMail) -> dict[str, str]:
    assert taken.invitation is not None
    return {"CODE": services.links.code_for(taken.room.room_id, taken.invitation, taken.mail.counter)}


# What single kinds say beside the usual; a new placeholder needs a sample in `mail/templates.py` too.
BESIDE: dict[MailKind, Callable[[Services, TakenMail], dict[str, str]]] = {
    MailKind.HOSTS_WANTED: _waiting,
    MailKind.CODE: _code,
}
