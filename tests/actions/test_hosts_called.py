"""Somebody waits for a host and none is there: the absent ones are called, once in a while, and nobody else hears of it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from server.actions import line, rooms
from server.actions.hosts import hosts_away, ping_hosts, waiting_for_host
from server.actions.let_in import let_everybody_in
from server.actions.services import Services
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from server.store.scripting import FactsMoved
from server.wire.audiences import Audience
from server.wire.telling import tell
from tests.support.rooms import HOUR_MS, ROOM, Site, open_site
from tests.support.verifying import verify_action

PING_MS = 600_000
SENDS_MAIL: Any = object()  # nobody asks it for anything here: the queue is worked off elsewhere


async def room_without_host(site: Site, **room: Any) -> None:
    """A locked room whose owner and moderator have been there, and are gone."""
    await site.create_room(**{"locked": True, **room})
    for name, role in (("mo", Role.MODERATOR), ("boss", Role.MANAGER)):
        await site.arrive(name, role)
        await site.close_tab(name)


def with_mail(services: Services) -> Services:
    return replace(services, mail=SENDS_MAIL)


async def pings_at_ms(site: Site) -> float | None:
    at_ms: float | None = await site.store.redis.zscore(site.store.keyspace.shard(ROOM).due, f"ping|{ROOM}|")
    return at_ms


async def mailed(site: Site) -> list[str]:
    """Whom a mail is queued for."""
    entries = await site.store.redis.xrange(site.store.keyspace.shard(ROOM).mail)
    return [(await mail_of(site, fields[b"mail_id"]))["participant_id"] for _, fields in entries]


async def mail_of(site: Site, mail_id: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await site.store.redis.hget(site.store.keyspace.shard(ROOM).mails, mail_id))
    return found


async def test_the_hosts_who_are_away_are_called_and_written_to(store_url):
    async with open_site(store_url) as site:
        await room_without_host(site)
        await site.arrive("wanda")
        async with verify_action(site) as caused:
            await ping_hosts(with_mail(site.services), ROOM)
        assert caused.names == ["hosts_wanted"]
        assert await mailed(site) == [site.ids["boss"], site.ids["mo"]]
        assert await pings_at_ms(site) is None


async def test_it_is_no_news_but_that_of_the_rooms_record(store_url):
    async with open_site(store_url) as site:
        await room_without_host(site)
        await site.arrive("wanda")
        async with verify_action(site) as caused:
            await ping_hosts(replace(site.services, mail=None), ROOM)
        for audience in Audience:
            assert [event.what for entry in caused.entries for event in tell(entry, audience)] == ["hosts_pinged"]
        assert await mailed(site) == [], "this site sends no mail"


async def test_several_nodes_call_once(store_url):
    async with open_site(store_url) as site:
        await room_without_host(site)
        other = await site.add_node()
        await site.arrive("wanda")
        async with verify_action(site) as caused:
            await asyncio.gather(*(ping_hosts(with_mail(node), ROOM) for node in (site.services, other) * 2))
        assert (caused.names, len(await mailed(site))) == (["hosts_wanted"], 2)


async def test_they_are_called_again_only_after_a_while_and_if_somebody_still_waits(store_url):
    async with open_site(store_url) as site:
        await room_without_host(site)
        await site.arrive("wanda")
        await ping_hosts(site.services, ROOM)
        await site.arrive("will")
        pinged_at_ms = (await site.contents()).room.hosts_pinged_at_ms
        assert await pings_at_ms(site) == pinged_at_ms + PING_MS
        async with verify_action(site) as caused:
            await ping_hosts(site.services, ROOM)
        assert caused.names == []
        site.store.scripts.skew_ms += PING_MS + 1_000
        await ping_hosts(site.services, ROOM)
        assert (await site.contents()).room.hosts_pinged_at_ms > pinged_at_ms


async def test_nobody_is_called_where_nobody_waits_any_more(store_url):
    async with open_site(store_url) as site:
        await room_without_host(site)
        await site.arrive("wanda")
        await line.withdraw(site.services, site.by("wanda"))
        async with verify_action(site) as caused:
            await ping_hosts(with_mail(site.services), ROOM)
        assert (caused.names, await mailed(site), await pings_at_ms(site)) == ([], [], None)


async def test_nobody_is_called_where_a_host_has_come_meanwhile(store_url):
    async with open_site(store_url) as site:
        await room_without_host(site)
        await site.arrive("wanda")
        await site.open_tab("boss", "2")
        async with verify_action(site) as caused:
            await ping_hosts(with_mail(site.services), ROOM)
        assert (caused.names, await pings_at_ms(site)) == ([], None)


async def test_a_host_who_comes_between_the_look_and_the_call_is_not_called(store_url):
    async with open_site(store_url) as site:
        await room_without_host(site)
        await site.arrive("wanda")
        looked_at_ms = (await site.contents()).now_ms
        await site.open_tab("mo", "2")
        async with verify_action(site) as caused:
            assert not await site.store.rooms.ping_hosts(ROOM, [site.ids["mo"]], waiting=1, looked_at_ms=looked_at_ms)
        assert (caused.names, await mailed(site)) == ([], [])


async def test_who_comes_to_wait_between_the_look_and_the_answer_that_nobody_does_is_not_forgotten(store_url):
    async with open_site(store_url) as site:
        await room_without_host(site)
        looked_at_ms = (await site.contents()).now_ms
        await site.arrive("wanda")
        with pytest.raises(FactsMoved):
            await site.store.rooms.ping_hosts(ROOM, [], waiting=0, looked_at_ms=looked_at_ms)
        assert await pings_at_ms(site) is not None


async def test_what_else_happens_in_a_room_in_which_nobody_waits_has_nobody_look_again(store_url):
    async with open_site(store_url) as site:
        await room_without_host(site)
        await site.arrive("wanda")
        site.store.scripts.skew_ms += 1
        await line.withdraw(site.services, site.by("wanda"))
        looked_at_ms = (await site.contents()).now_ms
        await site.meet("vic")
        assert not await site.store.rooms.ping_hosts(ROOM, [], waiting=0, looked_at_ms=looked_at_ms)
        assert await pings_at_ms(site) is None


async def wait_in_line(site: Site) -> None:
    await site.arrive("wanda")


async def knock(site: Site) -> None:
    await site.arrive("wanda")
    await line.decline(site.services, site.by(None), site.ids["wanda"], None)
    await site.store.redis.delete(site.store.keyspace.shard(ROOM).due)
    await line.knock(site.services, site.by("wanda"))


async def be_sent_back(site: Site) -> None:
    await site.bring_in("wanda")
    await site.store.redis.delete(site.store.keyspace.shard(ROOM).due)
    await line.send_back(site.services, site.by(None), site.ids["wanda"])


async def host_waits_with(site: Site, *waiters: str, **room: Any) -> None:
    """A room with its owner inside, and these in the line."""
    await site.create_room(**{"locked": True, **room})
    await site.arrive("boss", Role.MANAGER)
    for name in waiters:
        await site.arrive(name)


async def close_the_tab(site: Site) -> None:
    await site.close_tab("boss")


async def lose_the_connection(site: Site) -> None:
    await site.close_tab("boss", at_once=False)
    site.store.scripts.skew_ms += 60_000
    await site.store.tabs.gone(ROOM, site.ids["boss"])


async def lose_the_role(site: Site) -> None:
    await site.store.people.change_role(
        ROOM, site.ids["boss"], old=Role.MANAGER, new=Role.VIEWER, by=None, seen={}, request_id=None
    )


async def be_removed(site: Site) -> None:
    await site.store.people.remove(ROOM, site.ids["boss"], ban=False, by=None, seen={}, request_id=None)


@pytest.mark.parametrize("go", [close_the_tab, lose_the_connection, lose_the_role, be_removed])
async def test_when_the_last_host_goes_they_are_called_for_those_who_go_on_waiting(store_url, go):
    async with open_site(store_url) as site:
        await host_waits_with(site, "wanda")
        await go(site)
        assert await pings_at_ms(site) is not None


async def test_while_another_host_stays_nobody_is_called(store_url):
    async with open_site(store_url) as site:
        await host_waits_with(site, "wanda")
        await site.arrive("mo", Role.MODERATOR)
        await site.close_tab("mo")
        assert await pings_at_ms(site) is None


async def test_with_nobody_in_the_line_the_last_host_goes_in_peace(store_url):
    async with open_site(store_url) as site:
        await host_waits_with(site)
        await site.close_tab("boss")
        assert await pings_at_ms(site) is None


async def test_hosts_who_go_because_it_is_over_are_not_called(store_url):
    async with open_site(store_url) as site:
        await host_waits_with(site, "wanda")
        await rooms.end_session(site.services, site.by("boss"))
        await site.close_tab("boss")
        assert await pings_at_ms(site) is None


@pytest.mark.parametrize(
    ("room", "changes"),
    [({"locked": False, "starts_at_ms": "later"}, {"starts_at_ms": None}), ({"locked": False, "capacity": 1}, "lock")],
)
async def test_whom_the_site_makes_wait_for_a_host_has_them_called(store_url, room, changes):
    async with open_site(store_url) as site:
        if "starts_at_ms" in room:
            room = {**room, "starts_at_ms": await site.now_ms() + HOUR_MS}
        await room_without_host(site, **room)
        for name in ("ann", "bob"):
            await site.arrive(name)
        await (rooms.lock_room(site.services, site.by(None)) if changes == "lock"
               else rooms.edit_room(site.services, site.by(None), changes))
        async with verify_action(site) as caused:
            await ping_hosts(site.services, ROOM)
        assert caused.names == ["hosts_wanted"]


@pytest.mark.parametrize("come_to_wait", [wait_in_line, knock, be_sent_back])
async def test_whoever_comes_to_wait_for_a_host_has_them_called(store_url, come_to_wait):
    async with open_site(store_url) as site:
        await room_without_host(site)
        await come_to_wait(site)
        assert await pings_at_ms(site) is not None


async def test_at_the_start_hosts_are_called_for_those_who_have_waited_for_it(store_url):
    async with open_site(store_url) as site:
        await room_without_host(site, locked=False, starts_at_ms=await site.now_ms() + HOUR_MS, opens="by_host")
        await site.arrive("wanda")
        assert await pings_at_ms(site) is None, "she only waits for the time to come"
        site.store.scripts.skew_ms += HOUR_MS
        await site.store.rooms.open_session(ROOM, by_time=True)
        async with verify_action(site) as caused:
            await ping_hosts(site.services, ROOM)
        assert caused.names == ["hosts_wanted"]


@pytest.mark.parametrize(("role", "before_s"), [(Role.VIEWER, 0), (Role.SPEAKER, 60)])
async def test_who_finds_the_lock_when_their_time_has_come_has_hosts_called(store_url, role, before_s):
    async with open_site(store_url) as site:
        await room_without_host(site, starts_at_ms=await site.now_ms() + HOUR_MS, early_entry_s=60)
        await site.arrive("wanda", role)
        assert await pings_at_ms(site) is None, "she only waits for the time to come"
        site.store.scripts.skew_ms += HOUR_MS - before_s * 1000
        if before_s == 0:
            await site.store.rooms.open_session(ROOM, by_time=True)
        await let_everybody_in(site.services, ROOM)
        async with verify_action(site) as caused:
            await ping_hosts(site.services, ROOM)
        assert caused.names == ["hosts_wanted"]


@pytest.mark.parametrize("room", [{"locked": False}, {"locked": False, "capacity": 1}])
async def test_who_walks_in_or_waits_for_a_seat_calls_nobody(store_url, room):
    async with open_site(store_url) as site:
        await room_without_host(site, **room)
        for name in ("ann", "bob"):
            await site.arrive(name)
        assert await pings_at_ms(site) is None


async def test_with_a_host_inside_nobody_is_called(store_url):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        await site.arrive("boss", Role.MANAGER)
        await site.arrive("wanda")
        assert await pings_at_ms(site) is None


async def test_called_are_hosts_with_a_proven_address_who_may_come_in(store_url):
    async with open_site(store_url) as site:
        await room_without_host(site)
        await site.meet("guest", Role.MODERATOR, email_proof=None)
        await site.arrive("out", Role.MODERATOR)
        await site.store.people.remove(ROOM, site.ids["out"], ban=False, by=None, seen={}, request_id=None)
        await site.meet("vic")
        await site.arrive("wanda")
        contents = await site.contents()
        assert [person.name for person in hosts_away(contents)] == ["Boss", "Mo"]
        assert waiting_for_host(contents) == 1


async def test_a_session_that_is_over_calls_nobody():
    async with open_site(EMBEDDED_URL) as site:
        await room_without_host(site)
        await site.arrive("wanda")
        await rooms.end_session(site.services, site.by(None))
        async with verify_action(site) as caused:
            await ping_hosts(site.services, ROOM)
        assert (caused.names, await pings_at_ms(site)) == ([], None)
