"""The room product's API keys: which there are, making and deleting them, and knowing one when it comes with a call.

Each node holds the keys that Redis has; it reads them again every `site_check_ms`, and at once when a key comes that it does not
know. So a new key works everywhere, and one that was deleted works nowhere a moment later.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
from dataclasses import dataclass
from time import monotonic

from server.actions.services import Request, Services
from server.domain.api_keys import ApiKey
from server.domain.refusals import ApiKeyUnknown
from server.domain.request_id import RequestId
from server.trust.site_tokens import clean_name

logger = logging.getLogger(__name__)

PREFIX = "grk_"
_SHAPE = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
OF_SETTINGS = "settings-"


@dataclass(frozen=True, kw_only=True)
class MadeKey:
    """`secret`: told this once. None where this request was answered before, since only a hash of it is kept."""

    key: ApiKey
    secret: str | None


async def is_api_key(services: Services, given: str) -> bool:
    """Whether `given` is one of the settings' keys, or one that was made since and not deleted. Raises: StoreUnavailable."""
    of_settings = [
        hmac.compare_digest(given.encode(), key.reveal().encode()) for key in services.settings.admin_api_keys
    ]
    if any(of_settings):
        return True
    if not _SHAPE.fullmatch(given):
        return False
    known, secret_hash = services.api_keys, _hash(given)
    if known.find(secret_hash) is None:
        # Who comes while it has not begun shares it: however many ask, nobody waits for more than one before it.
        known.next_look = known.next_look or asyncio.create_task(_look_again(services))
        await asyncio.shield(known.next_look)
    key = known.find(secret_hash)
    if key is not None:
        known.use(key, services.now_ms())
    return key is not None


async def _look_again(services: Services) -> None:
    """Read the keys when the look before has ended, and a little later, for whoever has asked by then."""
    known = services.api_keys
    async with known.looking:
        await asyncio.sleep(known.looks_again_in_s(monotonic()))
        known.next_look = None
        try:
            await load_keys(services)
        finally:
            known.looked_at_s = monotonic()


async def load_keys(services: Services) -> list[ApiKey]:
    """The keys as they are now; this node knows them from here on. Raises: StoreUnavailable."""
    as_of = services.api_keys.changes
    found = await services.store.api_keys.load()
    services.api_keys.hold(found, as_of=as_of)
    return found


async def keep_keys(services: Services) -> None:
    """Know what other nodes made and deleted, and tell them what was used here. Raises: StoreUnavailable."""
    for key_id, at_ms in services.api_keys.uses_to_note():
        await services.store.api_keys.note_use(key_id, at_ms)
        services.api_keys.noted(key_id, at_ms)
    await load_keys(services)


async def make_key(services: Services, request: Request, name: str) -> MadeKey:
    """A new key, whose secret is told here and kept nowhere.

    Raises:
        ApiKeyLimit
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        key_id=_id_for(request), name=clean_name(name), secret_hash=_hash(secret), created_at_ms=services.now_ms()
    )
    is_new = await services.store.api_keys.create(key)
    services.api_keys.changes += 1
    held = {one.key_id: one for one in await load_keys(services)}
    if is_new:
        logger.info("API key %s was made", key.key_id)
    return MadeKey(key=held.get(key.key_id, key), secret=secret if is_new else None)


async def delete_key(services: Services, request: Request, key_id: str) -> None:
    """From now on nobody comes with it: here at once, at other nodes within `site_check_ms`.

    Raises:
        ApiKeyUnknown
    """
    if key_id.startswith(OF_SETTINGS):
        raise ApiKeyUnknown("This key stands in ADMIN_API_KEYS; take it out there.")
    await services.store.api_keys.delete(key_id, request_id=request.request_id)
    services.api_keys.forget(key_id)
    logger.info("API key %s was deleted", key_id)


def _id_for(request: Request) -> str:
    """The same for the same Idempotency-Key, so that a repetition makes no second key."""
    request_id = request.request_id
    is_named = isinstance(request_id, RequestId) and bool(request_id.fingerprint)
    return "k" + (_hash(request_id)[:16] if is_named else secrets.token_hex(8))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
