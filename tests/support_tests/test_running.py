"""What fails an async test beside its own assertions."""

import asyncio

import pytest

from tests.support.running import run_async


def run(test, timeout_s: float = 5) -> None:
    run_async(test(), timeout_s=timeout_s)


async def test_async_tests_run_with_their_fixtures(tmp_path):
    await asyncio.sleep(0)
    assert tmp_path.is_dir()


def test_its_own_failure_fails_it():
    async def fails() -> None:
        raise AssertionError("mine")

    with pytest.raises(AssertionError, match="mine"):
        run(fails)


def test_a_test_that_hangs_is_ended():
    async def hangs() -> None:
        await asyncio.Event().wait()

    with pytest.raises(AssertionError, match=r"not done within 0\.05 s"):
        run(hangs, timeout_s=0.05)


def test_a_task_that_nobody_ends_fails_it(monkeypatch):
    monkeypatch.setattr("tests.support.running.LEFT_OVER_GRACE_S", 0.01)

    async def leaves_a_task() -> None:
        leaves_a_task.task = asyncio.create_task(asyncio.Event().wait())

    with pytest.raises(AssertionError, match="Nobody cancelled"):
        run(leaves_a_task)


def test_a_task_whose_error_nobody_sees_fails_it():
    async def breaks() -> None:
        raise ValueError("unheard")

    async def starts_one_that_breaks() -> None:
        asyncio.get_running_loop().create_task(breaks())
        await asyncio.sleep(0.01)

    with pytest.raises(AssertionError, match="unheard"):
        run(starts_one_that_breaks)
