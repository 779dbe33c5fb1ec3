"""The session was ended by mistake, or too early: a host comes back and goes on with it."""

from __future__ import annotations

import asyncio

import pytest

from client_sim.refused import Refused
from tests.stories.hall import comes_in, ended_with, messages, misses, open_hall, refused, sees, shows


async def test_a_host_finds_the_last_page_goes_on_with_it_and_everybody_comes_again(site):
    async with open_hall(site) as hall:
        maya = await hall.owner()
        mona, iris = await hall.guest("mona", "moderator", node=1), await hall.guest("iris", "speaker")
        await maya.command("session.end")
        assert {await ended_with(tab) for tab in (maya, mona, iris)} == {"session_ended"}
        mona = await hall.tab("mona")
        page = await shows(mona, "session_ended")
        assert (page["can_reopen"], page["can_knock"], page["room"]["phase"]) == (True, False, "ended")
        maya = await hall.owner(node=1)
        assert (await shows(maya, "session_ended"))["can_reopen"]
        with refused("session_ended"):
            await hall.tab("iris")
        await mona.command("session.reopen")
        for tab in (mona, maya):
            await comes_in(tab)
        await sees(maya, mona)
        iris = await hall.tab("iris", node=1)
        await comes_in(iris)
        assert iris.replica.role == "speaker"
        await sees(mona, iris, maya)


async def test_of_two_hosts_who_press_the_button_at_once_one_does_it_and_both_are_in(site):
    async with open_hall(site) as hall:
        maya = await hall.owner()
        await hall.guest("mona", "moderator")
        await maya.command("session.end")
        await ended_with(maya)
        tabs = [await hall.owner(), await hall.tab("mona", node=1)]
        for tab in tabs:
            await shows(tab, "session_ended")
        told = await asyncio.gather(*(tab.command("session.reopen") for tab in tabs), return_exceptions=True)
        codes = [answer.code for answer in told if isinstance(answer, Refused)]
        assert codes in ([], ["already_live"])
        assert len(codes) == 1
        for tab in tabs:
            await comes_in(tab)
        await sees(tabs[0], tabs[1])


async def test_who_was_let_in_is_not_asked_again_and_who_was_not_waits(site):
    async with open_hall(site) as hall:
        maya = await hall.owner()
        await hall.guest("iris")
        await maya.command("room.lock")
        await hall.guest("vito", node=1)
        await maya.command("session.end")
        await ended_with(maya)
        await hall.api(1).reopen(hall.room_id)
        maya = await hall.owner()
        await comes_in(maya)
        iris = await hall.tab("iris", node=1)
        await comes_in(iris)
        vito = await hall.tab("vito")
        await shows(vito, "waiting_in_line")


async def test_whoever_did_not_come_again_is_not_in_the_list(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.guest("iris", node=1)
        await maya.command("session.end")
        await ended_with(iris)
        maya = await hall.owner(node=1)
        await maya.command("session.reopen")
        await comes_in(maya)
        await misses(maya, iris.participant_id)


async def test_a_page_after_the_end_can_do_nothing_but_go_on(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.guest("iris")
        await maya.command("session.end")
        await ended_with(maya)
        maya = await hall.owner()
        await shows(maya, "session_ended")
        for command, fields in {
            "session.end": {}, "session.start": {}, "room.lock": {}, "room.edit": {"title": "Over"}, "hand.raise": {},
            "role.change": {"participant_id": iris.participant_id, "role": "speaker"}, "person.rename": {"name": "Mia"},
            "lobby.admit_all": {}, "lobby.knock": {},
        }.items():
            with pytest.raises(Refused) as caught:
                await maya.command(command, **fields)
            assert caught.value.code in ("not_inside", "session_ended"), command
        assert maya.replica.participants == {}


async def test_after_the_time_for_it_the_last_page_goes_as_well(site):
    async with open_hall(site, reopen_s=6) as hall:
        maya = await hall.owner()
        await maya.command("session.end")
        await ended_with(maya)
        maya = await hall.owner(node=1)
        await shows(maya, "session_ended")
        assert await ended_with(maya) == "session_ended"
        with refused("session_ended"):
            await hall.owner()
        with refused("session_ended"):
            await hall.api().reopen(hall.room_id)


async def test_every_tab_that_was_there_at_the_end_is_told_goodbye_hosts_too(site):
    async with open_hall(site) as hall:
        maya, again = await hall.owner(), await hall.owner(node=1)
        await maya.command("session.end")
        for tab in (maya, again):
            assert await ended_with(tab) == "session_ended"
            assert messages(tab, "lobby") == []
