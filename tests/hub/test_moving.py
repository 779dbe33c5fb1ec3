"""Somebody's role or place changes: their tabs hear it in one frame of their own, and nobody else hears anything else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain import events as e
from server.domain.person import PersonState
from server.domain.roles import Role
from server.domain.room import Phase
from tests.hub.tabs import World, inside, waiting
from tests.wire.people import a_room, an_invitation


def a_world(**room: object) -> World:
    people = [inside("vic"), inside("ann"), inside("mod", Role.MODERATOR), inside("boss", Role.MANAGER), waiting("wanda")]
    return World(*people, room=a_room(**room))


async def test_a_promotion_is_one_frame_with_the_change_the_lists_and_the_refresh():
    world = a_world()
    world.truth.invitations["i-cleo"] = an_invitation("cleo", asked=True)
    tab = await world.tab("vic")
    world.give_role("vic", Role.MODERATOR, by="p-boss")
    (frame,) = tab.frames()
    assert [event["type"] for event in frame["events"]] == ["participant.role_changed", "refresh"]
    refresh = frame["events"][1]
    assert (refresh["role"], refresh["old_role"], refresh["role_rev"], refresh["by"]) == ("moderator", "viewer", 2, "p-boss")
    assert [row["participant_id"] for row in refresh["reveal"]["waiters"]] == ["p-wanda"]
    assert [row["invitation_id"] for row in refresh["reveal"]["device_requests"]] == ["i-cleo"]
    assert "lock" in refresh["permissions"]
    world.check(tab)


async def test_a_demotion_says_what_to_forget():
    world = a_world()
    tab = await world.tab("mod")
    world.give_role("mod", Role.VIEWER)
    refresh = tab.last["events"][-1]
    assert (sorted(refresh["forget"]), refresh["reveal"]) == (["device_requests", "waiters"], None)
    world.check(tab)


async def test_a_change_within_an_audience_reveals_and_forgets_nothing():
    world = a_world()
    tab = await world.tab("vic")
    world.give_role("vic", Role.SPEAKER)
    refresh = tab.last["events"][-1]
    assert (refresh["forget"], refresh["reveal"]) == ([], None)
    world.check(tab)


@pytest.mark.parametrize(("name", "role"), [("vic", Role.MANAGER), ("mod", Role.MANAGER)])
async def test_who_becomes_a_manager_sees_what_managers_see(name, role):
    world = a_world()
    world.truth.invitations["i-cleo"] = an_invitation("cleo")
    tab = await world.tab(name)
    world.give_role(name, role)
    assert tab.connection.role == "manager"
    world.check(tab)
    world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=1))
    world.check(tab)


async def test_every_tab_of_the_promoted_participant_is_refreshed():
    world = a_world()
    tabs = [await world.tab("vic") for _ in range(3)]
    world.give_role("vic", Role.MODERATOR)
    assert [tab.heard()[-1] for tab in tabs] == ["refresh"] * 3


async def test_nobody_elses_bytes_differ_for_it():
    told = []
    for with_tab in (False, True):
        world = a_world()
        others = [await world.tab(name) for name in ("ann", "mod", "boss")]
        if with_tab:
            await world.tab("vic")
        world.give_role("vic", Role.MODERATOR, by="p-boss")
        told.append([[payload for payload in other.outbox.payloads if b'"events"' in payload[:20]] for other in others])
        assert all("refresh" not in other.heard() for other in others)
    assert told[0] == told[1]
    assert all(len(frames) == 1 for frames in told[0])


async def test_what_waited_in_the_window_goes_before_the_refresh():
    world = a_world()
    tab = await world.tab("vic")
    world.room.flush()
    world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=1), flush=False)
    world.give_role("vic", Role.MODERATOR, flush=False)
    assert tab.heard() == ["participants.updated", "participant.role_changed", "refresh"]
    world.check(tab)
    await world.close()


async def test_the_line_goes_on_for_whoever_was_promoted():
    world = a_world()
    tab = await world.tab("vic")
    world.give_role("vic", Role.MODERATOR)
    world.happen(e.WaitersAdded(), waiting("will", line_no=8))
    world.check(tab)
    world.give_role("vic", Role.VIEWER)
    world.happen(e.WaitersAdded(), waiting("walt", line_no=9))
    world.check(tab)


async def test_somebody_admitted_enters_on_the_same_connection():
    world = a_world()
    tab = await world.tab("wanda")
    assert tab.last["lobby"]["state"] == "entering"
    world.happen(e.ParticipantsJoined(admitted=True), world.change("wanda", state=PersonState.INSIDE, line_no=None))
    assert tab.types == ["welcome", "entered"]
    assert tab.last["token"] == "token"
    world.check(tab)


@pytest.mark.parametrize(
    ("event", "state", "left", "page"),
    [
        (e.SentBack(), PersonState.WAITING, "sent_back", "entering"),
        (e.ParticipantRemoved(), PersonState.REMOVED, "removed", "removed"),
    ],
)
async def test_who_is_put_out_gets_the_lobby_and_nothing_more_of_the_room(event, state, left, page):
    world = a_world()
    tab = await world.tab("vic")
    world.happen(event, world.change("vic", state=state, line_no=9))
    assert (tab.last["type"], tab.last["left"], tab.last["lobby"]["state"]) == ("lobby", left, page)
    count = len(tab.messages)
    world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=1))
    assert len(tab.messages) == count


async def test_who_is_banned_is_told_so_at_the_end():
    world = a_world()
    tab = await world.tab("vic")
    world.happen(e.ParticipantRemoved(ban=True), world.change("vic", state=PersonState.BANNED, present=False))
    assert (tab.last["type"], tab.last["code"]) == ("bye", "banned")
    assert tab.connection.ended.done()


async def test_after_the_goodbye_a_tab_is_sent_nothing():
    world = a_world()
    tab = await world.tab("vic")
    world.happen(e.ParticipantRemoved(ban=True), world.change("vic", state=PersonState.BANNED, present=False))
    world.happen(e.RoomChanged(what="edited"), replace(world.truth.room, title="Another"))
    world.room.tick(5)
    world.room.resync_one(tab.connection, "sync")
    assert tab.types[-1] == "bye"


@pytest.mark.parametrize(("phase", "code"), [(Phase.ENDED, "session_ended"), (Phase.DELETED, "room_deleted")])
async def test_the_end_says_goodbye_to_everybody(phase, code):
    world = a_world()
    world.truth.invitations["i-cleo"] = an_invitation("cleo")
    tabs = [await world.tab(name) for name in ("vic", "mod", "boss", "wanda")]
    tabs.append(await world.tab(None, invitation_id="i-cleo", device_id="d"))
    world.happen(e.RoomChanged(what="ended", by="p-boss"), replace(world.truth.room, phase=phase), flush=False)
    assert [(tab.last["type"], tab.last["code"]) for tab in tabs] == [("bye", code)] * 5
    assert [tab.types[-2:] for tab in tabs[:3]] == [["events", "bye"]] * 3
