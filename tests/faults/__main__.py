"""Run the tests that break things: `python -m tests.faults [pytest's arguments]`; LONG=1 for the long form.

At the end come the figures, as words, or with JSON=1 as lines for machines on standard output while everything else goes to
standard error. A figure that never came is a failure, unless arguments chose a part of the tests and nobody asked for JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path

import pytest

from client_sim.figures import Figures, wants_json
from tests.faults.figures import EXPECTED, FiguresPlugin

TESTS = Path(__file__).parents[1]
PLACES = (TESTS / "faults", TESTS / "test_launcher.py")
# Faults are mostly waited for: more workers than cores. With more than these, tests take each other's time to answer.
WORKERS = os.environ.get("WORKERS", "5")
FAILED = "faults.tests_failed"


def main(arguments: list[str]) -> int:
    plugin, lines = FiguresPlugin(), io.StringIO()
    words = ["-m", "faults", "-n", WORKERS, "--dist", "load", "--maxschedchunk", "1", *map(str, PLACES), *arguments]
    with contextlib.redirect_stdout(sys.stderr if wants_json() else sys.stdout):
        status = int(pytest.main(words, plugins=[plugin]))
    figures_status = add_all(Figures([*(f"faults.{name}" for name in EXPECTED), FAILED], prints=True, out=lines), plugin)
    if wants_json():
        print(lines.getvalue(), end="", flush=True)
        return status or figures_status
    _print_words(lines.getvalue(), leaves_out_missing=bool(arguments))
    return status if arguments else status or figures_status


def add_all(figures: Figures, plugin: FiguresPlugin) -> int:
    for line in plugin.figures:
        figures.add(f"faults.{line.pop('name')}", line.pop("value"), **line)
    failed = list(plugin.failed)
    figures.add(FAILED, len(failed), unit="tests", must="== 0", holds=not failed, n=plugin.tests, raw={"failed": failed})
    return figures.finish()


def _print_words(lines: str, *, leaves_out_missing: bool) -> None:
    *figures, last = map(json.loads, lines.splitlines())
    for line in figures:
        if line.get("missing") and leaves_out_missing:
            continue
        mark = "holds" if line["holds"] else "never came" if line.get("missing") else "FAILS"
        print(f"{line['figure']:<44} {line['value']} {line['unit']} (must be {line['must']}), n = {line['n']:,}: {mark}")
    print(f"{last['figures']} figures; all hold: {last['holds']}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
