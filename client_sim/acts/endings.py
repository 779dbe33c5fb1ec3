"""Being sent out, coming back, and the end; and the proof that everybody was told the truth all along."""

from __future__ import annotations

from typing import Any

from client_sim.api import Body
from client_sim.checker import judge
from client_sim.client import RoomClient
from client_sim.comparing import compare_at_rest
from client_sim.stage import OWNER_ID, Stage, expect_end, expect_refusal, prove

AWAY_S = 0.5
Raw = dict[str, Any]


async def remove_and_ban(stage: Stage) -> Raw:
    """Removed is out, with the way back through the line, even in an unlocked room; banned is out for good."""
    maya, dora = stage.tabs[OWNER_ID], stage.tabs["dora"]
    await maya.command("lobby.admit", participant_ids=[dora.participant_id])
    await dora.wait_until(lambda replica: replica.is_inside, what="entry")
    await maya.command("room.unlock")
    await maya.command("participant.remove", participant_id=dora.participant_id)
    replica = await dora.wait_until(lambda replica: replica.left == "removed", what="removal")
    prove(replica.lobby_state == "removed" and not replica.participants, "out, and everything forgotten")
    for tab in (maya, stage.tabs["iris"]):
        await tab.wait_until(lambda replica: dora.participant_id not in replica.participants, what="shorter list")
    await dora.command("lobby.knock")
    await dora.wait_until(lambda replica: replica.lobby_state == "waiting_in_line", what="place in line")
    await maya.command("participant.ban", participant_id=dora.participant_id)
    ended = await expect_end(dora, "banned")
    await expect_refusal("banned", stage.open_member_tab("dora", node=1), "signing in again")
    return {"close_code": ended.close_code}


async def reconnect(stage: Stage) -> Raw:
    """A tab whose network drops comes back where it was, with everything that happened, and nobody saw it leave."""
    iris, vito = stage.tabs["iris"], stage.tabs["vito"]
    connection_id, known = iris.replica.connection_id, len(iris.history.messages)
    iris.abort(away_s=AWAY_S)
    await vito.command("hand.raise")
    prove(_hand(iris, vito) is None, "the event happened while the tab was away")
    await iris.wait_until(lambda replica: replica.connection_id != connection_id, what="new connection")
    await iris.wait_until(lambda _: _hand(iris, vito) is not None, what="missed event")
    welcomes = [m for _, _, m in list(iris.history.messages)[known:] if m["type"] == "welcome"]
    prove(len(welcomes) == 1 and welcomes[0]["resumed"] and welcomes[0]["snapshot"] is None, "it resumed, at the first try")
    prove_nobody_left(stage, iris.participant_id)
    return {"away_ms": int(AWAY_S * 1000), "resumed": len(welcomes)}


async def replicas(stage: Stage) -> Raw:
    """What every tab holds equals the room as the server would tell it anew; nothing was lost, doubled or reordered."""
    inside = [tab for tab in stage.tabs.values() if tab.ended is None and tab.replica.is_inside]
    for tab in inside:
        compared = await compare_at_rest(tab)
        prove(not compared.different, f"{tab.history.who} differs in {compared.different}")
    prove_nobody_left(stage, stage.tabs["iris"].participant_id)
    verdict = judge(stage.histories)
    prove(verdict.holds, f"{verdict.counts()} {verdict.findings}")
    prove(verdict.holes == 0, f"no frame began beyond what a tab held: {verdict.holes}")
    prove(verdict.compared >= len(inside) >= 3, "every tab was compared")
    return verdict.counts()


async def end(stage: Stage) -> Raw:
    """The host ends the session, and every tab is told so, inside and in the line."""
    maya = stage.tabs[OWNER_ID]
    await maya.command("room.lock")
    await stage.open_member_tab("wim", node=1)
    living = [tab for tab in stage.tabs.values() if tab.ended is None]
    await maya.command("session.end")
    for tab in living:
        await expect_end(tab, "session_ended")
    await expect_refusal("session_ended", _enter_anew(stage), "coming after the end")
    return {"told": len(living)}


async def _enter_anew(stage: Stage) -> Body:
    session = await stage.api().demo_sign_in(stage.room_id, "late", "Late")
    tab = await stage.open_tab("late", session["session_token"])
    raise AssertionError(f"let in after the end: {tab.replica.you}")


def prove_nobody_left(stage: Stage, participant_id: str) -> None:
    """Nobody was told that this person left.

    Raises:
        Disproved: somebody was.
    """
    for tab in stage.tabs.values():
        events = [event for message in tab.history.received_messages() for event in message.get("events", ())]
        gone = [event for event in events if event["type"] == "participants.left" and participant_id in event["participant_ids"]]
        prove(not gone, f"{tab.history.who} saw them leave")


def _hand(watcher: RoomClient, whose: RoomClient) -> int | None:
    row = watcher.replica.participants.get(whose.participant_id)
    raised_at_ms: int | None = row["hand_raised_at_ms"] if row else None
    return raised_at_ms
