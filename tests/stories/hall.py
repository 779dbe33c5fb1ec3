"""One test's room: its people by name, their tabs on whichever node, and what each tab was told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from client_sim.api import Api, Link
from client_sim.checker import judge
from client_sim.client import RoomClient
from client_sim.codec import JSON
from client_sim.comparing import compare_at_rest
from client_sim.device import Device
from client_sim.history import History
from client_sim.nodes import Site
from client_sim.refused import Refused
from client_sim.verdict import Verdict

OWNER = "maya"

Row = dict[str, Any]


class Hall:
    """People are known by their first name; the owner is Maya. `node` counts the site's nodes, and goes round."""

    def __init__(self, site: Site, room: Row) -> None:
        self.site = site
        self.room_id: str = room["room_id"]
        self.starts_at_ms: int = room["starts_at_ms"] or 0
        self.tabs: list[RoomClient] = []
        self.links: dict[str, Link] = {}
        self.invitation_ids: dict[str, str] = {}
        self.devices: dict[str, Device] = {}
        self.tokens: dict[str, str] = {}

    def api(self, node: int = 0) -> Api:
        return Api(self.site.url(node), self.site.api_key)

    async def move_start(self, in_s: float) -> None:
        """The start is so soon from now on: for when those are there who are to see it, however long it took them to come."""
        self.starts_at_ms = time.time_ns() // 1_000_000 + round(in_s * 1000)
        await self.api().edit_room(self.room_id, starts_at_ms=self.starts_at_ms)

    # ── How people come ──────────────────────────────────────────────────────────────────────────────────────────────

    async def owner(self, node: int = 0, **options: Any) -> RoomClient:
        """Maya, who made the room: a manager."""
        return await self.member(OWNER, node, **options)

    async def member(self, name: str, node: int = 0, **options: Any) -> RoomClient:
        """Somebody whom the site has signed in: a viewer, unless they have a standing here."""
        await self.sign_in(name, node)
        return await self.tab(name, node, **options)

    async def sign_in(self, name: str, node: int = 0) -> Row:
        session = await self.api(node).demo_sign_in(self.room_id, name, name.title())
        self.tokens[name] = session["session_token"]
        return session

    async def guest(self, name: str, role: str = "viewer", node: int = 0, **options: Any) -> RoomClient:
        """Somebody who is invited, opens the link, gives their address, and stays on the page."""
        await self.invite(name, role, node)
        await self.claim(name, node)
        return await self.tab(name, node, **options)

    async def invite(self, name: str, role: str = "viewer", node: int = 0) -> Link:
        """The site invites them; see `links` and `invitation_ids`."""
        made = await self.api(node).invite(
            self.room_id, email=email_of(name), first_name=name.title(), last_name="Novak", role=role
        )
        self.invitation_ids[name], self.links[name] = made["invitation_id"], Link(made["link"])
        return self.links[name]

    async def claim(self, name: str, node: int = 0, *, device: Device | None = None) -> Row:
        """Open their link and give their address, on the device that they have, or on another."""
        device = device or self.devices.setdefault(name, Device())
        session = await self.api(node).look_and_claim(self.links[name], email_of(name), device)
        self.devices[name], self.tokens[name] = device, session["session_token"]
        return session

    async def tab(self, name: str, node: int = 0, **options: Any) -> RoomClient:
        """One more tab of somebody who has come before."""
        return await self._open(name, self.tokens[name], node, device=self.devices.get(name), **options)

    async def link_page(self, name: str, node: int = 0, *, device: Device | None = None) -> RoomClient:
        """The page of their link, where nobody has given an address yet."""
        looked = await self.api(node).look(self.links[name], device)
        return await self._open(f"{name}'s page", looked["lobby_token"], node)

    async def _open(
        self, who: str, token: str, node: int, *, device: Device | None = None, encoding: str = JSON, **options: Any
    ) -> RoomClient:
        history = History(f"{who} {len(self.tabs)}", keeps_messages=True)
        tab = RoomClient(self.site.url(node), token, device=device, encoding=encoding, history=history, **options)
        await tab.connect()
        self.tabs.append(tab)
        return tab

    # ── Afterwards ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def check(self) -> Verdict:
        """Every replica equals the room as it would be told anew, and nobody missed, doubled or swapped anything."""
        inside = [tab for tab in self.tabs if tab.ended is None and tab.replica.is_inside]
        for tab, compared in zip(inside, await asyncio.gather(*map(compare_at_rest, inside)), strict=True):
            assert not compared.different, f"{tab.history.who} differs from the room in {compared.different}"
        verdict = judge(tab.history for tab in self.tabs)
        assert verdict.holds, f"{verdict.counts()} {verdict.findings}"
        return verdict

    async def close(self) -> None:
        await asyncio.gather(*(tab.close() for tab in self.tabs), return_exceptions=True)


@asynccontextmanager
async def open_hall(site: Site, *, starts_in_s: float | None = None, checks: bool = True, **room: Any) -> AsyncIterator[Hall]:
    """A room of its own for one test; open, or opening `starts_in_s` from now. Leaving it checks what everybody was told."""
    starts_at_ms = None if starts_in_s is None else time.time_ns() // 1_000_000 + round(starts_in_s * 1000)
    made = await Api(site.url(0), site.api_key).create_room(
        **{"title": "Chemistry", "standings": {OWNER: "owner"}, "starts_at_ms": starts_at_ms, **room}
    )
    hall = Hall(site, made)
    try:
        yield hall
        if checks:
            await hall.check()
    finally:
        await hall.close()


def email_of(name: str) -> str:
    """The address that the site's sign-in gives them, and that they are invited with."""
    return f"{name}@example.org"


@contextmanager
def refused(code: str) -> Iterator[None]:
    """What is tried inside must be refused with `code`."""
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code, f"refused with {caught.value}"


async def ended_with(tab: RoomClient) -> str:
    """The code with which the server ends this tab for good."""
    ended = await tab.wait_until_ended()
    assert isinstance(ended, Refused), f"{tab.history.who}: {ended}"
    return ended.code


# ── What a tab was told ──────────────────────────────────────────────────────────────────────────────────────────────


def told(tab: RoomClient, kind: str) -> list[Row]:
    """Every event of that type, in the order in which the tab heard them."""
    events = [event for message in tab.history.received_messages() for event in message.get("events", ())]
    return [event for event in events if event["type"] == kind]


def messages(tab: RoomClient, kind: str) -> list[Row]:
    """Every message of that type, in order."""
    return [message for message in tab.history.received_messages() if message["type"] == kind]


def joined(tab: RoomClient) -> list[str]:
    """The ids of those who came in while the tab was there, one for each time."""
    return [row["participant_id"] for event in told(tab, "participants.joined") for row in event["participants"]]


def left(tab: RoomClient) -> list[str]:
    """The ids of those who went while the tab was there, one for each time."""
    return [who for event in told(tab, "participants.left") for who in event["participant_ids"]]


def lined_up(tab: RoomClient) -> list[str]:
    """The ids of those who were put into the line that a host sees, one for each time."""
    return [row["participant_id"] for event in told(tab, "waiters.added") for row in event["waiters"]]


# ── Waiting for what a tab shows ─────────────────────────────────────────────────────────────────────────────────────


async def comes_in(tab: RoomClient, timeout_s: float = 10) -> None:
    await tab.wait_until(lambda replica: replica.is_inside, timeout_s, "entry")


async def shows(tab: RoomClient, state: str, timeout_s: float = 10) -> Row:
    """Wait for a page of the lobby; answers everything that it shows."""
    replica = await tab.wait_until(lambda replica: replica.lobby_state == state, timeout_s, f"page {state}")
    return dict(replica.lobby or {})


async def sees(tab: RoomClient, *others: RoomClient, timeout_s: float = 10) -> None:
    """Wait until all of them are in the list of people."""
    ids = {other.participant_id for other in others}
    await tab.wait_until(lambda replica: ids <= set(replica.participants), timeout_s, "people in the list")


async def misses(tab: RoomClient, participant_id: str, timeout_s: float = 10) -> None:
    """Wait until that person is no longer in the list of people."""
    await tab.wait_until(lambda replica: participant_id not in replica.participants, timeout_s, "shorter list")


async def sees_line(tab: RoomClient, *waiters: RoomClient, timeout_s: float = 10) -> None:
    """Wait until the line that a host sees is these people, in this order."""
    wanted = [waiter.participant_id for waiter in waiters]
    await tab.wait_until(lambda _: line_of(tab) == wanted, timeout_s, f"line of {len(wanted)}")


def line_of(tab: RoomClient) -> list[str]:
    """The line as a host's tab holds it, in its order."""
    rows = (tab.replica.waiters or {}).values()
    return [row["participant_id"] for row in sorted(rows, key=lambda row: row["line_no"])]


async def has_role(tab: RoomClient, role: str, timeout_s: float = 10) -> None:
    await tab.wait_until(lambda replica: replica.role == role, timeout_s, f"role {role}")
