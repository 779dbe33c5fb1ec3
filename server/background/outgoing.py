"""Stores what tabs did, in batches: acknowledged roles, and tabs that went."""

from __future__ import annotations

import asyncio
import logging

from server.actions.services import Services
from server.domain.refusals import StoreUnavailable
from server.hub.hub import Hub
from server.hub.outgoing import RoomOutgoing

logger = logging.getLogger(__name__)

# Long enough for the tabs of one person, or of a hall whose Wi-Fi went, to come in one script.
GATHER_S = 0.005


class OutgoingFlusher:
    def __init__(self, services: Services, hub: Hub) -> None:
        self._services = services
        self._hub = hub

    async def step(self) -> None:
        """Wait for something, gather a little, store it. Raises: StoreUnavailable, with nothing lost."""
        await self._hub.outgoing.waiting.wait()
        await asyncio.sleep(GATHER_S)
        await self.flush()

    async def flush(self) -> None:
        """Store what waits. What was not stored goes back, whatever stopped it: a round later, or the last flush, takes it up.

        Raises:
            StoreUnavailable
        """
        unstored = self._hub.outgoing.take()
        try:
            await asyncio.gather(*(self._store(room_id, unstored) for room_id in unstored))
        finally:
            for room_id, items in unstored.items():
                self._hub.outgoing.put_back(room_id, items)
        if unstored:
            raise StoreUnavailable

    async def _store(self, room_id: str, unstored: dict[str, RoomOutgoing]) -> None:
        """Store what a room has, and strike it off."""
        store, items = self._services.store, unstored[room_id]
        try:
            if items.acks:
                acks = [(who, tab, role_rev) for (who, tab), role_rev in items.acks.items()]
                await store.people.acknowledge_roles(room_id, acks)
                items.acks = {}
            for at_once in (True, False):
                tabs = [tab for tab, wanted in items.departed.items() if wanted is at_once]
                if tabs:
                    await store.tabs.leave(room_id, tabs, at_once=at_once)
            del unstored[room_id]
        except StoreUnavailable:
            return
        except Exception:
            logger.exception("what tabs of room %s did could not be stored; trying again", room_id)
