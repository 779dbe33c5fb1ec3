"""Colours and how well they can be told from each other, as WCAG 2.2 counts it: a ratio from 1 (alike) to 21 (black on white)."""

from __future__ import annotations

import re

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_STEPS = 50


def parse_colour(text: str) -> str | None:
    """`#rgb` or `#rrggbb` as `#rrggbb` in small letters; None for anything else."""
    if not _HEX.fullmatch(text):
        return None
    digits = text[1:].lower()
    return "#" + ("".join(2 * digit for digit in digits) if len(digits) == 3 else digits)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, in whichever order."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def least_contrast(colour: str, grounds: tuple[str, ...]) -> float:
    """On the one of the grounds where the colour is hardest to see."""
    return min(contrast(colour, ground) for ground in grounds)


def ink_on(colour: str) -> str:
    """What text on `colour` is written in: black or white, whichever is read better; one of them always has 4.5 or more."""
    return max("#ffffff", "#000000", key=lambda ink: contrast(ink, colour))


def readable(colour: str, grounds: tuple[str, ...], wanted: float) -> str:
    """`colour`, or the nearest mix of it with black or white that has the contrast `wanted` on every one of the grounds."""
    towards = ink_on(grounds[0])
    mixes = (mixed(colour, towards, step / _STEPS) for step in range(_STEPS + 1))
    return next((mix for mix in mixes if least_contrast(mix, grounds) >= wanted), towards)


def mixed(colour: str, other: str, share: float) -> str:
    """`colour` with a `share` of `other` in it, from 0 to 1."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(mine + (its - mine) * share):02x}" for mine, its in pairs)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
