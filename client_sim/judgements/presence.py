"""Whether those who are in the room at the end are those whose tabs live."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from client_sim.history import Based, Connected, ConnectionLost, Ended, History
from client_sim.verdict import Verdict


def judge_presence(histories: Iterable[History], present: Collection[str], verdict: Verdict) -> None:
    """`present`: the ids of all who are inside by the room's own word, when everything is at rest."""
    living = {who: history.who for history in histories if (who := _inside_at_end(history))}
    ghosts = sorted(set(present) - living.keys())
    absent = sorted(living.keys() - set(present))
    verdict.note("ghosts", len(ghosts), "the room", ghosts)
    verdict.note("absent", len(absent), "the room", absent)


def _inside_at_end(history: History) -> str | None:
    """Whose tab this is, if it is connected and inside when its history ends."""
    who, is_connected, is_inside = None, False, False
    for entry in history.entries:
        if isinstance(entry, Connected):
            who, is_connected = entry.participant_id, True
        elif isinstance(entry, Based):
            who, is_inside = entry.participant_id, entry.seq is not None
        elif isinstance(entry, ConnectionLost | Ended):
            is_connected = False
    return who if is_connected and is_inside else None
