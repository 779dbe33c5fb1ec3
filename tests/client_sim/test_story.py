"""The story fails loudly: a step that does not hold, and every step that it keeps from being told."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from client_sim import story
from client_sim.figures import Figures
from client_sim.nodes import Site
from client_sim.stage import Disproved, Stage, prove, prove_nothing_learnt
from tests.client_sim import rooms
from tests.client_sim.fake_server import run

ONE_NODE = Site(("http://one",), "key", "one node")
TWO_NODES = Site(("http://one", "http://two"), "key", "two nodes")


def tell(monkeypatch: pytest.MonkeyPatch, *steps: story.Step) -> tuple[int, list[dict[str, object]], str]:
    """Exit status, figures as lines, and what a reader sees."""
    monkeypatch.setattr(story, "STEPS", steps)
    out, shown = io.StringIO(), io.StringIO()
    figures = Figures(story.expected_figures(ONE_NODE), prints=True, out=out)
    run(story.play_steps(Stage(ONE_NODE), figures, Console(file=shown)))
    status = figures.finish()
    return status, [json.loads(line) for line in out.getvalue().splitlines()], shown.getvalue()


async def holds(stage: Stage) -> dict[str, object]:
    """Something is so."""
    return {"seen": 3}


async def fails(stage: Stage) -> dict[str, object]:
    """Something else is so."""
    prove(False, "it is not")
    return {}


async def promotion(stage: Stage) -> dict[str, object]:
    """Somebody is promoted."""
    return {"to_ack_ms": 5_000}


def test_a_step_that_holds_is_a_figure_with_its_raw_counts(monkeypatch):
    status, lines, shown = tell(monkeypatch, holds)
    assert status == 0
    assert (lines[0]["figure"], lines[0]["holds"], lines[0]["seen"]) == ("story.holds", True, 3)
    assert "Something is so." in shown


def test_after_a_step_that_does_not_hold_nothing_is_claimed(monkeypatch):
    status, lines, shown = tell(monkeypatch, fails, holds)
    assert status == 1
    assert [line["holds"] for line in lines] == [False, False, False]
    assert lines[1]["missing"]
    assert "it is not" in shown


def test_an_acknowledgement_that_took_too_long_does_not_hold(monkeypatch):
    status, lines, _ = tell(monkeypatch, promotion)
    assert status == 1
    assert [(line["figure"], line["holds"]) for line in lines[:2]] == [
        ("story.promotion", True), ("story.promotion_to_ack_ms", False),
    ]  # fmt: skip


def test_the_promotion_across_nodes_is_expected_on_two_nodes_only():
    across = {"story.promotion_across_nodes", "story.promotion_across_nodes_to_ack_ms"}
    assert across.isdisjoint(story.expected_figures(ONE_NODE))
    assert across <= set(story.expected_figures(TWO_NODES))


def test_every_step_says_in_one_line_what_it_proves():
    for step in story.STEPS:
        assert (step.__doc__ or "").splitlines()[0].endswith("."), step.__name__


@pytest.mark.parametrize(
    "message",
    [
        {"type": "events", "after": 0, "upto": 1, "events": []},
        rooms.welcome(rooms.snapshot(43)),
        rooms.welcome(None, lobby=rooms.lobby()),
        {"type": "lobby", "lobby": rooms.lobby() | {"host_message": "Maya is here"}, "you": {}, "left": None},
    ],
    ids=["events", "snapshot", "position", "name"],
)
def test_what_the_lobby_must_not_be_told_is_found(message):
    with pytest.raises(Disproved):
        prove_nothing_learnt([message], ["maya"])


def test_what_the_lobby_may_be_told_passes():
    prove_nothing_learnt([rooms.welcome(None, position=None, lobby=rooms.lobby()), rooms.tick(1)], ["maya"])
