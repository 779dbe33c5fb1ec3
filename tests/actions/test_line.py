"""The line: admitting, declining, sending back, withdrawing, knocking again; and letting everybody in."""

from __future__ import annotations

import pytest

from server.actions import let_in, line, roles, rooms, sanctions
from server.domain.person import Hold, PersonState
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from server.wire.audiences import Audience
from tests.support.refusing import refused
from tests.support.rooms import HOUR_MS, ROOM, Site, open_site
from tests.support.verifying import verify_action


async def with_line(site: Site, *waiters: str, **room: object) -> None:
    await site.create_room(**{"locked": True, **room})
    await site.bring_in("boss", Role.MANAGER)
    for name in waiters:
        await site.arrive(name)


def names_of(people: list) -> list[str]:
    return [person.name for person in people]


async def test_admitting_leaves_the_lock_and_the_others_as_they_are(store_url):
    async with open_site(store_url) as site:
        await with_line(site, "ann", "bob", "cat")
        async with verify_action(site) as caused:
            answer = await let_in.admit(site.services, site.by("boss"), [site.ids["bob"]])
        assert (answer["admitted"], answer["seq"]) == ([site.ids["bob"]], await site.seq())
        assert caused.told(Audience.INSIDE) == ["participants.joined"]
        contents = await site.contents()
        assert (contents.room.locked, names_of(contents.line())) == (True, ["Ann", "Cat"])


@pytest.mark.parametrize("who", [["p-nobody"], ["p-boss"], ["p-nobody", "p-boss"]])
async def test_who_does_not_wait_is_decided_already(who):
    async with open_site(EMBEDDED_URL) as site:
        await with_line(site)
        with refused("already_decided"):
            await let_in.admit(site.services, site.by("boss"), who)


async def test_admitting_all_goes_in_batches_and_in_the_order_of_the_line(store_url):
    async with open_site(store_url, batch_size=2) as site:
        names = ["ann", "bob", "cat", "dan", "eve"]
        await with_line(site, *names)
        async with verify_action(site) as caused:
            answer = await let_in.admit_all(site.services, site.by("boss"))
        assert answer["admitted"] == 5
        batches = [names_of(entry.people()) for entry in caused.entries]
        assert batches == [["Ann", "Bob"], ["Cat", "Dan"], ["Eve"]]
        assert (await site.contents()).room.locked


async def test_who_comes_after_all_were_admitted_waits_though_the_request_is_repeated(store_url):
    async with open_site(store_url, batch_size=2) as site:
        await with_line(site, "ann", "bob", "cat")
        first = await let_in.admit_all(site.services, site.by("boss", "r1"))
        await site.arrive("late")
        assert await let_in.admit_all(site.services, site.by("boss", "r1")) == first
        assert names_of((await site.contents()).line()) == ["Late"]


async def test_admitting_all_stops_when_the_right_is_lost_between_two_batches(store_url, monkeypatch):
    async with open_site(store_url, batch_size=1) as site:
        await with_line(site, "ann", "bob")
        await site.bring_in("mod", Role.MODERATOR)
        batch = site.store.line.let_in

        async def batch_then_demotion(*args: object, **fields: object) -> dict[str, object]:
            answer = await batch(*args, **fields)
            monkeypatch.undo()
            await roles.change_role(site.services, site.by("boss"), site.ids["mod"], Role.VIEWER)
            return answer

        monkeypatch.setattr(site.store.line, "let_in", batch_then_demotion)
        with refused("role_forbidden"):
            await let_in.admit_all(site.services, site.by("mod"))
        assert names_of((await site.contents()).line()) == ["Bob"]


async def test_who_was_declined_reads_why_and_may_knock_once(store_url):
    async with open_site(store_url) as site:
        await with_line(site, "dora")
        await line.decline(site.services, site.by("boss"), site.ids["dora"], "Not today.")
        assert (await site.person("dora")).decline_message == "Not today."
        async with verify_action(site) as caused:
            await line.knock(site.services, site.by("dora"))
        assert caused.told(Audience.STAFF) == ["waiters.added"]
        assert (await site.person("dora")).hold is Hold.DECLINED
        await line.decline(site.services, site.by("boss"), site.ids["dora"], None)
        with refused("declined"):
            await line.knock(site.services, site.by("dora"))


async def test_who_was_removed_may_ask_again_and_waits_for_a_yes_in_an_open_room(store_url):
    async with open_site(store_url) as site:
        await with_line(site, locked=False)
        who = await site.bring_in("vic")
        await sanctions.remove(site.services, site.by("boss"), who)
        async with verify_action(site) as caused:
            await line.knock(site.services, site.by("vic"))
        assert caused.names == ["waiters_added"]
        await let_in.let_everybody_in(site.services, ROOM)
        assert (await site.person("vic")).state is PersonState.WAITING
        await let_in.admit(site.services, site.by("boss"), [who])
        assert ((await site.person("vic")).state, (await site.person("vic")).hold) == (PersonState.INSIDE, None)


async def test_a_hold_outlives_leaving_and_coming_back(store_url):
    async with open_site(store_url) as site:
        await with_line(site, locked=False)
        await site.bring_in("vic")
        await line.send_back(site.services, site.by("boss"), site.ids["vic"])
        await line.withdraw(site.services, site.by("vic"))
        await line.knock(site.services, site.by("vic"))
        assert ((await site.person("vic")).state, (await site.person("vic")).hold) == (PersonState.WAITING, Hold.SENT_BACK)


@pytest.mark.parametrize("state", ["banned", "inside", "waiting"])
async def test_who_may_not_knock_is_told_why(state):
    async with open_site(EMBEDDED_URL) as site:
        await with_line(site, "wanda")
        await site.bring_in("vic")
        await sanctions.ban(site.services, site.by("boss"), await site.bring_in("bad"))
        who, code = {"banned": ("bad", "banned"), "inside": ("vic", "not_waiting"), "waiting": ("wanda", "not_waiting")}[state]
        with refused(code):
            await line.knock(site.services, site.by(who))


async def test_knocking_needs_a_tab():
    async with open_site(EMBEDDED_URL) as site:
        await with_line(site, "dora")
        await line.decline(site.services, site.by("boss"), site.ids["dora"], None)
        await site.close_tab("dora")
        with refused("busy"):
            await line.knock(site.services, site.by("dora"))


async def test_leaving_the_line_is_told_to_hosts_only(store_url):
    async with open_site(store_url) as site:
        await with_line(site, "wanda")
        async with verify_action(site) as caused:
            await line.withdraw(site.services, site.by("wanda"))
        assert [caused.told(audience) for audience in Audience] == [[], ["waiters.removed"], ["waiters.removed"]]
        with refused("not_waiting"):
            await line.withdraw(site.services, site.by("wanda"))


@pytest.mark.parametrize("act", [line.withdraw, line.knock])
async def test_what_one_does_for_oneself_is_done_once_for_one_request(store_url, act):
    async with open_site(store_url) as site:
        await with_line(site, "wanda")
        if act is line.knock:
            await line.withdraw(site.services, site.by("wanda"))
        first = await act(site.services, site.by("wanda", "r1"))
        before = await site.seq()
        assert await act(site.services, site.by("wanda", "r1")) == first
        assert await site.seq() == before


async def test_unlocking_lets_the_line_in_but_for_those_who_are_held(store_url):
    async with open_site(store_url) as site:
        await with_line(site, "ann", "bob")
        await site.bring_in("vic")
        await line.send_back(site.services, site.by("boss"), site.ids["vic"])
        async with verify_action(site) as caused:
            await rooms.unlock_room(site.services, site.by("boss"))
        assert caused.names == ["room_changed", "participants_joined"]
        assert names_of((await site.contents()).line()) == ["Vic"]


async def test_at_the_start_the_line_goes_in_in_its_order_and_then_it_is_open(store_url):
    async with open_site(store_url, batch_size=2) as site:
        await with_line(site, "ann", "bob", "cat", locked=False, starts_at_ms=await site.now_ms() + HOUR_MS)
        async with verify_action(site) as caused:
            await rooms.start_session(site.services, site.by("boss"))
        assert caused.names == ["room_changed", "participants_joined", "participants_joined", "room_changed"]
        assert [name for entry in caused.entries[1:3] for name in names_of(entry.people())] == ["Ann", "Bob", "Cat"]
        assert (await site.contents()).room.phase == "open"


async def test_who_comes_while_the_line_goes_in_joins_its_end(store_url):
    async with open_site(store_url, batch_size=1) as site:
        await with_line(site, "ann", "bob", locked=False, starts_at_ms=await site.now_ms() + HOUR_MS)
        await site.store.rooms.open_session(ROOM, by_time=False)
        await site.store.line.let_in(ROOM)
        await site.arrive("late")
        assert names_of((await site.contents()).line()) == ["Bob", "Late"]
        await let_in.let_everybody_in(site.services, ROOM)
        assert names_of((await site.contents()).line()) == []


async def test_a_locked_session_that_starts_leaves_the_line_where_it_is(store_url):
    async with open_site(store_url) as site:
        await with_line(site, "ann", locked=True, starts_at_ms=await site.now_ms() + HOUR_MS)
        async with verify_action(site) as caused:
            await rooms.start_session(site.services, site.by("boss"))
        assert [event.what for event in caused.events] == ["opening", "opened"]
        assert names_of((await site.contents()).line()) == ["Ann"]


async def test_speakers_and_moderators_go_in_at_their_own_time(store_url):
    async with open_site(store_url) as site:
        await with_line(site, locked=False, starts_at_ms=await site.now_ms() + HOUR_MS, early_entry_s=600)
        for name, role in (("vic", Role.VIEWER), ("spike", Role.SPEAKER), ("mod", Role.MODERATOR)):
            await site.arrive(name, role)
        site.store.scripts.skew_ms = HOUR_MS - 500_000
        async with verify_action(site):
            await let_in.let_everybody_in(site.services, ROOM)
        assert names_of((await site.contents()).line()) == ["Vic"]
