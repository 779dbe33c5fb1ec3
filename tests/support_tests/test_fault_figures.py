"""The figures of the tests of faults come with their reports, whichever worker made them; what fails or never came is said."""

from __future__ import annotations

import json

import pytest

from client_sim.figures import Figures
from tests.faults import __main__ as runner
from tests.faults.figures import EXPECTED, PROPERTY, FiguresPlugin, check_announced

LINE = {"name": "churn_lost", "value": 0, "unit": "events", "must": "== 0", "holds": True, "n": 9, "raw": {"cuts": 3}}


def report(when: str, outcome: str = "passed", name: str = "test_it") -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=f"tests/faults/test_x.py::{name}", location=("", 0, ""), keywords={}, outcome=outcome, longrepr=None, when=when,
        user_properties=[(PROPERTY, dict(LINE))],
    )  # fmt: skip


def test_each_figure_is_taken_once_though_every_report_of_its_test_has_it():
    plugin = FiguresPlugin()
    for when in ("setup", "call", "teardown"):
        plugin.pytest_runtest_logreport(report(when))
    assert (plugin.figures, plugin.tests, list(plugin.failed)) == ([LINE], 1, [])


def test_a_test_that_fails_is_counted_once_and_its_figures_are_kept():
    plugin = FiguresPlugin()
    for when, outcome in (("call", "failed"), ("teardown", "failed")):
        plugin.pytest_runtest_logreport(report(when, outcome))
    assert list(plugin.failed) == ["tests/faults/test_x.py::test_it"]
    assert plugin.figures == [LINE]


def test_what_never_came_and_what_failed_are_figures_that_do_not_hold(capsys):
    plugin = FiguresPlugin()
    plugin.pytest_runtest_logreport(report("call", "failed"))
    plugin.pytest_runtest_logreport(report("teardown"))
    figures = Figures([*(f"faults.{name}" for name in EXPECTED), runner.FAILED], prints=True)
    assert runner.add_all(figures, plugin) == 1
    lines = {line.get("figure"): line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert (lines["faults.churn_lost"]["holds"], lines["faults.churn_lost"]["cuts"]) == (True, 3)
    assert lines["faults.churn_reordered"]["missing"]
    assert lines["faults.tests_failed"]["failed"] == ["tests/faults/test_x.py::test_it"]
    assert lines[None] == {"holds": False, "figures": len(EXPECTED) + 1}


def test_a_figure_that_nobody_announced_is_a_mistake():
    check_announced(EXPECTED[0])
    with pytest.raises(ValueError, match="not announced"):
        check_announced("churn_lots")
