"""Invitations in bulk, against the same number by single calls."""

from __future__ import annotations

import asyncio
import statistics
import time

from bench.slices import Paired
from client_sim import Api

ROWS, SINGLES, CONCURRENCY = 1_000, 250, 16


async def measure_bulk(api: Api, pairs: int) -> Paired:
    """Uploads of a thousand rows and single invitations take turns, each pair in a room of its own."""
    rates: list[tuple[float, float]] = []
    for pair in range(pairs):
        room_id = (await api.create_room(title=f"Bulk {pair}"))["room_id"]
        rates.append((await _bulk_rate(api, room_id), await _single_rate(api, room_id)))
    return Paired(
        per_s=statistics.median(rate for rate, _ in rates),
        baseline_per_s=statistics.median(rate for _, rate in rates),
        ratio=statistics.median(rate / base for rate, base in rates),
        pairs=pairs,
        operations=pairs * ROWS,
    )


async def _bulk_rate(api: Api, room_id: str) -> float:
    rows = [
        {"email": f"row{number}@example.org", "first_name": "Row", "last_name": str(number), "role": "viewer"}
        for number in range(ROWS)
    ]
    started_s = time.perf_counter()
    answer = await api.invite_many(room_id, rows)
    taken_s = time.perf_counter() - started_s
    assert answer["counts"] == {"created": ROWS}, answer["counts"]
    return ROWS / taken_s


async def _single_rate(api: Api, room_id: str) -> float:
    numbers = iter(range(SINGLES))

    async def worker() -> None:
        for number in numbers:
            email = f"single{number}@example.org"
            await api.invite(room_id, email=email, first_name="Single", last_name=str(number), role="viewer")

    started_s = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))
    return SINGLES / (time.perf_counter() - started_s)
