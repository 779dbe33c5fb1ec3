"""From the link to the promotion, on a master that Sentinels name and on a Cluster: the same as on one server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from client_sim.client import RoomClient
from client_sim.nodes import Site
from tests.stories.hall import comes_in, has_role, open_hall, sees, sees_line, shows
from tests.support.nodes import Cluster
from tests.support.replicated import ClusterGroup, SentinelGroup


@asynccontextmanager
async def site_on(kind: str, **settings: str) -> AsyncIterator[Site]:
    """Two nodes on servers of that kind."""
    group = SentinelGroup() if kind == "sentinel" else ClusterGroup()
    async with group, Cluster(group.url, **settings) as cluster:
        nodes = [await cluster.add_node(), await cluster.add_node()]
        yield Site(tuple(node.url for node in nodes), cluster.admin_api_key, kind)


@pytest.mark.parametrize("confirm_replicas", ["0", "1"])
@pytest.mark.parametrize("kind", ["sentinel", "cluster"])
async def test_an_invitee_claims_waits_is_admitted_and_promoted(kind, confirm_replicas):
    async with site_on(kind, CONFIRM_REPLICAS=confirm_replicas, CONFIRM_TIMEOUT_MS="10000") as site:
        for number in range(3):  # rooms of several shards, and so of several masters
            async with open_hall(site, locked=True, title=f"Room {number}") as hall:
                maya = await hall.owner()
                vito = await hall.guest("vito", node=1)
                await shows(vito, "waiting_in_line")
                await sees_line(maya, vito)
                await maya.command("lobby.admit", participant_ids=[vito.participant_id])
                await comes_in(vito)
                await sees(maya, vito)
                await maya.command("role.change", participant_id=vito.participant_id, role="moderator")
                await has_role(vito, "moderator")
                await maya.wait_until(lambda _, tabs=(maya, vito): is_applied(*tabs), what="applied")


def is_applied(host: RoomClient, person: RoomClient) -> bool:
    applied: dict[str, str] = host.replica.applied.get(person.participant_id, {})
    return applied.get("status") == "applied"
