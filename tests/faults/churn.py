"""A room whose people do things all the time while their connections are cut in every way: each tab behind a proxy of its own."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Self

from client_sim.api import Api
from client_sim.client import RoomClient
from client_sim.codec import JSON, MSGPACK
from client_sim.comparing import compare_at_rest
from client_sim.history import Connected, History
from client_sim.nodes import Site
from client_sim.refused import Refused, Unanswered
from tests.support.ports import HOST
from tests.support.proxy import TcpProxy, Way
from tests.support.waiting import wait_until

HOSTS = 3
AT_ONCE = 8  # people who come in, or are compared
ACTS_AT_ONCE = 64
GONE_S = 40.0  # twice the grace that these tests set
BACK_S = 120.0  # patience, for a machine on which much else goes on
NOTICED_WITHIN_S = 0.1  # how soon a browser says that the network is another one
MOST_IN_FRAME_BYTES = 400

Act = Callable[["Tab"], Awaitable[object]]

# How often each act is chosen. Nobody comes or goes in a steady room but by whoever drives it.
LIVELY = {"hand": 55, "rename": 20, "role": 15, "clear": 2, "leave": 4, "arrive": 4}
STEADY = {"hand": 70, "rename": 20, "role": 10}
CUTS = ("fin", "rst", "half_open", "in_frame", "in_command")


class Tab:
    """A client, its proxy, and the way it is being cut just now."""

    def __init__(self, client: RoomClient, proxy: TcpProxy) -> None:
        self.client, self.proxy = client, proxy
        self.is_being_cut = False

    @property
    def can_act(self) -> bool:
        return self.client.is_connected and self.client.replica.is_inside

    def welcomes(self, since: int = 0) -> list[Connected]:
        """Of its history from that entry on."""
        return [entry for entry in self.client.history.entries[since:] if isinstance(entry, Connected)]


class Churn:
    """`async with Churn(site, seed) as churn: await churn.fill(90); …`. `done` counts acts, `refused` codes, `cuts` the cuts by
    kind from which their tab came back, `failed` everything else."""

    def __init__(self, site: Site, seed: int = 1, acts: Mapping[str, int] = LIVELY) -> None:
        self.room_id = ""
        self._weights = acts
        self.histories: list[History] = []
        self.tabs: list[Tab] = []
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.cuts: Counter[str] = Counter()
        self._site = site
        self._ports = [int(url.rsplit(":", 1)[1]) for url in site.urls]
        self._rng = random.Random(seed)
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._come = 0
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        names = {f"host{number}": "owner" for number in range(HOSTS)}
        made = await self._api().create_room(title="Churn", standings=names, rename=True)
        self.room_id = made["room_id"]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.go_home()

    async def go_home(self) -> None:
        """Everybody goes, and the room goes with them."""
        await asyncio.gather(*(tab.client.close() for tab in self.tabs), return_exceptions=True)
        await self._stack.aclose()
        if self.room_id:
            room_id, self.room_id = self.room_id, ""
            await self._api().delete_room(room_id)

    @property
    def events_seen(self) -> int:
        return sum(history.events_seen for history in self.histories)

    @property
    def resumes(self) -> Counter[str]:
        """How those who came back went on: with the events that they had missed, or with the room whole."""
        welcomes = [entry for history in self.histories for entry in history.entries if isinstance(entry, Connected)]
        resumed = sum(entry.resumed for entry in welcomes)
        return Counter({"resumed": resumed, "anew": len(welcomes) - resumed - len(self.histories)})

    # ── The balancer ─────────────────────────────────────────────────────────────────────────────────────────────────

    def take_out(self, port: int) -> None:
        """Nobody new is sent to that node; who is there stays there."""
        self._ports.remove(port)
        for tab in self.tabs:
            if tab.proxy.target[1] == port:
                tab.proxy.target = (HOST, self._port())

    def put_back(self, port: int) -> None:
        self._ports.append(port)

    # ── What happens ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def fill(self, people: int) -> None:
        self.tabs += await asyncio.gather(*(self._come_in(f"host{number}") for number in range(HOSTS)))
        self.tabs += await asyncio.gather(*(self._come_in() for _ in range(people - HOSTS)))

    async def act(self, until: Callable[[], bool], per_s: float) -> None:
        """Let things happen at this rate, until it is enough."""
        due_s, gate = time.monotonic(), asyncio.Semaphore(ACTS_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            while not until():
                due_s = max(due_s + 1 / per_s, time.monotonic() - 1)
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
                await gate.acquire()
                group.create_task(self._act_once()).add_done_callback(lambda _: gate.release())

    async def cut(self, until: Callable[[], bool], at_once: int) -> None:
        """Cut one tab after the other, each time until it is back."""

        async def go_on() -> None:
            while not until():
                await self.cut_one()

        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(go_on())

    async def replace_one(self, *, says_goodbye: bool) -> None:
        """Somebody goes, with a word or without, and somebody else comes."""
        tab = self._anybody()
        if says_goodbye:
            await self._leave(tab)
        else:
            self.tabs.remove(tab)
            await self._close(tab)
        await self._arrive(tab)

    async def settle(self) -> None:
        """Everybody is back, and what each holds is compared with the room as it is told anew."""

        async def compare(tab: Tab) -> None:
            await wait_until(lambda: tab.can_act, BACK_S, f"{tab.client.history.who} back")
            async with self._gate:
                await compare_at_rest(tab.client, BACK_S)

        await asyncio.gather(*map(compare, self.tabs))

    async def present(self) -> list[str]:
        """Who is inside by the room's own word, once those have gone who went while a node could not be told."""
        here = {tab.client.participant_id for tab in self.tabs}

        async def is_so() -> bool:
            return set(await self._present()) == here

        with contextlib.suppress(AssertionError):
            await wait_until(is_so, GONE_S, "the people who are here, and nobody else")
        return await self._present()

    async def _present(self) -> list[str]:
        found, cursor = [], None
        while True:
            page = await self._api().participants(self.room_id, limit=200, **({"cursor": cursor} if cursor else {}))
            found += [row["participant_id"] for row in page["participants"]]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    # ── Acts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _act_once(self) -> None:
        acts: dict[str, Act] = {
            "hand": self._hand, "rename": self._rename, "role": self._role, "clear": self._clear, "leave": self._leave,
            "arrive": self._arrive,
        }  # fmt: skip
        name = self._rng.choices(list(self._weights), weights=list(self._weights.values()))[0]
        try:
            await acts[name](self._anybody())
            self.done[name] += 1
        except Refused as refused:
            self.refused[f"{name} {refused.code}"] += 1
        except (Unanswered, TimeoutError, OSError) as error:
            self.failed[f"{name} {error!r}"[:160]] += 1

    async def _hand(self, tab: Tab) -> None:
        own = tab.client.replica.own_row or {}
        await tab.client.command("hand.lower" if own.get("hand_raised_at_ms") else "hand.raise")

    async def _rename(self, tab: Tab) -> None:
        await tab.client.command("person.rename", name=f"Pat {self._rng.randrange(10_000)}")

    async def _role(self, tab: Tab) -> None:
        role = self._rng.choice(["viewer", "speaker", "moderator"])
        await self._host().client.command("role.change", participant_id=tab.client.participant_id, role=role)

    async def _clear(self, tab: Tab) -> None:
        await self._host().client.command("hands.clear")

    async def _leave(self, tab: Tab) -> None:
        self.tabs.remove(tab)
        try:
            await tab.client.command("leave")
        finally:
            await self._close(tab)

    async def _arrive(self, tab: Tab) -> None:
        self.tabs.append(await self._come_in())

    def _anybody(self) -> Tab:
        return self._rng.choice(self.tabs[HOSTS:])

    def _host(self) -> Tab:
        return self._rng.choice(self.tabs[:HOSTS])

    # ── Cuts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def cut_one(self) -> None:
        whole = [tab for tab in self.tabs if tab.can_act and not tab.is_being_cut]
        if not whole:
            await asyncio.sleep(0.05)
            return
        tab, kind = self._rng.choice(whole), self._rng.choice(CUTS)
        before = tab.client.replica.connection_id
        tab.is_being_cut = True
        tab.proxy.drop_forgotten()  # of the last time
        tab.proxy.target = (HOST, self._port())
        try:
            await self._break(tab, kind)
            await wait_until(lambda: tab.client.ended or self._is_back(tab, before), BACK_S, f"{tab.client.history.who} back")
            self.cuts[kind] += not tab.client.ended
        except AssertionError as late:
            raise AssertionError(f"{late}; it was cut by {kind}: {tab.client.history.entries[-5:]}") from late
        finally:
            tab.is_being_cut = False

    async def _break(self, tab: Tab, kind: str) -> None:
        match kind:
            case "fin":
                tab.proxy.half_close(Way.REPLIES)
            case "rst":
                tab.proxy.reset_all()
            case "half_open":
                tab.proxy.forget_all()
                await asyncio.sleep(self._rng.uniform(0, NOTICED_WITHIN_S))
                tab.client.abort()
            case "in_frame":
                tab.proxy.cut_after(self._rng.randrange(1, MOST_IN_FRAME_BYTES), Way.REPLIES)
            case "in_command":
                tab.proxy.cut_after(self._rng.randrange(1, 30), Way.REQUESTS)
                await self._quietly(tab)

    async def _quietly(self, tab: Tab) -> None:
        """A command that is cut in the middle, and comes through on the next connection."""
        try:
            await self._rename(tab)
            self.done["rename"] += 1
        except (Refused, Unanswered) as error:
            self.refused[f"cut rename {error!r}"[:80]] += 1

    def _is_back(self, tab: Tab, before: str | None) -> bool:
        return tab.client.is_connected and tab.client.replica.connection_id != before

    # ── People ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _come_in(self, name: str = "") -> Tab:
        async with self._gate:
            self._come += 1
            name = name or f"p{self._come}"
            session = await self._api().demo_sign_in(self.room_id, name, name.title())
            proxy = await self._stack.enter_async_context(TcpProxy(HOST, self._port()))
            history = History(f"{name}")
            client = RoomClient(
                f"http://{HOST}:{proxy.port}", session["session_token"], history=history,
                encoding=self._rng.choice([JSON, MSGPACK]),
            )  # fmt: skip
            self.histories.append(history)
            await client.connect(BACK_S)
        return Tab(client, proxy)

    async def _close(self, tab: Tab) -> None:
        await tab.client.close()
        await tab.proxy.refuse()
        tab.proxy.reset_all()

    def _port(self) -> int:
        return self._rng.choice(self._ports)

    def _api(self) -> Api:
        return Api(f"http://{HOST}:{self._port()}", self._site.api_key)
