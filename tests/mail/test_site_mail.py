"""The settings of e-mail: what is taken, and what refuses to start."""

from __future__ import annotations

import pytest

from server.mail.site_mail import load_site_mail
from server.settings import SettingsError, load_settings

MAIL = {"SMTP_URL": "smtp://mail.example.org", "MAIL_FROM": "Rooms <rooms@example.org>"}


def site_mail(**environ: str):
    return load_site_mail(load_settings({**MAIL, **environ}))


def test_without_a_mail_server_there_is_no_mail():
    assert load_site_mail(load_settings({})) is None
    assert load_site_mail(load_settings({"MAIL_FROM": MAIL["MAIL_FROM"]})) is None


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "start_tls"),
    [
        ("smtp://mail", "mail", 25, False, False),
        ("smtp://mail:1025", "mail", 1025, False, False),
        ("smtps://u:p@mail.example.org", "mail.example.org", 465, True, False),
        ("smtp+starttls://u:p@mail.example.org", "mail.example.org", 587, False, True),
        ("smtp://u:p@localhost:25", "localhost", 25, False, False),
        ("smtp://[::1]:2525", "::1", 2525, False, False),
    ],
)
def test_addresses_of_mail_servers(url, host, port, tls, start_tls):
    made = site_mail(SMTP_URL=url)
    assert made is not None
    server = made.server
    assert (server.host, server.port, server.use_tls, server.start_tls) == (host, port, tls, start_tls)


def test_a_password_may_hold_anything_that_a_url_can_quote_and_does_not_print():
    made = site_mail(SMTP_URL="smtps://me%40example.org:p%3A%2F%40%20d@mail")
    assert made is not None
    assert made.server.user == "me@example.org"
    assert made.server.password is not None
    assert made.server.password.reveal() == "p:/@ d"
    assert "p:/@ d" not in repr(made)
    assert "p%3A" not in repr(load_settings({**MAIL, "SMTP_URL": "smtps://me:p%3A@mail"}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_URL", "mail.example.org"), ("SMTP_URL", "http://mail"), ("SMTP_URL", "smtp://"), ("SMTP_URL", "smtp://h:x"),
        ("SMTP_URL", "smtp://user:secret@mail.example.org"), ("MAIL_FROM", ""), ("MAIL_FROM", "Rooms"),
        ("MAIL_FROM", "a@b"), ("MAIL_TIME_ZONE", "Mars/Olympus"), ("MAIL_TIME_ZONE", "../etc/passwd"),
        ("MAIL_TEMPLATES", "/nowhere"), ("MAIL_DEFAULT_LANGUAGE", "xx"), ("MAIL_CLAIM_MS", "1000"),
    ],
)
def test_what_makes_no_sense_refuses_to_start_with_its_name_and_without_the_password(name, value):
    with pytest.raises(SettingsError, match=name) as raised:
        site_mail(**{name: value})
    assert "secret" not in str(raised.value)


def test_one_process_alone_cannot_leave_its_mail_to_others():
    with pytest.raises(SettingsError, match="MAIL_WORKERS"):
        site_mail(MAIL_WORKERS="0", REDIS_URL="memory://")
    keys = {"SESSION_KEYS": "k:" + "0123456789abcdef" * 2, "LINK_KEYS": "k:" + "fedcba9876543210" * 2}
    assert site_mail(MAIL_WORKERS="0", REDIS_URL="redis://localhost", ADMIN_API_KEYS="0123456789abcdef" * 2, **keys)


def test_a_file_that_holds_no_certificates_refuses_to_start(tmp_path):
    (tmp_path / "ca.pem").write_text("nothing")
    for path in (tmp_path / "ca.pem", tmp_path / "none.pem"):
        with pytest.raises(SettingsError, match="SMTP_CA_FILE"):
            site_mail(SMTP_URL="smtps://mail", SMTP_CA_FILE=str(path))


@pytest.mark.parametrize("value", ["-1", "0", "1,x", "1;2", "700000", ",".join(["1"] * 21)])
def test_pauses_that_make_no_sense_refuse_to_start(value):
    with pytest.raises(SettingsError, match="MAIL_RETRY_S"):
        load_settings({"MAIL_RETRY_S": value})


def test_a_senders_name_cannot_hold_a_header():
    made = site_mail(MAIL_FROM='"Rooms\r\nBcc: x@example.com" <rooms@example.org>')
    assert made is not None
    assert (made.sender.display_name, made.sender.addr_spec) == ("Rooms Bcc: x@example.com", "rooms@example.org")
