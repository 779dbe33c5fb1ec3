"""Figures are lines for machines, and one that was announced and never came is a failure."""

from __future__ import annotations

import io
import json

import pytest

from client_sim.figures import Figures, wants_json


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_figure_is_one_line_and_the_last_line_is_the_sum():
    out = io.StringIO()
    figures = Figures(["a.lost"], prints=True, out=out)
    figures.add("a.lost", 0, unit="events", must="== 0", holds=True, n=9, raw={"deliveries": 7})
    assert figures.finish() == 0
    assert lines(out) == [
        {"figure": "a.lost", "value": 0, "unit": "events", "n": 9, "must": "== 0", "holds": True, "deliveries": 7},
        {"holds": True, "figures": 1},
    ]


def test_a_figure_that_never_came_fails():
    out = io.StringIO()
    figures = Figures(["a.lost", "a.deliveries"], prints=True, out=out)
    figures.add("a.lost", 0, unit="events", must="== 0", holds=True)
    assert figures.finish() == 1
    assert [line["holds"] for line in lines(out)] == [True, False, False]


def test_a_figure_that_does_not_hold_fails_in_silence_too():
    figures = Figures(["a.lost"], prints=False, out=(out := io.StringIO()))
    figures.add("a.lost", 1, unit="events", must="== 0", holds=False)
    assert figures.finish() == 1
    assert out.getvalue() == ""


def test_raw_counts_do_not_overwrite_the_figure():
    figures = Figures(["a.lost"], prints=True, out=(out := io.StringIO()))
    figures.add("a.lost", 1, unit="events", must="== 0", holds=False, raw={"value": 0, "holds": True})
    assert lines(out)[0]["holds"] is False


@pytest.mark.parametrize("names", [["a.other"], ["a.lost", "a.lost"]])
def test_a_figure_that_was_not_announced_or_comes_twice_is_a_mistake(names):
    figures = Figures(["a.lost"], prints=False)

    def add_all() -> None:
        for name in names:
            figures.add(name, 0, unit="", must="", holds=True)

    with pytest.raises(ValueError, match="not expected"):
        add_all()


def test_no_figures_at_all_hold_only_where_none_were_announced():
    assert Figures([], prints=False).finish() == 0
    assert Figures(["a.lost"], prints=False).finish() == 1


def test_the_environment_asks_for_json():
    assert wants_json({"JSON": "1"})
    assert not wants_json({})
