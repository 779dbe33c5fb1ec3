"""How the pages look on this site, read from its settings once; what makes no sense refuses to start."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from server.domain.colours import ink_on, least_contrast, mixed, parse_colour, readable
from server.settings import Settings, SettingsError

MAX_NAME_CHARS, MAX_WELCOME_CHARS = 60, 300
MAX_LOGO_BYTES = 262_144
# WCAG 2.2: 1.4.11 asks 3:1 of what is no text, such as a button's edge, 1.4.3 asks 4.5:1 of text.
LEAST_CONTRAST, LEAST_TEXT_CONTRAST = 3.0, 4.5
# The grounds of our pages, as their stylesheet has them.
LIGHT_GROUNDS, DARK_GROUNDS = ("#ffffff", "#f5f6f4"), ("#1d2320", "#141816")
# Where text in the colour stands besides: what is sunken, and a tint, with so much of the colour over the first of the grounds.
LIGHT_SUNKEN, DARK_SUNKEN = "#eef1ee", "#181d1b"
LIGHT_TINT, DARK_TINT = 0.11, 0.16

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
# What the first bytes of a picture are, beside how its name ends.
_PICTURES: dict[str, tuple[str, re.Pattern[bytes]]] = {
    ".svg": ("image/svg+xml", re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:.*<)?svg[\s>]", re.DOTALL)),
    ".png": ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ".webp": ("image/webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
}


@dataclass(frozen=True, kw_only=True)
class Logo:
    content: bytes
    media_type: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class SiteLook:
    """`properties`: names of custom properties of the stylesheet and their values; none where the site has no colours of its
    own. `language`: of the pages, empty for the browser's."""

    name: str
    welcome: str
    language: str
    logo: Logo | None
    properties: dict[str, str]


def load_look(settings: Settings) -> SiteLook:
    """How the pages look.

    Raises:
        SettingsError: a setting makes no sense, or its picture cannot be read; the message names it.
    """
    return SiteLook(
        name=_line("SITE_NAME", settings.site_name, MAX_NAME_CHARS),
        welcome=_line("SITE_WELCOME", settings.site_welcome, MAX_WELCOME_CHARS),
        language=_language(settings.site_language),
        logo=_logo(settings.site_logo) if settings.site_logo else None,
        properties=_properties(settings),
    )


def _line(name: str, text: str, most_chars: int) -> str:
    shown = text.strip()
    if len(shown) > most_chars or any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in shown):
        raise SettingsError(f"{name} must be one line of at most {most_chars} characters.")
    return shown


def _language(language: str) -> str:
    if language and not _LANGUAGE.fullmatch(language):
        raise SettingsError("SITE_LANGUAGE must be a language such as en or pt-BR.")
    return language


def _logo(path: str) -> Logo:
    media_type, begins = _PICTURES.get(Path(path).suffix.lower(), ("", None))
    if begins is None:
        raise SettingsError(f"SITE_LOGO: {path!r} must end in one of {', '.join(_PICTURES)}.")
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_LOGO_BYTES + 1)
    except (OSError, ValueError) as error:
        raise SettingsError(f"SITE_LOGO: {path!r} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    if len(content) > MAX_LOGO_BYTES:
        raise SettingsError(f"SITE_LOGO: {path!r} has more than {MAX_LOGO_BYTES} bytes.")
    if not begins.match(content[:4_096]):
        raise SettingsError(f"SITE_LOGO: {path!r} does not hold what its name says ({media_type}).")
    return Logo(content=content, media_type=media_type, digest=hashlib.sha256(content).hexdigest()[:16])


def _properties(settings: Settings) -> dict[str, str]:
    light = _colour("SITE_ACCENT", settings.site_accent, "light", LIGHT_GROUNDS)
    dark = _colour("SITE_ACCENT_DARK", settings.site_accent_dark, "dark", DARK_GROUNDS)
    if light and not dark:
        dark = readable(light, DARK_GROUNDS, LEAST_TEXT_CONTRAST)
    return {
        **_around("--brand-accent", light, (*LIGHT_GROUNDS, LIGHT_SUNKEN), LIGHT_TINT),
        **_around("--brand-accent-dark", dark, (*DARK_GROUNDS, DARK_SUNKEN), DARK_TINT),
    }


def _colour(name: str, text: str, page: str, grounds: tuple[str, ...]) -> str | None:
    if not text:
        return None
    colour = parse_colour(text)
    if colour is None:
        raise SettingsError(f"{name} must be a colour such as #1d6b4f.")
    ratio = least_contrast(colour, grounds)
    if ratio < LEAST_CONTRAST:
        raise SettingsError(
            f"{name}: {colour} cannot be seen well on the {page} page: its contrast is {ratio:.2f}:1, and must be 3:1 or more."
        )
    return colour


def _around(name: str, colour: str | None, grounds: tuple[str, ...], tint: float) -> dict[str, str]:
    """The colour, what is written on it, and the colour as text on the page, on its own tint too."""
    if colour is None:
        return {}
    text = readable(colour, (*grounds, mixed(grounds[0], colour, tint)), LEAST_TEXT_CONTRAST)
    return {name: colour, f"{name}-ink": ink_on(colour), f"{name}-text": text}
