"""After the end: who is ended, whose page stays, and what a session that goes on, or another one, does to the tabs there are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain import events as e
from server.domain.person import PersonState
from server.domain.roles import Role
from server.domain.room import Kind, Phase
from server.wire.messages import ResumeAt
from tests.hub.tabs import Tab, World, inside, waiting
from tests.wire.people import a_person, a_room, an_invitation


def ended_world(**room: object) -> World:
    """The session has ended; `mona` is back on the last page, `vic` and `boss` have not come back."""
    fields = {"phase": Phase.ENDED, "ended_at_ms": 0, "reopen_s": 60, "kind": Kind.CHANNEL, "channel_id": "c", **room}
    return World(
        a_person("mona", PersonState.KNOWN, Role.MODERATOR, present=False, admitted=True),
        inside("boss", Role.MANAGER, present=False), inside("vic", present=False), room=a_room(**fields),
    )


def code_of(tab: Tab) -> str | None:
    return tab.last["code"] if tab.last["type"] == "bye" else None


async def test_the_page_of_a_host_after_the_end_says_so_and_offers_to_go_on():
    world = ended_world()
    mona = await world.tab("mona")
    assert mona.types == ["welcome"]
    welcome = mona.last
    assert (welcome["snapshot"], welcome["position"]) == (None, None)
    lobby = welcome["lobby"]
    assert (lobby["state"], lobby["can_reopen"], lobby["can_knock"]) == ("session_ended", True, False)
    await world.close()


@pytest.mark.parametrize("name", ["boss", "vic"])
async def test_a_tab_that_was_on_its_way_in_when_it_ended_is_told_goodbye(name):
    world = ended_world()
    tab = await world.tab(name)
    assert tab.types == ["bye"]
    assert code_of(tab) == "session_ended"
    await world.close()


async def test_at_the_end_itself_everybody_is_told_goodbye_also_a_host_outside():
    world = World(
        inside("boss", Role.MANAGER), inside("vic"), waiting("wanda"), a_person("mona", PersonState.KNOWN, Role.MODERATOR),
        room=a_room(),
    )
    tabs = [await world.tab(name) for name in ("boss", "vic", "wanda", "mona")]
    world.happen(e.RoomChanged(what="ended"), replace(world.truth.room, phase=Phase.ENDED, ended_at_ms=0))
    assert [code_of(tab) for tab in tabs] == ["session_ended"] * 4
    await world.close()


async def test_what_happens_after_the_end_leaves_the_last_page_where_it_is():
    world = ended_world()
    mona = await world.tab("mona")
    world.happen(e.PeopleLeft(), world.change("vic", present=False))
    world.happen(e.RoomChanged(what="edited"), replace(world.truth.room, title="Another"))
    assert mona.types == ["welcome", "lobby"]
    assert mona.last["lobby"]["room"]["title"] == "Another"
    world.room.tick(5)
    assert mona.types[-1] == "tick"
    await world.close()


async def test_who_is_no_host_any_more_is_told_goodbye():
    world = ended_world()
    mona = await world.tab("mona")
    world.give_role("mona", Role.VIEWER)
    assert code_of(mona) == "session_ended"
    await world.close()


async def test_when_the_time_for_it_is_over_the_last_page_goes(monkeypatch):
    world = ended_world()
    mona = await world.tab("mona")
    now_ms = [59_999]
    monkeypatch.setattr(world.room, "_now_ms", lambda: now_ms[0])
    world.room.tick(now_ms[0])
    assert code_of(mona) is None
    now_ms[0] = 60_000
    world.room.tick(now_ms[0])
    assert code_of(mona) == "session_ended"
    await world.close()


async def test_the_host_who_waits_is_let_in_when_the_session_goes_on():
    world = ended_world()
    mona = await world.tab("mona")
    world.happen(
        e.RoomChanged(what="reopened", by="p-mona"), replace(world.truth.room, phase=Phase.OPEN, ended_at_ms=None), flush=False
    )
    world.happen(e.ParticipantsJoined(), world.change("mona", state=PersonState.INSIDE, present=True))
    assert mona.types == ["welcome", "entered"]
    world.check(mona)
    await world.close()


async def test_a_room_loaded_anew_after_the_end_is_the_same_to_its_tabs():
    world = ended_world()
    mona = await world.tab("mona")
    await world.reload("gap")
    assert code_of(mona) is None
    assert mona.last["lobby"]["can_reopen"]
    await world.close()


@pytest.mark.parametrize("reloads", [False, True])
async def test_another_session_ends_every_tab_of_the_one_before(reloads):
    """Also where the node missed the entry, and loads the room anew."""
    world = ended_world()
    world.truth.invitations["i-mona"] = an_invitation("mona", Role.MODERATOR, participant_id="p-mona")
    mona = await world.tab("mona", invitation_id="i-mona", device_id="d-1")
    begun = replace(world.truth.room, phase=Phase.OPEN, ended_at_ms=None, session_no=2)
    if reloads:
        world.write(e.SessionBegun(), begun)
        await world.reload("gap")
    else:
        world.happen(e.SessionBegun(), begun)
        assert world.room.contents.people == world.room.contents.invitations == {}
    assert code_of(mona) == "session_ended"
    await world.close()


async def test_who_comes_with_a_session_of_before_is_told_that_it_has_ended_whatever_they_resume():
    world = ended_world()
    mona = await world.tab("mona")
    world.happen(e.SessionBegun(), replace(world.truth.room, phase=Phase.OPEN, ended_at_ms=None, session_no=2))
    for resume in (None, ResumeAt(epoch=world.room.position("p-mona").epoch, seq=10)):
        again = await world.tab("mona", resume=resume)
        assert code_of(again) == "session_ended"
    page = await world.tab(None, invitation_id="i-gone", device_id="d-2")
    assert code_of(page) == "session_ended"
    assert code_of(mona) == "session_ended"
    await world.close()


async def test_in_a_room_of_one_session_an_unknown_person_is_nobody():
    world = World(inside("vic"), room=a_room())
    tab = await world.tab("stranger")
    assert code_of(tab) == "token_invalid"
    await world.close()


# ── Names and switches ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_every_page_of_somebody_who_waits_shows_their_new_name_and_nobody_elses_is_touched():
    world = World(waiting("wanda"), waiting("will"), inside("boss", Role.MANAGER), room=a_room(locked=True))
    wanda, again, will = [await world.tab(name) for name in ("wanda", "wanda", "will")]
    world.happen(e.PersonRenamed(by="p-wanda"), replace(world.truth.people["p-wanda"], name="Wilma"))
    for tab in (wanda, again):
        assert tab.types == ["welcome", "lobby"]
        assert tab.last["you"]["name"] == "Wilma"
    assert will.types == ["welcome"]
    await world.close()


async def test_a_switch_refreshes_those_it_concerns_with_the_rows_of_the_room_and_tells_the_others_the_room_alone():
    world = World(inside("mona", Role.MODERATOR), inside("vic"), inside("boss", Role.MANAGER), room=a_room())
    mona, vic, boss = [await world.tab(name) for name in ("mona", "vic", "boss")]
    before = world.truth.people["p-mona"]
    world.happen(
        e.RoomChanged(what="edited", by="p-boss"), replace(world.truth.room, moderators_invite=True),
        world.change("mona", role_rev=before.role_rev + 1),
    )
    assert mona.heard() == ["room.changed", "refresh"]
    refresh = mona.frames()[-1]["events"][-1]
    assert "invite" in refresh["permissions"]
    assert (refresh["role"], refresh["old_role"], refresh["reveal"], refresh["forget"]) == ("moderator", "moderator", None, [])
    assert (vic.heard(), boss.heard()) == (["room.changed"], ["room.changed"])
    world.check(mona, vic, boss)
    await world.close()


async def test_who_resumes_while_the_next_session_begins_is_told_that_theirs_has_ended():
    world = ended_world()
    mona = await world.tab("mona")
    position = ResumeAt(epoch=world.room.position("p-mona").epoch, seq=world.room.seq)
    world.happen(e.RoomChanged(what="edited"), replace(world.truth.room, title="Physics", rev=world.truth.room.rev + 1))
    read, begun = world.hub._read_log, replace(world.truth.room, phase=Phase.OPEN, ended_at_ms=None, session_no=2)

    async def begin_meanwhile(room_id: str, epoch: str, after: int, upto: int) -> list[e.Entry] | None:
        if world.truth.room.session_no != 2:
            world.happen(e.SessionBegun(), begun)
        return await read(room_id, epoch, after, upto)

    world.hub._read_log = begin_meanwhile
    assert code_of(await world.tab("mona", resume=position)) == "session_ended"
    assert mona.connection
    await world.close()
