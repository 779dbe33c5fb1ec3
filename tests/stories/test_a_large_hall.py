"""A hall that fills: from every row to counts and pages, and back, on whatever nodes its people are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from client_sim.client import RoomClient
from client_sim.nodes import Site
from tests.stories.conftest import SETTINGS
from tests.stories.hall import Hall, comes_in, has_role, messages, misses, open_hall, refused, shows
from tests.support.nodes import Cluster
from tests.support.redis_server import RedisServer

# Six people are many here, and four wait long.
NUMBERS = {"LARGE_FROM": "5", "LARGE_UNTIL": "4", "LONG_LINE_FROM": "3", "LONG_LINE_UNTIL": "2"}


@pytest.fixture(scope="module", params=["one_node", "two_nodes"])
def small_site(request: pytest.FixtureRequest) -> Iterator[Site]:
    if request.param == "one_node":
        yield from _site(None, nodes=1)
        return
    with RedisServer() as server:
        yield from _site(server.url, nodes=2)


def _site(redis_url: str | None, *, nodes: int) -> Iterator[Site]:
    cluster = Cluster(redis_url, **SETTINGS, **NUMBERS)
    asyncio.run(cluster.__aenter__())
    try:
        for _ in range(nodes):
            asyncio.run(cluster.add_node())
        yield Site(tuple(node.url for node in cluster.nodes), cluster.admin_api_key, f"{nodes} nodes")
    finally:
        asyncio.run(cluster.__aexit__(None, None, None))


async def fill(hall: Hall, people: int) -> list[RoomClient]:
    return [await hall.member(f"p{number}", node=number) for number in range(people)]


async def counts(tabs: list[RoomClient], **wanted: int) -> None:
    """Wait until all of them are told these numbers."""
    for tab in tabs:
        await tab.wait_until(
            lambda replica: replica.counts and {name: replica.counts[name] for name in wanted} == wanted, what=f"counts {wanted}"
        )


async def test_a_hall_that_fills_tells_counts_and_one_that_empties_tells_everybody_again(small_site):
    async with open_hall(small_site) as hall:
        maya, people = await hall.owner(), await fill(hall, 5)
        everybody = [maya, *people]
        await counts(everybody, participants=6, hosts=1, viewers=5)
        assert all(set(tab.replica.participants) == {maya.participant_id} for tab in everybody)
        await people[0].command("leave")
        await people[1].command("leave")
        await counts(everybody[3:], participants=4)
        await people[2].command("leave")
        for tab in (maya, *people[3:]):
            await tab.wait_until(lambda replica: not replica.large and len(replica.participants) == 3, what="everybody's rows")


async def test_a_tab_that_was_away_while_it_filled_holds_what_the_others_hold(small_site):
    async with open_hall(small_site) as hall:
        maya, vic = await hall.owner(), await hall.member("vic", node=1)
        vic.abort(away_s=1.0)
        people = await fill(hall, 5)
        await vic.wait_until(lambda replica: replica.large and replica.counts, what="the large room")
        await counts([maya, vic, *people], participants=7)
        vic.abort(away_s=0.3)
        await people[0].command("hand.raise")
        await counts([maya, vic, *people], hands=1)
        await vic.wait_until(
            lambda replica: replica.own_row and replica.own_row["participant_id"] == vic.participant_id, what="the own row"
        )


async def test_hands_of_a_large_hall_are_seen_by_all_and_the_own_one_at_once(small_site):
    async with open_hall(small_site) as hall:
        maya, people = await hall.owner(), await fill(hall, 6)
        raising = people[1]
        await raising.command("hand.raise")
        await raising.wait_until(lambda replica: replica.own_row and replica.own_row["hand_raised_at_ms"], what="the own hand")
        for tab in (maya, *people):
            await tab.wait_until(
                lambda replica: [row["participant_id"] for row in replica.hands["participants"]] == [raising.participant_id],
                what="the hand",
            )
        await maya.command("hands.clear")
        await counts([maya, *people], hands=0, viewers=6)
        assert raising.replica.own_row["hand_raised_at_ms"] is None


async def test_in_a_large_hall_a_promotion_works_and_is_told_as_in_a_small_one(small_site):
    async with open_hall(small_site) as hall:
        maya, people = await hall.owner(), await fill(hall, 6)
        iris = people[1]
        await maya.command("role.change", participant_id=iris.participant_id, role="moderator")
        await has_role(iris, "moderator")
        await maya.wait_until(
            lambda replica: replica.applied.get(iris.participant_id, {}).get("status") == "applied", what="applied"
        )
        for tab in (maya, *people):
            await tab.wait_until(lambda replica: iris.participant_id in replica.participants, what="the new host")
        await maya.command("role.change", participant_id=iris.participant_id, role="viewer")
        for tab in (maya, *people):
            await misses(tab, iris.participant_id)


async def test_pages_are_the_same_on_every_node(small_site):
    async with open_hall(small_site) as hall:
        maya, people = await hall.owner(), await fill(hall, 6)
        await counts([maya, *people], participants=7)
        found = [await tab.command("participants.page", search="p", limit=4) for tab in people[:2]]
        assert [[row["name"] for row in page["participants"]] for page in found] == [["P0", "P1", "P2", "P3"]] * 2
        more = await people[1].command("participants.page", search="p", cursor=found[0]["next_cursor"])
        assert ([row["name"] for row in more["participants"]], more["total"]) == (["P4", "P5"], 6)
        with refused("role_forbidden"):
            await people[0].command("waiters.page")


async def test_a_long_line_is_a_head_and_a_count_and_everybody_in_it_is_there_once(small_site):
    async with open_hall(small_site, locked=True) as hall:
        maya = await hall.owner()
        waiters = [await hall.member(f"w{number}", node=number) for number in range(5)]
        await maya.wait_until(lambda replica: replica.line and replica.line["total"] == 5, what="the long line")
        ids = [row["participant_id"] for row in maya.replica.line["waiters"]]
        assert (ids, maya.replica.waiters) == ([tab.participant_id for tab in waiters], None)
        page = await maya.command("waiters.page", limit=2)
        rest = await maya.command("waiters.page", limit=3, cursor=page["next_cursor"])
        assert [row["participant_id"] for row in (*page["waiters"], *rest["waiters"])] == ids
        assert not any(messages(tab, kind) for tab in waiters for kind in ("counts", "hands", "own", "line", "roster", "events"))
        for waiter in waiters[:3]:
            await maya.command("lobby.admit", participant_ids=[waiter.participant_id])
            await comes_in(waiter)
        await maya.command("lobby.decline", participant_id=waiters[3].participant_id)
        await shows(waiters[3], "declined")
        await maya.wait_until(
            lambda replica: list(replica.waiters or ()) == [waiters[4].participant_id] and replica.line is None, what="a row"
        )
