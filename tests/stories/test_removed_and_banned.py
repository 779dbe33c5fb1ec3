"""Put out of the room: removed people may ask again, banned ones may not."""

from __future__ import annotations

import asyncio

from tests.stories.hall import comes_in, ended_with, left, misses, open_hall, refused, sees, sees_line, shows


async def test_removed_is_out_with_every_tab_on_every_node(site):
    async with open_hall(site) as hall:
        maya, iris, vito = await hall.owner(), await hall.member("iris", node=1), await hall.member("vito", node=1)
        second = await hall.tab("iris")
        await maya.command("participant.remove", participant_id=iris.participant_id)
        for tab in (iris, second):
            page = await shows(tab, "removed")
            assert page["can_knock"]
            assert tab.replica.left == "removed"
            assert not tab.replica.participants, "everything about the room is forgotten"
        for tab in (maya, vito):
            await misses(tab, iris.participant_id)
            assert left(tab) == [iris.participant_id]
        with refused("not_inside"):
            await second.command("hand.raise")


async def test_the_way_back_for_removed_people_is_the_line_even_in_an_unlocked_room(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await maya.command("participant.remove", participant_id=iris.participant_id)
        await shows(iris, "removed")
        again = await hall.tab("iris")
        assert again.replica.lobby_state == "removed", "a new tab does not walk in"
        await again.command("lobby.knock")
        for tab in (iris, again):
            await shows(tab, "waiting_in_line")
        await sees_line(maya, iris)
        await maya.command("lobby.admit", participant_ids=[iris.participant_id])
        for tab in (iris, again):
            await comes_in(tab)
        await sees(maya, iris)


async def test_banned_is_out_for_good_whatever_one_comes_back_with(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        second = await hall.tab("iris")
        await maya.command("participant.ban", participant_id=iris.participant_id)
        assert [await ended_with(tab) for tab in (iris, second)] == ["banned", "banned"]
        with refused("banned"):
            await hall.tab("iris", node=1)
        with refused("banned"):
            await hall.member("iris")
        await misses(maya, iris.participant_id)


async def test_a_banned_person_does_not_come_back_by_resuming(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        iris.abort(away_s=0.3)
        await maya.command("participant.ban", participant_id=iris.participant_id)
        assert await ended_with(iris) == "banned"


async def test_a_banned_guest_is_refused_with_the_link_as_well(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.guest("iris", node=1)
        await maya.command("participant.ban", participant_id=iris.participant_id)
        assert await ended_with(iris) == "banned"
        with refused("banned"):
            await hall.claim("iris")
            await hall.tab("iris")


async def test_a_later_invitation_lifts_the_ban(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.guest("iris", node=1)
        await maya.command("participant.ban", participant_id=iris.participant_id)
        assert await ended_with(iris) == "banned"
        again = await hall.guest("iris")
        assert again.replica.is_inside
        await sees(maya, again)


async def test_a_waiter_may_be_banned_from_the_line(site):
    async with open_hall(site, locked=True) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await sees_line(maya, iris)
        await maya.command("participant.ban", participant_id=iris.participant_id)
        assert await ended_with(iris) == "banned"
        await sees_line(maya)


async def test_two_hosts_who_remove_the_same_person_put_them_out_once(site):
    async with open_hall(site) as hall:
        maya, mona, iris = await hall.owner(), await hall.guest("mona", "moderator", node=1), await hall.member("iris")
        await sees(mona, iris)
        outcomes = await asyncio.gather(
            *(host.command("participant.remove", participant_id=iris.participant_id) for host in (maya, mona)),
            return_exceptions=True,
        )
        assert [getattr(outcome, "code", "done") for outcome in outcomes].count("done") == 1, outcomes
        await shows(iris, "removed")
        for host in (maya, mona):
            await misses(host, iris.participant_id)
            assert left(host) == [iris.participant_id]
