"""Large rooms and long lines: the scripts say when they begin and end, at the entry at which they do, on every node alike."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from server.actions import let_in, line, presence, roles
from server.domain.crowd import FEW, Crowd
from server.domain.roles import Role
from tests.support.rooms import ROOM, Site, open_site, shard_of_room
from tests.support.verifying import check_equation, verify_action

LARGE, LONG = Crowd(large=True), Crowd(long_line=True)
SMALL_NUMBERS = {"large_from": 4, "large_until": 3, "long_line_from": 3, "long_line_until": 2}


async def large_after_each(site: Site, *steps: str) -> list[bool]:
    """`+ann` comes in, `-ann` goes; whether the room is large after each."""
    found = []
    for step in steps:
        await (site.bring_in(step[1:]) if step[0] == "+" else site.close_tab(step[1:]))
        found.append((await site.contents()).crowd.large)
    return found


async def test_a_room_is_large_above_one_number_until_below_the_other(store_url):
    async with open_site(store_url, **SMALL_NUMBERS) as site:
        await site.create_room()
        steps = ("+a", "+b", "+c", "+d", "+e", "-e", "-d", "-c", "+c", "+d", "+e")
        found = await large_after_each(site, *steps)
        assert found == [False] * 4 + [True, True, True] + [False] * 3 + [True]


async def test_a_line_is_long_above_one_number_until_below_the_other(store_url):
    async with open_site(store_url, **SMALL_NUMBERS) as site:
        await site.create_room(locked=True)
        found = []
        for name in "abcd":
            await site.arrive(name)
            found.append((await site.contents()).crowd.long_line)
        for name in "abc":
            await line.decline(site.services, site.by(None), site.ids[name], None)
            found.append((await site.contents()).crowd.long_line)
        assert found == [False, False, False, True, True, True, False]


async def test_two_tabs_are_one_person_and_whoever_is_gone_is_not_counted_though_their_seat_is_kept(store_url):
    async with open_site(store_url, participant_grace_ms=0, **SMALL_NUMBERS) as site:
        await site.create_room()
        for name in "abcd":
            await site.bring_in(name)
            await site.open_tab(name, "2")
        assert (await site.contents()).crowd == FEW
        await site.close_tab("a", "1")
        await site.close_tab("a", "2", at_once=False)
        await site.store.tabs.gone(ROOM, site.ids["a"])
        assert (await site.person("a")).seat_until_ms
        await site.bring_in("e")
        assert (await site.contents()).crowd == FEW
        await site.open_tab("a", "3")
        assert (await site.contents()).crowd == LARGE


async def test_each_entry_says_how_it_is_after_it_and_the_room_since_when(store_url):
    async with open_site(store_url, **SMALL_NUMBERS) as site:
        await site.create_room()
        await large_after_each(site, "+a", "+b", "+c", "+d", "+e", "-e", "-d", "-c")
        entries = await site.entries()
        crowds = [entry.crowd for entry in entries]
        changes = [number for number, (before, now) in enumerate(itertools.pairwise(crowds), start=1) if before != now]
        contents = await site.contents()
        assert [crowds[number] for number in changes] == [LARGE, FEW]
        assert contents.resized_seq == entries[changes[-1]].seq
        followed = [entry.decode() for entry in await site.store.log.read({shard_of_room(site.services): 0})]
        assert followed == entries


@pytest.mark.parametrize("crowd", [LARGE, LONG, Crowd(large=True, long_line=True)])
async def test_snapshot_and_events_are_a_fresh_snapshot_within_it(store_url, crowd):
    numbers = {"large_from": 1 if crowd.large else 99, "long_line_from": 1 if crowd.long_line else 99}
    async with open_site(store_url, large_until=1, long_line_until=1, **numbers) as site:
        await site.create_room(locked=True)
        for name, role in (("boss", Role.MANAGER), ("mod", Role.MODERATOR), ("vic", Role.VIEWER), ("ann", Role.VIEWER)):
            await site.bring_in(name, role)
        for name in ("wanda", "will", "wim"):
            await site.arrive(name)
        assert (await site.contents()).crowd == crowd
        async with verify_action(site):
            await roles.raise_hand(site.services, site.by("vic"))
            await roles.change_role(site.services, site.by("boss"), site.ids["vic"], Role.MODERATOR)
            await roles.raise_hand(site.services, site.by("vic"))
            await roles.change_role(site.services, site.by("boss"), site.ids["mod"], Role.VIEWER)
            await let_in.admit(site.services, site.by("vic"), [site.ids["wanda"]])
            await site.arrive("walt")
            await site.arrive("max", Role.MODERATOR)
            await site.close_tab("vic")
            await line.send_back(site.services, site.by("boss"), site.ids["max"])
            await site.close_tab("will")
            await site.arrive("will")
        assert (await site.contents()).crowd == crowd


async def test_a_thundering_herd_on_two_nodes_grows_it_once(store_url):
    async with open_site(store_url, large_from=10, large_until=5) as site:
        await site.create_room()
        nodes = [site.services, await site.add_node()]
        names = [f"n{number}" for number in range(24)]
        for name in names:
            await site.meet(name)
        await asyncio.gather(*(site.open_tab(name, on=nodes[number % 2]) for number, name in enumerate(names)))
        crowds = [entry.crowd.large for entry in await site.entries()]
        assert crowds == sorted(crowds)
        assert crowds.count(True) == 24 - 10
        await asyncio.gather(*(
            presence.leave(nodes[number % 2], site.claims(name), f"c-{name}-1", at_once=True)
            for number, name in enumerate(names)
        ))  # fmt: skip
        crowds = [entry.crowd.large for entry in await site.entries()]
        assert (len([1 for a, b in itertools.pairwise(crowds) if a != b]), crowds[-1]) == (2, False)


async def test_a_batch_of_an_opening_that_fills_the_room_is_told_as_a_large_one(store_url):
    async with open_site(store_url, batch_size=50, **SMALL_NUMBERS) as site:
        await site.create_room(locked=True)
        await site.bring_in("boss", Role.MANAGER)
        for number in range(8):
            await site.arrive(f"n{number}")
        before = await site.seq()
        await let_in.admit_all(site.services, site.by("boss"))
        entries = await site.entries(before)
        assert [(entry.event.name, entry.crowd) for entry in entries] == [("participants_joined", LARGE)]


async def test_before_and_after_hold_for_a_replica_over_every_change(store_url):
    """A node's replica that follows the log is the room loaded anew, whatever it tells its tabs."""
    async with open_site(store_url, **SMALL_NUMBERS) as site:
        await site.create_room()
        before = await site.contents()
        await large_after_each(site, "+a", "+b", "+c", "+d", "+e", "-e", "-d", "-c", "-b")
        after = await site.contents()
        with pytest.raises(AssertionError, match="inside"):
            check_equation(before, await site.entries(before.seq), after)
        for entry in await site.entries(before.seq):
            before.apply(entry)
        assert (before.crowd, before.resized_seq, before.people) == (after.crowd, after.resized_seq, after.people)
