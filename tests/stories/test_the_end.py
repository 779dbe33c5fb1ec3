"""The session ends, or the room is deleted: everybody hears it, and nobody comes back."""

from __future__ import annotations

import pytest

from tests.stories.hall import Hall, ended_with, open_hall, refused


@pytest.mark.parametrize(
    ("command", "code"), [("session.end", "session_ended"), ("room.delete", "room_deleted")], ids=["ended", "deleted"]
)
async def test_everybody_inside_in_the_line_and_on_the_links_page_is_told(site, command, code):
    async with open_hall(site) as hall:
        maya = await hall.owner()
        tabs = [maya, await hall.guest("iris", node=1), await hall.tab("iris")]
        await maya.command("room.lock")
        tabs.append(await hall.guest("vito", node=1))
        await hall.invite("dora")
        tabs.append(await hall.link_page("dora", node=1))
        await maya.command(command)
        assert [await ended_with(tab) for tab in tabs] == [code] * len(tabs)
        await nobody_comes_back(hall, code)


async def test_the_site_deletes_a_room_under_everybodys_feet(site):
    async with open_hall(site, starts_in_s=60) as hall:
        tabs = [await hall.owner(), await hall.guest("iris", node=1)]
        await hall.api(1).delete_room(hall.room_id)
        assert [await ended_with(tab) for tab in tabs] == ["room_deleted"] * 2


async def test_a_session_that_has_not_begun_cannot_end(site):
    async with open_hall(site, starts_in_s=60) as hall:
        maya = await hall.owner(node=1)
        with refused("not_live"):
            await maya.command("session.end")


async def test_a_moderator_ends_the_session_and_cannot_delete_the_room(site):
    async with open_hall(site) as hall:
        mona, iris = await hall.guest("mona", "moderator"), await hall.guest("iris", node=1)
        with refused("role_forbidden"):
            await mona.command("room.delete")
        await mona.command("session.end")
        assert [await ended_with(tab) for tab in (mona, iris)] == ["session_ended"] * 2


async def test_whoever_ends_it_is_answered_before_their_own_tab_is_ended(site):
    for _ in range(10):
        async with open_hall(site) as hall:
            maya = await hall.owner(node=1)
            await maya.command("session.end")
            assert await ended_with(maya) == "session_ended"
            kinds = [message["type"] for message in maya.history.received_messages()]
            assert kinds[-1] == "bye"
            assert kinds.count("result") == 1


async def nobody_comes_back(hall: Hall, code: str) -> None:
    with refused(code):
        await hall.tab("iris", node=1)
    with refused(code):
        await hall.api().look(hall.links["dora"])
    with refused(code):
        await hall.member("somebody", node=1)
