"""Rooms of their own with few seats and absent hosts: full, left alone, ended, and open again."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from client_sim.api import Body
from client_sim.client import RoomClient
from client_sim.stage import OWNER_ID, Stage, expect_end, expect_refusal, prove

ABSENCE_S = 2
Raw = dict[str, Any]


async def capacity(stage: Stage) -> Raw:
    """In a full room arrivals queue, told why and at which place; a host still comes in, and a free seat goes to the first."""
    async with _side_room(stage, title="Two seats", capacity=2) as room:
        maya, anna = await room.enter(OWNER_ID), await room.enter("anna", node=1)
        ben, cleo = await room.enter("ben"), await room.enter("cleo", node=1)
        for place, tab in enumerate((ben, cleo), start=1):
            shown = tab.replica.lobby or {}
            is_next = shown.get("state") == "room_full" and shown["position"] == place
            prove(is_next, f"waiting for a seat, number {place}: {shown}")
        await maya.wait_until(lambda replica: len(replica.waiters or {}) == 2, what="both in the line")
        full = maya.command("lobby.admit", participant_ids=[cleo.participant_id])
        await expect_refusal("room_full", full, "admitting into a full room")
        await anna.command("leave")
        await ben.wait_until(lambda replica: replica.is_inside, what="the first of the line in the free seat")
        await cleo.wait_until(lambda replica: (replica.lobby or {}).get("position") == 1, what="the next place")
        prove(cleo.replica.lobby_state == "room_full", "the second still waits")
        await maya.command("room.edit", capacity=None)
        await cleo.wait_until(lambda replica: replica.is_inside, what="entry without a limit")
    return {"seats": 2, "waited": 2}


async def host_absence(stage: Stage) -> Raw:
    """Without a host a clock runs that everybody inside sees; a host stops it, and if none comes the session ends."""
    async with _side_room(stage, title="Left alone", host_absence_s=60) as room:
        maya, anna = await room.enter(OWNER_ID), await room.enter("anna", node=1)
        await maya.command("leave")
        await anna.wait_until(lambda replica: _ends_at_ms(replica.room) is not None, what="the clock")
        left_ms = anna.clock.remaining_ms(_ends_at_ms(anna.replica.room) or 0)
        prove(0 < left_ms <= 60_000, f"everybody sees how long there is: {left_ms} ms")
        maya = await room.enter(OWNER_ID)
        await anna.wait_until(lambda replica: _ends_at_ms(replica.room) is None, what="the stopped clock")
        await maya.command("room.edit", host_absence_s=ABSENCE_S)
        await maya.command("leave")
        await expect_end(anna, "session_ended")
        ended = await stage.api().room(room.room_id)
        prove(ended["phase"] == "ended" and ended["ended_because"] == "host_absence", f"it says why: {ended['ended_because']}")
    return {"shown_ms": left_ms, "absence_s": ABSENCE_S}


async def reopen(stage: Stage) -> Raw:
    """A host opens an ended session again: roles and bans hold, and the links and seats of before are good."""
    async with _side_room(stage, title="Once more") as room:
        maya, anna, bert = await room.enter(OWNER_ID), await room.enter("anna", node=1), await room.enter("bert")
        await maya.command("role.change", participant_id=anna.participant_id, role="speaker")
        await maya.command("participant.ban", participant_id=bert.participant_id)
        await maya.command("session.end")
        await expect_end(anna, "session_ended")
        await expect_refusal("session_ended", room.enter("anna", node=1), "coming while it is over")
        maya = await room.enter(OWNER_ID)
        shown = maya.replica.lobby or {}
        prove(shown.get("state") == "session_ended" and shown["can_reopen"], f"a host may open it again: {shown}")
        await maya.command("session.reopen")
        await maya.wait_until(lambda replica: replica.is_inside, what="the host inside")
        anna = await room.enter("anna", node=1)
        prove(anna.replica.is_inside and anna.replica.role == "speaker", "the role of before holds")
        await expect_refusal("banned", room.enter("bert"), "so does the ban")
    return {"role": anna.replica.role}


class SideRoom:
    """A room beside the story's, which its people enter with the site's sign-in."""

    def __init__(self, stage: Stage, made: Body) -> None:
        self.room_id: str = made["room_id"]
        self._stage = stage
        self._tabs: list[RoomClient] = []

    async def enter(self, user_id: str, *, node: int = 0) -> RoomClient:
        session = await self._stage.api(node).demo_sign_in(self.room_id, user_id, user_id.title())
        tab = RoomClient(self._stage.site.url(node), session["session_token"])
        self._tabs.append(tab)
        await tab.connect()
        return tab

    async def close(self) -> None:
        for tab in self._tabs:
            await tab.close()
        await self._stage.api().delete_room(self.room_id)


@asynccontextmanager
async def _side_room(stage: Stage, **settings: Any) -> AsyncIterator[SideRoom]:
    room = SideRoom(stage, await stage.api().create_room(standings={OWNER_ID: "owner"}, **settings))
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(room.close)
        yield room


def _ends_at_ms(room: Mapping[str, Any] | None) -> int | None:
    ends_at_ms: int | None = (room or {}).get("host_absence_ends_at_ms")
    return ends_at_ms
