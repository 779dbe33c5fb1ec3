"""The site's sign-in: a token that the site signs, and the demo's where there is no site."""

from __future__ import annotations

from typing import Any

import pytest

from server.domain.refusals import TokenExpired, TokenInvalid
from server.settings import Secret
from server.trust.site_tokens import SiteTokens, SiteUser, clean_name
from server.trust.tokens import SessionClaims, Tokens
from tests.support.rooms import make_settings
from tests.trust.forging import NOW_MS, NOW_S, forge

SITE_SECRET = "site-secret-0123456789abcdefghijklm"
HEADER = {"alg": "HS256", "typ": "JWT"}
CLAIMS = {"sub": "u1", "name": "Uma", "email": "Uma@X.org", "aud": "greenroom", "exp": NOW_S + 60}


def site(**changes: Any) -> SiteTokens:
    return SiteTokens(make_settings("memory://", site_jwt_secret=Secret(SITE_SECRET), **changes))


def signed(header: dict[str, Any] | None = None, key: str = SITE_SECRET, **claims: Any) -> str:
    """The site's token with some claims otherwise; a claim that is `...` is left out."""
    made = {name: value for name, value in (CLAIMS | claims).items() if value is not ...}
    return forge(HEADER | (header or {}), made, key)


def test_the_sites_token_says_who_signed_in_and_their_address_is_compared_in_one_form():
    assert site().read(signed(), NOW_MS) == SiteUser(user_id="u1", name="Uma", email="uma@x.org")


@pytest.mark.parametrize("expires_s", [NOW_S - 6, 1, 0, -1])
def test_an_expired_token_of_the_site_is_refused(expires_s):
    with pytest.raises(TokenExpired):
        site().read(signed(exp=expires_s), NOW_MS)


def test_clocks_may_differ_by_a_few_seconds():
    assert site().read(signed(exp=NOW_S - 4, nbf=NOW_S + 4, iat=NOW_S + 4), NOW_MS).user_id == "u1"


def test_a_sign_in_may_be_good_for_a_week():
    assert site().read(signed(exp=NOW_S + 7 * 86_400, iat=NOW_S), NOW_MS).user_id == "u1"


def test_the_stores_clock_decides_and_not_this_machines():
    long_ago_s = 1_000_000_000
    assert site().read(signed(exp=long_ago_s + 60), long_ago_s * 1000).user_id == "u1"


FORGED: dict[str, Any] = {
    "no expiry": {"exp": ...},
    "expiry null": {"exp": None},
    "expiry as text": {"exp": "9999999999"},
    "expiry that is no number": {"exp": float("nan")},
    "expiry that never comes": {"exp": float("inf")},
    "not before, later": {"nbf": NOW_S + 60},
    "made in the future": {"iat": NOW_S + 6},
    "made at no instant": {"iat": float("nan")},
    "made at a text": {"iat": "0"},
    "good for longer than a week": {"exp": NOW_S + 7 * 86_400 + 1},
    "good for a hundred years": {"exp": NOW_S + 100 * 365 * 86_400},
    "not before as text": {"nbf": "0"},
    "no subject": {"sub": ...},
    "an empty subject": {"sub": ""},
    "a number as subject": {"sub": 1},
    "a subject too long": {"sub": "u" * 129},
    "half a surrogate as subject": {"sub": "\ud800"},
    "no audience": {"aud": ...},
    "another audience": {"aud": "elsewhere"},
    "alg none": {"header": {"alg": "none"}},
    "alg HS512": {"header": {"alg": "HS512"}},
    "alg RS256": {"header": {"alg": "RS256"}},
    "an extension that must be understood": {"header": {"crit": ["b64"], "b64": False}},
    "another key": {"key": "somebody-else-0123456789abcdefghij"},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_of_the_site_is_refused(forged):
    with pytest.raises(TokenInvalid):
        site().read(signed(**forged), NOW_MS)


@pytest.mark.parametrize(
    "token",
    [
        "", "a.b.c", "a" * 1_048_576, forge(HEADER, CLAIMS, signature=""), forge({**HEADER, "alg": "none"}, CLAIMS, signature=""),
        forge("[" * 1_500, CLAIMS), forge(HEADER, "[" * 1_500, SITE_SECRET), forge(HEADER, "null", SITE_SECRET),
    ],
    ids=["nothing", "letters", "one megabyte", "unsigned", "none", "header nested", "claims nested", "null"],
)
def test_what_is_no_token_of_the_site_is_refused(token):
    with pytest.raises(TokenInvalid):
        site().read(token, NOW_MS)


def test_our_own_tokens_are_no_sign_in_and_the_sites_are_no_session():
    settings = make_settings("memory://", site_jwt_secret=Secret(SITE_SECRET))
    own = Tokens(settings.session_keys, session_ttl_s=60)
    session, _ = own.mint_session(SessionClaims(room_id="r1", participant_id="p1"), NOW_MS)
    with pytest.raises(TokenInvalid):
        site().read(session, NOW_MS)
    with pytest.raises(TokenInvalid):
        own.read_session(signed(), NOW_MS)


def test_the_demos_token_is_refused_as_soon_as_there_is_a_site():
    demo = SiteTokens(make_settings("memory://"))
    token = demo.mint_demo(user_id="u1", name="Uma", email="uma@x.org", now_ms=NOW_MS)
    assert demo.read(token, NOW_MS).user_id == "u1"
    with pytest.raises(TokenInvalid):
        site().read(token, NOW_MS)


def test_a_demo_token_is_no_session_although_both_come_from_one_key():
    settings = make_settings("redis://localhost:1")
    token = SiteTokens(settings).mint_demo(user_id="u1", name="Uma", email="uma@x.org", now_ms=NOW_MS)
    with pytest.raises(TokenInvalid):
        Tokens(settings.session_keys, session_ttl_s=60).read_session(token, NOW_MS)


def test_nodes_of_one_demo_read_each_others_tokens_and_another_process_with_a_store_of_its_own_does_not():
    shared = make_settings("redis://localhost:1")
    token = SiteTokens(shared).mint_demo(user_id="u1", name="Uma", email="uma@x.org", now_ms=NOW_MS)
    assert SiteTokens(shared).read(token, NOW_MS).user_id == "u1"
    alone = SiteTokens(make_settings("memory://")).mint_demo(user_id="u1", name="Uma", email="uma@x.org", now_ms=NOW_MS)
    with pytest.raises(TokenInvalid):
        SiteTokens(make_settings("memory://")).read(alone, NOW_MS)


@pytest.mark.parametrize("email", [None, 1, "", "no address", "Ka\u212a@x.org", "a@x.org\r\nBcc: b@x.org", ["a@x.org"]])
def test_what_is_no_address_is_no_proven_address(email):
    assert site().read(signed(email=email), NOW_MS).email is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Uma", "Uma"), ("  Uma  ", "Uma"), ("Uma\r\nX: y", "UmaX: y"), ("U\u202ema", "Uma"), ("\u200b", "?"), ("", "?"),
        ("n" * 10_000, "n" * 100), ("<b>Uma</b>", "<b>Uma</b>"), ("\ud800", "?"),
    ],
)
def test_a_name_is_shown_without_what_cannot_be_seen_and_not_too_long(name, shown):
    assert clean_name(name) == shown


@pytest.mark.parametrize("name", [..., "", "   ", 1, None])
def test_somebody_without_a_name_is_called_by_their_id(name):
    assert site().read(signed(name=name), NOW_MS).name == "u1"


@pytest.mark.parametrize(
    ("claim", "channels"),
    [
        (..., set()), (None, set()), ([], set()), (["c1"], {"c1"}), (["c1", "c1", "C1"], {"c1", "C1"}),
        ([f"c{number}" for number in range(200)], {f"c{number}" for number in range(200)}), (["c" * 128], {"c" * 128}),
    ],
)
def test_the_token_names_the_channels_of_which_somebody_is_a_member(claim, channels):
    assert site().read(signed(channels=claim), NOW_MS).channels == channels


@pytest.mark.parametrize(
    "claim", ["c1", {"c1": True}, 5, [5], [None], [["c1"]], [""], ["c" * 129], [f"c{number}" for number in range(201)]]
)
def test_a_claim_of_channels_that_is_none_or_too_long_is_refused(claim):
    with pytest.raises(TokenInvalid):
        site().read(signed(channels=claim), NOW_MS)


def test_two_hundred_channels_named_by_uuids_fit_into_a_token():
    channels = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(200)]
    assert len(site().read(signed(channels=channels), NOW_MS).channels) == 200
