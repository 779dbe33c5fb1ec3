"""Edits of a room's settings, and what follows from them: the start, the early entry, and the switches that widen roles."""

from __future__ import annotations

import pytest

from server.actions import invitations, let_in, rooms
from server.actions.invitations import Invitee
from server.actions.site import change_site
from server.domain.person import PersonState
from server.domain.roles import Role
from server.domain.room import Kind, Phase
from server.settings import EMBEDDED_URL
from server.wire.audiences import Audience
from tests.support.refusing import refused
from tests.support.rooms import HOUR_MS, ROOM, Site, open_site
from tests.support.verifying import verify_action


async def edit(site: Site, by: str | None = "boss", **changes: object) -> None:
    await rooms.edit_room(site.services, site.by(by), changes)


async def with_boss(site: Site, **room: object) -> None:
    await site.create_room(**room)
    await site.bring_in("boss", Role.MANAGER)


async def due_at_ms(site: Site, kind: str) -> int | None:
    score = await site.store.redis.zscore(site.store.keyspace.shard(ROOM).due, f"{kind}|{ROOM}|")
    return None if score is None else int(score)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "New"), ("description", "Also"), ("description", None), ("ends_at_ms", 9_999_999_999_999), ("opens", "by_host"),
        ("access", "invited"), ("access", "channel_members"), ("cnc", False), ("early_entry_s", 60), ("link_ttl_s", 3600),
        ("link_devices", -1), ("reopen_s", 60), ("rename", True),
    ],
)
async def test_a_setting_is_changed_and_everybody_inside_hears_it(store_url, field, value):
    async with open_site(store_url) as site:
        await with_boss(site, description="Old", kind=Kind.CHANNEL, channel_id="c1")
        async with verify_action(site) as caused:
            await edit(site, **{field: value})
        assert [caused.told(audience) for audience in Audience] == [["room.changed"]] * 3
        assert getattr((await site.contents()).room, field) == value


@pytest.mark.parametrize(
    "changes",
    [{"link_devices": 0}, {"access": "channel_members"}, {"ends_at_ms": 1, "starts_at_ms": 2}],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_done(changes):
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site, starts_at_ms=await site.now_ms() + HOUR_MS)
        before = await site.seq()
        with refused("bad_message"):
            await edit(site, **changes)
        assert await site.seq() == before


async def test_another_early_entry_moves_the_instant_at_which_speakers_come_in(store_url):
    async with open_site(store_url) as site:
        now_ms = await site.now_ms()
        await with_boss(site, starts_at_ms=now_ms + HOUR_MS, early_entry_s=600)
        await site.arrive("spike", Role.SPEAKER)
        assert (await site.person("spike")).is_waiter
        await edit(site, early_entry_s=7200)
        assert await due_at_ms(site, "early") == now_ms + HOUR_MS - 7_200_000
        await let_in.let_everybody_in(site.services, ROOM)
        assert (await site.person("spike")).is_participant


async def test_without_a_start_a_room_waits_for_a_host_and_who_may_be_early_comes_in(store_url):
    async with open_site(store_url) as site:
        await with_boss(site, starts_at_ms=await site.now_ms() + HOUR_MS)
        await site.arrive("spike", Role.SPEAKER)
        await site.arrive("vic")
        async with verify_action(site):
            await edit(site, starts_at_ms=None)
        assert (await due_at_ms(site, "open"), await due_at_ms(site, "early")) == (None, None)
        assert await due_at_ms(site, "line") is not None
        await let_in.let_everybody_in(site.services, ROOM)
        site.store.scripts.skew_ms = 2 * HOUR_MS
        await let_in.open_by_time(site.services, ROOM)
        assert (await site.contents()).room.phase is Phase.SCHEDULED
        assert (await site.person("spike")).is_participant
        assert (await site.person("vic")).is_waiter
        await rooms.start_session(site.services, site.by("boss"))
        assert (await site.person("vic")).is_participant


async def test_a_start_given_again_is_kept(store_url):
    async with open_site(store_url) as site:
        now_ms = await site.now_ms()
        await with_boss(site, starts_at_ms=now_ms + HOUR_MS)
        await edit(site, starts_at_ms=None)
        await edit(site, starts_at_ms=now_ms + 2 * HOUR_MS)
        assert await due_at_ms(site, "open") == now_ms + 2 * HOUR_MS


async def test_who_says_the_start_again_that_there_is_changes_nothing_of_it(store_url):
    async with open_site(store_url) as site:
        starts_at_ms = await site.now_ms() - 1
        await with_boss(site, starts_at_ms=starts_at_ms, opens="by_host")
        await let_in.open_by_time(site.services, ROOM)
        await edit(site, starts_at_ms=starts_at_ms, title="New")
        assert (await site.contents()).room.start_reached, "nobody would say so again"
        await rooms.start_session(site.services, site.by("boss"))
        await edit(site, starts_at_ms=starts_at_ms, title="Newer")
        assert (await site.contents()).room.title == "Newer"


async def test_a_room_that_waits_for_its_host_opens_by_itself_when_that_is_changed(store_url):
    async with open_site(store_url) as site:
        await with_boss(site, starts_at_ms=await site.now_ms() - 1, opens="by_host")
        await let_in.open_by_time(site.services, ROOM)
        assert (await site.contents()).room.start_reached
        async with verify_action(site):
            await edit(site, opens="at_start")
            await let_in.open_by_time(site.services, ROOM)
        assert (await site.contents()).room.phase is Phase.OPEN


# ── The switches ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def with_cast(site: Site, **room: object) -> None:
    await with_boss(site, locked=True, **room)
    for name, role in (("mod", Role.MODERATOR), ("spike", Role.SPEAKER), ("vic", Role.VIEWER)):
        await site.bring_in(name, role)
    await site.arrive("sam")  # a speaker who waits
    await site.store.people.change_role(
        ROOM, site.ids["sam"], old=Role.VIEWER, new=Role.SPEAKER, by=None, seen={}, request_id=None
    )


@pytest.mark.parametrize(
    ("switch", "concerned"), [("moderators_invite", {"mod"}), ("speakers_initiate", {"spike", "sam"})]
)
@pytest.mark.parametrize("on", [True, False])
async def test_a_switch_is_a_refresh_to_acknowledge_for_those_concerned_and_nobody_else(store_url, switch, concerned, on):
    async with open_site(store_url) as site:
        await with_cast(site, **{switch: not on})
        before = {name: (await site.person(name)).role_rev for name in site.ids}
        async with verify_action(site) as caused:
            await edit(site, **{switch: on})
        assert caused.names == ["room_changed"]
        raised = {name for name in site.ids if (await site.person(name)).role_rev == before[name] + 1}
        assert raised == concerned
        applications = (await site.contents()).applications
        for name in concerned:
            application = applications[site.ids[name]]
            assert (application.by, application.expected, application.applied) == (site.ids["boss"], 1, 0)


async def test_a_switch_that_is_so_already_changes_nothing(store_url):
    async with open_site(store_url) as site:
        await with_cast(site, moderators_invite=True)
        async with verify_action(site) as caused:
            await edit(site, moderators_invite=True)
        assert caused.entries == []


async def test_moderators_invite_where_the_room_lets_them_and_manage_nothing(store_url):
    async with open_site(store_url) as site:
        await with_cast(site)
        with refused("role_forbidden"):
            await site.invite("cleo", by="mod")
        await edit(site, moderators_invite=True)
        made = await site.invite("cleo", Role.MODERATOR, by="mod")
        with refused("role_forbidden"):
            await site.invite("dora", by="spike")
        with refused("role_forbidden"):
            await invitations.revoke(site.services, site.by("mod"), made["invitation_id"], remove_person=False)
        await edit(site, moderators_invite=False)
        with refused("role_forbidden"):
            await site.invite("dora", by="mod")


async def test_a_moderator_who_invites_at_once_promotes_no_higher_than_a_moderator_may(store_url):
    async with open_site(store_url) as site:
        await with_cast(site, moderators_invite=True)
        invitee = Invitee(email="vic@example.com", first_name="V", last_name="I", role=Role.SPEAKER, at_once=True)
        async with verify_action(site):
            await invitations.invite(site.services, site.by("mod"), invitee)
        assert (await site.person("vic")).role is Role.SPEAKER


async def test_a_new_room_has_the_sites_switches_where_it_says_nothing(store_url):
    async with open_site(store_url) as site:
        await change_site(site.services, site.by(None), {"moderators_invite": True})
        assert await rooms.switches_for(site.services, None, None) == {"moderators_invite": True, "speakers_initiate": False}
        assert await rooms.switches_for(site.services, False, True) == {"moderators_invite": False, "speakers_initiate": True}


async def test_who_is_banned_is_not_brought_back_by_a_switch(store_url):
    async with open_site(store_url) as site:
        await with_cast(site)
        await site.store.people.remove(ROOM, site.ids["mod"], ban=True, by=None, seen={}, request_id=None)
        async with verify_action(site):
            await edit(site, moderators_invite=True)
        assert (await site.person("mod")).state is PersonState.BANNED
