"""Greenroom's own tokens: one purpose each, keys that rotate, and none of the known forgeries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from server.domain.refusals import ClaimNonceInvalid, TokenExpired, TokenInvalid
from server.settings import Keyring, Secret
from server.trust.tokens import LOBBY_TTL_S, NONCE_TTL_S, LobbyClaims, SessionClaims, Tokens
from tests.trust.forging import KEY, NOW_MS, OLD_KEY, base64url, forge, parts_of

SESSION = SessionClaims(room_id="r1", participant_id="p1")
LOBBY = LobbyClaims(room_id="r1", invitation_id="i1", issue=1)
TTL_S = 900
HEADER = {"kid": "k2", "alg": "HS256", "typ": "greenroom-session+jwt"}


def tokens(**keys: str) -> Tokens:
    named = keys or {"k2": KEY, "k1": OLD_KEY}
    return Tokens(Keyring({key_id: Secret(key) for key_id, key in named.items()}), session_ttl_s=TTL_S)


def session_token() -> str:
    return tokens().mint_session(SESSION, NOW_MS)[0]


def changed(header: dict[str, Any] | None = None, claims: dict[str, Any] | None = None, key: str = KEY) -> str:
    """A session token with some things otherwise, signed with our own key: the worst that can be."""
    own_header, own_claims = parts_of(session_token())
    return forge(_with(own_header, header or {}), _with(own_claims, claims or {}), key)


def _with(own: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (own | changes).items() if value is not LEFT_OUT}


LEFT_OUT = object()


def test_a_session_token_says_who_it_was_made_for_until_it_expires():
    claims = SessionClaims(
        room_id="r1", participant_id="p1", invitation_id="i1", device_id="d1", key_thumbprint="t", public_key={"kty": "EC"}
    )
    token, expires_at_ms = tokens().mint_session(claims, NOW_MS)
    assert expires_at_ms == NOW_MS + TTL_S * 1000
    assert tokens().read_session(token, expires_at_ms - 1) == claims
    with pytest.raises(TokenExpired):
        tokens().read_session(token, expires_at_ms)


def test_a_hand_made_token_with_our_key_and_nothing_changed_is_read():
    """What makes the forgeries below meaningful."""
    assert tokens().read_session(changed(), NOW_MS) == SESSION


def test_an_expired_lobby_token_and_an_expired_nonce_are_refused():
    lobby, _ = tokens().mint_lobby(LOBBY, NOW_MS)
    nonce = tokens().mint_nonce("r1", "i1", NOW_MS)
    with pytest.raises(TokenExpired):
        tokens().read_lobby(lobby, NOW_MS + LOBBY_TTL_S * 1000)
    with pytest.raises(ClaimNonceInvalid):
        tokens().check_nonce(nonce, "r1", "i1", NOW_MS + NONCE_TTL_S * 1000)


def test_time_comes_from_the_store_and_not_from_this_machine():
    long_ago_ms = 1_000_000_000_000
    token, expires_at_ms = tokens().mint_session(SESSION, long_ago_ms)
    assert tokens().read_session(token, long_ago_ms + 1) == SESSION
    far_ahead, _ = tokens().mint_session(SESSION, NOW_MS * 2)
    assert tokens().read_session(far_ahead, NOW_MS * 2) == SESSION
    with pytest.raises(TokenExpired):
        tokens().read_session(token, expires_at_ms)


# ── One purpose each ─────────────────────────────────────────────────────────────────────────────────────────────────


def read_as(purpose: str, token: str) -> None:
    if purpose == "session":
        tokens().read_session(token, NOW_MS)
    elif purpose == "lobby":
        tokens().read_lobby(token, NOW_MS)
    else:
        tokens().check_nonce(token, "r1", "i1", NOW_MS)


MINTED = {
    "session": lambda: session_token(),
    "lobby": lambda: tokens().mint_lobby(LOBBY, NOW_MS)[0],
    "claim": lambda: tokens().mint_nonce("r1", "i1", NOW_MS),
}
SWAPS = [(made, used) for made in MINTED for used in MINTED if made != used]


@pytest.mark.parametrize(("made", "used"), SWAPS)
def test_a_token_of_one_purpose_opens_no_other_door(made, used):
    with pytest.raises(ClaimNonceInvalid if used == "claim" else TokenInvalid):
        read_as(used, MINTED[made]())


@pytest.mark.parametrize("field", ["typ", "aud"])
@pytest.mark.parametrize(("made", "used"), SWAPS)
def test_the_header_and_the_audience_guard_the_purpose_each_by_itself(made, used, field):
    header, claims = parts_of(MINTED[made]())
    other_header, other_claims = parts_of(MINTED[used]())
    if field == "typ":
        claims["aud"] = other_claims["aud"]  # only the type still says what it was made for
    else:
        header["typ"] = other_header["typ"]
    with pytest.raises((TokenInvalid, ClaimNonceInvalid)):
        read_as(used, forge(header, claims))


def test_what_a_token_says_it_is_decides_only_where_it_is_read():
    lobby, _ = tokens().mint_lobby(LOBBY, NOW_MS)
    assert tokens().is_lobby(lobby)
    assert not tokens().is_lobby(session_token())
    header, claims = parts_of(lobby)
    assert tokens().is_lobby(forge(header, claims, "another key, of somebody else"))


@pytest.mark.parametrize(("room_id", "invitation_id"), [("r2", "i1"), ("r1", "i2")])
def test_a_nonce_is_good_for_the_link_it_was_made_for_only(room_id, invitation_id):
    nonce = tokens().mint_nonce("r1", "i1", NOW_MS)
    tokens().check_nonce(nonce, "r1", "i1", NOW_MS)
    with pytest.raises(ClaimNonceInvalid):
        tokens().check_nonce(nonce, room_id, invitation_id, NOW_MS)


def test_two_nonces_for_one_link_differ():
    assert tokens().mint_nonce("r1", "i1", NOW_MS) != tokens().mint_nonce("r1", "i1", NOW_MS)


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_token_made_with_the_key_before_is_still_read_and_new_ones_use_the_first():
    old, _ = tokens(k1=OLD_KEY).mint_session(SESSION, NOW_MS)
    assert tokens(k2=KEY, k1=OLD_KEY).read_session(old, NOW_MS) == SESSION
    header, _ = parts_of(session_token())
    assert header["kid"] == "k2"


def test_a_token_of_a_retired_key_is_refused():
    old, _ = tokens(k1=OLD_KEY).mint_session(SESSION, NOW_MS)
    with pytest.raises(TokenInvalid):
        tokens(k2=KEY).read_session(old, NOW_MS)


@pytest.mark.parametrize("kid", ["k1", "k3", "", "../../k2", "k2\x00", "k2' OR '1'='1", 2, ["k2"], {"k2": 1}, None, LEFT_OUT])
def test_a_key_id_that_is_not_the_keys_own_is_refused(kid):
    with pytest.raises(TokenInvalid):
        tokens().read_session(changed({"kid": kid}), NOW_MS)


def test_a_token_signed_by_somebody_elses_key_is_refused():
    with pytest.raises(TokenInvalid):
        tokens().read_session(changed(key="somebody-else-0123456789abcdefghij"), NOW_MS)


# ── Forgeries ────────────────────────────────────────────────────────────────────────────────────────────────────────

FORGED: dict[str, dict[str, Any]] = {
    "alg none": {"header": {"alg": "none"}},
    "alg None": {"header": {"alg": "None"}},
    "alg empty": {"header": {"alg": ""}},
    "alg left out": {"header": {"alg": LEFT_OUT}},
    "alg HS384": {"header": {"alg": "HS384"}},
    "alg RS256": {"header": {"alg": "RS256"}},
    "alg ES256": {"header": {"alg": "ES256"}},
    "a list of algs": {"header": {"alg": ["HS256"]}},
    "an extension that must be understood": {"header": {"crit": ["exp"], "exp": 1}},
    "an unknown extension": {"header": {"crit": ["greenroom"], "greenroom": True}},
    "another type": {"header": {"typ": "JWT"}},
    "no type": {"header": {"typ": LEFT_OUT}},
    "no expiry": {"claims": {"exp": LEFT_OUT}},
    "expiry null": {"claims": {"exp": None}},
    "expiry as text": {"claims": {"exp": "9999999999"}},
    "expiry in half a second": {"claims": {"exp": NOW_MS / 1000 + 0.5}},
    "no issue instant": {"claims": {"iat": LEFT_OUT}},
    "no audience": {"claims": {"aud": LEFT_OUT}},
    "another audience": {"claims": {"aud": "greenroom/lobby"}},
    "no issuer": {"claims": {"iss": LEFT_OUT}},
    "another issuer": {"claims": {"iss": "somebody"}},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_is_refused_even_with_our_own_signature(forged):
    with pytest.raises((TokenInvalid, TokenExpired)):
        tokens().read_session(changed(**forged), NOW_MS)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE"])
def test_a_token_without_a_signature_is_refused(alg):
    header, claims = parts_of(session_token())
    with pytest.raises(TokenInvalid):
        tokens().read_session(forge(header | {"alg": alg}, claims, signature=""), NOW_MS)


@pytest.mark.parametrize("where", ["jku", "x5u", "jwk", "x5c"])
def test_a_key_that_the_token_brings_with_it_is_never_used(where):
    own = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = own.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    header, claims = parts_of(session_token())
    brought = {"kty": "oct", "k": base64url(pem)} if where == "jwk" else "http://127.0.0.1:1/keys"
    with pytest.raises(TokenInvalid):
        tokens().read_session(forge(header | {where: brought}, claims, pem), NOW_MS)


@pytest.mark.parametrize(
    "token",
    [
        "", ".", "..", "...", "a.b.c", "é.é.é", "\x00", "e30.e30.", "bnVsbA.bnVsbA.", "W10.W10.", "MQ.MQ.MQ",
        pytest.param("a" * 1_048_576, id="one megabyte"),
        pytest.param(".".join(["a" * 400_000] * 3), id="one megabyte in three parts"),
        pytest.param(forge("[" * 1_500, {}), id="a header nested deeply"),
        pytest.param(forge(HEADER, "[" * 1_500), id="claims nested deeply"),
        pytest.param(forge('{"alg":"HS256","kid":"k2","kid":"k1"}', {}), id="a key twice"),
        pytest.param(forge('{"alg":"\\ud800","kid":"k2","typ":"greenroom-session+jwt"}', {}), id="half a surrogate"),
    ],
)
def test_what_is_no_token_is_refused_and_breaks_nothing(token):
    for read in (tokens().read_session, tokens().read_lobby):
        with pytest.raises(TokenInvalid):
            read(token, NOW_MS)
    with pytest.raises(ClaimNonceInvalid):
        tokens().check_nonce(token, "r1", "i1", NOW_MS)
    assert not tokens().is_lobby(token)


def test_a_token_within_a_token_is_refused():
    header, _ = parts_of(session_token())
    with pytest.raises(TokenInvalid):
        tokens().read_session(forge(header | {"cty": "JWT"}, json.dumps(session_token())), NOW_MS)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_with_one_character_changed_is_refused(part):
    parts = session_token().split(".")
    parts[part] = parts[part][:-2] + ("A" if parts[part][-2] != "A" else "B") + parts[part][-1]
    with pytest.raises(TokenInvalid):
        tokens().read_session(".".join(parts), NOW_MS)
