"""Keeps the site's document the same on every shard, tells this node's tabs what the site offers, and knows its API keys."""

from __future__ import annotations

import asyncio

from server.actions.api_keys import keep_keys
from server.actions.services import Services
from server.domain.site import site_or_default
from server.hub.hub import Hub
from server.wire.showing import show_features


class SiteKeeper:
    """A change is written by whoever makes it; this completes one that stopped half way."""

    def __init__(self, services: Services, hub: Hub) -> None:
        self._services = services
        self._hub = hub

    async def step(self) -> None:
        """Raises: StoreUnavailable."""
        await self.look()
        await keep_keys(self._services)
        await asyncio.sleep(self._services.settings.site_check_ms / 1000)

    async def look(self) -> None:
        """Level the shards, and pass on what the document says. Raises: StoreUnavailable."""
        held = await self._services.store.site.level()
        site = site_or_default(held, invite_to_media=self._services.settings.invite_to_media)
        self._hub.offer(show_features(site, email=self._services.mail is not None))
