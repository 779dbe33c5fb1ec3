"""Whether the latest of a state won."""

from __future__ import annotations

from client_sim.history import Connected, History, StateSeen
from client_sim.verdict import Verdict


def judge_states(history: History, verdict: Verdict) -> None:
    """A state's revision never goes back within a connection."""
    revs: dict[str, int] = {}
    for entry in history.entries:
        if isinstance(entry, Connected):
            revs.clear()
        elif isinstance(entry, StateSeen):
            verdict.states += 1
            verdict.note("states_backward", int(entry.rev < revs.get(entry.name, 0)), history.who, entry)
            revs[entry.name] = entry.rev
