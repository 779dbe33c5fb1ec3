"""People who claim, are admitted and promoted while the store fails over, and an account of what they were told is done."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from client_sim.checker import judge
from client_sim.client import RoomClient
from client_sim.codec import Message
from client_sim.comparing import compare_at_rest
from client_sim.device import Device
from client_sim.history import History
from client_sim.refused import Refused, Unanswered
from client_sim.verdict import Verdict
from tests.faults.figures import AddFigure
from tests.stories.hall import Hall
from tests.support.nodes import Cluster, http_status
from tests.support.waiting import wait_until

SETTINGS = {
    "CONFIRM_REPLICAS": "1", "CONFIRM_TIMEOUT_MS": "500", "COMMANDS_PER_S": "1000", "COMMANDS_BURST": "1000",
    "HTTP_PER_S": "100000", "HTTP_BURST": "100000",
}
# What may become of a command while the store fails over: ask again, under the same id.
AGAIN = frozenset({"store_unavailable", "unconfirmed", "busy", "unanswered", "node_fenced"})
PAUSE_S = 0.1
SETTLED_S = 60


class Load:
    """Goes on until it is stopped. `acknowledged`: changes by kind that were said to be done, and that nothing may undo.
    `lost`: those that were undone. `told`: what else was said. `slowest_ms`: the longest that anybody waited for any answer.
    `deliveries`: events that the judge looked at."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.acknowledged: Counter[str] = Counter()
        self.lost: list[str] = []
        self.told: Counter[str] = Counter()
        self.slowest_ms = 0.0
        self.deliveries = 0
        self._claims: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._stopping = asyncio.Event()

    async def claims(self, node: int) -> None:
        """Somebody is invited, and claims their link; both are acknowledged."""
        while not self._stopping.is_set():
            name, device = f"claimer{next(self._numbers)}", Device()
            if not await self._until_done("invitation", lambda name=name: self.hall.invite(name, node=node)):
                continue
            row = await self._until_done("claim", lambda name=name, device=device: self.hall.claim(name, node, device=device))
            self._claims[name] = row["participant_id"]
            await self._pause()

    async def admissions(self, host: RoomClient, waiter: RoomClient) -> None:
        """Somebody is admitted and sent back, again and again: whoever finds the step before undone says so."""
        ids = {"participant_ids": [waiter.participant_id]}
        while not self._stopping.is_set():
            admitted = await self._command("admission", host, "lobby.admit", **ids)
            if admitted.get("admitted") != [waiter.participant_id]:
                self.lost.append(f"sending {waiter.history.who} back: {admitted}")
            await self._pause()
            if self._stopping.is_set():
                break
            await self._command("sending back", host, "lobby.send_back", participant_id=waiter.participant_id)
            await self._pause()

    async def roles(self, host: RoomClient, person: RoomClient) -> None:
        """Each change raises `role_rev` by one: a change that was undone would be counted again."""
        role_rev = None
        for role in itertools.cycle(("speaker", "viewer")):
            if self._stopping.is_set():
                return
            done = await self._command("role", host, "role.change", participant_id=person.participant_id, role=role)
            if role_rev is not None and done["role_rev"] != role_rev + 1:
                self.lost.append(f"{person.history.who}: role_rev {done['role_rev']} after {role_rev}")
            role_rev = done["role_rev"]
            await self._pause()

    def stop(self) -> None:
        self._stopping.set()

    async def check(self) -> None:
        """Every claim that was acknowledged is there: its link still knows the device, and it is the same person."""
        for name, participant_id in self._claims.items():
            row = await self.hall.claim(name)
            if row["participant_id"] != participant_id:
                self.lost.append(f"the claim of {name}")

    async def _command(self, kind: str, tab: RoomClient, command: str, **fields: Any) -> dict[str, Any]:
        command_id = f"load-{next(self._numbers)}"
        return await self._until_done(kind, lambda: tab.command(command, id=command_id, **fields))

    async def _until_done(self, kind: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Ask until there is a yes; a no that the trouble does not explain is a loss."""
        while True:
            asked_at_s = time.monotonic()
            try:
                answer = await ask()
                self.acknowledged[kind] += 1
                return answer
            except (Refused, Unanswered, OSError, TimeoutError) as error:
                code = error.code if isinstance(error, Refused) else "unanswered"
                self.told[code] += 1
                if code not in AGAIN:
                    self.lost.append(f"before {kind}: {error!r}")
                    return defaultdict(lambda: None)
            finally:
                self.slowest_ms = max(self.slowest_ms, (time.monotonic() - asked_at_s) * 1000)
            await self._pause()

    async def _pause(self) -> None:
        await asyncio.sleep(PAUSE_S)  # how fast they act; nothing is waited for


@asynccontextmanager
async def under_load(hall: Hall, *, waiters: int = 2, movers: int = 2) -> AsyncIterator[Load]:
    """A host on the first node who admits and promotes, people on the others, links claimed on all of them."""
    load, host = Load(hall), await hall.owner()
    lined_up = [await hall.member(f"waiter{number}", node=1 + number) for number in range(waiters)]
    moved = [await hall.member(f"mover{number}", node=1 + number) for number in range(movers)]
    await host.wait_until(lambda replica: len(replica.waiters or ()) == waiters + movers, what="everybody in line")
    await host.command("lobby.admit", participant_ids=[tab.participant_id for tab in moved])
    async with asyncio.TaskGroup() as group:
        for tab in lined_up:
            group.create_task(load.admissions(host, tab))
        for tab in moved:
            group.create_task(load.roles(host, tab))
        for node in range(2):
            group.create_task(load.claims(node))
        try:
            yield load
        finally:
            load.stop()


async def goes_on(load: Load, more: int = 10) -> None:
    """Wait until so many more changes of each kind that people made before have been acknowledged."""
    before = dict(load.acknowledged)
    kinds = ("claim", "admission", "role")
    await wait_until(
        lambda: all(load.acknowledged[kind] >= before.get(kind, 0) + more for kind in kinds), SETTLED_S, "changes of each kind"
    )


async def judged(hall: Hall) -> Verdict:
    """Every replica equals the room as it would be told anew; and within each life of the store nobody missed, doubled or
    swapped anything. Between two lives everybody is told the room whole."""
    inside = [tab for tab in hall.tabs if tab.ended is None and tab.replica.is_inside]
    for tab, compared in zip(inside, await asyncio.gather(*map(compare_at_rest, inside)), strict=True):
        assert not compared.different, f"{tab.history.who} differs from the room in {compared.different}"
    total = judge([])
    for parts in by_epoch(tab.history for tab in hall.tabs).values():
        verdict = judge(parts)
        assert verdict.holds, f"{verdict.counts()} {verdict.findings}"
        total.deliveries += verdict.deliveries
    return total


def add_lost(figure: AddFigure, name: str, load: Load, rounds: int) -> None:
    """The figure of a scenario: what was acknowledged and undone, of how much."""
    raw = {
        "acknowledged": dict(load.acknowledged), "told": dict(load.told), "fell_short": load.lost[:5], "faults": rounds,
        "deliveries": load.deliveries,
    }
    figure(name, len(load.lost), unit="changes", must="== 0", holds=not load.lost, n=load.acknowledged.total(), raw=raw)


def by_epoch(histories: Iterable[History]) -> dict[str, list[History]]:
    """What each tab was told, apart for each life of the store; answers aside, since a question may outlive its life."""
    parts: defaultdict[str, dict[str, History]] = defaultdict(dict)
    for history in histories:
        epoch = ""
        for message in history.received_messages():
            epoch = _epoch_of(message) or epoch
            if message["type"] not in ("result", "refused"):
                parts[epoch].setdefault(history.who, History(history.who)).received(message)
    return {epoch: list(of.values()) for epoch, of in parts.items()}


def _epoch_of(message: Message) -> str | None:
    epoch: str | None = (message.get("position") or {}).get("epoch")
    return epoch


async def is_ready(cluster: Cluster) -> bool:
    return all([await http_status(node.port, "/readyz") == 200 for node in cluster.nodes])


