"""A second client, written from the protocol page alone, agrees with the first: on the story, and on what a room is."""

from __future__ import annotations

import pytest

from client_sim import MSGPACK, Api, RoomClient
from tests.second_client.client import Site, Tab
from tests.second_client.story import Story, play
from tests.support.nodes import Cluster
from tests.support.waiting import wait_until


@pytest.mark.timeout(90)
async def test_the_second_client_plays_its_story_across_two_nodes_without_a_hole(redis_url):
    async with Cluster(redis_url) as cluster:
        one, two = await cluster.add_node(), await cluster.add_node()
        assert await play(Story(one.url, two.url, cluster.admin_api_key)) == 0


async def test_both_clients_hold_the_same_room_after_the_same_events(redis_url):
    async with Cluster(redis_url) as cluster:
        one, two = await cluster.add_node(), await cluster.add_node()
        api, site = Api(one.url, cluster.admin_api_key), Site(two.url, cluster.admin_api_key)
        room_id = (await api.create_room(title="Two readings", standings={"olga": "owner"}))["room_id"]
        token = (await api.demo_sign_in(room_id, "olga", "Olga"))["session_token"]
        guest_token = (await api.demo_sign_in(room_id, "nils", "Nils"))["session_token"]
        async with RoomClient(one.url, token, encoding=MSGPACK) as first, RoomClient(one.url, guest_token) as guest:
            second = await Tab(site.url, token).open()
            await first.command("invitation.create", email="a@example.org", first_name="A", last_name="B", role="speaker")
            await guest.command("hand.raise")
            await first.command("role.change", participant_id=guest.participant_id, role="moderator")
            await guest.command("room.lock")
            await wait_until(lambda: first.replica.room["locked"] and second.replica.room["locked"])
            # Up to where each has been told may differ by what neither may see.
            assert {**second.replica.view(), "seq": 0} == {**first.replica.as_snapshot(), "seq": 0}
            await second.close()
