"""Which of a room's lists have grown too long to be told row by row, and from how many people on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """What the script that wrote an entry of the log found: `large`, many people are inside; `long_line`, many wait.

    It goes on and off at different numbers, so that a room at the edge does not flap. All of the log between two changes of
    it is told alike.
    """

    large: bool = False
    long_line: bool = False

    @property
    def words(self) -> str:
        """As Redis keeps it."""
        return " ".join(name for name in ("large", "long_line") if getattr(self, name))

    @staticmethod
    def of(words: str) -> Crowd:
        named = words.split()
        return Crowd(large="large" in named, long_line="long_line" in named)


FEW = Crowd()


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """A room is large above `large_from` people inside, until there are fewer than `large_until`; the line alike."""

    large_from: int = 200
    large_until: int = 150
    long_line_from: int = 100
    long_line_until: int = 75
