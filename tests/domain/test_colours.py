"""Colours: what is one, and how well two can be told from each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.colours import contrast, ink_on, least_contrast, mixed, parse_colour, readable

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
LIGHT, DARK = ("#ffffff", "#f5f6f4"), ("#141816", "#1d2320")


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#1D6B4F", "#1d6b4f"), ("#abc", "#aabbcc"), ("1d6b4f", None), ("#12345", None), ("red", None), ("#1d6b4f;", None),
        ("", None),
    ],
)
def test_a_colour_is_three_or_six_hex_digits(text, colour):
    assert parse_colour(text) == colour


# Worked out with the formula of WCAG 2.2 by hand, or known.
@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0), ("#123456", "#123456", 1)],
)
def test_contrast_is_counted_as_wcag_counts_it(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@given(COLOURS)
def test_text_on_any_colour_can_be_read(colour):
    assert contrast(ink_on(colour), colour) >= 4.5


@given(COLOURS, st.sampled_from([LIGHT, DARK]))
def test_every_colour_has_a_kin_that_can_be_read_on_the_page(colour, grounds):
    assert least_contrast(readable(colour, grounds, 4.5), grounds) >= 4.5


def test_a_colour_that_can_be_read_stays_as_it_is():
    assert readable("#1d6b4f", LIGHT, 4.5) == "#1d6b4f"


def test_a_mix_lies_between_its_two_colours():
    assert [mixed("#000000", "#ffffff", share) for share in (0, 0.5, 1)] == ["#000000", "#808080", "#ffffff"]
