"""Waiting for conditions."""

import asyncio

import pytest

from tests.support.waiting import wait_until


async def test_the_first_truthy_value_is_returned():
    values = iter([None, 0, "", "here"])
    assert await wait_until(lambda: next(values)) == "here"


async def test_a_condition_may_be_async():
    values = iter([False, 7])

    async def next_value() -> int:
        await asyncio.sleep(0)
        return next(values)

    assert await wait_until(next_value) == 7


async def test_running_out_of_time_says_what_was_awaited_and_what_was_seen():
    with pytest.raises(AssertionError, match=r"the tab's refresh did not come true within 0\.05 s; last seen: \[\]"):
        await wait_until(list, timeout_s=0.05, what="the tab's refresh")


async def test_a_condition_that_hangs_runs_out_of_time_too():
    with pytest.raises(AssertionError, match="last seen: 'nothing yet'"):
        await wait_until(asyncio.Event().wait, timeout_s=0.05)


async def test_a_condition_that_breaks_is_not_tried_again():
    with pytest.raises(ZeroDivisionError):
        await wait_until(lambda: 1 // 0)


async def test_a_timeout_of_the_condition_itself_is_not_taken_for_ours():
    async def times_out() -> None:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        await wait_until(times_out)
