"""Any order of events leaves the store as a reference in plain Python says, on the embedded store and on a real one."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine_stories import StoryMachine

IS_LONG = os.environ.get("LONG") == "1"


def run(store_url: str, examples: int) -> None:
    machine = type("Machine", (StoryMachine,), {"store_url": store_url})
    profile = settings(
        max_examples=examples * (20 if IS_LONG else 1),
        stateful_step_count=50,
        deadline=None,
        derandomize=not IS_LONG,
        report_multiple_bugs=False,
        database=None,
        print_blob=True,
        # Making a failure small takes minutes; a long run has them.
        phases=[Phase.generate, Phase.shrink] if IS_LONG else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=profile)


@pytest.mark.timeout(1200 if IS_LONG else 300)
def test_the_embedded_store_agrees_with_the_reference_whatever_happens():
    run("memory://", 40)


@pytest.mark.timeout(1200 if IS_LONG else 300)
def test_a_real_store_agrees_with_the_reference_whatever_happens(redis_url):
    run(redis_url, 20)
