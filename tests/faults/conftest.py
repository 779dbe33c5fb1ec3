"""What tests of faults share: the marker, the figures, and how often to do it.

    from tests.faults.figures import AddFigure, counts

    KILLS = counts(short=20, long=200)           # LONG=1 asks for the long form

    @pytest.mark.timeout(counts(short=60, long=900))
    async def test_…(redis_server, figure: AddFigure):
        ...
        figure("kill_to_back_ms", worst_ms, unit="ms", must="<= 5000", holds=worst_ms <= 5000, n=KILLS,
               raw={"median_ms": …, "fell_short": [what did, at most a few]})

Announce the name in `tests/faults/figures.py`; it is printed as `faults.kill_to_back_ms`. The test fails at once where a figure
does not hold, so give a scenario's figures at its end, the raw counts with each. Every figure comes from one test. Figures travel
with pytest's reports, whichever worker the test runs on; raw counts are what JSON can say.

Judge what tabs were told by the room's own log: see `room_log.py`.

Most of a fault is waiting: workers outnumber the cores, and what may take longest (by its timeout) begins first.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.faults.figures import PROPERTY, AddFigure, check_announced

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.faults)
    items.sort(key=lambda item: _timeout_s(item) if HERE in item.path.parents else 0.0, reverse=True)
    # Each worker is given two at first, and nobody takes the second from it: a short one follows each of the longest.
    for number in range(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0"))):
        if 2 * number + 1 < len(items):
            items.insert(2 * number + 1, items.pop())


def _timeout_s(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker else 0.0


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> AddFigure:
    """Record one of the announced figures; the test fails where it does not hold."""

    def add(name: str, value: float, *, unit: str, must: str, holds: bool, n: int = 1, raw: dict[str, Any] | None = None) -> None:
        check_announced(name)
        line = {"name": name, "value": value, "unit": unit, "must": must, "holds": bool(holds), "n": n, "raw": raw or {}}
        request.node.user_properties.append((PROPERTY, line))
        assert holds, f"{name} is {value} {unit}, and must be {must}; {raw}"

    return add
