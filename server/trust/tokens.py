"""Greenroom's own tokens: one purpose each, short-lived, signed with keys that rotate by `kid`.

A token only says who is asking. Algorithms are pinned, `exp` is required, and `typ` and `aud` name the purpose, so that no
token opens a door that it was not made for (RFC 8725).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import jwt

from server.domain.refusals import ClaimNonceInvalid, TokenExpired, TokenInvalid
from server.settings import Keyring

ALGORITHM = "HS256"
ISSUER = "greenroom"
MAX_TOKEN_CHARS = 4096
LOBBY_TTL_S = 6 * 3600
NONCE_TTL_S = 600


@dataclass(frozen=True, kw_only=True)
class SessionClaims:
    """Who a session token speaks for. `key_thumbprint`: the device key that must sign each hello, if there is one."""

    room_id: str
    participant_id: str
    invitation_id: str | None = None
    guest_link_id: str | None = None
    device_id: str | None = None
    key_thumbprint: str | None = None
    public_key: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class LobbyClaims:
    """A page that has opened a link and proven no address yet. `resembled_id`: the device that holds the claim and has the
    same cookie, but another key."""

    room_id: str
    invitation_id: str
    issue: int
    device_id: str | None = None
    resembled_id: str | None = None


class Tokens:
    """Makes and reads tokens. Instants come in as arguments, epoch ms, by the store's clock."""

    def __init__(self, keys: Keyring, *, session_ttl_s: int) -> None:
        self._keys = keys
        self._session_ttl_s = session_ttl_s

    def mint_session(self, claims: SessionClaims, now_ms: int) -> tuple[str, int]:
        """A session token, and when it expires."""
        payload = {
            "sub": claims.participant_id, "room": claims.room_id, "inv": claims.invitation_id, "did": claims.device_id,
            "gl": claims.guest_link_id,
            "cnf": {"jkt": claims.key_thumbprint, "jwk": claims.public_key} if claims.key_thumbprint else None,
        }
        return self._mint("session", payload, now_ms, self._session_ttl_s)

    def read_session(self, token: str, now_ms: int) -> SessionClaims:
        """Raises: TokenInvalid, TokenExpired."""
        payload = self._read("session", token, now_ms)
        confirmation = payload.get("cnf") or {}
        return SessionClaims(
            room_id=payload["room"], participant_id=payload["sub"], invitation_id=payload.get("inv"),
            guest_link_id=payload.get("gl"), device_id=payload.get("did"),
            key_thumbprint=confirmation.get("jkt"), public_key=confirmation.get("jwk"),
        )

    def mint_lobby(self, claims: LobbyClaims, now_ms: int) -> tuple[str, int]:
        payload = {
            "room": claims.room_id, "inv": claims.invitation_id, "issue": claims.issue, "did": claims.device_id,
            "res": claims.resembled_id,
        }
        return self._mint("lobby", payload, now_ms, LOBBY_TTL_S)

    def read_lobby(self, token: str, now_ms: int) -> LobbyClaims:
        """Raises: TokenInvalid, TokenExpired."""
        payload = self._read("lobby", token, now_ms)
        return LobbyClaims(
            room_id=payload["room"], invitation_id=payload["inv"], issue=payload["issue"], device_id=payload.get("did"),
            resembled_id=payload.get("res"),
        )

    def is_lobby(self, token: str) -> bool:
        """What the token says it is, not yet whether that is true."""
        try:
            return jwt.get_unverified_header(token).get("typ") == _typ("lobby")
        except jwt.InvalidTokenError:
            return False

    def mint_nonce(self, room_id: str, invitation_id: str, now_ms: int) -> str:
        """What a claim must bring back, and a device key sign: made for one link, good for ten minutes."""
        payload = {"room": room_id, "inv": invitation_id, "jti": secrets.token_hex(8)}
        return self._mint("claim", payload, now_ms, NONCE_TTL_S)[0]

    def check_nonce(self, nonce: str, room_id: str, invitation_id: str, now_ms: int) -> None:
        """Raises: ClaimNonceInvalid."""
        try:
            payload = self._read("claim", nonce, now_ms)
        except (TokenInvalid, TokenExpired):
            raise ClaimNonceInvalid from None
        if (payload["room"], payload["inv"]) != (room_id, invitation_id):
            raise ClaimNonceInvalid

    def _mint(self, purpose: str, payload: dict[str, Any], now_ms: int, ttl_s: int) -> tuple[str, int]:
        key_id, key = self._keys.current
        issued_at_s = now_ms // 1000
        claims = {key: value for key, value in payload.items() if value is not None}
        claims |= {"iss": ISSUER, "aud": _audience(purpose), "iat": issued_at_s, "exp": issued_at_s + ttl_s}
        token = jwt.encode(claims, key, ALGORITHM, headers={"kid": key_id, "typ": _typ(purpose)})
        return token, (issued_at_s + ttl_s) * 1000

    def _read(self, purpose: str, token: str, now_ms: int) -> dict[str, Any]:
        if len(token) > MAX_TOKEN_CHARS:
            raise TokenInvalid
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys.get(header.get("kid", ""))
            if key is None or header.get("typ") != _typ(purpose):
                raise TokenInvalid
            # Time is the store's, so exp is compared below and not by the library's own clock.
            payload: dict[str, Any] = jwt.decode(
                token, key, algorithms=[ALGORITHM], audience=_audience(purpose), issuer=ISSUER,
                options={"require": ["exp", "iat", "aud", "iss"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except (jwt.InvalidTokenError, ValueError, TypeError):
            raise TokenInvalid from None
        if not isinstance(payload["exp"], int) or payload["exp"] * 1000 <= now_ms:
            raise TokenExpired
        return payload


def _typ(purpose: str) -> str:
    return f"greenroom-{purpose}+jwt"


def _audience(purpose: str) -> str:
    return f"greenroom/{purpose}"
