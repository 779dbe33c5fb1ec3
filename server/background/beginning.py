"""Lets a node begin once its store can be used, and keeps it at the server that is the master."""

from __future__ import annotations

import asyncio
import logging
import time

from server.domain.refusals import StoreUnavailable
from server.store.store import Store

logger = logging.getLogger(__name__)

# The same trouble is not told at every try.
TOLD_EVERY_S = 30.0
FOLLOW_EVERY_S = 0.5


class StoreGate:
    """`why`: what readiness says of a node that has not begun."""

    def __init__(self, store: Store) -> None:
        self.why = "starting"
        self._store = store
        self._told: tuple[str, float] = ("", 0.0)

    async def passed(self) -> None:
        """Raises: StoreUnavailable: not yet; to be asked again."""
        try:
            fitness = await self._store.check_fitness()
        except StoreUnavailable as error:
            self._refuse("store_unavailable", f"cannot be reached yet: {error.__cause__ or error}")
        if fitness.unfit:
            self._refuse("store_unfit", f"cannot be used: {' '.join(fitness.unfit)}")
        for warning in fitness.warnings:
            logger.warning("the store at %s: %s", self._store.address.shown, warning)

    def _refuse(self, why: str, text: str) -> None:
        self.why = why
        told, at_s = self._told
        if text != told or time.monotonic() - at_s > TOLD_EVERY_S:
            self._told = (text, time.monotonic())
            logger.error("the store at %s %s; trying again", self._store.address.shown, text.rstrip("."))
        raise StoreUnavailable


class MasterFollower:
    """A master that its Sentinels have relieved takes writes for ten seconds more, if nobody leaves it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def step(self) -> None:
        """Raises: StoreUnavailable."""
        await self._store.follow_master()
        await asyncio.sleep(FOLLOW_EVERY_S)
