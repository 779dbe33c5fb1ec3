"""The main job, told step by step on real websockets: each step proves its claim and yields a figure."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from rich.console import Console
from rich.markup import escape

from client_sim.acts import endings, inviting, links, roles, seats, strangers, waiting
from client_sim.figures import Figures
from client_sim.nodes import Site, given_or_own_site
from client_sim.stage import Stage

Step = Callable[[Stage], Awaitable[dict[str, object]]]

STEPS: tuple[Step, ...] = (
    links.room,
    links.manager_inside,
    links.invitation,
    links.link_look,
    links.claim,
    links.other_device,
    links.device_move,
    waiting.lobby,
    waiting.countdown,
    waiting.entry,
    waiting.lock,
    roles.promotion,
    roles.promotion_across_nodes,
    roles.demotion,
    roles.hands,
    endings.remove_and_ban,
    inviting.suggest,
    inviting.mail,
    inviting.reminder,
    inviting.bulk,
    strangers.domain,
    strangers.guest,
    endings.reconnect,
    endings.replicas,
    seats.capacity,
    seats.host_absence,
    seats.reopen,
    endings.end,
)
ONLY_ON_TWO_NODES = frozenset({"promotion_across_nodes"})
ONLY_WITH_POST_OFFICE = frozenset({"mail", "reminder"})  # a site of somebody else's sends its mail elsewhere
TIMED = ("promotion", "promotion_across_nodes")  # steps with a figure of their own for the time to the last ack
STEP_S = 45.0
ACK_MS = 1_000


async def tell_story(urls: tuple[str, ...], api_key: str | None, *, as_json: bool) -> int:
    """Play the whole story; answers the exit status: 0 only if every step held."""
    console = Console(stderr=as_json, highlight=False)
    async with given_or_own_site(urls, api_key) as site:
        console.print(f"Greenroom, on {site.shown}: {', '.join(site.urls)}")
        stage, figures = Stage(site), Figures(expected_figures(site), prints=as_json)
        try:
            await play_steps(stage, figures, console)
        finally:
            await stage.close()
    for name in figures.missing:
        console.print(f"[red]not reached[/red]  {name}")
    status = figures.finish()
    console.print("[green]Every step held.[/green]" if status == 0 else "[red]The story did not hold.[/red]")
    return status


def expected_figures(site: Site) -> list[str]:
    names = []
    for step in steps_for(site):
        names.append(f"story.{step.__name__}")
        if step.__name__ in TIMED:
            names.append(f"story.{step.__name__}_to_ack_ms")
    return names


def steps_for(site: Site) -> list[Step]:
    left_out = (frozenset() if site.has_two_nodes else ONLY_ON_TWO_NODES) | (
        frozenset() if site.post_office else ONLY_WITH_POST_OFFICE
    )
    return [step for step in STEPS if step.__name__ not in left_out]


async def play_steps(stage: Stage, figures: Figures, console: Console) -> None:
    """Step by step, until one does not hold: those that follow would stand on nothing."""
    for step in steps_for(stage.site):
        if not await _prove_step(step, stage, figures, console):
            return


async def _prove_step(step: Step, stage: Stage, figures: Figures, console: Console) -> bool:
    name, claim = step.__name__, (step.__doc__ or "").strip().splitlines()[0]
    began_s, raw, wrong = time.monotonic(), {}, ""
    try:
        async with asyncio.timeout(STEP_S):
            raw = await step(stage)
    except Exception as error:
        # Whatever goes wrong in a step is what the story is there to find: told, and counted as not held.
        wrong = f"{type(error).__name__}: {error}"
    took_ms = round((time.monotonic() - began_s) * 1000)
    figures.add(f"story.{name}", took_ms, unit="ms", must="hold", holds=not wrong, raw={**raw, "wrong": wrong or None})
    if name in TIMED and not wrong:
        _add_ack_figure(name, raw, figures)
    mark = "[red]✗[/red]" if wrong else "[green]✓[/green]"
    console.print(f"{mark} {took_ms:>6} ms  [bold]{name}[/bold]  {escape(claim)}", soft_wrap=True)
    if wrong:
        console.print(f"             {escape(wrong)}", soft_wrap=True)
    return not wrong


def _add_ack_figure(name: str, raw: dict[str, object], figures: Figures) -> None:
    to_ack_ms = float(str(raw["to_ack_ms"]))
    figures.add(
        f"story.{name}_to_ack_ms", to_ack_ms, unit="ms", must=f"< {ACK_MS}", holds=to_ack_ms < ACK_MS, raw=raw
    )
