"""The code that proves an address: mailed to it, typed on the page that asked for it."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass

from server.actions.audit import Trail, keeping_refusals
from server.actions.services import Services
from server.actions.visitors import CODE_GOOD_FOR_MS, Visitor, find_link, given_address, proven_device
from server.domain.domain_rules import check_domain
from server.domain.invitation import Invitation, check_not_withdrawn
from server.domain.mail import MailKind
from server.domain.refusals import (
    BadMessage,
    DomainBlocked,
    MailQueueFull,
    MailTooSoon,
    TooManyAttempts,
)
from server.domain.room import ClaimProof, check_exists
from server.store.facts import Facts
from server.store.scripting import FactsMoved

CODE_EVERY_MS = 60_000
# An answer is given so long after the question, whether or not a mail had to be queued in between.
ANSWER_AFTER_S = 0.25


@dataclass(frozen=True, kw_only=True)
class CodeAsked:
    """What everybody is told who asks for a code. If the address is the invited one, it is on its way."""

    again_in_ms: int = CODE_EVERY_MS
    good_for_ms: int = CODE_GOOD_FOR_MS


async def ask_for_code(services: Services, room_id: str, secret: str, visitor: Visitor) -> CodeAsked:
    """Mail a code to the invited address, if it is the one that was given; the answer is the same if it is not.

    Raises:
        InviteUnknown, InviteRevoked, InviteReplaced, RoomDeleted, SessionEnded, ClaimNonceInvalid, ProofInvalid,
        TooManyAttempts, EmailNotConfigured. BadMessage: this link asks for no code
    """
    loop = asyncio.get_running_loop()
    answer_at_s = loop.time() + ANSWER_AFTER_S
    async with keeping_refusals(services, room_id, "code", visitor.network) as trail:
        facts, invitation = await _check_may_ask(services, room_id, secret, visitor, trail)
    if hmac.compare_digest(given_address(services, facts, visitor).encode(), invitation.email.encode()):
        await _mail_code(services, facts, invitation)
    await asyncio.sleep(answer_at_s - loop.time())
    return CodeAsked()


async def _check_may_ask(
    services: Services, room_id: str, secret: str, visitor: Visitor, trail: Trail
) -> tuple[Facts, Invitation]:
    facts, invitation = await find_link(services, room_id, secret)
    trail.invitation_id = invitation.invitation_id
    trail.device_id = proven_device(services, facts, invitation, visitor).device_id
    check_not_withdrawn(invitation)
    check_exists(facts.room)
    services.sends_mail()
    if invitation.email_proof is not ClaimProof.CODE:
        raise BadMessage("This link asks for no code.")
    window_s = services.settings.claim_window_s
    # Right ones count as well: a count that only wrong ones raise would tell which are right.
    is_taken = await services.store.invitations.take_attempt(
        room_id, invitation.invitation_id, f"code-{visitor.network}",
        is_right=False, most_wrong=services.settings.claim_failures, window_s=window_s,
    )
    if not is_taken:
        raise TooManyAttempts(retry_after_ms=window_s * 1000)
    return facts, invitation


async def _mail_code(services: Services, facts: Facts, invitation: Invitation) -> None:
    """Whatever keeps the mail from being sent is told to nobody here: only the invited address would hear it."""
    room_id = facts.room.room_id
    try:
        check_domain(invitation.email, services.site_of(facts), facts.room)
        issued_at_ms = await services.store.codes.issue(room_id, invitation.invitation_id, every_ms=CODE_EVERY_MS)
        if issued_at_ms:
            await services.store.mail.queue(
                room_id, MailKind.CODE, invitation_id=invitation.invitation_id, counter=issued_at_ms,
                good_until_ms=issued_at_ms + CODE_GOOD_FOR_MS,
            )
    except (DomainBlocked, MailQueueFull, MailTooSoon, FactsMoved):
        return
