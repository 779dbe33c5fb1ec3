"""A room with a capacity: who finds a seat, who waits for one, whose seat is kept, and who comes next."""

from __future__ import annotations

import asyncio

import pytest

from server.actions import let_in, line, presence, roles, rooms, sanctions
from server.actions.services import Services
from server.domain.person import PersonState
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from server.wire.audiences import Audience
from server.wire.lobby import Places, lobby_of_person
from tests.support.refusing import refused
from tests.support.rooms import HOUR_MS, ROOM, Site, open_site
from tests.support.verifying import verify_action

HOLD_MS = 60_000


async def full_room(site: Site, *inside: str, **room: object) -> None:
    """A room with as many seats as `inside`, who take them, and with a host beyond them where there is one named boss."""
    await site.create_room(**{"capacity": max(1, len(inside)), **room})
    for name in inside:
        await site.arrive(name, Role.MANAGER if name == "boss" else Role.VIEWER)


async def inside(site: Site) -> list[str]:
    return sorted(person.name for person in (await site.contents()).participants())


async def waiting(site: Site) -> list[str]:
    return [person.name for person in (await site.contents()).line()]


async def page_of(site: Site, name: str) -> str:
    contents = await site.contents()
    return str(lobby_of_person(contents, contents.people[site.ids[name]], Places(contents), contents.now_ms).state)


async def look(site: Site) -> None:
    """What is due is done: whoever finds a seat goes in."""
    await let_in.let_everybody_in(site.services, ROOM)


async def test_who_finds_no_seat_waits_for_one(store_url):
    async with open_site(store_url) as site:
        await full_room(site, "ann", "bob")
        await site.meet("cat")
        async with verify_action(site) as caused:
            await site.arrive("cat")
        assert (caused.names, caused.told(Audience.INSIDE)) == (["waiters_added"], [])
        assert (await inside(site), await waiting(site)) == (["Ann", "Bob"], ["Cat"])
        assert await page_of(site, "cat") == "room_full"


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.MANAGER])
async def test_a_host_comes_in_beyond_the_capacity_and_is_counted(store_url, role):
    async with open_site(store_url) as site:
        await full_room(site, "ann")
        await site.arrive("mod", role)
        assert await inside(site) == ["Ann", "Mod"]
        await site.close_tab("ann")
        await site.arrive("bob")
        assert await page_of(site, "bob") == "room_full"


@pytest.mark.parametrize("count", [50])
async def test_of_many_who_come_at_once_on_two_nodes_as_many_get_in_as_there_are_seats(store_url, count):
    async with open_site(store_url) as site:
        await site.create_room(capacity=10)
        nodes = [site.services, await site.add_node()]
        names = [f"p{number}" for number in range(count)]
        for name in names:
            await site.meet(name)
        async with verify_action(site):
            await asyncio.gather(*(site.open_tab(name, on=nodes[i % 2]) for i, name in enumerate(names)))
        assert (len(await inside(site)), len(await waiting(site))) == (10, 40)
        assert {await page_of(site, name) for name in names if name.title() in await waiting(site)} == {"room_full"}


async def test_seats_that_are_free_again_go_in_the_order_of_the_line(store_url):
    async with open_site(store_url) as site:
        await full_room(site, "ann", "bob", "cat")
        for name in ("dan", "eve", "fay", "gil"):
            await site.arrive(name)
        await site.close_tab("bob")
        await look(site)
        assert (await inside(site), await waiting(site)) == (["Ann", "Cat", "Dan"], ["Eve", "Fay", "Gil"])
        await rooms.edit_room(site.services, site.by(None), {"capacity": 5})
        assert (await inside(site), await waiting(site)) == (["Ann", "Cat", "Dan", "Eve", "Fay"], ["Gil"])


async def test_who_comes_while_a_seat_is_free_does_not_overtake_the_line(store_url):
    async with open_site(store_url) as site:
        await full_room(site, "ann")
        await site.arrive("bob")
        await site.close_tab("ann")
        await site.arrive("cat")
        assert await waiting(site) == ["Bob", "Cat"]
        assert [await page_of(site, name) for name in ("bob", "cat")] == ["entering", "room_full"]
        await look(site)
        assert (await inside(site), await waiting(site)) == (["Bob"], ["Cat"])


async def records_read(site: Site) -> int:
    return int((await site.store.redis.info("commandstats"))["cmdstat_hget"]["calls"])


async def test_a_line_in_which_nobody_may_walk_in_is_not_gone_through_for_each_who_comes(redis_url):
    async with open_site(redis_url) as site:
        await site.create_room(capacity=9)
        await site.bring_in("ann")
        await site.close_tab("ann")
        await rooms.lock_room(site.services, site.by(None))
        for number in range(30):
            await site.arrive(f"p{number}")
        await look(site)
        before = await records_read(site)
        await site.open_tab("ann", "2")
        assert await inside(site) == ["Ann"]
        assert await records_read(site) - before < 30


async def test_whose_time_has_come_is_not_overtaken_though_nobody_has_looked_at_the_line_yet(store_url):
    async with open_site(store_url) as site:
        await site.create_room(capacity=1, starts_at_ms=await site.now_ms() + HOUR_MS, early_entry_s=60)
        for name in ("ann", "bob"):
            await site.meet(name, Role.SPEAKER)
        await site.open_tab("ann")
        site.store.scripts.skew_ms += HOUR_MS - 30_000
        await site.open_tab("bob")
        assert await waiting(site) == ["Ann", "Bob"]
        await look(site)
        assert await inside(site) == ["Ann"]


async def test_a_host_whose_time_has_come_needs_no_seat(store_url):
    async with open_site(store_url) as site:
        await full_room(site, "boss", starts_at_ms=await site.now_ms() + HOUR_MS, early_entry_s=60)
        await site.arrive("mo", Role.MODERATOR)
        assert await waiting(site) == ["Mo"]
        site.store.scripts.skew_ms += HOUR_MS - 30_000
        await look(site)
        assert await inside(site) == ["Boss", "Mo"]


async def leaves(site: Site, name: str) -> None:
    await site.close_tab(name)


async def is_removed(site: Site, name: str) -> None:
    await sanctions.remove(site.services, site.by(None), site.ids[name])


async def is_banned(site: Site, name: str) -> None:
    await sanctions.ban(site.services, site.by(None), site.ids[name])


async def is_sent_back(site: Site, name: str) -> None:
    await line.send_back(site.services, site.by(None), site.ids[name])


async def stays_away(site: Site, name: str) -> None:
    await site.close_tab(name, at_once=False)
    site.store.scripts.skew_ms += 5_000
    await presence.grace_over(site.services, ROOM, site.ids[name])
    site.store.scripts.skew_ms += HOLD_MS + 1


async def is_no_more_counted(site: Site, name: str) -> None:
    await rooms.edit_room(site.services, site.by(None), {"capacity": None})


@pytest.mark.parametrize("happens", [leaves, is_removed, is_banned, is_sent_back, stays_away, is_no_more_counted])
async def test_a_seat_that_becomes_free_lets_the_next_one_in(store_url, happens):
    async with open_site(store_url) as site:
        await full_room(site, "ann")
        await site.arrive("bob")
        async with verify_action(site):
            await happens(site, "ann")
            assert [kind for kind in await due_now(site) if kind in ("line", "seat")] or happens is is_no_more_counted
            await look(site)
        assert "Bob" in await inside(site)


async def due_now(site: Site) -> list[str]:
    shard = site.store.shards
    found = [await shard.due(number) for number in range(shard.count)]
    return [member.split("|")[0] for due in found for member in due.members]


async def test_a_seat_is_kept_while_the_connection_is_gone_for_a_moment(store_url):
    async with open_site(store_url) as site:
        await full_room(site, "ann", locked=False)
        await site.arrive("bob")
        await site.close_tab("ann", at_once=False)
        site.store.scripts.skew_ms += 5_000
        await presence.grace_over(site.services, ROOM, site.ids["ann"])
        site.store.scripts.skew_ms += HOLD_MS - 1_000
        await look(site)
        assert (await inside(site), await page_of(site, "bob")) == ([], "room_full")
        await site.open_tab("ann", "2")
        assert await inside(site) == ["Ann"]
        site.store.scripts.skew_ms += HOLD_MS
        await look(site)
        assert await waiting(site) == ["Bob"]


async def test_the_seat_of_somebody_whose_node_died_is_kept_as_well(store_url):
    async with open_site(store_url) as site:
        await site.create_room(capacity=1)
        other = await site.add_node()
        await site.meet("ann")
        await site.open_tab("ann", on=other)
        await site.arrive("bob")
        await drop_leases(other)
        await site.store.tabs.sweep(ROOM, [(site.ids["ann"], "c-ann-1")], dead_node_id=other.store.scripts.node_id)
        await look(site)
        assert (await inside(site), await waiting(site)) == ([], ["Bob"])
        await site.open_tab("ann", "2")
        assert await inside(site) == ["Ann"]


async def drop_leases(services: Services) -> None:
    for shard in range(services.store.shards.count):
        await services.store.shards.drop_lease(shard)


async def test_who_lost_the_seat_goes_past_the_lock_as_soon_as_there_is_one(store_url):
    async with open_site(store_url) as site:
        await full_room(site, "ann", "bob", "boss")
        await stays_away(site, "ann")
        await site.arrive("cat")
        await rooms.lock_room(site.services, site.by("boss"))
        await site.arrive("dan")
        async with verify_action(site):
            await site.open_tab("ann", "2")
        assert (await waiting(site), await page_of(site, "ann")) == (["Dan", "Ann"], "room_full")
        await site.close_tab("cat")
        await look(site)
        assert (await inside(site), await waiting(site)) == (["Ann", "Bob", "Boss"], ["Dan"])


@pytest.mark.parametrize("happens", [is_removed, is_banned, is_sent_back])
async def test_who_was_put_out_is_admitted_no_more(happens):
    async with open_site(EMBEDDED_URL) as site:
        await full_room(site, "ann")
        await happens(site, "ann")
        assert not (await site.person("ann")).admitted


async def test_declined_one_is_admitted_no_more(store_url):
    async with open_site(store_url) as site:
        await full_room(site, "ann")
        await stays_away(site, "ann")
        await site.arrive("bob")
        await site.open_tab("ann", "2")
        assert await page_of(site, "ann") == "room_full"
        await line.decline(site.services, site.by(None), site.ids["ann"], None)
        assert ((await site.person("ann")).state, (await site.person("ann")).admitted) == (PersonState.DECLINED, False)


async def test_one_may_leave_the_line_of_a_full_room_and_join_its_end(store_url):
    async with open_site(store_url) as site:
        await full_room(site, "ann")
        for name in ("bob", "cat"):
            await site.arrive(name)
        await line.withdraw(site.services, site.by("bob"))
        await line.knock(site.services, site.by("bob"))
        assert (await waiting(site), await page_of(site, "bob")) == (["Cat", "Bob"], "room_full")


async def test_a_host_admits_as_many_as_find_a_seat_in_the_order_asked(store_url):
    async with open_site(store_url) as site:
        await full_room(site, "boss", capacity=3, locked=True)
        a, b, c = [await site.arrive(name) for name in ("ann", "bob", "cat")]
        gone = await site.meet("gone")
        async with verify_action(site):
            answer = await let_in.admit(site.services, site.by("boss"), [c, gone, b, a])
        assert (answer["admitted"], answer["already_decided"], answer["full"]) == ([c, b], [gone], [a])
        with refused("room_full"):
            await let_in.admit(site.services, site.by("boss"), [a])
        with refused("already_decided"):
            await let_in.admit(site.services, site.by("boss"), [gone])


async def test_a_refusal_for_want_of_a_seat_is_not_kept_for_the_same_request(store_url):
    async with open_site(store_url) as site:
        await full_room(site, "boss", locked=True)
        who = await site.arrive("ann")
        with refused("room_full"):
            await let_in.admit(site.services, site.by("boss", "r1"), [who])
        await rooms.edit_room(site.services, site.by("boss"), {"capacity": 2})
        assert (await let_in.admit(site.services, site.by("boss", "r1"), [who]))["admitted"] == [who]


async def test_admitting_all_stops_where_the_seats_end_and_says_so(store_url):
    async with open_site(store_url, batch_size=2) as site:
        await full_room(site, "boss", capacity=4, locked=True)
        for name in ("ann", "bob", "cat", "dan", "eve"):
            await site.arrive(name)
        async with verify_action(site):
            answer = await let_in.admit_all(site.services, site.by("boss"))
        assert (answer["admitted"], answer["full"], await waiting(site)) == (3, 2, ["Dan", "Eve"])
        with refused("room_full"):
            await let_in.admit_all(site.services, site.by("boss"))


async def test_two_hosts_who_admit_at_once_do_not_give_one_seat_twice(store_url):
    async with open_site(store_url) as site:
        await full_room(site, "boss", capacity=2, locked=True)
        there = await site.add_node()
        a, b = [await site.arrive(name) for name in ("ann", "bob")]
        told = await asyncio.gather(
            let_in.admit(site.services, site.by("boss"), [a]), let_in.admit(there, site.by(None), [b]), return_exceptions=True
        )
        assert sorted(getattr(each, "code", "done") for each in told) == ["done", "room_full"]
        assert len(await inside(site)) == 2


async def test_a_session_opens_with_as_many_as_there_are_seats(store_url):
    async with open_site(store_url, batch_size=2) as site:
        await full_room(site, capacity=4, starts_at_ms=await site.now_ms() + HOUR_MS)
        for name in ("ann", "bob", "cat", "dan", "eve"):
            await site.arrive(name)
        await site.arrive("boss", Role.MANAGER)
        async with verify_action(site) as caused:
            await rooms.start_session(site.services, site.by("boss"))
        assert caused.names == ["room_changed", "participants_joined", "participants_joined", "room_changed"]
        assert (await waiting(site), (await site.contents()).room.phase) == (["Dan", "Eve"], "open")
        assert await page_of(site, "dan") == "room_full"


async def test_a_promotion_in_the_line_of_a_full_room_lets_the_new_host_in(store_url):
    async with open_site(store_url) as site:
        await full_room(site, "ann")
        who = await site.arrive("mo")
        await roles.change_role(site.services, site.by(None), who, Role.MODERATOR)
        await look(site)
        assert await inside(site) == ["Ann", "Mo"]


async def test_fewer_seats_put_nobody_out(store_url):
    async with open_site(store_url) as site:
        await full_room(site, "ann", "bob")
        async with verify_action(site):
            await rooms.edit_room(site.services, site.by(None), {"capacity": 1})
        assert await inside(site) == ["Ann", "Bob"]
        await site.arrive("cat")
        await site.close_tab("ann")
        await look(site)
        assert (await inside(site), await waiting(site)) == (["Bob"], ["Cat"])


async def test_seats_are_counted_in_a_room_that_had_no_capacity_before(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        for name in ("ann", "bob"):
            await site.arrive(name)
        await site.close_tab("bob", at_once=False)
        site.store.scripts.skew_ms += 5_000
        await presence.grace_over(site.services, ROOM, site.ids["bob"])
        await rooms.edit_room(site.services, site.by(None), {"capacity": 2})
        await site.arrive("cat")
        assert await waiting(site) == ["Cat"]
        site.store.scripts.skew_ms += HOLD_MS
        assert "seat" in await due_now(site)
        await look(site)
        assert await inside(site) == ["Ann", "Cat"]


async def test_a_line_that_is_full_refuses_also_who_only_lacks_a_seat():
    async with open_site(EMBEDDED_URL, max_waiters=1) as site:
        await full_room(site, "ann")
        await site.arrive("bob")
        with refused("line_full"):
            await site.arrive("cat")
