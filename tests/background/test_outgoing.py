"""What tabs did is kept until the store has heard it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.actions.roles import change_role
from server.background.outgoing import OutgoingFlusher
from server.domain.refusals import StoreUnavailable
from server.domain.roles import Role
from tests.background.parts import Parts, node_of, out_of_reach
from tests.support.rooms import ROOM, open_site

pytestmark = pytest.mark.usefixtures("short_silence")


async def application_of(parts: Parts, name: str) -> tuple[int, int]:
    contents = await parts.site.contents()
    application = contents.applications[parts.site.ids[name]]
    return application.applied, application.expected


async def promote(parts: Parts, name: str, role: Role = Role.SPEAKER) -> None:
    await change_role(parts.services, parts.site.by(None), parts.site.ids[name], role)
    await parts.catch_up()


async def test_acknowledgements_of_many_tabs_are_one_entry(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tabs = [await parts.join("vic") for _ in range(3)]
        await promote(parts, "vic")
        before = await site.seq()
        for tab in tabs:
            parts.hub.acknowledge(tab.connection, 2)
        await OutgoingFlusher(parts.services, parts.hub).step()
        assert await site.seq() == before + 1
        assert await application_of(parts, "vic") == (3, 3)


async def test_an_acknowledgement_that_the_store_did_not_hear_is_kept_and_stored_later(store_url, monkeypatch):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        await promote(parts, "vic")
        parts.hub.acknowledge(tab.connection, 2)
        flusher = OutgoingFlusher(parts.services, parts.hub)
        with monkeypatch.context() as patched:
            patched.setattr(parts.services.store.people, "acknowledge_roles", out_of_reach())
            for _ in range(2):
                with pytest.raises(StoreUnavailable):
                    await flusher.step()
        assert await application_of(parts, "vic") == (0, 1)
        await flusher.step()
        assert await application_of(parts, "vic") == (1, 1)


async def test_a_newer_acknowledgement_is_not_undone_by_one_that_was_kept(store_url, monkeypatch):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        await promote(parts, "vic")
        parts.hub.acknowledge(tab.connection, 2)
        flusher = OutgoingFlusher(parts.services, parts.hub)
        acknowledge = parts.services.store.people.acknowledge_roles

        async def fails_meanwhile(*args: object) -> None:
            await promote(parts, "vic", Role.MODERATOR)
            parts.hub.acknowledge(tab.connection, 3)
            raise StoreUnavailable

        with monkeypatch.context() as patched:
            patched.setattr(parts.services.store.people, "acknowledge_roles", fails_meanwhile)
            with pytest.raises(StoreUnavailable):
                await flusher.step()
        assert acknowledge is not None
        await flusher.step()
        assert await application_of(parts, "vic") == (1, 1)


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_departure_that_the_store_did_not_hear_is_kept_and_stored_later(store_url, monkeypatch, at_once):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        parts.hub.detach(tab.connection, at_once=at_once)
        flusher = OutgoingFlusher(parts.services, parts.hub)
        with monkeypatch.context() as patched:
            patched.setattr(parts.services.store.tabs, "leave", out_of_reach())
            with pytest.raises(StoreUnavailable):
                await flusher.step()
        assert (await site.person("vic")).present
        await flusher.step()
        assert (await site.person("vic")).present is not at_once
        assert ROOM not in await site.store.shards.tabs_of(parts.shard(), site.store.scripts.node_id)


async def test_what_a_bug_kept_from_the_store_is_stored_in_the_next_round(store_url, monkeypatch):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        stays, goes = await parts.join("vic"), await parts.join("vera")
        await promote(parts, "vic")

        async def fail(*_: object, **__: object) -> None:
            raise KeyError("nobody thought of this")

        for name, owner in (("acknowledge_roles", parts.services.store.people), ("leave", parts.services.store.tabs)):
            parts.hub.acknowledge(stays.connection, 2)
            parts.hub.detach(goes.connection, at_once=True)
            with monkeypatch.context() as patched:
                patched.setattr(owner, name, fail)
                with pytest.raises(StoreUnavailable):
                    await OutgoingFlusher(parts.services, parts.hub).step()
        await OutgoingFlusher(parts.services, parts.hub).step()
        assert await application_of(parts, "vic") == (1, 1)
        assert not (await site.person("vera")).present


async def test_one_rooms_trouble_does_not_hold_back_another(store_url, monkeypatch):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        parts.hub.detach(tab.connection, at_once=True)
        parts.hub.outgoing.depart("elsewhere", "p1", "c1", True)
        leave = parts.services.store.tabs.leave

        async def fails_elsewhere(room_id: str, tabs: list[tuple[str, str]], *, at_once: bool) -> None:
            if room_id == "elsewhere":
                raise StoreUnavailable
            await leave(room_id, tabs, at_once=at_once)

        monkeypatch.setattr(parts.services.store.tabs, "leave", fails_elsewhere)
        with pytest.raises(StoreUnavailable):
            await OutgoingFlusher(parts.services, parts.hub).step()
        assert not (await site.person("vic")).present
        assert list(parts.hub.outgoing.take()) == ["elsewhere"]


async def test_an_acknowledgement_of_a_role_that_a_tab_was_never_told_counts_for_nothing(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        parts.hub.acknowledge(tab.connection, 99)
        assert parts.hub.outgoing.take() == {}


@asynccontextmanager
async def promoted_vic_acknowledges() -> AsyncIterator[Parts]:
    """A node on which an acknowledgement waits to be stored."""
    async with open_site("memory://") as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        await promote(parts, "vic")
        parts.hub.acknowledge(tab.connection, 2)
        yield parts


async def test_what_is_on_its_way_when_the_node_stops_is_stored_by_the_last_flush(monkeypatch):
    async with promoted_vic_acknowledges() as parts:
        flusher, under_way = OutgoingFlusher(parts.services, parts.hub), asyncio.Event()

        async def hang(*_: object) -> None:
            under_way.set()
            await asyncio.sleep(60)

        with monkeypatch.context() as patched:
            patched.setattr(parts.services.store.people, "acknowledge_roles", hang)
            step = asyncio.create_task(flusher.step())
            await under_way.wait()
            step.cancel()
            await asyncio.gather(step, return_exceptions=True)
        await flusher.flush()
        assert await application_of(parts, "vic") == (1, 1)


async def test_what_was_only_just_taken_when_the_node_stops_is_stored_by_the_last_flush(monkeypatch):
    async with promoted_vic_acknowledges() as parts:
        flusher, take = OutgoingFlusher(parts.services, parts.hub), parts.hub.outgoing.take

        def take_and_stop() -> object:
            asyncio.get_running_loop().call_soon(step.cancel)  # before anything of it has begun
            return take()

        with monkeypatch.context() as patched:
            patched.setattr(parts.hub.outgoing, "take", take_and_stop)
            step = asyncio.create_task(flusher.step())
            await asyncio.gather(step, return_exceptions=True)
        await flusher.flush()
        assert await application_of(parts, "vic") == (1, 1)
