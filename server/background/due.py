"""Does what is due: openings, early entries, lines to be let in, graces and seats that are over, hosts who are away.

Any node may; the scripts decide.
"""

from __future__ import annotations

import asyncio
import logging

from server.actions.hosts import end_by_absence, ping_hosts
from server.actions.let_in import let_everybody_in, open_by_time
from server.actions.presence import grace_over
from server.actions.services import Services
from server.domain.refusals import RoomUnknown, StoreUnavailable

logger = logging.getLogger(__name__)

# What is scheduled between two looks waits this long at most.
LOOK_EVERY_S = 0.2


class DueRunner:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def step(self) -> None:
        """One look at all shards, then a sleep until the next thing is due. Raises: StoreUnavailable."""
        shards = self._services.store.shards
        found = await asyncio.gather(*(shards.due(shard) for shard in range(shards.count)))
        await asyncio.gather(*(self._run(member) for due in found for member in due.members))
        upcoming = [due.next_in_ms / 1000 for due in found if due.next_in_ms is not None]
        await asyncio.sleep(min([LOOK_EVERY_S, *upcoming]))

    async def _run(self, member: str) -> None:
        kind, room_id, subject = member.split("|")
        try:
            if kind == "open":
                await open_by_time(self._services, room_id)
            elif kind in ("line", "early", "seat"):
                await let_everybody_in(self._services, room_id)
            elif kind == "gone":
                await grace_over(self._services, room_id, subject)
            elif kind == "absent":
                await end_by_absence(self._services, room_id)
            elif kind == "ping":
                await ping_hosts(self._services, room_id)
            elif kind == "mail":
                await self._services.store.mail.offer_again(room_id, subject)
        except RoomUnknown:
            await self._services.store.rooms.forget_due(room_id, member)
        except StoreUnavailable:
            raise
        except Exception:
            # One room's trouble is not to keep the others closed.
            logger.exception("%s is due and failed", member)
