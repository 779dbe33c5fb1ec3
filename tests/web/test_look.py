"""The site's own look: what is read from its settings, what refuses to start, and what the pages get."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from server.app import create_app
from server.domain.colours import contrast, mixed
from server.settings import SettingsError, load_settings
from server.web import pages_api
from server.web.look import (
    DARK_GROUNDS,
    DARK_SUNKEN,
    DARK_TINT,
    LIGHT_GROUNDS,
    LIGHT_SUNKEN,
    LIGHT_TINT,
    MAX_LOGO_BYTES,
    load_look,
)

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 "


def look_of(**environ: str) -> Any:
    return load_look(load_settings(environ))


def client_of(**environ: str) -> TestClient:
    return TestClient(create_app(load_settings(environ)))


@pytest.fixture
def plain() -> TestClient:
    """A site that has said nothing of its look."""
    return client_of()


def properties_of(css: str) -> dict[str, str]:
    return dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6});", css))


def test_a_site_that_says_nothing_has_a_name_and_no_colours_of_its_own(plain):
    shown = plain.get("/brand/look.json").json()
    assert shown == {
        "name": "Greenroom", "has_logo": False, "logo_url": None, "welcome": "", "language": "", "demo": True, "embedders": [],
    }
    assert plain.get("/brand/look.css").text == ":root {\n}\n"
    assert plain.get("/brand/logo").status_code == 404


def test_the_pages_are_told_the_sites_name_words_and_who_may_frame_them():
    client = client_of(
        SITE_NAME="Example Rooms", SITE_WELCOME="Welcome, we begin soon.", SITE_LANGUAGE="de",
        SITE_JWT_SECRET="0123456789abcdef0123456789abcdef", ALLOWED_EMBEDDERS="https://app.example.com",
    )
    shown = client.get("/brand/look.json").json()
    assert (shown["name"], shown["welcome"], shown["language"]) == ("Example Rooms", "Welcome, we begin soon.", "de")
    assert (shown["demo"], shown["embedders"]) == (False, ["https://app.example.com"])


def test_a_stylesheet_names_the_colours_with_what_can_be_read_on_and_beside_them():
    answer = client_of(SITE_ACCENT="#B35A00", SITE_ACCENT_DARK="#ffb366").get("/brand/look.css")
    assert answer.headers["content-type"].startswith("text/css")
    colours = properties_of(answer.text)
    assert (colours["--brand-accent"], colours["--brand-accent-dark"]) == ("#b35a00", "#ffb366")
    for name, ground in (("--brand-accent", "#ffffff"), ("--brand-accent-dark", "#1d2320")):
        assert contrast(colours[f"{name}-ink"], colours[name]) >= 4.5
        assert contrast(colours[f"{name}-text"], ground) >= 4.5
    assert len(colours) == 6


@pytest.mark.parametrize("colour", ["#9a7008", "#1d6b4f", "#c2185b", "#0b57d0", "#7a7a7a"])
def test_text_in_the_sites_colour_can_be_read_on_its_own_tint_too(colour):
    properties = look_of(SITE_ACCENT=colour).properties
    tints = {
        "--brand-accent": mixed(LIGHT_GROUNDS[0], colour, LIGHT_TINT),
        "--brand-accent-dark": mixed(DARK_GROUNDS[0], properties["--brand-accent-dark"], DARK_TINT),
    }
    for name, tint in tints.items():
        assert contrast(properties[f"{name}-text"], tint) >= 4.5


def test_the_grounds_are_those_of_the_stylesheet():
    tokens = (Path(pages_api.__file__).parent / "pages/style/tokens.css").read_text()
    pairs = zip(("surface", "ground", "sunken"), (*LIGHT_GROUNDS, LIGHT_SUNKEN), (*DARK_GROUNDS, DARK_SUNKEN), strict=True)
    for name, light, dark in pairs:
        assert re.findall(rf"--{name}: (#[0-9a-f]{{6}});", tokens) == [light, dark]
    shares = re.findall(r"--accent-tint: color-mix\(in srgb, var\(--accent\) (\d+)%, var\(--surface\)\)", tokens)
    assert [int(share) / 100 for share in shares] == [LIGHT_TINT, DARK_TINT]


def test_without_a_dark_colour_one_is_made_that_can_be_seen_on_the_dark_page():
    colours = look_of(SITE_ACCENT="#000080").properties
    assert contrast(colours["--brand-accent-dark"], "#1d2320") >= 4.5


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SITE_ACCENT", "green", "colour"),
        ("SITE_ACCENT", "#1d6b4f; } body {", "colour"),
        ("SITE_ACCENT", "#dddddd", "light page"),
        ("SITE_ACCENT_DARK", "#102010", "dark page"),
        ("SITE_ACCENT_DARK", "#12", "colour"),
        ("SITE_NAME", "n" * 61, "60 characters"),
        ("SITE_NAME", "two\nlines", "one line"),
        ("SITE_WELCOME", "w" * 301, "300 characters"),
        ("SITE_LANGUAGE", "deutsch, bitte", "en or pt-BR"),
        ("SITE_LOGO", "/nowhere/logo.svg", "cannot be read"),
        ("SITE_LOGO", "/etc/passwd", "must end in"),
        ("SITE_LOGO", "logo\0.png", "cannot be read"),
    ],
)
def test_what_makes_no_sense_refuses_to_start_and_names_the_setting(name, value, says):
    with pytest.raises(SettingsError, match=rf"^{name}\b.*{says}"):
        create_app(load_settings({name: value}))


@pytest.mark.parametrize(
    ("file_name", "content", "media_type"),
    [("logo.svg", SVG, "image/svg+xml"), ("logo.PNG", PNG, "image/png"), ("logo.webp", WEBP, "image/webp")],
)
def test_a_logo_is_served_by_us(tmp_path, file_name, content, media_type):
    path = tmp_path / file_name
    path.write_bytes(content)
    client = client_of(SITE_LOGO=str(path))
    shown = client.get("/brand/look.json").json()
    assert shown["has_logo"]
    answer = client.get(shown["logo_url"])
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, media_type, content)


def test_a_logo_that_is_opened_by_itself_runs_no_script_and_loads_nothing(tmp_path):
    (tmp_path / "logo.svg").write_bytes(SVG)
    headers = client_of(SITE_LOGO=str(tmp_path / "logo.svg")).get("/brand/logo").headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("file_name", "content", "says"),
    [
        ("logo.svg", SVG + b" " * MAX_LOGO_BYTES, "262144 bytes"),
        ("logo.svg", b"<html><body>svg </body></html>", "does not hold"),
        ("logo.png", SVG, "does not hold"),
        ("logo.webp", b"", "does not hold"),
        ("logo.gif", b"GIF89a", "must end in"),
    ],
)
def test_a_file_that_is_no_such_picture_refuses_to_start(tmp_path, file_name, content, says):
    (tmp_path / file_name).write_bytes(content)
    with pytest.raises(SettingsError, match=f"SITE_LOGO.*{says}"):
        look_of(SITE_LOGO=str(tmp_path / file_name))


@pytest.mark.parametrize("path", ["/brand/look.css", "/brand/look.json", "/brand/logo"])
def test_a_browser_that_has_it_is_told_so_and_never_keeps_an_old_one(tmp_path, path):
    (tmp_path / "logo.png").write_bytes(PNG)
    client = client_of(SITE_LOGO=str(tmp_path / "logo.png"))
    first = client.get(path)
    assert first.headers["cache-control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    renamed = client_of(SITE_NAME="Other", SITE_ACCENT="#1d6b4f").get(path, headers={"If-None-Match": first.headers["etag"]})
    assert renamed.status_code == (404 if path == "/brand/logo" else 200)


def test_the_look_holds_nothing_but_what_the_pages_show():
    client = client_of(SMTP_URL="", ADMIN_API_KEYS="0123456789abcdef0123456789abcdef")
    assert "0123456789abcdef" not in json.dumps(client.get("/brand/look.json").json())
