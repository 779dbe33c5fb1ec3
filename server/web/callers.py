"""Who may call an HTTP operation, and how a caller proves to be that."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

from starlette.requests import Request as HttpRequest

from server.actions.api_keys import is_api_key
from server.actions.presence import check_device
from server.actions.services import Services
from server.domain.refusals import (
    BadMessage,
    KeyInvalid,
    NotInside,
    OriginForbidden,
    RateLimited,
    Refusal,
    TokenBound,
    TokenExpired,
    TokenInvalid,
)
from server.domain.request_id import KEPT_MS, RequestId
from server.web.addresses import check_origin, check_rate

MAX_IDEMPOTENCY_KEY_CHARS = 64
NOBODY = ""
_KEY = re.compile(r"[!-~]{1,64}")


class Caller(StrEnum):
    """Who may ask, by what they bring:

    SITE: the room product, with an API key, as a manager of every room. SITE_OR_PERSON: it, or somebody inside the room with
    their session token, with what their role lets them. SITE_OR_MANAGER: the same, and a manager of the room from outside it
    as well, if the site's sign-in made their session, since looking after a room needs nobody inside. SIGNED_IN: whom the site
    has signed in, with the site's token, which the use case reads. ANYBODY: no key at all, so the network's rate counts. PAGE:
    the same where a cookie counts, so that only the service's own pages and those allowed may send it. PROBE: who looks after
    the process; nothing is counted.
    """

    SITE = "site"
    SITE_OR_PERSON = "site_or_person"
    SITE_OR_MANAGER = "site_or_manager"
    SIGNED_IN = "signed_in"
    ANYBODY = "anybody"
    PAGE = "page"
    PROBE = "probe"


# What any operation may refuse to each of them.
REFUSED_TO: dict[Caller, tuple[type[Refusal], ...]] = {
    Caller.SITE: (KeyInvalid,),
    Caller.SITE_OR_PERSON: (KeyInvalid, TokenInvalid, TokenExpired, TokenBound, RateLimited, NotInside),
    Caller.SITE_OR_MANAGER: (KeyInvalid, TokenInvalid, TokenExpired, TokenBound, RateLimited, NotInside),
    Caller.SIGNED_IN: (TokenInvalid, TokenExpired, RateLimited),
    Caller.ANYBODY: (RateLimited,),
    Caller.PAGE: (RateLimited, OriginForbidden),
    Caller.PROBE: (),
}
# Who has shown who they are; the key of anybody else could be anybody's.
TAKES_KEY = frozenset({Caller.SITE, Caller.SITE_OR_PERSON, Caller.SITE_OR_MANAGER})


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks. `actor_id`: as use cases take it, None for the site, a participant's id, or NOBODY for whoever has shown nothing.
    `signed_in`: with a session that the site's sign-in made; one of a link proves an address, and no standing."""

    actor_id: str | None
    signed_in: bool = False


async def asker_of(http: HttpRequest, caller: Caller, room_id: str) -> Asker:
    """Who asks, by what they bring.

    Raises:
        KeyInvalid, TokenInvalid, TokenExpired, TokenBound, RateLimited, OriginForbidden, RoomUnknown, StoreUnavailable
    """
    services: Services = http.app.state.services
    if caller in TAKES_KEY:
        if await is_api_key(services, bearer_of(http)):
            return Asker(actor_id=None)
        if caller is Caller.SITE:
            raise KeyInvalid
        return await _participant_of(http, services, room_id)
    if caller is not Caller.PROBE:
        check_rate(http, services)
    if caller is Caller.PAGE and http.headers.get("origin"):
        check_origin(http, services.settings)
    return Asker(actor_id=NOBODY)


def bearer_of(http: HttpRequest) -> str:
    scheme, _, given = http.headers.get("authorization", "").partition(" ")
    return given if scheme.lower() == "bearer" else ""


async def _participant_of(http: HttpRequest, services: Services, room_id: str) -> Asker:
    """Somebody of the room, by their session token.

    Raises:
        KeyInvalid: neither a key nor a token. TokenInvalid: another room's, or of a device that has its link no more.
        TokenBound, TokenExpired, RateLimited, RoomUnknown, StoreUnavailable
    """
    check_rate(http, services)
    token = bearer_of(http)
    if "." not in token:
        raise KeyInvalid
    claims = services.tokens.read_session(token, services.now_ms())
    if claims.room_id != room_id:
        raise TokenInvalid
    if claims.key_thumbprint is not None:
        # Worth nothing without the device's key, and HTTP carries no proof of that.
        raise TokenBound
    await check_device(services, claims)
    signed_in = claims.invitation_id is None and claims.guest_link_id is None
    return Asker(actor_id=claims.participant_id, signed_in=signed_in)


def request_id_of(http: HttpRequest, actor_id: str | None, *, takes_key: bool, fingerprint: str = "") -> RequestId:
    """The name of this request; an Idempotency-Key makes a repetition the same one. Raises: BadMessage.

    The site's keys are kept for a day or so; a person's only as long as a command's id, so that nobody fills the store with them.
    """
    keys = http.headers.getlist("idempotency-key") if takes_key else []
    who = "site" if actor_id is None else actor_id or "nobody"
    if len(keys) > 1 or not all(_KEY.fullmatch(key) for key in keys):
        raise BadMessage("An Idempotency-Key has at most 64 characters, all of them visible ASCII.")
    if not keys:
        return RequestId(f"{who}.{secrets.token_hex(12)}")
    services: Services = http.app.state.services
    keep_ms = services.settings.idempotency_ttl_s * 1000 if actor_id is None else KEPT_MS
    return RequestId(f"{who}.{http.method}.{http.url.path}.{keys[0]}", keep_ms=keep_ms, fingerprint=fingerprint)
