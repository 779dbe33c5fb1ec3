"""Every command: what it causes is all that changed, the same request again changes nothing, and who may."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from server.settings import EMBEDDED_URL
from server.web.commands import OF_THE_TAB
from server.wire import messages as m
from tests.actions.stage import BOSS, CASES, CAST, LOGGED, OWN_AFFAIRS, STRANGER, set_stage
from tests.support.refusing import refused
from tests.support.rooms import open_site
from tests.support.verifying import verify_action


def test_every_command_that_there_is_has_a_case():
    declared = {command.__struct_config__.tag for command in m.AnyCommand.__args__}
    by_the_socket = {command.__struct_config__.tag for command in OF_THE_TAB}
    assert set(CASES) | OWN_AFFAIRS == declared - by_the_socket


@pytest.mark.parametrize("name", CASES)
async def test_snapshot_and_events_are_a_fresh_snapshot(either_store_url, name):
    async with open_site(either_store_url) as site:
        stage = await set_stage(site, CASES[name])
        async with verify_action(site) as caused:
            await stage.run(CASES[name], BOSS)
        assert bool(caused.entries) is not CASES[name].silent


@pytest.mark.parametrize("name", CASES)
async def test_the_same_request_again_gets_the_first_answer_and_changes_nothing(either_store_url, name):
    async with open_site(either_store_url) as site:
        stage = await set_stage(site, CASES[name])
        answer = await stage.run(CASES[name], BOSS)
        before = await site.contents()
        other = await site.add_node()
        assert await stage.run(CASES[name], BOSS, on=other) == answer
        assert asdict(await site.contents()) | {"now_ms": 0} == asdict(before) | {"now_ms": 0}


MAY = [(name, actor) for name, case in CASES.items() for actor in CAST if actor in case.allowed]


@pytest.mark.parametrize(("name", "actor"), MAY)
async def test_who_holds_the_right_may(name, actor):
    async with open_site(EMBEDDED_URL) as site:
        stage = await set_stage(site, CASES[name])
        before = await site.seq()
        await stage.run(CASES[name], actor)
        assert (await site.seq() > before) is not CASES[name].silent


@pytest.mark.parametrize("name", CASES)
async def test_nobody_else_may_and_nothing_is_done(name):
    async with open_site(EMBEDDED_URL) as site:
        stage = await set_stage(site, CASES[name])
        before = await site.seq()
        for actor in [who for who in CAST if who not in CASES[name].allowed]:
            with refused("role_forbidden"):
                await stage.run(CASES[name], actor)
        for actor in (STRANGER, "wanda"):
            with refused("not_inside"):
                await stage.run(CASES[name], actor)
        assert await site.seq() == before


@pytest.mark.parametrize("name", LOGGED)
async def test_whoever_did_it_is_named_on_the_log(name):
    async with open_site(EMBEDDED_URL) as site:
        stage = await set_stage(site, CASES[name])
        async with verify_action(site) as caused:
            await stage.run(CASES[name], BOSS)
        assert caused.events[0].by == stage.id_of(BOSS)
