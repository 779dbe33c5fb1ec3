"""Requests that somebody named with a key: asked again they get the first answer, for as long as they said, and do nothing."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

import msgspec
import pytest

from server.actions import let_in, roles, rooms
from server.actions.invitations import Invitee, extend, invite
from server.actions.services import Request
from server.domain.person import PersonState
from server.domain.refusals import NotInside
from server.domain.request_id import KEPT_MS, RequestId
from server.domain.roles import Role
from server.web.acts_api import ACTS, OF_A_TAB
from server.web.commands import run_command
from server.wire import messages as m
from server.wire.results import RESULTS
from tests.actions.stage import BOSS, CASES, LOGGED, set_stage
from tests.support.refusing import refused
from tests.support.rooms import ROOM, Site, open_site
from tests.support.verifying import verify_action

DAY_MS = 86_400_000
INVITEE = Invitee(email="ann@example.com", first_name="Ann", last_name="Ode", role=Role.VIEWER)
ACT_TAGS = {command.__struct_config__.tag for command, _ in ACTS.values()}
# The rows of an upload have names of their own: the same upload with a row more makes that one.
KEYED = [name for name in LOGGED if name != "invitation.bulk"]


def keyed(site: Site, content: str = "one", name: str = "key") -> Request:
    """A request of the site's with a key, as the HTTP door makes it."""
    return Request(room_id=ROOM, actor_id=None, request_id=RequestId(name, keep_ms=DAY_MS, fingerprint=content))


async def kept_ms(site: Site, name: str) -> int:
    return await site.store.redis.pttl(site.store.keyspace.room(ROOM).result(name))


async def test_an_answer_is_kept_as_long_as_its_request_says(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await rooms.lock_room(site.services, keyed(site))
        await rooms.unlock_room(site.services, site.by(None, "plain"))
        assert DAY_MS - 60_000 < await kept_ms(site, "key") <= DAY_MS
        assert 0 < await kept_ms(site, "plain") <= KEPT_MS


async def test_an_extension_that_is_asked_for_many_times_at_once_has_one_answer(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await invite(site.services, keyed(site, name="invite"), INVITEE)
        extending = (extend(site.services, keyed(site), made["invitation_id"]) for _ in range(20))
        answers = await asyncio.gather(*extending)
        assert len({tuple(answer.items()) for answer in answers}) == 1
        held = (await site.contents()).invitations[made["invitation_id"]]
        assert answers[0]["expires_at_ms"] == held.expires_at_ms


async def test_an_extension_that_is_asked_for_again_after_a_further_one_answers_as_at_first(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await invite(site.services, keyed(site, name="invite"), INVITEE)
        first = await extend(site.services, keyed(site), made["invitation_id"])
        site.store.scripts.skew_ms = 40_000
        further = await extend(site.services, keyed(site, name="further"), made["invitation_id"])
        assert further["expires_at_ms"] > first["expires_at_ms"]
        assert await extend(site.services, keyed(site), made["invitation_id"]) == first


@pytest.mark.parametrize("name", KEYED)
async def test_the_same_key_with_another_content_is_refused_and_does_nothing(store_url, name):
    async with open_site(store_url) as site:
        stage = await set_stage(site, CASES[name])
        request = site.by(BOSS, RequestId("key", keep_ms=DAY_MS, fingerprint="one"))
        await run_command(site.services, request, CASES[name].command(stage))
        before = await site.contents()
        other = site.by(BOSS, RequestId("key", keep_ms=DAY_MS, fingerprint="two"))
        with refused("idempotency_mismatch"):
            await run_command(site.services, other, CASES[name].command(stage))
        assert asdict(await site.contents()) | {"now_ms": 0} == asdict(before) | {"now_ms": 0}


async def test_a_request_that_changed_nothing_changes_nothing_when_it_is_repeated(store_url):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        first = await rooms.lock_room(site.services, keyed(site))
        await rooms.unlock_room(site.services, site.by(None))
        assert await rooms.lock_room(site.services, keyed(site)) == first
        assert not (await site.contents()).room.locked


async def test_a_role_that_was_theirs_already_is_not_given_by_a_repetition(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        vera = await site.bring_in("vera", Role.SPEAKER)
        first = await roles.change_role(site.services, keyed(site), vera, Role.SPEAKER)
        await roles.change_role(site.services, site.by(None), vera, Role.VIEWER)
        assert await roles.change_role(site.services, keyed(site), vera, Role.SPEAKER) == first
        assert first["changed"] is False
        assert (await site.person("vera")).role is Role.VIEWER


async def test_admitting_everybody_again_admits_nobody_who_came_since(store_url):
    async with open_site(store_url, batch_size=2) as site:
        await site.create_room(locked=True)
        for number in range(5):
            await site.arrive(f"waiter{number}")
        first = await let_in.admit_all(site.services, keyed(site))
        await site.arrive("late")
        assert await let_in.admit_all(site.services, keyed(site)) == first
        assert first["admitted"] == 5
        assert (await site.person("late")).state is PersonState.WAITING
        # Each step of it is kept as long as the whole.
        assert await kept_ms(site, "key 0") > DAY_MS - 60_000


async def test_no_link_is_kept_with_an_answer(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        invitee = Invitee(email="ann@example.com", first_name="Ann", last_name="Ode", role=Role.VIEWER)
        links = {(await invite(site.services, keyed(site), invitee))["link"] for _ in range(2)}
        links.add((await site.make_guest_link())["link"])
        assert len(links) == 2
        kept = [await site.store.redis.get(key) for key in await site.store.redis.keys("*:result:*")]
        assert kept
        assert not [text for text in kept for link in links if link.partition("#")[2].encode() in text]


@pytest.mark.parametrize("name", sorted(ACT_TAGS & set(LOGGED)))
async def test_the_site_may_do_every_act_and_nobody_is_named_for_it(store_url, name):
    async with open_site(store_url) as site:
        stage = await set_stage(site, CASES[name])
        async with verify_action(site) as caused:
            await run_command(site.services, site.by(None), CASES[name].command(stage))
        assert caused.entries
        assert caused.events[0].by is None


@pytest.mark.parametrize("command", [m.HandRaise(id="c"), m.HandLower(id="c")])
async def test_the_site_has_no_hand_of_its_own(command):
    async with open_site("memory://") as site:
        await site.create_room()
        with pytest.raises(NotInside):
            await run_command(site.services, site.by(None), command)


@pytest.mark.parametrize("name", CASES)
async def test_every_answer_is_what_its_command_is_said_to_answer(name):
    async with open_site("memory://") as site:
        stage = await set_stage(site, CASES[name])
        answer = await stage.run(CASES[name], BOSS)
        answer.pop("seq", None)
        command = type(CASES[name].command(stage))
        told = msgspec.to_builtins(answer)
        assert set(told) == set(RESULTS[command].__struct_fields__)
        msgspec.convert(told, RESULTS[command])


def test_what_only_tabs_do_is_not_run_as_an_act():
    assert not {command for command, _ in ACTS.values()} & OF_A_TAB
