"""What the tests of faults measure, and how often they do it. Each figure is announced here, so that one that never came is a
failure."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

T = TypeVar("T")

LONG = os.environ.get("LONG") == "1"

# Without the `faults.` that they are printed with; one block for each subject.
EXPECTED = (
    # Churn: every kind of cut, at full load
    "churn_lost",
    "churn_duplicated",
    "churn_reordered",
    "rolling_restart_lost",
    "rolling_restart_reconnects",
    "soak_rss_bytes",
    "soak_descriptors",
    "soak_tasks",
    "soak_redis_keys",
    # Nodes that die or stand still
    "node_killed_ghosts_s",
    "node_killed_false_leaves",
    "node_killed_lost_answers",
    "node_stopped_fell_short",
    # Redis that restarts, dies, stands still, is silent or full: rounds in which something fell short
    "redis_restarted_fell_short",
    "redis_emptied_fell_short",
    "redis_killed_fell_short",
    "redis_stopped_fell_short",
    "redis_connections_cut_fell_short",
    "redis_scripts_flushed_fell_short",
    "redis_silent_fell_short",
    "redis_full_fell_short",
    # The way to Redis: slow, cut in the middle of an answer, closed on one side, refused
    "redis_far_fell_short",
    "redis_answer_cut_fell_short",
    "redis_half_closed_fell_short",
    "redis_refuses_fell_short",
    # Tabs that do not read, among many that do
    "stalled_cut_after_s",
    "stalled_not_back",
    "stalled_others_p99_ratio",
    "stalled_exit_s",
    # Failovers of the store: changes that were acknowledged and then lost
    "sentinel_killed_lost",
    "sentinel_hung_lost",
    "sentinel_hung_noticed_ms",
    "sentinel_hung_answered_ms",
    "sentinel_relieved_lost",
    "cluster_slots_moved_lost",
    "cluster_master_killed_lost",
    "one_link_winners",
)

# A pair among a report's `user_properties`, which pytest-xdist brings from its workers to whoever started them.
PROPERTY = "figure"

AddFigure = Callable[..., None]


def counts(*, short: T, long: T) -> T:
    """How much of something there is to be: `long` with LONG=1. Also for what a marker says."""
    return long if LONG else short


def check_announced(name: str) -> None:
    """
    Raises:
        ValueError: nobody waits for this figure.
    """
    if name not in EXPECTED:
        raise ValueError(f"The figure {name} is not announced in tests/faults/figures.py.")


class FiguresPlugin:
    """Gathers a run's figures from the reports of its tests, and how many tests there were."""

    def __init__(self) -> None:
        self.figures: list[dict[str, Any]] = []
        self.tests = 0
        self.failed: dict[str, None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed[report.nodeid] = None
        if report.when != "teardown":  # the last one holds everything that the test noted
            return
        self.tests += 1
        self.figures += [value for name, value in report.user_properties if name == PROPERTY]
