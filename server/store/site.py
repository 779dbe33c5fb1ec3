"""The site's document in Redis: the same on every shard, since scripts see one shard only.

The first shard decides which change comes first; the others take whatever is newer than what they hold. So a change that
stopped half way is completed by anybody who compares the shards.
"""

from __future__ import annotations

import asyncio

import msgspec

from server.domain.site import Site, newest
from server.store.connection import reaching_store
from server.store.scripting import FactsMoved, Scripts

_DECIDING = 0


class SiteStore:
    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    async def load(self) -> Site | None:
        """The newest document that any shard holds; None where none was written. Raises: StoreUnavailable."""
        return newest(await self._on_shards())

    async def write(self, site: Site) -> None:
        """Put `site` on every shard, in the place of the revision before it.

        Raises:
            FactsMoved: another change came first. StoreUnavailable: it may be on some shards; `level` completes it.
        """
        await self.level()
        if not await self._put(_DECIDING, site):
            raise FactsMoved
        for shard in range(1, len(self._scripts.keyspace.by_shard)):
            await self._put(shard, site)

    async def level(self) -> Site | None:
        """Give the newest document to the shards that are behind, and return it. Raises: StoreUnavailable."""
        held = await self._on_shards()
        site = newest(held)
        for shard, theirs in enumerate(held):
            if site is not None and (theirs is None or theirs.rev < site.rev):
                await self._put(shard, site)
        return site

    async def _on_shards(self) -> list[Site | None]:
        with reaching_store():
            texts = await asyncio.gather(*(self._scripts.redis.get(keys.site) for keys in self._scripts.keyspace.by_shard))
        return [msgspec.json.decode(text, type=Site) if text else None for text in texts]

    async def _put(self, shard: int, site: Site) -> bool:
        key = self._scripts.keyspace.by_shard[shard].site
        text = msgspec.json.encode(site).decode()
        return bool(await self._scripts.run_on_shard("site_put", [key], [text, site.rev]))
