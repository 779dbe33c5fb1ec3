"""Whole rooms of people on real websockets, and the judgement over everything that each of them was told."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from client_sim.checker import judge
from client_sim.crowd import Crowd
from client_sim.figures import Figures
from client_sim.nodes import given_or_own_site
from client_sim.verdict import Verdict

FIGURES = ("deliveries", "lost", "duplicated", "reordered", "holes", "replicas_unequal")
# Each person of a room hears about 12 events a second, so 200 people hear 48,000 in 20 s; a slow machine has slack. In a
# large room only what concerns hosts is an event; the rest are states.
DELIVERIES_PER_PERSON_S = 5.0
DELIVERIES_IN_LARGE_ROOMS_S = 0.1
LARGE_FROM = 200
SHOW_EVERY_S = 0.5
PLAIN_EVERY_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`people` are in all rooms together; they act for `seconds`, after everybody has come."""

    rooms: int = 5
    people: int = 200
    seconds: float = 20.0
    seed: int = 1

    @property
    def least_deliveries(self) -> int:
        """20,000 for the default size, and in proportion for others."""
        is_large = self.people // self.rooms > LARGE_FROM
        return int((DELIVERIES_IN_LARGE_ROOMS_S if is_large else DELIVERIES_PER_PERSON_S) * self.people * self.seconds)


async def play_audience(urls: tuple[str, ...], api_key: str | None, plan: Plan, *, as_json: bool) -> int:
    """Fill the rooms, let people act, and judge; answers the exit status: 0 only if every figure holds."""
    console = Console(stderr=as_json, highlight=False)
    figures = Figures([f"audience.{name}" for name in FIGURES], prints=as_json)
    async with given_or_own_site(urls, api_key, starts_redis=True) as site:
        console.print(f"{plan.people} people in {plan.rooms} rooms for {plan.seconds} s, on {site.shown}")
        crowds = [Crowd(site, number, plan.seed) for number in range(plan.rooms)]
        try:
            await _play(crowds, plan, console)
        finally:
            await asyncio.gather(*(crowd.close() for crowd in crowds))
    verdict = sum((judge(crowd.histories) for crowd in crowds), Verdict())
    add_figures(figures, verdict, plan, crowds)
    _report(console, verdict, crowds)
    return figures.finish()


async def _play(crowds: list[Crowd], plan: Plan, console: Console) -> None:
    watcher = asyncio.create_task(_show_progress(crowds, plan, console))
    try:
        await asyncio.gather(*(crowd.fill(plan.people // plan.rooms) for crowd in crowds))
        await asyncio.gather(*(crowd.act(plan.seconds) for crowd in crowds))
        await asyncio.gather(*(crowd.settle() for crowd in crowds))
    finally:
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)


def add_figures(figures: Figures, verdict: Verdict, plan: Plan, crowds: list[Crowd]) -> None:
    raw = verdict.counts() | {"failed": sum(_all("failed", crowds).values()), "rooms": plan.rooms, "people": plan.people}
    least, clients = plan.least_deliveries, sum(len(crowd.histories) for crowd in crowds)
    for name in FIGURES:
        value = raw[name]
        is_count = name == "deliveries"
        must, holds = (f">= {least}", value >= least) if is_count else ("== 0", value == 0)
        if name == "replicas_unequal":
            # Equality that nobody looked at is not equality.
            holds = holds and verdict.compared >= sum(crowd.size for crowd in crowds)
        figures.add(f"audience.{name}", value, unit="events" if is_count else "", must=must, holds=holds, n=clients, raw=raw)


def _report(console: Console, verdict: Verdict, crowds: list[Crowd]) -> None:
    for name, count in verdict.counts().items():
        console.print(f"{name:>18}  {count:,}")
    for kind in ("done", "refused", "failed"):
        counts = _all(kind, crowds)
        shown = ", ".join(f"{name} {count:,}" for name, count in counts.most_common(12)) or "none"
        console.print(f"{kind:>18}  {escape(shown)}", soft_wrap=True)
    for finding in verdict.findings:
        console.print(f"[red]finding[/red]  {escape(finding)}", soft_wrap=True)


def _all(kind: str, crowds: list[Crowd]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for crowd in crowds:
        counts.update(getattr(crowd, kind))
    return counts


async def _show_progress(crowds: list[Crowd], plan: Plan, console: Console) -> None:
    """A live line in a terminal; elsewhere a plain one now and then."""
    if not console.is_terminal:
        while True:
            await asyncio.sleep(PLAIN_EVERY_S)
            console.print(_progress_text(crowds))
    began_s = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=plan.seconds)
        while True:
            progress.update(task, completed=time.monotonic() - began_s, description=_progress_text(crowds))
            await asyncio.sleep(SHOW_EVERY_S)


def _progress_text(crowds: list[Crowd]) -> str:
    people, actions = sum(crowd.size for crowd in crowds), sum(_all("done", crowds).values())
    events = sum(crowd.events_seen for crowd in crowds)
    return f"{people} people, {actions:,} actions, {events:,} events heard"
