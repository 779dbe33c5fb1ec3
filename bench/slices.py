"""Alternating slices: something and its baseline take turns, so that a noisy machine hits both alike."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Operation = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Paired:
    """Medians over the pairs of slices: operations per second of both, and their ratio."""

    per_s: float
    baseline_per_s: float
    ratio: float
    pairs: int
    operations: int


async def measure_pairs(
    operation: Operation, baseline: Operation, *, pairs: int, per_slice: int, concurrency: int
) -> Paired:
    """Run both in turns, `per_slice` operations of each with `concurrency` at once; each gets a number of its own."""
    rates: list[tuple[float, float]] = []
    for pair in range(pairs):
        first = pair * per_slice
        rates.append(
            (
                await _rate(operation, first, per_slice, concurrency),
                await _rate(baseline, first, per_slice, concurrency),
            )
        )
    return Paired(
        per_s=statistics.median(rate for rate, _ in rates),
        baseline_per_s=statistics.median(rate for _, rate in rates),
        ratio=statistics.median(rate / base for rate, base in rates),
        pairs=pairs,
        operations=pairs * per_slice,
    )


async def _rate(operation: Operation, first: int, count: int, concurrency: int) -> float:
    numbers = iter(range(first, first + count))

    async def worker() -> None:
        for number in numbers:
            await operation(number)

    started_s = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(concurrency)))
    return count / (time.perf_counter() - started_s)
