"""What a node needs of its machine and of the store, measured from outside."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
from collections.abc import Sequence
from pathlib import Path

from client_sim.http_request import request
from tests.support.nodes import Node
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until

# What goes back to the very number.
COUNTED = ("descriptors", "tasks", "redis_keys")
# A room's keys have their own end; a deleted one's are kept for a while, so that its links can say what became of it.
_COUNT_KEYS = """local n = 0
for _, key in ipairs(redis.call('KEYS', '*')) do
  if not string.find(key, ':room:') or redis.call('TTL', key) == -1 then n = n + 1 end
end
return n"""
_STATM_RESIDENT = 1

Needs = dict[str, int]


async def needs_of(node: Node, redis: RedisServer, api_key: str) -> Needs:
    """`descriptors` and `rss_bytes` by /proc, `tasks`, `connections` and `rooms` by the node's own word; `redis_keys` are
    the nodes' and the shards', and any of a room that has no end."""
    process = Path(f"/proc/{node.pid}")
    answer = await request("GET", f"{node.url}/v1/node", headers={"Authorization": f"Bearer {api_key}"})
    held = json.loads(answer.body)
    return {name: held[name] for name in ("connections", "rooms", "tasks")} | {
        "descriptors": len(list((process / "fd").iterdir())),
        "rss_bytes": int((process / "statm").read_text().split()[_STATM_RESIDENT]) * resource.getpagesize(),
        "redis_keys": int(redis.command("EVAL", _COUNT_KEYS, "0")),
    }


async def needs_at_rest(
    nodes: Sequence[Node], redis: RedisServer, api_key: str, *, back_to: list[Needs] | None = None, timeout_s: float
) -> list[Needs]:
    """What each node needs when nobody is there: once it is no more than `back_to`, else once it stays the same; what it is by
    then where that does not come true."""
    seen: list[list[Needs]] = [[]]

    async def is_at_rest() -> bool:
        seen.append([await needs_of(node, redis, api_key) for node in nodes])
        if any(needs["connections"] or needs["rooms"] for needs in seen[-1]):
            return False
        if back_to:
            return all(now[name] <= then[name] for now, then in zip(seen[-1], back_to, strict=True) for name in COUNTED)
        await asyncio.sleep(1)
        return [_counted(needs) for needs in seen[-1]] == [_counted(needs) for needs in seen[-2]]

    with contextlib.suppress(AssertionError):
        await wait_until(is_at_rest, timeout_s, "rest")
    return seen[-1]


def _counted(needs: Needs) -> list[int]:
    return [needs[name] for name in COUNTED]
