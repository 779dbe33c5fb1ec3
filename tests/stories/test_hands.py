"""Hands: raised by anybody, seen by everybody, cleared by hosts."""

from __future__ import annotations

from client_sim.client import RoomClient
from client_sim.replica import Rows
from tests.stories.hall import has_role, misses, open_hall, refused, sees


async def test_a_raised_hand_is_seen_on_every_node_with_the_instant_it_went_up(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await iris.command("hand.raise")
        await see_hands({iris}, on=[maya, iris])
        raised_at_ms = maya.replica.participants[iris.participant_id]["hand_raised_at_ms"]
        await iris.command("hand.raise")
        late = await hall.member("late", node=1)
        assert late.replica.participants[iris.participant_id]["hand_raised_at_ms"] == raised_at_ms, "raised is raised"
        await iris.command("hand.lower")
        await see_hands(set(), on=[maya, iris, late])


async def test_a_host_lowers_one_hand_or_clears_them_all_and_a_viewer_neither(site):
    async with open_hall(site) as hall:
        maya = await hall.owner()
        iris, vito, dora = [await hall.member(name, node=number) for number, name in enumerate(("iris", "vito", "dora"))]
        everybody = [maya, iris, vito, dora]
        for tab in (iris, vito, dora):
            await tab.command("hand.raise")
        await see_hands({iris, vito, dora}, on=everybody)
        with refused("role_forbidden"):
            await iris.command("hand.lower", participant_id=vito.participant_id)
        with refused("role_forbidden"):
            await iris.command("hands.clear")
        await maya.command("hand.lower", participant_id=vito.participant_id)
        await see_hands({iris, dora}, on=everybody)
        await maya.command("hands.clear")
        await see_hands(set(), on=everybody)


async def test_a_hand_stays_up_through_a_change_of_role_and_goes_down_when_one_leaves(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await iris.command("hand.raise")
        await maya.command("role.change", participant_id=iris.participant_id, role="speaker")
        await has_role(iris, "speaker")
        await see_hands({iris}, on=[maya, iris])
        await iris.command("leave")
        await misses(maya, iris.participant_id)
        again = await hall.tab("iris")
        await sees(maya, again)
        await see_hands(set(), on=[maya, again])


async def see_hands(raised: set[RoomClient], *, on: list[RoomClient]) -> None:
    wanted = {tab.participant_id for tab in raised}
    for tab in on:
        await tab.wait_until(lambda replica: hands(replica.participants) == wanted, what=f"{len(wanted)} raised hands")


def hands(participants: Rows) -> set[str]:
    return {key for key, row in participants.items() if row["hand_raised_at_ms"] is not None}
