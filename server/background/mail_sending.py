"""One try at one mail, step by step. A process may die between any two: what was stored by then decides what is done next."""

from __future__ import annotations

import asyncio
import logging
import secrets

from server.actions.mail_words import secrets_of, write_letter
from server.actions.services import Services
from server.domain.mail import SHOWN_KINDS, MailStatus
from server.domain.refusals import StoreUnavailable
from server.domain.stages import Stage, stage_at
from server.mail.message import Letter, write_message
from server.mail.smtp import Connections, Conversation, MailDelayed, MailRefused, MailUnsure
from server.mail.templates import TemplateBroken
from server.mail.text import clean_reason
from server.store.mail import QueueEntry, TakenMail

logger = logging.getLogger(__name__)

STORE_PAUSE_S = 0.5
STEPS = ("take", "write", "connect", "address", "begin_sending", "transmit", "store_outcome")


class MailSending:
    """One try, in the order of STEPS."""

    def __init__(self, services: Services, connections: Connections, entry: QueueEntry) -> None:
        self._services = services
        self._connections = connections
        self._entry = entry
        self._sender = secrets.token_hex(8)
        self._conversation: Conversation | None = None
        self._secrets: tuple[str, ...] = ()
        self._is_begun = False

    async def run(self) -> None:
        """Send the mail, or find that there is nothing to do, and store what became of it. Raises: StoreUnavailable: not begun
        to be sent; whoever takes it up next goes on."""
        taken = await self.take()
        if taken is None:
            return
        try:
            status, error = await self._try(taken)
        finally:
            self._let_go()
        if status is not None:
            await self.store_outcome(taken, status, error)
        else:
            await self.take()  # withdrawn meanwhile: it shows so at once; another's: it stays theirs

    async def _try(self, taken: TakenMail) -> tuple[MailStatus | None, str | None]:
        """What became of it, and why; None where it is somebody else's."""
        try:
            letter, message = self.write(taken)
            await self.connect()
            await self.address(letter)
            if not await self.begin_sending(taken):
                return None, None
            self._is_begun = True
            await self.transmit(message)
        except MailDelayed as error:
            return MailStatus.QUEUED, str(error)
        except MailUnsure as error:
            return MailStatus.UNSURE, str(error)
        except (MailRefused, TemplateBroken) as error:
            return MailStatus.FAILED, str(error)
        except Exception:
            # A bug is no reason to send a mail twice, nor to try it for ever.
            logger.exception("mail %s failed", taken.mail.mail_id)
            return MailStatus.UNSURE if self._is_begun else MailStatus.QUEUED, "Something went wrong on our side."
        return MailStatus.SENT, None

    async def take(self) -> TakenMail | None:
        return await self._services.store.mail.take(self._entry)

    def write(self, taken: TakenMail) -> tuple[Letter, bytes]:
        """The mail, whole: from the leave on nothing may go wrong but the sending. Raises: MailRefused, TemplateBroken."""
        if taken.address is None:
            raise MailRefused("There is no address.")
        invitation = taken.invitation if taken.mail.kind in SHOWN_KINDS else None
        if invitation is not None and stage_at(invitation, taken.room, taken.now_ms) is Stage.EXPIRED:
            raise MailRefused("The link has expired.")
        try:
            self._secrets = (taken.address, *secrets_of(self._services, taken))
        except KeyError:
            raise MailRefused("The key of this link was retired.") from None
        letter = write_letter(self._services, taken)
        return letter, write_message(letter)

    async def connect(self) -> None:
        """Raises: MailDelayed."""
        self._conversation = await self._connections.connected()

    async def address(self, letter: Letter) -> None:
        """Raises: MailDelayed, MailRefused."""
        assert self._conversation is not None
        await self._conversation.address(letter.sender.addr_spec, letter.recipient)

    async def begin_sending(self, taken: TakenMail) -> bool:
        """Whether the message may be sent. Raises: MailDelayed."""
        try:
            return await self._services.store.mail.begin_sending(taken, self._sender)
        except StoreUnavailable:
            # The leave may have been given and the answer lost; nothing was sent, and this try gives it back.
            raise MailDelayed("The store could not be reached.") from None

    async def transmit(self, message: bytes) -> None:
        """Raises: MailDelayed, MailRefused, MailUnsure."""
        assert self._conversation is not None
        await self._conversation.transmit(message)

    async def store_outcome(self, taken: TakenMail, status: MailStatus, error: str | None) -> None:
        """For as long as it takes: what is known here only must not get lost."""
        reason = clean_reason(error, *self._secrets) if error else None
        retry_in_ms, status = self._next_try(taken, status)
        while True:
            try:
                await self._services.store.mail.store_outcome(
                    taken, self._sender, status, error=reason, retry_in_ms=retry_in_ms
                )
            except StoreUnavailable:
                await asyncio.sleep(STORE_PAUSE_S)
                continue
            if status is not MailStatus.SENT:
                logger.warning("mail %s (%s): %s", taken.mail.mail_id, taken.mail.kind, reason)
            return

    def _next_try(self, taken: TakenMail, status: MailStatus) -> tuple[int | None, MailStatus]:
        pauses_s = self._services.settings.mail_retry_s
        if status is not MailStatus.QUEUED:
            return None, status
        if taken.mail.tries < len(pauses_s):
            return pauses_s[taken.mail.tries] * 1000, status
        return None, MailStatus.FAILED

    def _let_go(self) -> None:
        if self._conversation is not None:
            self._connections.give_back(self._conversation)
            self._conversation = None
