"""Figures for machines: one JSON line each, and a last line that says whether all of them hold."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

Value = int | float | None


class Figures:
    """Collects the figures that were announced; one that never came counts as failed.

    With `prints`, each is a JSON line on `out`: figure, value, unit, n (how many cases it stands on), must (the rule in
    words), holds, and the raw counts that it was made from.
    """

    def __init__(self, expected: Iterable[str], *, prints: bool, out: TextIO | None = None) -> None:
        self.expected = tuple(expected)
        self._prints = prints
        self._out = out or sys.stdout
        self._holds: dict[str, bool] = {}

    def add(
        self, name: str, value: Value, *, unit: str, must: str, holds: bool, n: int = 1, raw: Mapping[str, Any] = {}
    ) -> None:
        """Record one figure.

        Raises:
            ValueError: it was not announced, or is there already.
        """
        if name not in self.expected or name in self._holds:
            raise ValueError(f"The figure {name} was not expected, or came twice.")
        self._holds[name] = holds
        line = {"figure": name, "value": value, "unit": unit, "n": n, "must": must, "holds": holds}
        self._print(line | {key: item for key, item in raw.items() if key not in line})

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in self.expected if name not in self._holds)

    @property
    def all_hold(self) -> bool:
        return not self.missing and all(self._holds.values())

    def finish(self) -> int:
        """Say what is missing and whether everything holds; answers the exit status."""
        for name in self.missing:
            self.add(name, None, unit="", must="be there", holds=False, n=0, raw={"missing": True})
        self._print({"holds": self.all_hold, "figures": len(self._holds)})
        return 0 if self.all_hold else 1

    def _print(self, line: Mapping[str, Any]) -> None:
        if self._prints:
            print(json.dumps(line, ensure_ascii=False), file=self._out, flush=True)


def wants_json(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment asks for figures as JSON lines."""
    return environ.get("JSON") == "1"
