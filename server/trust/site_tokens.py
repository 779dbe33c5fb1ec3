"""The site's own sign-in: a JWT signed with the secret shared with the room product; or, with none, the demo's."""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from server.domain.access import MAX_CHANNEL_ID_CHARS, MAX_CHANNELS
from server.domain.invitation import MAX_NAME_CHARS
from server.domain.refusals import BadMessage, TokenExpired, TokenInvalid
from server.settings import Settings
from server.trust.domain_names import normalise_address

ALGORITHM = "HS256"
DEMO_TTL_S = 12 * 3600
MAX_TTL_S = 7 * 86_400  # a sign-in that would be good for longer is a mistake, or stolen goods
MAX_USER_ID_CHARS = 128
MAX_SITE_TOKEN_CHARS = 16_384  # two hundred channels named by UUIDs fit


@dataclass(frozen=True, kw_only=True)
class SiteUser:
    """Somebody whom the site has signed in. `email` is in the form in which addresses are compared; `channels`: those that
    they are a member of."""

    user_id: str
    name: str
    email: str | None
    channels: frozenset[str] = frozenset()


class SiteTokens:
    """Reads the site's tokens. Where no site is configured it makes them as well, for whoever asks: the demo sign-in."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.site_jwt_secret
        self.is_demo = secret is None
        self._secret = secret.reveal() if secret else _demo_secret(settings)
        self._audience = settings.site_jwt_audience

    def mint_demo(self, *, user_id: str, name: str, email: str, now_ms: int, channels: Sequence[str] = ()) -> str:
        """A site token for anybody: only where no site is configured."""
        assert self.is_demo
        now_s = now_ms // 1000
        claims = {"sub": user_id, "name": name, "email": email, "aud": self._audience, "iat": now_s, "exp": now_s + DEMO_TTL_S}
        if channels:
            claims["channels"] = list(channels)
        return jwt.encode(claims, self._secret, ALGORITHM)

    def read(self, token: str, now_ms: int) -> SiteUser:
        """Raises: TokenInvalid, TokenExpired."""
        if len(token) > MAX_SITE_TOKEN_CHARS:
            raise TokenInvalid
        try:
            payload: dict[str, Any] = jwt.decode(
                token, self._secret, algorithms=[ALGORITHM], audience=self._audience,
                options={"require": ["exp", "sub", "aud"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except (jwt.InvalidTokenError, ValueError, TypeError):
            raise TokenInvalid from None
        _check_times(payload, now_ms)
        return _user_of(payload)


def _demo_secret(settings: Settings) -> str:
    # Nodes of one demo must read each other's tokens; the session key is what they share.
    _, key = settings.session_keys.current
    return f"demo-sign-in:{key}" if not settings.is_embedded else secrets.token_hex(32)


def _check_times(payload: dict[str, Any], now_ms: int) -> None:
    leeway_ms = 5_000
    expires_at_s, not_before_s, issued_at_s = payload["exp"], payload.get("nbf", 0), payload.get("iat", 0)
    instants = (expires_at_s, not_before_s, issued_at_s)
    if not all(isinstance(instant, int | float) and math.isfinite(instant) for instant in instants):
        raise TokenInvalid
    if expires_at_s * 1000 <= now_ms - leeway_ms:
        raise TokenExpired
    if max(not_before_s, issued_at_s) * 1000 > now_ms + leeway_ms or expires_at_s * 1000 > now_ms + MAX_TTL_S * 1000:
        raise TokenInvalid


def _user_of(payload: dict[str, Any]) -> SiteUser:
    user_id, name, email = payload["sub"], payload.get("name"), payload.get("email")
    if not isinstance(user_id, str) or not 0 < len(user_id) <= MAX_USER_ID_CHARS or not _is_unicode(user_id):
        raise TokenInvalid
    shown = clean_name(name if isinstance(name, str) and name.strip() else user_id)
    try:
        address = normalise_address(email) if isinstance(email, str) else None
    except BadMessage:
        address = None
    return SiteUser(user_id=user_id, name=shown, email=address, channels=_channels_of(payload.get("channels")))


def _channels_of(claim: Any) -> frozenset[str]:
    """Raises: TokenInvalid: a claim that says something else than a list of ids, or too many of them."""
    channels = [] if claim is None else claim
    if not isinstance(channels, list) or len(channels) > MAX_CHANNELS:
        raise TokenInvalid
    if not all(isinstance(channel, str) and 0 < len(channel) <= MAX_CHANNEL_ID_CHARS for channel in channels):
        raise TokenInvalid
    return frozenset(channels)


def _is_unicode(text: str) -> bool:
    """Whether `text` has no half of a surrogate pair, which JSON can spell and nothing can store."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def clean_name(name: str) -> str:
    """A name without control characters, at most 100 characters, never empty."""
    printable = "".join(character for character in name if character.isprintable())
    return printable.strip()[:MAX_NAME_CHARS] or "?"
