"""Works off the queue of mails: so many at once, what a dead node had in hand after a while, and nothing while the mail server
cannot be reached."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque

from server.actions.services import Services
from server.background.mail_sending import MailSending
from server.domain.refusals import StoreUnavailable
from server.mail.site_mail import SiteMail
from server.mail.smtp import Connections
from server.store.mail import QueueEntry

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.1
# Of the time after which a mail may be taken up.
CLAIMS_PER_TERM = 4
FINISH_S = 5.0


class Mailer:
    """`sending`: makes one try; tests put their own in its place."""

    def __init__(self, services: Services, site_mail: SiteMail, sending: type[MailSending] = MailSending) -> None:
        self._services = services
        self._connections = Connections(site_mail.server, site_mail.host)
        self._sending = sending
        self._workers = services.settings.mail_workers
        self._running: dict[asyncio.Task[None], QueueEntry] = {}
        self._next: deque[QueueEntry] = deque()
        self._claim_at_s = 0.0
        self._is_open = False

    async def step(self) -> None:
        """Take one entry up and send it beside those that are being sent; a short sleep where there is none, or while the mail
        server is left alone. Raises: StoreUnavailable."""
        if not self._is_open:
            await self._services.store.mail.open()
            self._is_open = True
        await self._wait_for_worker()
        if self._connections.rest_s() > 0:
            await asyncio.sleep(min(self._connections.rest_s(), LOOK_EVERY_S))
            return
        if not self._next:
            free = self._workers - len(self._running)
            self._next.extend(await self._claim() or await self._services.store.mail.read(free))
        if self._next:
            entry = self._next.popleft()
            task = asyncio.create_task(self._send(entry))
            self._running[task] = entry
            task.add_done_callback(self._running.pop)
        else:
            await self._connections.close_idle()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _claim(self) -> list[QueueEntry]:
        if time.monotonic() < self._claim_at_s:
            return []
        # Before it is tried: a shard whose entries cannot be claimed is not to keep the others from being read.
        self._claim_at_s = time.monotonic() + self._services.settings.mail_claim_ms / 1000 / CLAIMS_PER_TERM
        found = await self._services.store.mail.claim(self._workers, self._running.values())
        if found:
            self._claim_at_s = 0.0  # there may be more
        return found

    async def _wait_for_worker(self) -> None:
        """While the mail server is in trouble one at a time finds out whether it still is."""
        while self._running and len(self._running) >= (1 if self._connections.is_troubled else self._workers):
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def _send(self, entry: QueueEntry) -> None:
        try:
            await self._sending(self._services, self._connections, entry).run()
        except StoreUnavailable:
            return  # it is taken up again
        except Exception:
            # One mail's trouble stops no other; the entry is taken up again.
            logger.exception("mail %s failed", entry.mail_id)

    async def close(self) -> None:
        """Let those that are being sent be finished, so that a restart leaves none unsure; leave what was not begun to others,
        and the group. Raises: StoreUnavailable."""
        if self._running:
            await asyncio.wait(self._running, timeout=FINISH_S)
        while running := [task for task in self._running if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=1)
        await self._connections.close_idle(all_of_them=True)
        if self._is_open:
            await self._services.store.mail.hand_back(self._next)
            await self._services.store.mail.close()
