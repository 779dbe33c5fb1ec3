"""Settings: what is read, what makes no sense, and what must not be printed."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.settings import Keyring, Secret, Settings, SettingsError, load_settings

KEY = "0123456789abcdef0123456789abcdef"
OTHER_KEY = "fedcba9876543210fedcba9876543210"
KEYS = {"SESSION_KEYS": f"a:{KEY}", "LINK_KEYS": f"a:{KEY}", "ADMIN_API_KEYS": KEY}
REDIS = {"REDIS_URL": "redis://localhost:6379", **KEYS}


def test_with_nothing_configured_a_node_keeps_everything_in_its_process_with_keys_of_its_own():
    settings = load_settings({})
    assert settings.is_embedded
    assert settings.demo_sign_in
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8000, "http://localhost:8000")
    keys = [settings.session_keys.current[1], settings.link_keys.current[1], settings.admin_api_keys[0].reveal()]
    assert len(set(keys)) == 3
    assert load_settings({}).session_keys.current != settings.session_keys.current


def test_each_process_has_a_name_of_its_own():
    assert load_settings({}).node_id != load_settings({}).node_id


def test_an_empty_variable_counts_as_absent():
    names = [field.name.upper() for field in dataclasses.fields(Settings)]
    settings = load_settings(dict.fromkeys(names, ""))
    assert settings.is_embedded
    assert settings.port == 8000


def test_the_environment_overrides_the_defaults():
    settings = load_settings(
        {
            **REDIS,
            "HOST": "0.0.0.0",
            "PORT": "9001",
            "PUBLIC_URL": "https://rooms.example.com/",
            "SITE_JWT_SECRET": KEY,
            "SITE_JWT_AUDIENCE": "rooms",
            "ALLOWED_ORIGINS": "https://a.example.com, https://b.example.com/",
            "TRUSTED_PROXIES": "10.0.0.0/8,::1",
            "INVITE_TO_MEDIA": "0",
            "LOG_SHARDS": "4",
            "NODE_ID": "node-1_a",
            "LOG_LEVEL": "debug",
        }
    )
    assert (settings.host, settings.port, settings.log_shards) == ("0.0.0.0", 9001, 4)
    assert settings.is_secure
    assert settings.own_origin == "https://rooms.example.com"
    assert not settings.demo_sign_in
    assert settings.site_jwt_audience == "rooms"
    assert settings.allowed_origins == ("https://a.example.com", "https://b.example.com")
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")
    assert settings.invite_to_media is False
    assert not settings.is_embedded
    assert (settings.node_id, settings.log_level) == ("node-1_a", "debug")


@pytest.mark.parametrize("url", ["redis://h", "rediss://h:6380/0", "unix:///run/redis.sock", "redis://:pass@h"])
def test_every_kind_of_redis_address_is_taken(url):
    assert load_settings({**REDIS, "REDIS_URL": url}).redis_url.reveal() == url


NONSENSE = [
    ("PORT", "-1"),
    ("PORT", "65536"),
    ("PORT", "http"),
    ("PORT", "80.5"),
    ("PORT", " 80"),
    ("PORT", "٨٠"),
    ("LOG_SHARDS", "0"),
    ("LOG_SHARDS", "1025"),
    ("LEASE_TTL_MS", "100"),
    ("LEASE_RENEW_MS", "3000"),
    ("FREEZE_CLOSE_MS", "0"),
    ("SESSION_TOKEN_TTL_S", "29"),
    ("HELLO_TIMEOUT_MS", "99"),
    ("MAX_FRAME_BYTES", "100"),
    ("MAX_QUEUE_BYTES", "1"),
    ("MAX_CONNECTIONS", "0"),
    ("TABS_PER_PERSON", "0"),
    ("MAX_WAITERS", "0"),
    ("LARGE_FROM", "0"),
    ("LARGE_UNTIL", "201"),
    ("LONG_LINE_FROM", "1001"),
    ("LONG_LINE_UNTIL", "101"),
    ("MAX_INVITATIONS", "100001"),
    ("COMMANDS_PER_S", "0"),
    ("COMMANDS_BURST", "0"),
    ("CLAIM_FAILURES", "0"),
    ("CLAIM_WINDOW_S", "0"),
    ("ROOM_RETENTION_S", "59"),
    ("BATCH_SIZE", "501"),
    ("DRAIN_MS", "600001"),
    ("PARTICIPANT_GRACE_MS", "-1"),
    ("WAITER_GRACE_MS", "600001"),
    ("REDIS_URL", "localhost:6379"),
    ("REDIS_URL", "http://localhost"),
    ("REDIS_URL", "memory:"),
    ("PUBLIC_URL", "rooms.example.com"),
    ("PUBLIC_URL", "ftp://rooms.example.com"),
    ("PUBLIC_URL", "https://"),
    ("PUBLIC_URL", "https://rooms.example.com/path"),
    ("PUBLIC_URL", "https://rooms.example.com?x=1"),
    ("PUBLIC_URL", "https://rooms.example.com#x"),
    ("PUBLIC_URL", "https://[rooms"),
    ("PUBLIC_URL", "https://rooms.example.com:port"),
    ("PUBLIC_URL", "https://someone@rooms.example.com"),
    ("ALLOWED_ORIGINS", "*"),
    ("ALLOWED_ORIGINS", "https://a.example.com,null"),
    ("ALLOWED_EMBEDDERS", "a.example.com"),
    ("ALLOWED_EMBEDDERS", "https://a.example.com; script-src *"),
    ("TRUSTED_PROXIES", "everyone"),
    ("TRUSTED_PROXIES", "10.0.0.0/33"),
    ("INVITE_TO_MEDIA", "yes"),
    ("INVITE_TO_MEDIA", "2"),
    ("NODE_ID", "node 1"),
    ("NODE_ID", "a:b"),
    ("NODE_ID", "n" * 65),
    ("NODE_ID", "nöde"),
    ("LOG_LEVEL", "loud"),
    ("LOG_LEVEL", "INFO"),
    ("SITE_JWT_SECRET", "short"),
    ("SESSION_KEYS", KEY),
    ("SESSION_KEYS", f":{KEY}"),
    ("SESSION_KEYS", "a:short"),
    ("SESSION_KEYS", "a:" + "x" * 64),
    ("SESSION_KEYS", f"a:{KEY},a:{OTHER_KEY}"),
    ("SESSION_KEYS", f"a:{KEY},b:"),
    ("SESSION_KEYS", f"{'k' * 17}:{KEY}"),
    ("LINK_KEYS", f"a b:{KEY}"),
    ("ADMIN_API_KEYS", f"{KEY},short"),
]


@pytest.mark.parametrize(("name", "value"), NONSENSE)
def test_what_makes_no_sense_refuses_to_start_and_names_the_variable(name, value):
    with pytest.raises(SettingsError, match=rf"\b{name}\b"):
        load_settings({**REDIS, name: value})


@pytest.mark.parametrize("name", ["SESSION_KEYS", "LINK_KEYS", "ADMIN_API_KEYS"])
def test_beside_a_redis_every_key_must_be_given(name):
    with pytest.raises(SettingsError, match=name):
        load_settings({key: value for key, value in REDIS.items() if key != name})


def test_a_lease_outlives_one_slow_renewal():
    assert load_settings({"LEASE_TTL_MS": "1000", "LEASE_RENEW_MS": "500"}).lease_renew_ms == 500
    with pytest.raises(SettingsError, match="LEASE_RENEW_MS"):
        load_settings({"LEASE_TTL_MS": "1000", "LEASE_RENEW_MS": "501"})


def test_the_first_key_makes_and_all_verify():
    keys = load_settings({**REDIS, "SESSION_KEYS": f"new:{KEY},old:{OTHER_KEY}"}).session_keys
    assert keys.current == ("new", KEY)
    assert keys.get("old") == OTHER_KEY
    assert keys.get("unknown") is None


def test_a_key_may_contain_colons():
    assert load_settings({**REDIS, "LINK_KEYS": f"a:{KEY}:x"}).link_keys.current == ("a", f"{KEY}:x")


def test_secrets_do_not_print():
    secret = Secret(KEY)
    assert KEY not in f"{secret} {secret!r} {Keyring({'a': secret})!r}"
    password = "very-private-password"
    settings = load_settings({**REDIS, "SITE_JWT_SECRET": KEY, "REDIS_URL": f"redis://:{password}@localhost"})
    printed = f"{settings} {settings!r}"
    assert KEY not in printed
    assert password not in printed


@pytest.mark.parametrize("name", ["SESSION_KEYS", "LINK_KEYS", "ADMIN_API_KEYS", "SITE_JWT_SECRET"])
def test_an_error_about_a_secret_does_not_repeat_it(name):
    with pytest.raises(SettingsError) as caught:
        load_settings({**REDIS, name: "a:tooshort-but-secret"})
    assert "tooshort" not in str(caught.value)


def test_an_error_about_the_redis_address_does_not_repeat_its_password():
    with pytest.raises(SettingsError) as caught:
        load_settings({**REDIS, "REDIS_URL": "http://:very-private-password@localhost"})
    assert "very-private-password" not in str(caught.value)


def test_settings_cannot_be_changed_later():
    with pytest.raises(dataclasses.FrozenInstanceError):
        load_settings({}).port = 1  # type: ignore[misc]


NAMES = [field.name.upper() for field in dataclasses.fields(Settings)]


VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_whatever_the_environment_holds_it_is_read_or_refused_by_name(environ):
    try:
        load_settings(environ)
    except SettingsError as error:
        refused = str(error)
    else:
        refused = "REDIS_URL"  # nothing was
    assert any(name in refused for name in NAMES)
