"""A node dies over an upload: the same rows again, on another node and in any way, make nobody's invitation twice."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest
from redis.asyncio import Redis

from client_sim.api import Api
from tests.faults.breaking import running
from tests.support.waiting import wait_until

pytestmark = pytest.mark.faults
ROWS = [
    {"email": f"p{number}@example.org", "first_name": "Row", "last_name": str(number), "role": "viewer"} for number in range(600)
]


@pytest.mark.parametrize("upload_key", [None, "upload-1"])
async def test_an_upload_that_a_kill_cut_short_is_finished_by_another_node(redis_url, upload_key):
    async with running(redis_url) as (cluster, site), Redis.from_url(redis_url) as redis:
        first, second = (Api(site.url(number), site.api_key) for number in (0, 1))
        room_id = (await first.create_room(title="Upload"))["room_id"]

        async def listed() -> list[str]:
            """The addresses of the room's invitations, as they are stored."""
            (key,) = [key async for key in redis.scan_iter(f"*:room:{room_id}:invitations", count=1_000)] or [""]
            return [json.loads(record)["email"] for record in await redis.hvals(key)]

        upload = asyncio.create_task(first.invite_many(room_id, ROWS, upload_key=upload_key))

        async def has_begun() -> bool:
            return len(await listed()) > 50

        await wait_until(has_begun)
        cluster.nodes[0].kill()
        with pytest.raises((OSError, TimeoutError)):
            await upload
        made = await listed()
        assert 50 < len(made) < len(ROWS)
        again = await second.invite_many(room_id, ROWS, upload_key=upload_key)
        assert again["counts"].keys() <= {"created", "repeated"}
        assert Counter(await listed()) == Counter(row["email"] for row in ROWS)
        assert len({row["link"] for row in again["rows"]}) == len(ROWS)
