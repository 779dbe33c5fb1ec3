"""Templates: checked whole at the start, chosen by language, and values that stay text whatever stands in them."""

from __future__ import annotations

import re
import shutil

import pytest

from server.domain.mail import MailKind
from server.mail.templates import PARTS, TemplateBroken, load_templates, sample_values
from server.settings import SettingsError

LINK = "https://rooms.example.com/join/r#s3cr3t"


@pytest.fixture
def own(tmp_path):
    """A folder with the site's own template of one kind."""
    folder = tmp_path / "invitation" / "en"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("{TITLE}")
    (folder / "body.html").write_text("<p>{{ FIRSTNAME }} <a href='{URL}'>x</a></p>")
    (folder / "body.txt").write_text("{FIRSTNAME} {URL}")
    return tmp_path


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", MailKind)
def test_every_kind_is_shipped_in_both_languages(kind, language):
    templates = load_templates("", "en")
    shown = templates.render(kind, language, sample_values(kind))
    assert language in templates.languages(kind)
    assert all((shown.subject, shown.html, shown.text))
    assert "{" not in shown.subject + shown.text


@pytest.mark.parametrize("kind", [MailKind.INVITATION, MailKind.REMINDER])
@pytest.mark.parametrize("language", ["en", "de"])
def test_what_brings_the_link_shows_it_in_both_parts(kind, language):
    shown = load_templates("", "en").render(kind, language, {**sample_values(kind), "URL": LINK})
    assert LINK in shown.html
    assert LINK in shown.text


def test_styles_stand_in_the_elements():
    shown = load_templates("", "en").render(MailKind.INVITATION, "en", sample_values(MailKind.INVITATION))
    assert re.search(r'<a class="button"[^>]* style="[^"]*background', shown.html)
    (kept,) = re.findall(r"<style[^>]*>(.*?)</style>", shown.html, re.DOTALL)
    assert kept.strip().startswith("@media (prefers-color-scheme: dark)")


@pytest.mark.parametrize("kind", [MailKind.INVITATION, MailKind.REMINDER])
@pytest.mark.parametrize("language", ["en", "de"])
def test_an_invitation_says_for_whom_it_is_when_it_starts_and_until_when_the_link_is_good(kind, language):
    values = sample_values(kind)
    shown = load_templates("", "en").render(kind, language, values)
    for name in ("FIRSTNAME", "LASTNAME", "TITLE", "EMAIL", "STARTS_AT", "EXPIRES_AT"):
        assert values[name] in shown.html, name
        assert values[name] in shown.text, name
    assert shown.html.count('class="button"') == 1


@pytest.mark.parametrize("kind", MailKind)
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_mail_fetches_nothing_from_anywhere(kind, language):
    html = load_templates("", "en").render(kind, language, sample_values(kind)).html
    assert not re.search(r"<(img|link|script|iframe|video)\b|url\(|@import", html)


@pytest.mark.parametrize(
    ("wished", "chosen"), [("de", "de"), ("DE", "de"), ("de-AT", "de"), ("fr", "en"), (None, "en"), ("", "en"), ("../x", "en")]
)
def test_the_language_is_the_one_wished_for_or_the_sites_own(wished, chosen):
    assert load_templates("", "en").language_for(MailKind.INVITATION, wished) == chosen


def test_a_folder_of_ones_own_goes_before_what_is_shipped_and_lacks_nothing(own):
    templates = load_templates(str(own), "en")
    assert templates.languages(MailKind.INVITATION) == ["en"]
    assert templates.languages(MailKind.REMINDER) == ["de", "en"]
    assert templates.render(MailKind.INVITATION, "de", {**sample_values(MailKind.INVITATION), "TITLE": "T"}).subject == "T"


def test_it_is_known_which_kinds_are_the_sites_own(own):
    assert load_templates(str(own), "en").own_kinds == {MailKind.INVITATION}
    assert load_templates("", "en").own_kinds == frozenset()


def test_a_frame_of_ones_own_is_around_every_mail_that_extends_it(own):
    (own / "frame.html").write_text("<h6>Ours</h6>{% block words %}{% endblock %}")
    templates = load_templates(str(own), "en")
    shown = {kind: templates.render(kind, "en", sample_values(kind)).html for kind in MailKind}
    assert [kind for kind, html in shown.items() if "Ours" not in html] == [MailKind.INVITATION]


@pytest.mark.parametrize("source", ["{% block words %}", "{{ NOBODY }}", ""])
def test_a_frame_that_does_not_work_refuses_to_start(own, source):
    (own / "frame.html").write_text(source)
    with pytest.raises(SettingsError, match=r"template|TEMPLATES"):
        load_templates(str(own), "en")


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_part_refuses_to_start_and_is_named(own, part):
    (own / "invitation" / "en" / part).unlink()
    with pytest.raises(SettingsError, match=re.escape(str(own / "invitation" / "en" / part))):
        load_templates(str(own), "en")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ FIRSTNAM }}", "FIRSTNAM"), ("{FIRSTNAM}", "FIRSTNAM"), ("{{ CODE }}", "CODE"), ("{% if %}", "is no template"),
        ("{{ FIRSTNAME", "is no template"), ("", "is empty"), (" \n", "is empty"), ("{{ 1 // 0 }}", "zero"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"), ("{% if not STARTS_AT %}{{ NEVER }}{% endif %}x", "NEVER"),
        ("{% include '/etc/passwd' %}", "invitation/en"),
    ],
)
def test_a_template_that_does_not_work_refuses_to_start_and_says_why(own, part, source, said):
    (own / "invitation" / "en" / part).write_text(source)
    with pytest.raises(SettingsError, match=re.escape(said)):
        load_templates(str(own), "en")


def test_what_is_no_text_refuses_to_start(own):
    (own / "invitation" / "en" / "body.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"body\.txt cannot be read"):
        load_templates(str(own), "en")


def test_a_folder_that_is_not_there_refuses_to_start(tmp_path):
    with pytest.raises(SettingsError, match="no folder"):
        load_templates(str(tmp_path / "nowhere"), "en")


def test_a_default_language_without_a_template_refuses_to_start(own):
    with pytest.raises(SettingsError, match="MAIL_DEFAULT_LANGUAGE"):
        load_templates("", "fr")
    with pytest.raises(SettingsError, match="MAIL_DEFAULT_LANGUAGE"):
        load_templates(str(own), "de")


def test_a_folder_that_is_no_language_refuses_to_start(own):
    shutil.copytree(own / "invitation" / "en", own / "invitation" / "e_n")
    with pytest.raises(SettingsError, match="e_n"):
        load_templates(str(own), "en")


HOSTILE = [
    "<script>alert(1)</script>", "<a href='https://evil.example'>x</a>", "{{ 7*7 }}", "{URL}", "{% raw %}", "{{ URL }}",
    "a\r\nBcc: eve@example.com", "a\nb", "a\u2028b", "\u202egnp.exe", "\u2066x\u2069", "a\x00b", "a\x1b[31mb", "A" * 10_000,
    "\ud800", "é" * 300, "'\"><img src=x onerror=alert(1)>", "\u200b\u200f",
]


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
@pytest.mark.parametrize("name", ["FIRSTNAME", "LASTNAME", "TITLE"])
def test_a_value_is_text_on_one_line_whatever_stands_in_it(name, value):
    values = {**sample_values(MailKind.INVITATION), "URL": LINK, name: value}
    shown = load_templates("", "en").render(MailKind.INVITATION, "en", values)
    plain = load_templates("", "en").render(MailKind.INVITATION, "en", {**values, name: "Ada"})
    assert len(shown.subject) <= 200
    assert shown.subject.isprintable()
    assert shown.text.count("\n") == plain.text.count("\n")
    assert shown.text.count(LINK) == plain.text.count(LINK)
    assert shown.html.count("<") == plain.html.count("<")
    assert "49" not in shown.text
    assert not set("\r\x00\x1b\u202e\u2066\u2028\u200b\ud800") & set(shown.subject + shown.text + shown.html)
    assert len(shown.text) < len(plain.text) + 500


def test_an_error_while_rendering_names_the_template_and_not_the_values():
    templates = load_templates("", "en")
    with pytest.raises(TemplateBroken, match="invitation/en") as raised:
        templates.render(MailKind.INVITATION, "en", {"FIRSTNAME": "Ina"})
    assert "Ina" not in str(raised.value)
