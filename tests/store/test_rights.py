"""The rights that the operations page says a user of Redis needs are enough for everything that a node does with it."""

from __future__ import annotations

import re
from pathlib import Path

from client_sim.client import RoomClient
from client_sim.nodes import Site
from tests.stories.hall import comes_in, has_role, open_hall, sees_line
from tests.support.nodes import Cluster
from tests.support.ports import HOST
from tests.support.redis_server import RedisServer
from tests.support.replicated import ClusterGroup
from tests.support.smtp_server import SmtpServer
from tests.support.waiting import wait_until

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
RIGHTS, ON_CLUSTER, TO_WAIT = re.search(
    r"A user with rights of its own needs `(.+?)`; on a Cluster also `(.+?)`, and with `CONFIRM_REPLICAS` `(.+?)`", PAGE
).groups()  # type: ignore[union-attr]


def user(*rights: str) -> list[str]:
    return ["ACL", "SETUSER", "app", "reset", "on", ">pw", *" ".join(rights).split()]


async def test_on_one_server_with_a_replica(redis_server):
    with RedisServer() as replica:
        replica.command("REPLICAOF", HOST, str(redis_server.port))
        redis_server.command(*user(RIGHTS, TO_WAIT))
        await a_story_on(redis_server.url.replace("redis://", "redis://app:pw@"), CONFIRM_REPLICAS="1", CONFIRM_TIMEOUT_MS="8000")


async def test_on_a_cluster():
    async with ClusterGroup() as group:
        for server in group.servers:
            await server.command(*user(RIGHTS, ON_CLUSTER, TO_WAIT))
        url = group.url.replace("redis+cluster://", "redis+cluster://app:pw@")
        await a_story_on(url, CONFIRM_REPLICAS="1", CONFIRM_TIMEOUT_MS="8000")


async def a_story_on(url: str, **settings: str) -> None:
    """A node on that store logs no trace of anything that it was not permitted, and mails go out."""
    with SmtpServer() as smtp:
        mail = {"SMTP_URL": f"smtp://{HOST}:{smtp.port}", "MAIL_FROM": "Rooms <rooms@example.org>"}
        async with Cluster(url, **settings, **mail) as cluster:
            node = await cluster.add_node()
            async with open_hall(Site((node.url,), cluster.admin_api_key, url), locked=True) as hall:
                maya, vito = await hall.owner(), await hall.guest("vito")
                await sees_line(maya, vito)
                await play(maya, vito)
                await wait_until(lambda: smtp.received, 20, "a mail")


async def play(maya: RoomClient, vito: RoomClient) -> None:
    await maya.command("lobby.admit", participant_ids=[vito.participant_id])
    await comes_in(vito)
    await maya.command("role.change", participant_id=vito.participant_id, role="speaker")
    await has_role(vito, "speaker")
    await maya.command(
        "invitation.create", email="dora@example.org", first_name="Dora", last_name="Novak", role="viewer", send_email=True
    )
