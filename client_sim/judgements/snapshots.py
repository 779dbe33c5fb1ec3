"""Whether the room whole, wherever a client was given it, was what the log makes of it; and whether replicas came to equal it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from client_sim.history import Based, Compared, Entry, History
from client_sim.item import MUST_HEAR
from client_sim.truth import Truth
from client_sim.verdict import Verdict
from client_sim.whole import prints_of


def judge_snapshots(histories: Iterable[History], truth: Truth, verdict: Verdict) -> None:
    """A snapshot that lacks what the log holds would hide a hole; one that shows too much tells a secret."""
    based = [(history.who, entry) for history in histories for entry in history.entries if isinstance(entry, Based)]
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for who, entry in based:
        verdict.resyncs += entry.why.startswith("resync:")
        verdict.note("leaked", len(entry.leaks), who, entry)
        if entry.seq is not None:
            wanted[entry.audience].add(entry.seq)
            # Beyond the end of a whole log the store issued no position.
            is_beyond = truth.is_whole and not truth.is_cut_off and entry.seq > truth.upto
            verdict.note("snapshots_false", int(is_beyond), who, entry)
    true = {audience: _prints_at(truth, audience, seqs) for audience, seqs in wanted.items()}
    for who, entry in based:
        prints = None if entry.seq is None else true[entry.audience].get(entry.seq)
        if prints is not None and entry.prints is not None:
            verdict.snapshots += 1
            different = [name for name, text in prints.items() if entry.prints[name] != text]
            verdict.note("snapshots_false", int(bool(different)), who, (different, entry.why, entry.seq))


def _prints_at(truth: Truth, audience: str, seqs: Iterable[int]) -> dict[int, Mapping[str, str] | None]:
    return {seq: prints_of(replica.as_snapshot()) for seq, replica in truth.replicas_at(audience, seqs)}


def judge_replica(history: History, truth: Truth, verdict: Verdict) -> None:
    """Where replica and snapshot stand at the same place of what the audience may see, they are equal.

    A snapshot that already contains events which were still on their way proves nothing; a client whose every
    comparison was such counts as unequal, so that equality is never claimed without having been seen.
    """
    proven = hasty = 0
    for audience, entry in _comparisons(history.entries):
        between = truth.between(audience, entry.replica_seq, entry.snapshot_seq)
        if any(heard.partition(":")[0] in MUST_HEAR[audience] for _, _, heard in between):
            hasty += 1
            continue
        proven += 1
        verdict.note("replicas_unequal", int(bool(entry.different)), history.who, entry)
    verdict.compared += proven
    verdict.note("replicas_unequal", int(hasty > 0 and proven == 0), history.who, "never at the same seq")


def _comparisons(entries: Iterable[Entry]) -> Iterable[tuple[str, Compared]]:
    audience = "inside"
    for entry in entries:
        if isinstance(entry, Based):
            audience = entry.audience
        elif isinstance(entry, Compared):
            yield audience, entry
        for item in getattr(entry, "items", ()):
            audience = item.becomes or audience
