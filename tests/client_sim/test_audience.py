"""What an audience must reach, and that equality which nobody looked at is no equality."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from client_sim import audience
from client_sim.audience import Plan, add_figures
from client_sim.crowd import Crowd
from client_sim.figures import Figures
from client_sim.history import History
from client_sim.nodes import NotStarted, Site, given_or_own_site
from client_sim.verdict import Verdict
from tests.client_sim.fake_server import run


def held(verdict: Verdict, people: int = 0) -> dict[str, bool]:
    """Which figures hold for this verdict on a crowd of that many who are still there."""
    crowd = Crowd(Site(("http://one",), "key", "one node"), 0, seed=1)
    crowd._people = [None] * people  # type: ignore[list-item]
    crowd.histories = [History()] * people
    out = io.StringIO()
    add_figures(Figures([f"audience.{name}" for name in audience.FIGURES], prints=True, out=out), verdict, Plan(), [crowd])
    lines: list[dict[str, Any]] = [json.loads(line) for line in out.getvalue().splitlines()]
    return {line["figure"].removeprefix("audience."): line["holds"] for line in lines}


def test_the_default_size_must_reach_twenty_thousand_deliveries():
    assert Plan().least_deliveries == 20_000
    assert not held(Verdict(deliveries=19_999))["deliveries"]
    assert held(Verdict(deliveries=20_000))["deliveries"]


@pytest.mark.parametrize("name", ["lost", "duplicated", "reordered", "holes", "replicas_unequal"])
def test_a_single_failure_of_any_kind_does_not_hold(name):
    figures = held(Verdict(deliveries=20_000, **{name: 1}))
    assert [figure for figure, holds in figures.items() if not holds] == [name]


def test_replicas_that_nobody_compared_are_not_called_equal():
    assert not held(Verdict(deliveries=20_000, compared=2), people=3)["replicas_unequal"]
    assert held(Verdict(deliveries=20_000, compared=3), people=3)["replicas_unequal"]


def test_a_given_site_is_used_as_it_is(monkeypatch):
    monkeypatch.setenv("ADMIN_API_KEYS", "first,second")

    async def scene() -> None:
        async with given_or_own_site(("http://one",), None) as site:
            assert (site.urls, site.api_key, site.has_two_nodes) == (("http://one",), "first", False)

    run(scene())


def test_a_node_that_does_not_come_up_says_why(monkeypatch):
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("LOG_LEVEL", "nonsense")

    async def scene() -> None:
        with pytest.raises(NotStarted, match="LOG_LEVEL"):
            async with given_or_own_site((), None):
                pytest.fail("it came up")

    run(scene(), timeout_s=40)
