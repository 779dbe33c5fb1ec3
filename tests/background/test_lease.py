"""Keeping the node's leases: frozen in time, thawed openly, and its tabs registered again after a lapse."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from server.actions import sanctions
from server.background.lease import FREEZE_AFTER, REENTER_AT_ONCE
from server.background.outgoing import OutgoingFlusher
from server.background.sweeper import Sweeper
from server.domain.refusals import StoreUnavailable
from server.domain.roles import Role
from server.hub.connection import Connection
from server.web.hello import Socket, greet
from server.wire.codec import Encoding
from server.wire.messages import Hello
from tests.background.parts import FakeTime, Parts, node_of, out_of_reach, reasons
from tests.hub.tabs import KeptOutbox, Tab
from tests.support.rooms import ROOM, open_site

pytestmark = pytest.mark.usefixtures("short_silence")

TTL_S = 60.0  # of the site's leases


async def fail_to_renew(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(parts.services.store.shards, "renew_lease", out_of_reach())
        with pytest.raises(StoreUnavailable):
            await parts.lease.renew()


async def test_a_node_that_cannot_renew_freezes_before_others_may_take_it_for_dead(fake_time, monkeypatch):
    async with open_site("memory://") as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        await fail_to_renew(parts, monkeypatch)
        fake_time.now_s += TTL_S * FREEZE_AFTER - 0.1
        await parts.lease.watch()
        assert not parts.lease.is_frozen
        assert "stale" not in tab.types
        fake_time.now_s += 0.2
        await parts.lease.watch()
        assert parts.lease.is_frozen
        assert FREEZE_AFTER * TTL_S < TTL_S
        assert (tab.last["type"], tab.last["stale"]) == ("stale", True)
        await parts.lease.watch()
        assert tab.types.count("stale") == 1


async def test_a_renewal_that_hangs_freezes_the_node_as_a_failure_does(fake_time):
    """Nothing has failed yet; but nothing has been answered either."""
    async with open_site("memory://") as site, node_of(site) as parts:
        fake_time.now_s += TTL_S
        await parts.lease.watch()
        assert parts.lease.is_frozen


async def test_when_the_store_answers_again_tabs_are_told_and_nobody_was_closed(fake_time):
    async with open_site("memory://") as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        fake_time.now_s += TTL_S
        await parts.lease.watch()
        await parts.lease.renew()
        assert not parts.lease.is_frozen
        assert [message["stale"] for message in tab.messages if message["type"] == "stale"] == [True, False]
        assert parts.hub.stale_since_ms is None
        assert not tab.connection.ended.done()


async def test_tabs_are_kept_for_a_while_and_then_sent_elsewhere(fake_time):
    async with open_site("memory://") as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        fake_time.now_s += TTL_S
        await parts.lease.watch()
        close_s = site.services.settings.freeze_close_ms / 1000
        fake_time.now_s += close_s - 0.1
        await parts.lease.watch()
        assert not tab.connection.ended.done()
        fake_time.now_s += 0.2
        await parts.lease.watch()
        assert tab.last["code"] == "store_unavailable"
        assert tab.last["retry_after_ms"] is not None
        assert isinstance(tab.connection.ended.result(), StoreUnavailable)


# ── A lapse ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def lose_lease(parts: Parts) -> None:
    """It runs out, and another node sweeps what looks dead."""
    store = parts.services.store
    for shard in range(store.shards.count):
        await store.shards.drop_lease(shard)
    for room_id, tabs in (await store.shards.tabs_of(parts.shard(), store.scripts.node_id)).items():
        await store.tabs.sweep(room_id, tabs, dead_node_id=store.scripts.node_id)


async def test_after_a_lapse_the_tabs_that_were_swept_are_registered_again_and_get_the_room_whole(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tabs = [await parts.join(name) for name in ("vic", "vera")]
        await lose_lease(parts)
        assert not (await site.person("vic")).present
        await parts.lease.renew()
        await parts.catch_up()
        assert (await site.person("vic")).present
        for tab in tabs:
            assert "store_restored" in reasons(tab)
        await parts.check_whole(*tabs)


async def test_a_lapse_that_nobody_used_ends_the_same_way_and_nobody_left(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        before = await site.seq()
        for shard in range(parts.services.store.shards.count):
            await parts.services.store.shards.drop_lease(shard)
        await parts.lease.renew()
        await parts.catch_up()
        assert "people_left" not in [entry.event.name for entry in await site.entries(before)]
        await parts.check_whole(tab)


async def test_registering_again_is_tried_until_it_succeeds(store_url, monkeypatch):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        enter = tab.connection.reenter
        await lose_lease(parts)
        tab.connection.reenter = out_of_reach()
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                await parts.lease.renew()
        assert not (await site.person("vic")).present
        tab.connection.reenter = enter
        await parts.lease.renew()
        assert (await site.person("vic")).present


async def test_somebody_banned_during_the_lapse_does_not_come_back(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        await site.arrive("boss", Role.MANAGER)
        tab = await parts.join("vic")
        await lose_lease(parts)
        await sanctions.ban(site.services, site.by(None), site.ids["vic"])
        await parts.lease.renew()
        refusal = tab.connection.ended.result()
        assert refusal is not None
        assert refusal.code == "banned"


async def test_a_tab_that_went_during_the_lapse_is_not_registered(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        gone, stays = await parts.join("vic"), await parts.join("vera")
        await lose_lease(parts)
        parts.hub.detach(gone.connection)
        await parts.lease.renew()
        assert not (await site.person("vic")).present
        assert (await site.person("vera")).present
        assert not stays.connection.ended.done()


async def test_a_tab_that_goes_as_it_is_registered_again_leaves_nothing_behind(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        gone, _ = await parts.join("vic"), await parts.join("vera")
        flusher, enter = OutgoingFlusher(parts.services, parts.hub), gone.connection.reenter

        async def enter_when_the_tab_has_gone() -> int:
            parts.hub.detach(gone.connection, at_once=True)
            await flusher.flush()
            return await enter()

        gone.connection.reenter = enter_when_the_tab_has_gone
        await lose_lease(parts)
        await parts.lease.renew()
        await flusher.flush()
        tabs = await parts.services.store.shards.tabs_of(parts.shard(), parts.services.store.scripts.node_id)
        assert [participant_id for participant_id, _ in tabs[ROOM]] == [site.ids["vera"]]


async def test_another_epoch_is_told_openly_and_old_positions_are_worth_nothing(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        before = tab.messages[0]["position"]["epoch"]
        await site.store.redis.delete(site.store.keyspace.by_shard[parts.shard()].epoch)
        await parts.lease.renew()
        await parts.catch_up()
        assert "epoch" in reasons(tab)
        last = next(message for message in reversed(tab.messages) if message["type"] == "resync")
        assert last["position"]["epoch"] != before
        await parts.check_whole(tab)


# ── Who may sweep ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_nobody_sweeps_before_a_whole_lease_has_passed_in_good_order(fake_time):
    async with open_site("memory://") as site, node_of(site) as parts:
        for _ in range(5):
            assert not parts.lease.may_sweep(0)
            fake_time.now_s += TTL_S / 5
            await parts.lease.renew()
        fake_time.now_s += 0.1
        assert parts.lease.may_sweep(0)


async def test_a_failure_begins_the_wait_anew(fake_time, monkeypatch):
    async with open_site("memory://") as site:
        services = replace(site.services, settings=replace(site.services.settings, lease_renew_ms=0))
        async with node_of(site, services) as parts:
            for _ in range(4):
                fake_time.now_s += TTL_S / 3
                await parts.lease.renew()
            assert parts.lease.may_sweep(0)
            with monkeypatch.context() as patched:
                patched.setattr(parts.services.store.shards, "renew_lease", out_of_reach())
                await parts.lease.step()
            assert not parts.lease.may_sweep(0)
            await parts.lease.renew()
            assert not parts.lease.may_sweep(0)


async def test_an_answer_that_was_long_on_its_way_gives_the_others_a_whole_lease_from_then_on(fake_time, monkeypatch):
    async with open_site("memory://") as site, node_of(site) as parts:
        renew, delays_s = parts.services.store.shards.renew_lease, [3 * TTL_S]

        async def renewed_late(shard: int):
            await parts.services.store.shards.drop_lease(shard)  # it ran out on the way
            pulse = await renew(shard)
            fake_time.now_s += delays_s.pop() if delays_s else 0
            return pulse

        with monkeypatch.context() as patched:
            patched.setattr(parts.services.store.shards, "renew_lease", renewed_late)
            await parts.lease.renew()
        fake_time.now_s += 0.1
        await parts.lease.renew()
        assert not parts.lease.may_sweep(0)


async def test_a_node_that_stood_still_sweeps_nobody_at_its_awakening(fake_time):
    async with open_site("memory://", lease_renew_ms=0) as site, node_of(site) as parts:
        await site.create_room()
        for _ in range(4):
            fake_time.now_s += TTL_S / 3
            await parts.lease.renew()
        other = await site.add_node()
        await site.arrive("vera")
        await site.open_tab("vera", "2", on=other)
        for shard in range(2):
            await other.store.shards.drop_lease(shard)
        fake_time.now_s += 3_600
        await Sweeper(parts.services, parts.lease).step()
        assert not parts.lease.may_sweep(parts.shard())
        assert len((await other.store.shards.tabs_of(parts.shard(), other.store.scripts.node_id))[ROOM]) == 1


# ── Many tabs, and tabs on their way in ──────────────────────────────────────────────────────────────────────────────


async def test_leases_are_kept_while_many_tabs_are_registered_again(fake_time):
    async with open_site("memory://") as site, node_of(site) as parts:
        await site.create_room()
        tabs = [await parts.join(f"p{number}") for number in range(2 * REENTER_AT_ONCE)]
        frozen: list[bool] = []
        for tab in (tabs[0], tabs[-1]):
            slow_down(tab, fake_time, parts, frozen)
        await lose_lease(parts)
        await parts.lease.renew()
        assert frozen == [False, False]


def slow_down(tab: Tab, fake_time: FakeTime, parts: Parts, frozen: list[bool]) -> None:
    """To register this tab takes two thirds of the time after which the node freezes."""
    enter = tab.connection.reenter
    assert enter is not None

    async def slowly() -> int:
        fake_time.now_s += TTL_S * FREEZE_AFTER * 2 / 3
        await parts.lease.watch()
        frozen.append(parts.lease.is_frozen)
        return await enter()

    tab.connection.reenter = slowly


async def test_a_lease_that_lapses_while_tabs_are_registered_again_is_not_forgotten(fake_time):
    async with open_site("memory://", log_shards=8) as site, node_of(site) as parts:
        await site.create_room()
        tabs = [await parts.join(f"p{number}") for number in range(2 * REENTER_AT_ONCE)]
        enter, lapses = tabs[0].connection.reenter, 1
        assert enter is not None

        async def lapse() -> int:
            nonlocal lapses
            seq = await enter()
            if lapses:
                lapses -= 1
                fake_time.now_s += TTL_S
                await lose_lease(parts)
            return seq

        tabs[0].connection.reenter = lapse
        await lose_lease(parts)
        with pytest.raises(StoreUnavailable):
            await parts.lease.renew()
        assert len(parts.lease._lapsed) == len(parts.lease.pulses), "also of shards that had been put right before"
        await parts.lease.renew()
        people = (await site.contents()).people.values()
        assert all(person.present for person in people)


async def test_a_tab_on_its_way_in_while_a_lease_lapses_is_registered_again(monkeypatch):
    async with open_site("memory://") as site, node_of(site) as parts:
        await site.create_room()
        await site.meet("vic", Role.VIEWER)
        token, _ = parts.services.tokens.mint_session(site.claims("vic"), parts.services.now_ms())
        attach = parts.hub.attach

        async def attach_late(connection: Connection, **fields: Any) -> None:
            await lose_lease(parts)
            await parts.lease.renew()
            await parts.catch_up()
            await attach(connection, **fields)

        monkeypatch.setattr(parts.hub, "attach", attach_late)
        socket = Socket(nonce="nonce", encoding=Encoding.JSON, outbox=KeptOutbox(), network="192.0.2.1")
        turn: Any = SimpleNamespace(end=lambda: None)
        await greet(parts.services, parts.hub, turn, socket, Hello(token=token))
        assert (await site.person("vic")).present
