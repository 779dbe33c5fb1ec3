"""Whether each claimed link has exactly one winner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from client_sim.history import Claimed, History
from client_sim.verdict import Verdict


def judge_claims(histories: Iterable[History], verdict: Verdict) -> None:
    """One device wins a link, however many claim it and however often. Where it was refused as used, somebody has it: where all
    heard a no or a result, and nobody won, the winner was lost."""
    won: defaultdict[str, set[str]] = defaultdict(set)
    used: set[str] = set()
    unsure: set[str] = set()
    for history in histories:
        for entry in history.entries:
            if isinstance(entry, Claimed):
                if entry.code is None:
                    won[entry.link].add(entry.device)
                elif entry.code == "unanswered":
                    unsure.add(entry.link)
                elif entry.code == "invite_used":
                    used.add(entry.link)
    for link in won.keys() | used:
        verdict.links += 1
        is_one = len(won[link]) == 1 or (not won[link] and link in unsure)
        verdict.note("winners_wrong", int(not is_one), link, sorted(won[link]) or "nobody")
