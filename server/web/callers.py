"""Who may call an HTTP operation, and how a caller proves to be that."""

from __future__ import annotations

import hmac
import secrets
from enum import StrEnum

from starlette.requests import Request as HttpRequest

from server.actions.services import Request, Services
from server.domain.refusals import BadMessage, KeyInvalid
from server.web.addresses import check_rate

MAX_IDEMPOTENCY_KEY_CHARS = 64


class Caller(StrEnum):
    """SITE: the room product, with an API key, as a manager of every room. SITE_OR_PERSON: it, or somebody inside the room
    with their session token, with what their role lets them. ANYBODY: no key at all, so the network's rate counts."""

    SITE = "site"
    SITE_OR_PERSON = "site_or_person"
    ANYBODY = "anybody"


def request_of(http: HttpRequest, caller: Caller, room_id: str) -> Request:
    """Who asks, as use cases take it; an Idempotency-Key makes a repetition the same request.

    Raises:
        KeyInvalid, TokenInvalid, TokenExpired, RateLimited, BadMessage
    """
    services: Services = http.app.state.services
    actor_id = None
    if caller is Caller.ANYBODY:
        check_rate(http, services)
    elif not has_api_key(http, services):
        if caller is Caller.SITE:
            raise KeyInvalid
        actor_id = _participant_of(http, services, room_id)
    return Request(room_id=room_id, actor_id=actor_id, request_id=request_id_of(http, actor_id))


def bearer_of(http: HttpRequest) -> str:
    scheme, _, given = http.headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""


def has_api_key(http: HttpRequest, services: Services) -> bool:
    given = bearer_of(http)
    matches = [hmac.compare_digest(given.encode(), key.reveal().encode()) for key in services.settings.admin_api_keys]
    return any(matches)


def _participant_of(http: HttpRequest, services: Services, room_id: str) -> str:
    """Raises: KeyInvalid: neither a key nor a token of this room. TokenInvalid, TokenExpired, RateLimited."""
    check_rate(http, services)
    token = bearer_of(http)
    if not token:
        raise KeyInvalid
    claims = services.tokens.read_session(token, services.now_ms())
    if claims.room_id != room_id or claims.key_thumbprint is not None:
        # A token bound to a device key is worth nothing without the key, and HTTP carries no proof of it.
        raise KeyInvalid
    return claims.participant_id


def request_id_of(http: HttpRequest, actor_id: str | None) -> str:
    """Raises: BadMessage."""
    key = http.headers.get("idempotency-key", "")
    if len(key) > MAX_IDEMPOTENCY_KEY_CHARS or not key.isascii() or not key.isprintable():
        raise BadMessage("An Idempotency-Key has at most 64 printable characters.")
    who = actor_id or "site"
    return f"{who}.{http.method}.{http.url.path}.{key}" if key else f"{who}.{secrets.token_hex(12)}"
