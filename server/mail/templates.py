"""Templates of mails: for each kind and language a subject, an HTML and a text part, checked whole when they are loaded.

    <folder>/<kind>/<language>/subject.txt, body.html, body.txt
    <folder>/frame.html    what the HTML parts extend, if they like: the looks of all of them in one place

Placeholders are `{{ FIRSTNAME }}` or `{FIRSTNAME}`; the rest of Jinja2 may be used, in its sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import css_inline
from jinja2 import DictLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from server.domain.mail import MailKind
from server.mail.text import plain_line
from server.settings import SettingsError

SHIPPED = Path(__file__).parent / "templates"
PARTS = ("subject.txt", "body.html", "body.txt")
FRAME = "frame.html"
MAX_SUBJECT_CHARS = 200
MAX_TEMPLATE_BYTES = 200_000

_COMMON = {
    "FIRSTNAME": "Ada", "LASTNAME": "Lovelace", "EMAIL": "ada@example.com", "TITLE": "Chemistry, first lesson",
    "ROLE": "speaker", "URL": "https://rooms.example.com/join/sample#sample", "STARTS_AT": "", "EXPIRES_AT": "",
}
# What each kind may say beside the usual, and as what it is shown in a sample.
_OF_KIND: dict[MailKind, dict[str, str]] = {
    MailKind.CODE: {"CODE": "123456"},
    MailKind.HOSTS_WANTED: {"WAITING": "3"},
}

_SIMPLE = re.compile(r"(?<![{#%])\{([A-Z][A-Z_]*)\}(?!\})")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")

Values = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Rendered:
    subject: str
    html: str
    text: str


class TemplateBroken(Exception):
    """A template could not be rendered; the message names it and says why."""


@dataclass(frozen=True, kw_only=True)
class _Parts:
    subject: Template
    html: Template
    text: Template


class MailTemplates:
    """Every kind in at least the default language. `own_kinds`: those that the site has templates of its own for."""

    def __init__(
        self, by_kind: dict[MailKind, dict[str, _Parts]], default_language: str, own_kinds: frozenset[MailKind] = frozenset()
    ) -> None:
        self._by_kind = by_kind
        self.default_language = default_language
        self.own_kinds = own_kinds

    def languages(self, kind: MailKind) -> list[str]:
        return sorted(self._by_kind[kind])

    def language_for(self, kind: MailKind, wished: str | None) -> str:
        """The language that a mail is written in: as wished, else without the region, else the site's own."""
        known = self._by_kind[kind]
        wishes = [wished.lower(), wished.lower().partition("-")[0]] if wished else []
        return next((language for language in wishes if language in known), self.default_language)

    def render(self, kind: MailKind, language: str | None, values: Values) -> Rendered:
        """The words of a mail. Values are text, whatever stands in them.

        Raises:
            TemplateBroken
        """
        chosen = self.language_for(kind, language)
        parts = self._by_kind[kind][chosen]
        cleaned = {name: plain_line(value, 2_000 if name == "URL" else 200) for name, value in values.items()}
        try:
            return Rendered(
                subject=plain_line(parts.subject.render(cleaned), MAX_SUBJECT_CHARS),
                html=css_inline.inline(parts.html.render(cleaned), load_remote_stylesheets=False),
                text=parts.text.render(cleaned).strip() + "\n",
            )
        except Exception as error:  # a template is a program of the site's, with every error that a program has
            raise TemplateBroken(f"The template {kind}/{chosen} failed: {_said(error)}") from None


def sample_values(kind: MailKind, *, with_start: bool = True) -> dict[str, str]:
    """What a template is tried and shown with."""
    instants = {"STARTS_AT": "Monday, 1 January 2035, 12:00 UTC", "EXPIRES_AT": "Tuesday, 2 January 2035, 12:00 UTC"}
    return {**_COMMON, **_OF_KIND.get(kind, {}), **(instants if with_start else {})}


def load_templates(folder: str, default_language: str) -> MailTemplates:
    """Every template: the folder's own, and of kinds that it does not have the ones shipped.

    Raises:
        SettingsError: something is missing or wrong; the message names the file.
    """
    if not folder:
        return _load_shipped(default_language)
    if not Path(folder).is_dir():
        raise SettingsError(f"MAIL_TEMPLATES: there is no folder {folder!r}.")
    return _load_all(Path(folder), default_language)


@cache
def _load_shipped(default_language: str) -> MailTemplates:
    """They stay as they are, and to compile and try them takes a while."""
    return _load_all(SHIPPED, default_language)


def _load_all(own: Path, default_language: str) -> MailTemplates:
    frame = _read(own / FRAME if (own / FRAME).exists() else SHIPPED / FRAME)
    by_kind: dict[MailKind, dict[str, _Parts]] = {}
    for kind in MailKind:
        home = own / kind if (own / kind).is_dir() else SHIPPED / kind
        by_kind[kind] = {path.name.lower(): _load_parts(path, frame) for path in sorted(home.iterdir()) if path.is_dir()}
        if default_language.lower() not in by_kind[kind]:
            raise SettingsError(f"MAIL_DEFAULT_LANGUAGE: there is no template {home / default_language}.")
    own_kinds = frozenset(kind for kind in MailKind if own != SHIPPED and (own / kind).is_dir())
    templates = MailTemplates(by_kind, default_language.lower(), own_kinds)
    for kind in MailKind:
        for language in templates.languages(kind):
            _try(templates, kind, language)
    return templates


def _load_parts(folder: Path, frame: str) -> _Parts:
    if not _LANGUAGE.fullmatch(folder.name):
        raise SettingsError(f"MAIL_TEMPLATES: {folder} is not named by a language such as en or pt-BR.")
    subject, html, text = (_load(folder / part, frame) for part in PARTS)
    return _Parts(subject=subject, html=html, text=text)


def _load(path: Path, frame: str) -> Template:
    environment = SandboxedEnvironment(
        undefined=StrictUndefined, autoescape=path.suffix == ".html", loader=DictLoader({FRAME: frame})
    )
    source = _read(path)
    try:
        return environment.from_string(source)
    except TemplateError as error:
        raise SettingsError(f"MAIL_TEMPLATES: {path} is no template: {_said(error)}") from None


def _read(path: Path) -> str:
    """A template's text, with the short placeholders written out."""
    try:
        if path.stat().st_size > MAX_TEMPLATE_BYTES:
            raise SettingsError(f"MAIL_TEMPLATES: {path} has more than {MAX_TEMPLATE_BYTES} bytes.")
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"MAIL_TEMPLATES: {path} cannot be read: {_said(error)}") from None
    if not source.strip():
        raise SettingsError(f"MAIL_TEMPLATES: {path} is empty.")
    return _SIMPLE.sub(r"{{ \1 }}", source)


def _try(templates: MailTemplates, kind: MailKind, language: str) -> None:
    for with_start in (True, False):
        try:
            shown = templates.render(kind, language, sample_values(kind, with_start=with_start))
        except TemplateBroken as error:
            raise SettingsError(f"MAIL_TEMPLATES: {error}") from None
        if not shown.subject or not shown.text.strip():
            raise SettingsError(f"MAIL_TEMPLATES: {kind}/{language} has no subject or no text.")


def _said(error: Exception) -> str:
    return plain_line(str(error)) or type(error).__name__
