"""Mailing a link again, and what operators do with the queue: look at it, send once more what failed, try the settings."""

from __future__ import annotations

from dataclasses import dataclass

from server.actions.services import Answer, Request, Services, check_actor, decide_on
from server.domain.invitation import check_changeable, normalise_email
from server.domain.mail import MailKind, check_mail_due
from server.domain.refusals import InvitationUnknown, MailNotSent
from server.domain.roles import Permission, check_permission
from server.domain.room import check_exists
from server.mail.message import Letter, write_message
from server.mail.site_mail import SiteMail
from server.mail.smtp import Conversation, MailDelayed, MailRefused, MailUnsure
from server.mail.templates import MailTemplates, Rendered, TemplateBroken, sample_values
from server.mail.text import clean_reason
from server.store.facts import Facts
from server.store.mail import new_mail_id

# In no room: where the answers to those who try the settings are kept.
_TEST = "mail-test"


async def send_again(
    services: Services, request: Request, invitation_id: str, kind: MailKind = MailKind.INVITATION
) -> Answer:
    """Mail the link, as an invitation or as a reminder; what waits to be sent to them is replaced.

    Raises:
        EmailNotConfigured, InvitationUnknown, InvitationClosed, RoleForbidden, MailTooSoon, MailQueueFull, RoomDeleted,
        SessionEnded
    """

    async def act(facts: Facts) -> Answer:
        check_permission(check_actor(facts, request).role, Permission.MANAGE_INVITATIONS)
        services.sends_mail()
        invitation = facts.invitations.get(invitation_id)
        if invitation is None:
            raise InvitationUnknown
        check_changeable(invitation)
        check_exists(facts.room)
        check_mail_due(invitation.mail, facts.now_ms)
        return await services.store.mail.queue(
            request.room_id, kind, invitation_id=invitation_id, by=request.actor_id,
            seen=facts.seen(*request.people(), invitations=[invitation_id]), request_id=request.request_id,
        )

    return await decide_on(services, request, act, invitations=[invitation_id])


async def retry_dead(services: Services, request: Request, dead_id: str) -> str:
    """Queue once more what was given up, at somebody's click; answers the new mail's id.

    Raises:
        EmailNotConfigured, MailUnknown, RoomUnknown, RoomDeleted, SessionEnded, InvitationClosed, MailTooSoon, MailQueueFull
    """
    services.sends_mail()
    answer = await services.store.dead_mail.revive(dead_id, request_id=request.request_id)
    mail_id: str = answer["mail_id"]
    return mail_id


@dataclass(frozen=True, kw_only=True)
class TemplateSet:
    """The templates of one kind. `languages`: the default one first. `placeholders`: what they may name. `own`: the site's."""

    kind: MailKind
    languages: list[str]
    placeholders: list[str]
    own: bool


def template_sets(services: Services) -> list[TemplateSet]:
    """Every kind of mail, and what it can be written in. Raises: EmailNotConfigured."""
    templates = services.sends_mail().templates
    return [
        TemplateSet(
            kind=kind, languages=default_first(templates, kind), placeholders=sorted(sample_values(kind)),
            own=kind in templates.own_kinds,
        )
        for kind in MailKind
    ]


def default_first(templates: MailTemplates, kind: MailKind) -> list[str]:
    """The languages of a kind, the default one first."""
    return sorted(templates.languages(kind), key=lambda language: (language != templates.default_language, language))


def preview(services: Services, kind: MailKind, language: str | None) -> tuple[Rendered, str]:
    """A mail with sample values, and the language that it is in: as wished, or the nearest that there is.

    Raises:
        EmailNotConfigured
    """
    site = services.sends_mail()
    return site.templates.render(kind, language, sample_values(kind)), site.templates.language_for(kind, language)


async def send_test(services: Services, request_id: str, email: str, kind: MailKind, language: str | None) -> str:
    """Send a mail with sample values now, past the queue, and wait for the mail server's yes; answers the mail's id.

    Raises:
        EmailNotConfigured, BadMessage: no address. MailNotSent: with the mail server's reason
    """
    site, recipient = services.sends_mail(), normalise_email(email)
    answered = await services.store.answered(_TEST, request_id)
    if answered is None:
        answered = {"mail_id": await _send_sample(site, recipient, kind, language, services.now_ms())}
        await services.store.settle(_TEST, answered, {}, request_id)
    mail_id: str = answered["mail_id"]
    return mail_id


async def _send_sample(site: SiteMail, recipient: str, kind: MailKind, language: str | None, now_ms: int) -> str:
    conversation = Conversation(site.server, site.host)
    try:
        letter = Letter(
            mail_id=new_mail_id(), sender=site.sender, recipient=recipient, written_at_ms=now_ms,
            words=site.templates.render(kind, language, {**sample_values(kind), "EMAIL": recipient}),
        )
        await conversation.connect()
        await conversation.address(site.sender.addr_spec, recipient)
        await conversation.transmit(write_message(letter))
    except (MailDelayed, MailRefused, MailUnsure, TemplateBroken) as error:
        raise MailNotSent(f"The mail server did not take the e-mail: {clean_reason(str(error))}") from None
    finally:
        await conversation.quit()
    return letter.mail_id
