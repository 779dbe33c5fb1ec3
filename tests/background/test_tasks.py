"""The background's tasks: one that breaks goes on, and all of them end when they are told to."""

from __future__ import annotations

import asyncio

import pytest

from server.background import tasks as tasks_module
from server.background.tasks import BackgroundTasks
from server.domain.refusals import StoreUnavailable
from tests.support.waiting import wait_until


@pytest.fixture(autouse=True)
def short_pause(monkeypatch):
    monkeypatch.setattr(tasks_module, "PAUSE_AFTER_FAILURE_S", 0.001)


@pytest.mark.parametrize("error", [StoreUnavailable(), ValueError("a bug"), TimeoutError()])
async def test_a_step_that_fails_is_tried_again(error):
    calls = 0

    async def step() -> None:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise error
        await asyncio.sleep(0.001)

    tasks = BackgroundTasks()
    tasks.start("step", step)
    await wait_until(lambda: calls > 5, what="steps after the failures")
    await tasks.stop()


async def test_the_store_out_of_reach_is_no_bug(caplog):
    async def step() -> None:
        raise StoreUnavailable

    tasks = BackgroundTasks()
    tasks.start("step", step)
    await asyncio.sleep(0)
    await tasks.stop()
    assert not [record for record in caplog.records if record.exc_info]


async def test_one_task_that_hangs_keeps_no_other_from_running():
    steps = 0

    async def hangs() -> None:
        await asyncio.Event().wait()

    async def runs() -> None:
        nonlocal steps
        steps += 1
        await asyncio.sleep(0)

    tasks = BackgroundTasks()
    tasks.start("hangs", hangs)
    tasks.start("runs", runs)
    await wait_until(lambda: steps > 3, what="steps beside the one that hangs")
    await tasks.stop()


async def test_stopping_ends_a_task_that_missed_its_cancellation():
    """As `asyncio.wait_for` does when the answer comes at the same instant."""
    missed = 0

    async def step() -> None:
        nonlocal missed
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            missed += 1
            if missed > 2:
                raise

    tasks = BackgroundTasks()
    tasks.start("step", step)
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await tasks.stop()
    assert missed == 3
