"""Changes of role while everybody is inside: the refresh on every tab, its acknowledgement, and what follows from it."""

from __future__ import annotations

import time
from typing import Any

from client_sim.client import RoomClient
from client_sim.codec import JSON, MSGPACK
from client_sim.replica import Replica
from client_sim.stage import OWNER_ID, Disproved, Stage, expect_refusal, prove

Raw = dict[str, Any]


async def promotion(stage: Stage) -> Raw:
    """A viewer with two tabs is promoted: both show the new role and the line in the same frame, and acknowledge it."""
    dora, vito = stage.tabs["dora"], stage.tabs["vito"]
    await dora.command("lobby.knock")
    await stage.tabs[OWNER_ID].wait_until(lambda replica: dora.participant_id in (replica.waiters or {}), what="knock")
    token = stage.sessions["vito"]["session_token"]
    second = await stage.open_tab("vito's second", token, node=1, device=stage.device("vito"), encoding=MSGPACK)
    return await _promote(stage, [vito, second]) | {"encodings": [vito.encoding, second.encoding]}


async def promotion_across_nodes(stage: Stage) -> Raw:
    """The same where the host is on one node and both tabs of the promoted person are on another."""
    iris, maya = stage.tabs["iris"], stage.tabs[OWNER_ID]
    prove(iris.url != maya.url, "host and promoted person are on different nodes")
    token = stage.sessions["phone"]["session_token"]
    second = await stage.open_tab("iris's second", token, node=1, device=stage.device("phone"), encoding=JSON)
    raw = await _promote(stage, [iris, second])
    await maya.command("role.change", participant_id=iris.participant_id, role="viewer")
    await iris.wait_until(lambda replica: replica.role == "viewer", what="demotion")
    await stage.close_tab("iris's second")
    return raw


async def demotion(stage: Stage) -> Raw:
    """A demotion takes the line away from every tab, and from then on the server refuses what the role allowed."""
    maya, tabs = stage.tabs[OWNER_ID], [stage.tabs["vito"], stage.tabs["vito's second"]]
    await maya.command("role.change", participant_id=tabs[0].participant_id, role="viewer")
    for tab in tabs:
        replica = await tab.wait_until(lambda replica: replica.role == "viewer", what="demotion")
        prove(replica.waiters is None and replica.device_requests is None, "the line is forgotten")
        forgotten = [event["forget"] for event in refreshes(tab, "viewer")]
        prove([sorted(names) for names in forgotten] == [["device_requests", "waiters"]], f"it is named: {forgotten}")
    for tab in tabs:
        await expect_refusal("role_forbidden", tab.command("room.unlock"), "a former moderator")
    return {"tabs": len(tabs), "refused": len(tabs)}


async def hands(stage: Stage) -> Raw:
    """Raised hands are seen by everybody inside, and a host clears them all."""
    maya, iris, vito = (stage.tabs[name] for name in (OWNER_ID, "iris", "vito"))
    everybody = [maya, iris, vito]
    for tab in (iris, vito):
        await tab.command("hand.raise")
    await _all_see(everybody, {iris.participant_id, vito.participant_id})
    await vito.command("hand.lower")
    await _all_see(everybody, {iris.participant_id})
    await maya.command("hands.clear")
    await _all_see(everybody, set())
    await expect_refusal("role_forbidden", vito.command("hands.clear"), "a viewer")
    return {"hands": 2, "seen_by": len(everybody)}


async def _promote(stage: Stage, tabs: list[RoomClient]) -> Raw:
    """Make their person a moderator. `to_ack_ms` counts from the sending of the command, so it is no less than the time
    from its acceptance to the last tab's acknowledgement."""
    maya, person = stage.tabs[OWNER_ID], tabs[0].participant_id
    began_s = time.monotonic()
    answer = await maya.command("role.change", participant_id=person, role="moderator")
    accepted_s = time.monotonic()
    prove(answer["changed"] and answer["expected"] == len(tabs), f"{len(tabs)} tabs are to apply it: {answer}")
    for tab in tabs:
        await tab.wait_until(lambda replica: replica.role == "moderator", what="promotion")
        prove_revealed_at_once(tab, stage.tabs["dora"].participant_id)
    await maya.wait_until(lambda replica: _is_applied(replica, person, len(tabs), answer["role_rev"]), what="applied")
    applied_s = time.monotonic()
    last_ack_s = max(acknowledged_at_s(tab, answer["role_rev"]) for tab in tabs)
    return {
        "tabs": len(tabs),
        "to_ack_ms": round((last_ack_s - began_s) * 1000, 1),
        "accepted_after_ms": round((accepted_s - began_s) * 1000, 1),
        "applied_seen_after_ms": round((applied_s - began_s) * 1000, 1),
    }


def _is_applied(replica: Replica, participant_id: str, tabs: int, role_rev: int) -> bool:
    state = replica.applied.get(participant_id)
    if not state or state["role_rev"] != role_rev:
        return False
    return (state["applied"], state["expected"], state["status"]) == (tabs, tabs, "applied")


def prove_revealed_at_once(tab: RoomClient, waiter_id: str) -> None:
    """The frame that changed the role also brought the line.

    Raises:
        Disproved: it did not.
    """
    told = refreshes(tab, "moderator")
    prove(len(told) == 1, f"each tab is refreshed once, not {len(told)} times")
    shown = [row["participant_id"] for row in (told[0]["reveal"] or {"waiters": []})["waiters"]]
    prove(waiter_id in shown, f"the line came with the role: {shown}")
    prove("admit" in told[0]["permissions"], "the permissions came with the role")


def refreshes(tab: RoomClient, role: str) -> list[dict[str, Any]]:
    """Every refresh to that role that this tab was sent."""
    events = [event for message in tab.history.received_messages() for event in message.get("events", ())]
    return [event for event in events if event["type"] == "refresh" and event["role"] == role]


def acknowledged_at_s(tab: RoomClient, role_rev: int) -> float:
    """When the tab sent its acknowledgement, monotonic seconds.

    Raises:
        Disproved: it never did.
    """
    for at_s, direction, message in tab.history.messages:
        if direction == "sent" and message["type"] == "ack" and message["role_rev"] >= role_rev:
            return at_s
    raise Disproved("every tab acknowledges its role")


async def _all_see(tabs: list[RoomClient], raised: set[str]) -> None:
    for tab in tabs:
        await tab.wait_until(lambda replica: _raised(replica) == raised, what=f"{len(raised)} raised hands")


def _raised(replica: Replica) -> set[str]:
    return {key for key, row in replica.participants.items() if row["hand_raised_at_ms"] is not None}
