"""In the lobby: the countdown, the start, and the locked door."""

from __future__ import annotations

import asyncio
from typing import Any

from client_sim.api import Link
from client_sim.client import RoomClient
from client_sim.codec import MSGPACK
from client_sim.stage import EMAIL_OF, OWNER_ID, Stage, prove, prove_nothing_learnt

CLOCK_ERROR_MS = 20
AGREE_WITHIN_MS = 100
TICKS = 2
COUNTDOWN_MS = 4_000  # what the steps before the start need, with slack
DECLINE_MESSAGE = "We are full today."
Raw = dict[str, Any]


async def lobby(stage: Stage) -> Raw:
    """The invitee waits with a countdown to their own instant, and learns nothing about the people inside."""
    await _keep_start_ahead(stage)
    token = stage.sessions["phone"]["session_token"]
    iris = await stage.open_tab("iris", token, node=1, device=stage.device("phone"))
    shown = iris.replica.lobby or {}
    prove(shown.get("state") == "countdown", f"the page is the countdown: {iris.replica.lobby_state}")
    prove(shown["enter_at_ms"] == stage.starts_at_ms, "it counts down to the start")
    prove(not shown["needs_email"], "the address is proven and not asked for again")
    await iris.wait_until(lambda replica: replica.tick is not None, what="tick")
    maya = stage.tabs[OWNER_ID]
    received = iris.history.received_messages()
    prove_nothing_learnt(received, [maya.participant_id, "maya", f"{OWNER_ID}@example.org"])
    return {"messages": len(received)}


async def countdown(stage: Stage) -> Raw:
    """Ticks arrive, and two people on their own clocks agree on how long is left."""
    maya, iris = stage.tabs[OWNER_ID], stage.tabs["iris"]
    apart_ms = []
    for _ in range(TICKS):
        await asyncio.gather(_next_tick(maya), _next_tick(iris))
        left_ms = [tab.clock.remaining_ms((tab.replica.tick or {})["starts_at_ms"]) for tab in (maya, iris)]
        apart_ms.append(abs(left_ms[0] - left_ms[1]))
    prove(max(apart_ms) <= AGREE_WITHIN_MS, f"the two agree within {AGREE_WITHIN_MS} ms: {apart_ms}")
    return {"apart_ms": max(apart_ms), "offsets_ms": [maya.clock.offset_ms, iris.clock.offset_ms], "ticks": TICKS}


async def entry(stage: Stage) -> Raw:
    """At zero the invitee is let in by themselves, and not earlier."""
    maya, iris = stage.tabs[OWNER_ID], stage.tabs["iris"]
    prove(iris.replica.lobby_state == "countdown", "until now the invitee was waiting")
    await iris.wait_until(lambda replica: replica.is_inside, 30, "entry")
    late_ms = iris.clock.now_ms() - stage.starts_at_ms
    prove(late_ms >= -CLOCK_ERROR_MS, f"nobody was let in before the start: {late_ms} ms after it")
    prove(iris.replica.role == "viewer", "the role is the one of the invitation")
    await maya.wait_until(lambda replica: iris.participant_id in replica.participants, what="invitee in the list")
    row = maya.replica.participants[iris.participant_id]
    prove(row["joined_at_ms"] >= stage.starts_at_ms, "the list says so too")
    await maya.wait_until(lambda replica: (replica.room or {})["phase"] == "open", what="open room")
    return {"after_start_ms": late_ms}


async def lock(stage: Stage) -> Raw:
    """In a locked room arrivals wait in line; a host sees each once, admits one, and declines another with a message."""
    maya = stage.tabs[OWNER_ID]
    await maya.command("room.lock")
    vito = await _invited(stage, "vito")
    prove(vito.replica.lobby_state == "waiting_in_line", f"the arrival waits in line: {vito.replica.lobby_state}")
    await maya.wait_until(lambda replica: vito.participant_id in (replica.waiters or {}), what="waiter")
    prove((vito.replica.lobby or {})["position"] == 1, "they know their place")
    prove_nothing_learnt(vito.history.received_messages(), [maya.participant_id, stage.tabs["iris"].participant_id])
    seen = times_shown_in_line(maya, vito.participant_id)
    prove(seen == 1, f"the host was shown the arrival once, not {seen} times")
    await maya.command("lobby.admit", participant_ids=[vito.participant_id])
    await vito.wait_until(lambda replica: replica.is_inside, what="entry")
    await maya.wait_until(
        lambda replica: vito.participant_id in replica.participants and not replica.waiters, what="admitted participant"
    )
    dora = await stage.open_member_tab("dora", node=1, encoding=MSGPACK)
    await _decline(maya, dora)
    return {"admitted": 1, "declined": 1, "shown": seen}


async def _keep_start_ahead(stage: Stage) -> None:
    """On a slow machine the start may be too close to show a countdown: then the manager moves it."""
    maya = stage.tabs[OWNER_ID]
    if maya.clock.remaining_ms(stage.starts_at_ms) >= COUNTDOWN_MS:
        return
    stage.starts_at_ms = maya.clock.now_ms() + COUNTDOWN_MS
    await maya.command("room.edit", starts_at_ms=stage.starts_at_ms)
    await maya.wait_until(lambda replica: (replica.room or {})["starts_at_ms"] == stage.starts_at_ms, what="new start")


async def _decline(host: RoomClient, waiter: RoomClient) -> None:
    await host.wait_until(lambda replica: waiter.participant_id in (replica.waiters or {}), what="second waiter")
    await host.command("lobby.decline", participant_id=waiter.participant_id, message=DECLINE_MESSAGE)
    replica = await waiter.wait_until(lambda replica: replica.lobby_state == "declined", what="declined")
    shown = replica.lobby or {}
    prove(shown["decline_message"] == DECLINE_MESSAGE and shown["can_knock"], f"they read why, and may knock: {shown}")
    await host.wait_until(lambda replica: not replica.waiters, what="empty line")


async def _invited(stage: Stage, name: str) -> RoomClient:
    """Somebody invited over HTTP, who claims the link on their device and opens a tab."""
    made = await stage.api(1).invite(
        stage.room_id, email=EMAIL_OF[name], first_name=name.title(), last_name="Rossi", role="viewer"
    )
    stage.links[name] = Link(made["link"])
    device = stage.device(name)
    stage.sessions[name] = await stage.api().look_and_claim(stage.links[name], EMAIL_OF[name], device)
    return await stage.open_tab(name, stage.sessions[name]["session_token"], device=device)


async def _next_tick(tab: RoomClient) -> None:
    known = tab.replica.tick
    await tab.wait_until(lambda replica: replica.tick is not None and replica.tick is not known, what="tick")


def times_shown_in_line(host: RoomClient, participant_id: str) -> int:
    """How many events put that person into the line that the host sees."""
    events = [event for message in host.history.received_messages() for event in message.get("events", ())]
    shown = [event for event in events if event["type"] == "waiters.added"]
    return sum(row["participant_id"] == participant_id for event in shown for row in event["waiters"])
