"""The lives of a log whose store came back as another one, older perhaps: each is judged for itself, and what was answered by
the one that survived."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from client_sim.history import Based, Connected, Entry, History
from client_sim.truth import Truth


@dataclass(frozen=True, kw_only=True)
class Lives:
    """`truths`: of each life, in the order of time, the one that survived last. `number_of`: which of them a participant's epoch
    is of, as they are told it; nobody has another's."""

    truths: Sequence[Truth]
    number_of: Callable[[str, str], int | None]

    @property
    def surviving(self) -> Truth:
        return self.truths[-1]

    def parts_of(self, history: History) -> list[History]:
        """The history cut where its tab was told another epoch: one part for each life."""
        if len(self.truths) == 1:
            return [history]
        parts = [History(history.who) for _ in self.truths]
        for number, entry in self._numbered(history.entries):
            parts[number].add(entry)
        return parts

    def _numbered(self, entries: Iterable[Entry]) -> Iterable[tuple[int, Entry]]:
        """What says no epoch is of the life of what came before; an epoch of no life is of the last, which will not know it."""
        number = 0
        for entry in entries:
            if isinstance(entry, Based | Connected) and entry.epoch is not None:
                found = self.number_of(entry.participant_id or "", entry.epoch)
                number = len(self.truths) - 1 if found is None else found
            yield number, entry


def one_life(truth: Truth) -> Lives:
    """Of a store that was the same throughout."""
    return Lives(truths=[truth], number_of=lambda participant_id, epoch: 0)
