"""HTTP for e-mail: mailing a link again; and for operators the queue, what was given up, and trying the settings."""

from __future__ import annotations

from typing import Literal

import msgspec

from server.actions import mailing
from server.domain.mail import MailKind
from server.domain.refusals import (
    BadMessage,
    EmailNotConfigured,
    InvitationClosed,
    InvitationUnknown,
    MailNotSent,
    MailQueueFull,
    MailTooSoon,
    MailUnknown,
    RoomDeleted,
    RoomUnknown,
    SessionEnded,
)
from server.store.mail_dead import DeadMail
from server.web.answers import Body
from server.web.callers import Caller
from server.web.operations import Call, Operations
from server.web.paging import Page, read_cursor, write_cursor
from server.wire.messages import Email, Language
from server.wire.views import View

operations = Operations("E-mail")
KindName = Literal["invitation", "reminder", "code", "hosts_wanted", "test"]


class SendBody(Body):
    pass


class RetryBody(Body):
    pass


class PreviewBody(Body):
    kind: KindName = "invitation"
    language: Language | None = None


class TestBody(Body):
    email: Email
    kind: KindName = "test"
    language: Language | None = None


class MailQueuedAnswer(View):
    """The mail is queued; what becomes of it shows on the invitation."""

    mail_id: str


class MailAnswer(View):
    """`configured`: whether this site sends e-mail. `waiting`: mails that are not dealt with, `dead`: that were given up.
    `languages`: that invitations can be written in; the first is used for everybody else."""

    configured: bool
    sender: str | None
    languages: list[str]
    waiting: int
    dead: int


class DeadMailView(View):
    """A mail that was given up. `status`: failed, or unsure: it may have arrived. `dead_id`: to send it once more with."""

    dead_id: str
    mail_id: str
    kind: str
    room_id: str
    invitation_id: str | None
    participant_id: str | None
    status: str
    tries: int
    error: str
    at_ms: int


class DeadMailsAnswer(View):
    """`next_cursor`: ask with it for the next ones; null where there are none."""

    mails: list[DeadMailView]
    next_cursor: str | None


class TemplateView(View):
    """The templates of one kind of mail. `languages`: the default one first. `placeholders`: what a template of this kind may
    name. `own`: the site has templates of its own for it, in MAIL_TEMPLATES."""

    kind: KindName
    languages: list[str]
    placeholders: list[str]
    own: bool


class TemplatesAnswer(View):
    """One row a kind."""

    templates: list[TemplateView]


class PreviewAnswer(View):
    """A mail with sample values. `language`: that it is in, where there is none in the one asked for."""

    language: str
    subject: str
    html: str
    text: str


@operations.post(
    "/v1/rooms/{room_id}/invitations/{invitation_id}/send", caller=Caller.SITE, status=202,
    refuses=(
        EmailNotConfigured, InvitationClosed, InvitationUnknown, MailQueueFull, MailTooSoon, RoomDeleted, SessionEnded,
    ),
)
async def send_invitation(call: Call, body: SendBody) -> MailQueuedAnswer:
    """Mail an invitation's link again.

    At most once a minute; at once where the last mail failed.
    """
    queued = await mailing.send_again(call.services, call.request, call.path["invitation_id"])
    return MailQueuedAnswer(mail_id=queued["mail_id"])


@operations.get("/v1/mail", caller=Caller.SITE)
async def read_mail(call: Call) -> MailAnswer:
    """How e-mail is doing: whether it is configured, and how many wait."""
    site, counts = call.services.mail, await call.services.store.dead_mail.counts()
    return MailAnswer(
        configured=site is not None, sender=str(site.sender) if site else None,
        languages=mailing.default_first(site.templates, MailKind.INVITATION) if site else [],
        waiting=counts.waiting, dead=counts.dead,
    )


@operations.get("/v1/mail/templates", caller=Caller.SITE, refuses=(EmailNotConfigured,))
async def list_mail_templates(call: Call) -> TemplatesAnswer:
    """List the kinds of mails, and the languages that there are templates in."""
    sets = mailing.template_sets(call.services)
    return TemplatesAnswer(templates=[msgspec.convert(found, TemplateView, from_attributes=True) for found in sets])


@operations.get("/v1/mail/dead", caller=Caller.SITE, refuses=(BadMessage,))
async def list_dead_mails(call: Call, query: Page) -> DeadMailsAnswer:
    """Mails that were given up: refused, tried too often, or unsure.

    The newest thousand or so of each shard are kept.
    """
    try:
        page = await call.services.store.dead_mail.page(read_cursor(query.cursor, str), query.limit)
    except MailUnknown:
        raise BadMessage("This cursor was not given out.") from None
    return DeadMailsAnswer(
        mails=[_show_dead(dead) for dead in page],
        next_cursor=write_cursor(page[-1].dead_id if len(page) == query.limit else None),
    )


@operations.post(
    "/v1/mail/dead/{dead_id}/retry", caller=Caller.SITE, status=202,
    refuses=(
        EmailNotConfigured, InvitationClosed, MailQueueFull, MailTooSoon, MailUnknown, RoomDeleted, RoomUnknown, SessionEnded,
    ),
)
async def retry_dead_mail(call: Call, body: RetryBody) -> MailQueuedAnswer:
    """Send once more what was given up.

    One that is unsure may then arrive twice.
    """
    return MailQueuedAnswer(mail_id=await mailing.retry_dead(call.services, call.request, call.path["dead_id"]))


@operations.post("/v1/mail/test", caller=Caller.SITE, refuses=(EmailNotConfigured, MailNotSent))
async def send_test_mail(call: Call, body: TestBody) -> MailQueuedAnswer:
    """Send a mail with sample values now, and wait for the mail server's answer."""
    mail_id = await mailing.send_test(
        call.services, call.request.request_id, body.email, MailKind(body.kind), body.language
    )
    return MailQueuedAnswer(mail_id=mail_id)


@operations.post("/v1/mail/preview", caller=Caller.SITE, refuses=(EmailNotConfigured,))
async def preview_mail(call: Call, body: PreviewBody) -> PreviewAnswer:
    """Read a mail as it would be sent, with sample values."""
    shown, language = mailing.preview(call.services, MailKind(body.kind), body.language)
    return PreviewAnswer(language=language, subject=shown.subject, html=shown.html, text=shown.text)


def _show_dead(dead: DeadMail) -> DeadMailView:
    mail = dead.mail
    return DeadMailView(
        dead_id=dead.dead_id, mail_id=mail.mail_id, kind=mail.kind, room_id=mail.room_id, invitation_id=mail.invitation_id,
        participant_id=mail.participant_id, status=mail.status, tries=mail.tries, error=dead.error, at_ms=dead.at_ms,
    )
