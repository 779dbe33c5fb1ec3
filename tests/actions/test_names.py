"""Taking another name, where the room allows it."""

from __future__ import annotations

import pytest

from client_sim.device import Device
from server.actions import rooms, sanctions
from server.actions.names import rename_oneself
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from server.wire.audiences import Audience
from tests.support.refusing import refused
from tests.support.rooms import open_site
from tests.support.verifying import verify_action


async def test_a_participants_new_name_is_everybodys_to_see(store_url):
    async with open_site(store_url) as site:
        await site.create_room(rename=True)
        await site.bring_in("vic")
        async with verify_action(site) as caused:
            answer = await rename_oneself(site.services, site.by("vic"), "  Victor\u202e\x07 ")
        assert answer["name"] == "Victor"
        assert [caused.told(audience) for audience in Audience] == [["participants.updated"]] * 3
        assert caused.events[0].by == site.ids["vic"]
        assert (await site.person("vic")).name == "Victor"


async def test_a_waiters_new_name_is_for_hosts(store_url):
    async with open_site(store_url) as site:
        await site.create_room(rename=True, locked=True)
        await site.arrive("wanda")
        async with verify_action(site) as caused:
            await rename_oneself(site.services, site.by("wanda"), "Wilma")
        assert caused.told(Audience.INSIDE) == []
        assert caused.told(Audience.STAFF) == caused.told(Audience.MANAGERS) == ["waiters.added"]


async def test_the_same_name_is_not_logged(store_url):
    async with open_site(store_url) as site:
        await site.create_room(rename=True)
        await site.bring_in("vic")
        async with verify_action(site) as caused:
            assert (await rename_oneself(site.services, site.by("vic"), "Vic"))["name"] == "Vic"
        assert caused.entries == []


async def test_a_sign_in_does_not_undo_it_and_the_invitation_keeps_its_names(store_url):
    async with open_site(store_url) as site:
        await site.create_room(rename=True)
        made = await site.invite("cleo")
        site.ids["cleo"] = (await site.claim(made["secret"], "cleo", Device())).participant_id
        await site.open_tab("cleo")
        await rename_oneself(site.services, site.by("cleo"), "Cleopatra")
        await site.sign_in("cleo")
        assert (await site.person("cleo")).name == "Cleopatra"
        assert (await site.contents()).invitations[made["invitation_id"]].name == "Cleo Invited"


@pytest.mark.parametrize("name", [" ", "\x00\x01", "\u202e\u200f"])
async def test_a_name_of_which_nothing_can_be_shown_is_refused(name):
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room(rename=True)
        await site.bring_in("vic")
        with refused("bad_message"):
            await rename_oneself(site.services, site.by("vic"), name)


async def test_where_the_room_does_not_allow_it_nobody_may_not_even_a_manager():
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room()
        for name, role in (("vic", Role.VIEWER), ("boss", Role.MANAGER)):
            await site.bring_in(name, role)
            with refused("rename_disabled"):
                await rename_oneself(site.services, site.by(name), "Another")
        await rooms.edit_room(site.services, site.by("boss"), {"rename": True})
        await rename_oneself(site.services, site.by("vic"), "Another")


async def test_who_is_neither_inside_nor_in_the_line_is_called_what_they_were():
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room(rename=True)
        await site.bring_in("boss", Role.MANAGER)
        await site.meet("olga")
        who = await site.bring_in("vic")
        await sanctions.remove(site.services, site.by("boss"), who)
        for name in ("olga", "vic"):
            with refused("not_inside"):
                await rename_oneself(site.services, site.by(name), "Another")
        await rooms.end_session(site.services, site.by("boss"))
        with refused("session_ended"):
            await rename_oneself(site.services, site.by("boss"), "Another")
