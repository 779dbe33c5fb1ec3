"""From the acceptance of a promotion to the refresh at the promoted tab, against the way of one entry through Redis."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from bench.tabs import BareTab
from client_sim import Api


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Medians in ms; `ratio`: of `ms` to `baseline_ms`, paired."""

    ms: float
    p99_ms: float
    baseline_ms: float
    ratio: float
    n: int


async def measure_refresh(api: Api, promoter_url: str, promoted_url: str, redis_url: str, n: int) -> Latency:
    """The host on one node, the guest on the same or on another."""
    room_id = (await api.create_room(title="Refresh", standings={"host": "owner"}))["room_id"]
    host_in = await api.demo_sign_in(room_id, "host", "Host")
    guest_in = await api.demo_sign_in(room_id, "guest", "Guest")
    host = await BareTab.enter(promoter_url, host_in["session_token"])
    guest = await BareTab.enter(promoted_url, guest_in["session_token"])
    redis: Redis = Redis.from_url(redis_url)
    taken = []
    for number in range(n):
        role = "speaker" if number % 2 else "moderator"
        taken.append((await _promote(host, guest, guest_in["participant_id"], role), await _entry_ms(redis, number)))
    host.abort()
    guest.abort()
    await redis.delete("bench:entries")
    await redis.aclose()
    promotions = sorted(ms for ms, _ in taken)
    return Latency(
        ms=statistics.median(promotions),
        p99_ms=promotions[min(len(promotions) - 1, int(len(promotions) * 0.99))],
        baseline_ms=statistics.median(base for _, base in taken),
        ratio=statistics.median(ms / base for ms, base in taken),
        n=n,
    )


async def _promote(host: BareTab, guest: BareTab, guest_id: str, role: str) -> float:
    heard = asyncio.create_task(guest.next_refresh())
    started_s = time.perf_counter()
    await host.send({"type": "role.change", "id": f"r{time.monotonic_ns()}", "participant_id": guest_id, "role": role})
    refresh = await heard
    taken_ms = (time.perf_counter() - started_s) * 1000
    await host.next("result")
    await guest.send({"type": "ack", "role_rev": refresh["role_rev"]})
    return taken_ms


async def _entry_ms(redis: Redis, number: int) -> float:
    """One entry written, and read by somebody who blocks for it."""
    after = f"{number}-0"
    read: Any = redis.xread({"bench:entries": after}, block=1_000)
    reader = asyncio.create_task(read)
    await asyncio.sleep(0.002)
    started_s = time.perf_counter()
    await redis.xadd("bench:entries", {"event": b"x" * 150}, id=f"{number + 1}-0")
    await reader
    return (time.perf_counter() - started_s) * 1000
