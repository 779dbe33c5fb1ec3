"""Run the browser tests: `python -m tests.browser [pytest's arguments]`; with JSON=1 print each figure as a line, and a sum.

Then pytest's own words go to standard error, and a figure that never came is a failure.
"""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

import pytest

from client_sim.figures import Figures, wants_json
from tests.browser.figures import EXPECTED, FiguresPlugin

HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    if not wants_json():
        return int(pytest.main(["-m", "browser", str(HERE), *arguments]))
    lines = io.StringIO()
    figures = Figures(EXPECTED, prints=True, out=lines)
    with contextlib.redirect_stdout(sys.stderr):
        status = int(pytest.main(["-m", "browser", str(HERE), *arguments], plugins=[FiguresPlugin(figures)]))
    figures_status = figures.finish()
    print(lines.getvalue(), end="", flush=True)
    return status or figures_status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
