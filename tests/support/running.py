"""How `async def test_…` runs: in a loop that must be left as clean as it was."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine
from typing import Any

import pytest

LEFT_OVER_GRACE_S = 1.0


def run_async(test: Coroutine[Any, Any, None], *, timeout_s: float, runner: asyncio.Runner | None = None) -> None:
    """Run `test` and fail when it takes too long, leaves a task behind, or lets a task's error go unseen.

    Args:
        runner: a loop that outlives the test, with something in it that tests share.
    """
    unseen: list[str] = []
    if runner is None:
        asyncio.run(_run(test, timeout_s, unseen))
    else:
        runner.run(_run(test, timeout_s, unseen))
    # A cheap collection, so that what the test forgot to await or to close is reported here and not in a later test.
    gc.collect(1)
    assert not unseen, "Nobody looked at an error in the loop:\n" + "\n".join(unseen)


def timeout_s_of(item: pytest.Function) -> float:
    """How long pytest-timeout lets this test run."""
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0] if marker else item.config.getini("timeout"))


async def _run(test: Coroutine[Any, Any, None], timeout_s: float, unseen: list[str]) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: unseen.append(_worded(context)))
    shared = asyncio.all_tasks()
    deadline = asyncio.timeout(timeout_s)
    try:
        async with deadline:
            await test
    except TimeoutError:
        if deadline.expired():
            raise AssertionError(f"The test was not done within {timeout_s} s.")  # noqa: B904 — the cause says where
        raise
    await _check_nothing_runs_on(shared)


async def _check_nothing_runs_on(shared: set[asyncio.Task[Any]]) -> None:
    others = asyncio.all_tasks() - shared - {asyncio.current_task()}
    if not others:
        return
    _, running = await asyncio.wait(others, timeout=LEFT_OVER_GRACE_S)
    assert not running, f"Nobody cancelled and awaited these tasks: {[task.get_coro() for task in running]}"


def _worded(context: dict[str, Any]) -> str:
    error = context.get("exception")
    return f"{context['message']}: {error!r}" if error else str(context["message"])
