"""A large room tells counts, hosts, the first hands and one's own row; a long line its head. Nobody hears of everybody."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

import pytest

from server.domain import events as e
from server.domain.crowd import FEW, Crowd
from server.domain.person import PersonState
from server.domain.roles import Role
from server.domain.roster import Roster, folded
from server.hub import states
from server.wire.codec import Encoding
from server.wire.messages import ResumeAt
from server.wire.paging import query_for
from tests.hub.tabs import Tab, World, inside, waiting
from tests.support.waiting import wait_until

LARGE, LONG = Crowd(large=True), Crowd(long_line=True)
STATES = ("counts", "hands", "own", "line", "roster")


def a_large_world(*more, crowd: Crowd = LARGE) -> World:
    """As if there were hundreds: who is there does not matter, the script says that the room is large."""
    return World(
        inside("vic"), inside("ann"), inside("spike", Role.SPEAKER), inside("mod", Role.MODERATOR),
        inside("boss", Role.MANAGER), waiting("wanda"), *more, crowd=crowd,
    )


def counts(**changes: int) -> dict[str, int]:
    return {"participants": 5, "hands": 0, "hosts": 2, "speakers": 1, "viewers": 2} | changes


def shown(tab: Tab) -> dict[str, int]:
    return {key: value for key, value in (tab.replica.counts or {}).items() if key != "seq"}


def names(rows: list[dict]) -> list[str]:
    return [row["name"].removeprefix("Name-") for row in rows]


def the_types(tab: Tab) -> list[str]:
    return [kind for kind in tab.types if kind in STATES]


async def come_back(world: World, name: str, held: Tab) -> Tab:
    return await world.tab(name, resume=ResumeAt(epoch=held.replica.epoch or "", seq=held.replica.last or 0))


# ── What a tab holds ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_whoever_comes_holds_the_hosts_counts_the_hands_and_their_own_row():
    world = a_large_world()
    world.truth.people["p-ann"].hand_raised_at_ms = 5
    tab = await world.tab("vic")
    assert sorted(tab.replica.participants) == ["p-boss", "p-mod"]
    assert (tab.replica.large, shown(tab)) == (True, counts(hands=1, viewers=1))
    assert names(tab.replica.hands["participants"]) == ["ann"]
    assert tab.replica.own_row["participant_id"] == "p-vic"
    assert the_types(tab) == ["counts", "hands", "own"]
    world.check(tab)


async def test_a_small_room_has_no_such_states():
    world = a_large_world(crowd=FEW)
    tab = await world.tab("boss")
    world.happen(e.ParticipantsJoined(), inside("new"))
    assert (the_types(tab), tab.replica.large, len(tab.replica.participants)) == ([], False, 6)


async def test_a_viewer_who_comes_is_counted_and_a_host_who_comes_is_told():
    world = a_large_world()
    tab = await world.tab("vic")
    world.happen(e.ParticipantsJoined(), inside("new"))
    assert (tab.heard(), shown(tab)) == ([], counts(participants=6, viewers=3))
    world.happen(e.ParticipantsJoined(), inside("max", Role.MODERATOR))
    assert (tab.heard(), shown(tab)) == (["participants.joined"], counts(participants=7, hosts=3, viewers=3))
    world.happen(e.PeopleLeft(), replace(world.truth.people["p-new"], present=False))
    assert (tab.heard(), shown(tab)) == (["participants.joined"], counts(participants=6, hosts=3))
    world.check(tab)


async def test_the_own_hand_comes_at_once_and_to_the_own_tabs_alone():
    world = a_large_world()
    vic, also_vic, ann = await world.tab("vic"), await world.tab("vic"), await world.tab("ann")
    before = len(ann.messages)
    world.happen(e.HandsChanged(), world.change("vic", hand_raised_at_ms=7), flush=False)
    assert [tab.replica.own_row["hand_raised_at_ms"] for tab in (vic, also_vic)] == [7, 7]
    assert len(ann.messages) == before


async def test_of_the_hands_the_first_fifty_are_shown_in_their_order_and_all_are_counted():
    raised = [inside(f"h{number:02}", hand_raised_at_ms=1000 - number) for number in range(60)]
    world = a_large_world(*raised)
    tab = await world.tab("vic")
    assert names(tab.replica.hands["participants"]) == [f"h{number:02}" for number in range(59, 9, -1)]
    assert (tab.replica.hands["total"], shown(tab)["hands"]) == (60, 60)
    world.happen(e.HandsChanged(), world.change("h59", hand_raised_at_ms=None))
    assert names(tab.replica.hands["participants"])[-1] == "h09"


async def test_addresses_in_hands_and_pages_are_for_managers():
    world = a_large_world()
    world.truth.people["p-ann"].hand_raised_at_ms = 5
    tabs = {name: await world.tab(name) for name in ("vic", "mod", "boss")}
    for tab in tabs.values():
        world.room.states.watch(tab.connection, query_for("all"))
    for name, tab in tabs.items():
        assert (b"ann@address.example" in b"".join(tab.outbox.payloads)) is (name == "boss")


@pytest.mark.parametrize("encoding", Encoding)
async def test_who_waits_hears_of_no_state(encoding):
    world = a_large_world(waiting("will", line_no=8), crowd=Crowd(large=True, long_line=True))
    tab = await world.tab("wanda", encoding=encoding)
    world.happen(e.ParticipantsJoined(), inside("new"))
    world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=5))
    world.happen(e.WaitersAdded(), waiting("walt", line_no=9))
    assert set(tab.types) <= {"welcome", "lobby"}


# ── Roles ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_viewer_made_a_host_is_a_row_from_then_on_and_a_host_made_a_viewer_is_none():
    world = a_large_world()
    vic, ann = await world.tab("vic"), await world.tab("ann")
    world.give_role("vic", Role.MODERATOR)
    assert "p-vic" in ann.replica.participants
    assert (vic.replica.role, vic.replica.own_row["role"]) == ("moderator", "moderator")
    assert [row["participant_id"] for row in vic.replica.waiters.values()] == ["p-wanda"]
    world.check(vic, ann)
    world.give_role("vic", Role.VIEWER)
    assert ann.heard()[-2:] == ["participant.role_changed", "participants.hidden"]
    assert ("p-vic" in ann.replica.participants, vic.replica.own_row["role"], vic.replica.waiters) == (False, "viewer", None)
    assert shown(ann) == counts()
    world.check(vic, ann)


async def test_among_viewers_and_speakers_only_the_person_hears_of_their_role():
    world = a_large_world()
    vic, ann = await world.tab("vic"), await world.tab("ann")
    world.give_role("vic", Role.SPEAKER)
    assert (vic.heard(), ann.heard()) == (["refresh"], [])
    assert shown(ann) == counts(speakers=2, viewers=1)
    world.check(vic, ann)


# ── Growing and shrinking ────────────────────────────────────────────────────────────────────────────────────────────


async def test_at_the_entry_that_makes_it_large_every_tab_gets_the_room_whole_once():
    world = a_large_world(crowd=FEW)
    tabs = [await world.tab(name) for name in ("vic", "mod", "boss")]
    world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=5), flush=False)
    world.crowd = LARGE
    world.happen(e.ParticipantsJoined(), inside("new"))
    for tab in tabs:
        assert [m["reason"] for m in tab.messages if m["type"] == "resync"] == ["grown"]
        assert (sorted(tab.replica.participants), shown(tab)["participants"]) == (["p-boss", "p-mod"], 6)
        assert tab.heard() == ["participants.updated"]
    world.check(*tabs)
    world.crowd = FEW
    world.happen(e.PeopleLeft(), replace(world.truth.people["p-new"], present=False))
    for tab in tabs:
        assert [m["reason"] for m in tab.messages if m["type"] == "resync"] == ["grown", "shrunk"]
        assert (len(tab.replica.participants), tab.replica.counts, tab.replica.own) == (5, None, None)
    world.check(*tabs)
    world.happen(e.HandsChanged(), world.change("vic", hand_raised_at_ms=6))
    world.check(*tabs)


async def test_whoever_is_moved_by_that_very_entry_stands_where_it_puts_them():
    world = a_large_world(crowd=FEW)
    vic, ann, wanda = await world.tab("vic"), await world.tab("ann"), await world.tab("wanda")
    world.crowd = LARGE
    let_in = world.change("wanda", state=PersonState.INSIDE, line_no=None)
    out = world.change("ann", state=PersonState.WAITING, line_no=3)
    promoted = world.change("vic", role=Role.MODERATOR, role_rev=2)
    world.happen(e.ParticipantsJoined(admitted=True), let_in, out, promoted)
    assert [tab.types[1] for tab in (vic, ann, wanda)] == ["resync", "lobby", "entered"]
    assert (vic.replica.role, vic.replica.large, wanda.replica.large) == ("moderator", True, True)
    assert the_types(wanda)[:3] == ["counts", "hands", "own"]
    world.happen(e.ParticipantsJoined(), inside("max", Role.MODERATOR))
    world.check(vic, wanda)


@pytest.mark.parametrize("then", [LARGE, FEW])
async def test_a_tab_that_resumes_across_the_change_gets_the_room_whole(then):
    world = a_large_world(crowd=FEW if then == LARGE else LARGE)
    keeper, before = await world.tab("boss"), await world.tab("vic")
    world.hub.detach(before.connection)
    world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=5))
    world.crowd = then
    world.happen(e.ParticipantsJoined(), inside("new"))
    world.happen(e.ParticipantsJoined(), inside("max", Role.MODERATOR))
    after = await come_back(world, "vic", before)
    assert (after.messages[0]["resumed"], keeper.replica.large) == (False, then.large)
    world.check(after, keeper)


async def test_a_tab_that_resumes_in_a_large_room_goes_on_and_gets_the_states_again():
    world = a_large_world()
    keeper, before = await world.tab("boss"), await world.tab("vic")
    world.hub.detach(before.connection)
    world.happen(e.ParticipantsJoined(), inside("new"))
    world.happen(e.ParticipantsJoined(), inside("max", Role.MODERATOR))
    after = await come_back(world, "vic", before)
    assert (after.messages[0]["resumed"], after.heard()) == (True, ["participants.joined"])
    assert (the_types(after), after.messages[2]["participants"]) == (["counts", "hands", "own"], 7)
    world.check(keeper)


async def test_a_room_that_is_loaded_anew_tells_its_states_anew():
    world = a_large_world()
    tab = await world.tab("vic")
    world.write(e.ParticipantsJoined(), inside("new"))
    await world.reload("gap")
    assert (tab.types[-4], the_types(tab)[-3:], shown(tab)["viewers"]) == ("resync", ["counts", "hands", "own"], 3)
    world.check(tab)


# ── How much ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_n_people_cost_who_come_to_a_large_room_is_no_multiple_of_n_times_n():
    """Each tab hears of everybody's coming by a few counts; all rows that are sent are those of its own and of hosts."""
    world = World(inside("boss", Role.MANAGER), crowd=LARGE)
    tabs = [await world.tab("boss")]
    people = 300
    for number in range(people):
        world.happen(e.ParticipantsJoined(), inside(f"n{number}"), flush=False)
        tabs.append(await world.tab(f"n{number}"))
    world.room.flush()
    assert {shown(tab)["participants"] for tab in tabs} == {people + 1}
    rows = sum(payload.count(b'"joined_at_ms"') for tab in tabs for payload in tab.outbox.payloads)
    assert rows <= 3 * len(tabs)
    size = sum(len(payload) for tab in tabs for payload in tab.outbox.payloads)
    assert size < len(tabs) * 4_000


async def test_of_a_burst_the_first_is_told_at_once_and_the_rest_together(monkeypatch):
    monkeypatch.setattr(states, "WINDOW_S", 60)
    world = a_large_world()
    tab = await world.tab("vic")
    world.happen(e.ParticipantsJoined(), inside("first"), flush=False)
    await wait_until(lambda: shown(tab)["participants"] == 6, what="the first count")
    for number in range(200):
        world.happen(e.ParticipantsJoined(), inside(f"n{number}"), flush=False)
    await asyncio.sleep(0)
    assert shown(tab)["participants"] == 6
    world.room.flush()
    assert (shown(tab)["participants"], the_types(tab).count("counts")) == (206, 3)


@pytest.mark.parametrize("crowd", [LARGE, LONG])
async def test_a_tab_s_position_goes_on_though_nothing_is_told_as_an_event(crowd):
    world = a_large_world(crowd=crowd)
    tab = await world.tab("vic")
    for number in range(3):
        world.happen(e.WaitersAdded(), waiting(f"w{number}", line_no=number))
    assert (tab.replica.last, tab.heard()) == (world.truth.seq, [])
    world.happen(e.ParticipantsJoined(), inside("max", Role.MODERATOR))
    world.check(tab)


async def test_whoever_came_in_between_hears_also_of_a_change_back():
    world = a_large_world()
    vic = await world.tab("vic")
    world.happen(e.ParticipantsJoined(), inside("bea"))
    world.happen(e.ParticipantsJoined(), inside("new"), flush=False)
    ann = await world.tab("ann")
    assert shown(ann)["participants"] == 7
    world.happen(e.PeopleLeft(), replace(world.truth.people["p-new"], present=False))
    assert (shown(vic), shown(ann)) == (counts(participants=6, viewers=3),) * 2


async def test_what_has_not_changed_is_not_told_again():
    world = a_large_world()
    tab = await world.tab("vic")
    world.room.flush()
    before = the_types(tab)
    world.happen(e.PersonIdentified(), world.change("ann", email="other@address.example"))
    world.room.flush()
    assert (the_types(tab), tab.heard()) == (before, [])


# ── The page in view ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_page_that_a_tab_watches_comes_now_and_when_it_changes_and_to_it_alone():
    world = a_large_world()
    vic, ann = await world.tab("vic"), await world.tab("ann")
    world.room.states.watch(vic.connection, query_for("viewers", search="name"))
    assert (vic.replica.roster["group"], vic.replica.roster["search"]) == ("viewers", "name")
    assert names(vic.replica.roster["participants"]) == ["ann", "vic"]
    world.happen(e.ParticipantsJoined(), inside("bea"))
    assert names(vic.replica.roster["participants"]) == ["ann", "bea", "vic"]
    told = the_types(vic).count("roster")
    world.give_role("spike", Role.VIEWER)
    world.give_role("spike", Role.SPEAKER)
    world.happen(e.ParticipantsJoined(), inside("max", Role.MODERATOR))
    assert names(vic.replica.roster["participants"]) == ["ann", "bea", "vic"]
    assert (the_types(vic).count("roster"), "roster" in ann.types) == (told + 2, False)


async def test_watching_ends_with_null_with_another_page_and_with_leaving_the_room():
    world = a_large_world()
    vic, ann = await world.tab("vic"), await world.tab("ann")
    watched = world.room.states
    watched.watch(vic.connection, query_for("viewers"))
    watched.watch(vic.connection, query_for("hosts"))
    watched.watch(ann.connection, query_for("all"))
    watched.watch(ann.connection, None)
    world.happen(e.ParticipantsJoined(), inside("bea"))
    assert (vic.replica.roster["group"], the_types(ann).count("roster")) == ("hosts", 1)
    world.happen(e.SentBack(), world.change("vic", state=PersonState.WAITING, line_no=30))
    world.happen(e.ParticipantsJoined(), inside("max", Role.MODERATOR))
    assert (vic.types[-1], watched._watched) == ("lobby", {})


async def test_who_was_out_for_a_moment_watches_nothing_when_they_are_in_again():
    world = a_large_world()
    vic = await world.tab("vic")
    world.room.states.watch(vic.connection, query_for("viewers"))
    told = the_types(vic).count("roster")
    world.happen(e.SentBack(), world.change("vic", state=PersonState.WAITING, line_no=30), flush=False)
    world.happen(e.ParticipantsJoined(admitted=True), world.change("vic", state=PersonState.INSIDE, line_no=None), flush=False)
    world.happen(e.ParticipantsJoined(), inside("bea"))
    assert the_types(vic).count("roster") == told


async def test_a_page_in_view_is_said_again_with_the_room_whole():
    world = a_large_world(crowd=FEW)
    tab = await world.tab("vic")
    world.room.states.watch(tab.connection, query_for("all"))
    world.crowd = LARGE
    world.happen(e.ParticipantsJoined(), inside("new"))
    assert tab.replica.roster["total"] == 6


async def test_many_different_pages_are_told_a_few_at_a_time():
    world = a_large_world()
    tabs = [await world.tab("ann") for _ in range(states.PAGES_AT_ONCE + 10)]
    for number, tab in enumerate(tabs, start=1):
        world.room.states.watch(tab.connection, query_for("all", limit=number))
    world.happen(e.ParticipantsJoined(), inside("aaa"))
    behind = [tab for tab in tabs if tab.replica.roster["total"] != 6]
    assert len(behind) == 10
    await wait_until(lambda: all(tab.replica.roster["total"] == 6 for tab in behind), what="the last pages")


# ── A long line ──────────────────────────────────────────────────────────────────────────────────────────────────────


def a_long_line(people: int = 150) -> World:
    line = [waiting(f"w{number:03}", line_no=1000 - number) for number in range(people)]
    return World(
        inside("vic"), inside("mod", Role.MODERATOR), inside("boss", Role.MANAGER), *line, crowd=LONG if people > 100 else FEW
    )


async def test_of_a_long_line_hosts_hold_the_first_hundred_and_the_count_and_nobody_else_anything():
    world = a_long_line()
    vic, mod = await world.tab("vic"), await world.tab("mod")
    assert (mod.replica.waiters, mod.replica.line["total"]) == (None, 150)
    assert names(mod.replica.line["waiters"]) == [f"w{number:03}" for number in range(149, 49, -1)]
    world.happen(e.ParticipantsJoined(admitted=True), world.change("w149", state=PersonState.INSIDE, line_no=None))
    assert (mod.replica.line["total"], names(mod.replica.line["waiters"])[-1]) == (149, "w049")
    assert (mod.heard(), the_types(vic)) == (["participants.joined"], [])
    world.check(vic, mod)


async def test_a_viewer_made_a_host_sees_the_head_of_a_long_line_in_the_same_frame_and_forgets_it_with_the_role():
    world = a_long_line()
    tab = await world.tab("vic")
    world.give_role("vic", Role.MODERATOR)
    reveal = tab.frames()[-1]["events"][-1]["reveal"]
    assert (reveal["waiters"], reveal["line"]["total"], len(reveal["line"]["waiters"])) == (None, 150, 100)
    assert (tab.replica.waiters, tab.replica.line["total"]) == (None, 150)
    world.check(tab)
    world.give_role("vic", Role.VIEWER)
    assert (tab.replica.line, tab.last["events"][-1]["forget"]) == (None, ["line", "device_requests"])
    world.happen(e.WaitersAdded(), waiting("late", line_no=2000))
    assert tab.replica.line is None
    world.check(tab)


async def test_only_hosts_get_the_room_whole_when_the_line_grows_long_or_short():
    world = a_long_line(3)
    vic, mod = await world.tab("vic"), await world.tab("mod")
    for crowd, reason in ((LONG, "grown"), (FEW, "shrunk")):
        world.crowd = crowd
        world.happen(e.WaitersAdded(), waiting(f"late-{reason}", line_no=2000 + crowd.long_line))
        resyncs = [message for message in mod.messages if message["type"] == "resync"]
        assert resyncs[-1]["reason"] == reason
        assert (mod.replica.waiters is None, mod.replica.line is None) == (crowd.long_line, not crowd.long_line)
        world.check(vic, mod)
    assert [row["participant_id"] for row in mod.replica.as_snapshot()["waiters"]].count("p-w000") == 1
    assert "resync" not in vic.types


def test_the_roster_of_a_room_that_went_on_is_that_of_the_room_loaded_anew():
    people = [inside(f"p{n}", hand_raised_at_ms=n if n % 3 else None) for n in range(20)]
    everybody = [*people, *(waiting(f"w{n}", line_no=n) for n in range(9))]
    went_on = Roster()
    for person in itertools.chain(everybody, reversed(everybody)):
        went_on.put(replace(person, present=False))
        went_on.put(replace(person, role=Role.SPEAKER, name="another"))
        went_on.put(person)
    fresh = Roster(everybody)
    assert (went_on._groups, went_on._people) == (fresh._groups, fresh._people)
    assert folded("Name-p1") == " name p1"
