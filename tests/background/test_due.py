"""What is due is done once, whoever does it, and what names nothing any more is forgotten."""

from __future__ import annotations

import asyncio

import pytest

from server.background import due as due_module
from server.background.due import DueRunner
from server.domain.person import PersonState
from server.domain.roles import Role
from server.domain.room import Opens, Phase
from tests.support.rooms import HOUR_MS, ROOM, Site, open_site, shard_of_room

WAITERS = ("vic", "vera", "wanda", "will", "olga")


@pytest.fixture(autouse=True)
def looks_at_once(monkeypatch):
    monkeypatch.setattr(due_module, "LOOK_EVERY_S", 0)


async def scheduled_room(site: Site, *, in_ms: int = HOUR_MS, **fields: object) -> None:
    await site.create_room(starts_at_ms=await site.now_ms() + in_ms, **fields)


async def happened(site: Site) -> list[str]:
    """The log in short: what the room did, and who came in."""
    shown = {"room_changed": lambda entry: entry.event.what, "participants_joined": lambda entry: len(entry.people())}
    return [shown[entry.event.name](entry) for entry in await site.entries() if entry.event.name in shown]


def move_on(site: Site, ms: int) -> None:
    for services in site._nodes:
        services.store.scripts.skew_ms += ms


async def due_members(site: Site) -> list[str]:
    members = await site.store.redis.zrange(site.store.keyspace.by_shard[shard_of_room(site.services)].due, 0, -1)
    return [member.decode() for member in members]


@pytest.mark.parametrize("nodes", [1, 2, 5])
async def test_a_start_opens_the_room_once_however_many_nodes_look_at_the_same_instant(store_url, nodes):
    async with open_site(store_url, batch_size=2) as site:
        others = [await site.add_node() for _ in range(nodes - 1)]
        await scheduled_room(site)
        for name in WAITERS:
            await site.arrive(name)
        before = len(await happened(site))
        move_on(site, HOUR_MS)
        await asyncio.gather(*(DueRunner(services).step() for services in (site.services, *others)))
        done = (await happened(site))[before:]
        assert done.count("opening") == 1
        assert done.count("opened") == 1
        assert sum(entry for entry in done if isinstance(entry, int)) == len(WAITERS)
        assert done[0] == "opening"
        contents = await site.contents()
        assert contents.room.phase is Phase.OPEN
        assert contents.line() == []
        assert not [member for member in await due_members(site) if not member.startswith("gone")]


async def test_nothing_happens_before_its_instant(store_url):
    async with open_site(store_url) as site:
        await scheduled_room(site)
        await site.arrive("vic")
        before = await site.seq()
        move_on(site, HOUR_MS - 60_000 * 16)
        await DueRunner(site.services).step()
        assert await site.seq() == before


async def test_a_room_that_a_host_opens_is_told_once_that_its_time_has_come(store_url):
    async with open_site(store_url) as site:
        other = await site.add_node()
        await scheduled_room(site, opens=Opens.BY_HOST)
        await site.arrive("vic")
        before = len(await happened(site))
        move_on(site, HOUR_MS)
        await asyncio.gather(*(DueRunner(services).step() for services in (site.services, other)))
        assert (await happened(site))[before:] == ["start_reached"]
        assert (await site.contents()).room.phase is Phase.SCHEDULED


async def test_a_start_that_was_moved_opens_the_room_at_its_new_instant_only(store_url):
    async with open_site(store_url) as site:
        from server.actions.rooms import edit_room

        await scheduled_room(site)
        await edit_room(site.services, site.by(None), {"starts_at_ms": await site.now_ms() + 2 * HOUR_MS})
        move_on(site, HOUR_MS)
        await DueRunner(site.services).step()
        assert (await site.contents()).room.phase is Phase.SCHEDULED
        move_on(site, HOUR_MS)
        await DueRunner(site.services).step()
        assert (await site.contents()).room.phase is Phase.OPEN


async def test_somebody_whose_grace_is_over_has_left_once(store_url):
    async with open_site(store_url) as site:
        other = await site.add_node()
        await site.create_room()
        await site.arrive("vic")
        await site.close_tab("vic", at_once=False)
        move_on(site, site.services.settings.participant_grace_ms + 1)
        await asyncio.gather(*(DueRunner(services).step() for services in (site.services, other)))
        assert [entry.event.name for entry in await site.entries()].count("people_left") == 1
        assert not (await site.person("vic")).present


async def test_somebody_who_came_back_in_time_has_not_left(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.arrive("vic")
        await site.close_tab("vic", at_once=False)
        await site.open_tab("vic", "2")
        move_on(site, HOUR_MS)
        await DueRunner(site.services).step()
        assert (await site.person("vic")).present


async def test_a_speaker_whose_own_instant_comes_as_they_enter_is_let_in_by_the_next_look(store_url, monkeypatch):
    """After the rule saw them as too early and the look for early entries found nobody, and before they stand in the line."""
    async with open_site(store_url) as site:
        await scheduled_room(site, early_entry_s=600)
        enter = site.store.tabs.enter

        async def enter_when_the_instant_has_come(*args: object, **fields: object) -> int:
            move_on(site, HOUR_MS - 600_000)
            await DueRunner(site.services).step()
            assert not [member for member in await due_members(site) if member.startswith("early")]
            return await enter(*args, **fields)

        with monkeypatch.context() as patched:
            patched.setattr(site.store.tabs, "enter", enter_when_the_instant_has_come)
            await site.arrive("spike", Role.SPEAKER)
        assert (await site.person("spike")).state is PersonState.WAITING
        await DueRunner(site.services).step()
        assert (await site.person("spike")).state is PersonState.INSIDE
        assert (await site.contents()).room.phase is Phase.SCHEDULED


@pytest.mark.parametrize("kind", ["open", "early", "line", "gone"])
async def test_what_names_a_room_that_is_no_more_is_forgotten(store_url, kind):
    async with open_site(store_url) as site:
        key = site.store.keyspace.by_shard[shard_of_room(site.services)].due
        await site.store.redis.zadd(key, {f"{kind}|{ROOM}|{'p1' if kind == 'gone' else ''}": 1})
        await DueRunner(site.services).step()
        await DueRunner(site.services).step()
        assert await due_members(site) == []


async def test_a_deleted_room_leaves_nothing_to_do(store_url):
    async with open_site(store_url) as site:
        from server.actions.rooms import delete_room

        await scheduled_room(site)
        await site.arrive("vic")
        await delete_room(site.services, site.by(None))
        move_on(site, HOUR_MS)
        before = await site.seq()
        await DueRunner(site.services).step()
        assert await site.seq() == before
        assert await due_members(site) == []


async def test_one_rooms_broken_record_keeps_no_other_room_closed(store_url):
    async with open_site(store_url, log_shards=1) as site:
        await scheduled_room(site)
        await scheduled_room_of(site, "broken")
        await site.store.redis.hset(site.store.keyspace.room("broken").room, "doc", "{")
        move_on(site, HOUR_MS)
        await DueRunner(site.services).step()
        assert (await site.contents()).room.phase is Phase.OPEN


async def scheduled_room_of(site: Site, room_id: str) -> None:
    await site.create_room(room_id, starts_at_ms=await site.now_ms() + HOUR_MS - 1)


async def test_a_seat_that_is_kept_no_longer_lets_the_next_in_once(store_url):
    async with open_site(store_url) as site:
        other = await site.add_node()
        await site.create_room(capacity=1)
        for name in ("vic", "wanda", "will"):
            await site.arrive(name)
        await site.close_tab("vic", at_once=False)
        settings = site.services.settings
        move_on(site, settings.participant_grace_ms + 1)
        await DueRunner(site.services).step()
        assert (await site.person("wanda")).state is PersonState.WAITING, "the seat is vic's for a while"
        move_on(site, settings.seat_hold_s * 1000 + 1)
        await asyncio.gather(*(DueRunner(services).step() for services in (site.services, other)))
        contents = await site.contents()
        assert [person.name for person in contents.participants()] == ["Wanda"]
        assert [person.name for person in contents.line()] == ["Will"]


async def test_a_session_whose_hosts_stay_away_ends_once(store_url):
    async with open_site(store_url) as site:
        other = await site.add_node()
        await site.create_room(host_absence_s=60)
        await site.arrive("mod", Role.MODERATOR)
        await site.close_tab("mod")
        await DueRunner(site.services).step()
        assert (await site.contents()).room.phase is Phase.OPEN
        move_on(site, 60_001)
        await asyncio.gather(*(DueRunner(services).step() for services in (site.services, other)))
        assert (await happened(site)).count("ended") == 1
        assert not [member for member in await due_members(site) if member.startswith("absent")]


async def test_hosts_who_are_away_are_called_once_for_whoever_waits(store_url):
    async with open_site(store_url) as site:
        other = await site.add_node()
        await site.create_room(locked=True)
        await site.arrive("wanda")
        await asyncio.gather(*(DueRunner(services).step() for services in (site.services, other)))
        assert [entry.event.name for entry in await site.entries()].count("hosts_wanted") == 1
        assert not [member for member in await due_members(site) if member.startswith("ping")]
