"""The judge: whether what each client was told is a strictly rising, hole-free part of what its audience may see.

Pure functions over histories and the truth; one pass over each. The truth is a list of (seq, index, fingerprint) for
each audience, in the order of the log. It is best taken from elsewhere (the store's log, a complete observer); where
there is nothing else, `derive_truth` takes what most clients agree on, which cannot see an event that reached nobody.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from client_sim.history import Answered, Based, Compared, Connected, Entry, History, Sent, StateSeen
from client_sim.item import MAY_HEAR, MUST_HEAR, Item, item_for
from client_sim.replica import Row
from client_sim.stretch import Stretch, stretches
from client_sim.verdict import Verdict

Told = tuple[int, int, str]
Truth = Mapping[str, Sequence[Told]]


def judge(histories: Iterable[History], truth: Truth | None = None) -> Verdict:
    """The verdict over all histories of one room.

    `truth` maps `inside`, `staff` and `managers` to what that audience was to be told: (seq, index of the event among
    those of its seq, fingerprint). An audience that is missing from it was to be told nothing.
    """
    known = list(histories)
    told = derive_truth(known) if truth is None else {name: sorted(items) for name, items in truth.items()}
    verdict = Verdict()
    for history in known:
        _judge_events(history, told, verdict)
        _judge_states(history, verdict)
        _judge_replica(history, told, verdict)
        _judge_answers(history, verdict)
    return verdict


def truth_from(events_of: Mapping[str, Iterable[Row]]) -> Truth:
    """The truth from wire events in the order of the log, for each audience."""
    return {name: _numbered(item_for(event) for event in events) for name, events in events_of.items()}


def derive_truth(histories: Iterable[History]) -> Truth:
    """What most of those who could hear an event agree on, for each audience."""
    votes: defaultdict[tuple[int, str], Counter[tuple[str, ...]]] = defaultdict(Counter)
    for history in histories:
        for stretch in stretches(history.entries):
            for place, heard in _by_place(stretch).items():
                votes[place][heard] += 1
    agreed = {place: max(counts, key=lambda heard: (counts[heard], len(heard))) for place, counts in votes.items()}
    return {audience: _truth_for(layers, agreed) for audience, layers in MUST_HEAR.items()}


def _truth_for(layers: tuple[str, ...], agreed: Mapping[tuple[int, str], tuple[str, ...]]) -> list[Told]:
    places = sorted(place for place in agreed if place[1] in layers)
    return _numbered(Item(seq, heard) for seq, layer in places for heard in agreed[seq, layer])


def _numbered(items: Iterable[Item]) -> list[Told]:
    """(seq, index among those of the same seq, fingerprint)."""
    counts: Counter[int] = Counter()
    told = []
    for item in items:
        told.append((item.seq, counts[item.seq], item.fingerprint))
        counts[item.seq] += 1
    return told


def _by_place(stretch: Stretch) -> dict[tuple[int, str], tuple[str, ...]]:
    """The fingerprints of a stretch by (seq, layer), each once."""
    places: defaultdict[tuple[int, str], dict[str, None]] = defaultdict(dict)
    for item in stretch.items:
        if item.layer in MUST_HEAR[stretch.audience]:
            places[item.seq, item.layer][item.fingerprint] = None
    return {place: tuple(heard) for place, heard in places.items()}


# ── Events ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _judge_events(history: History, truth: Truth, verdict: Verdict) -> None:
    for stretch in stretches(history.entries):
        verdict.deliveries += len(stretch.items)
        verdict.overlapping += stretch.overlapping
        verdict.holes += stretch.is_hole
        verdict.note("duplicated", len(stretch.again), history.who, stretch.again)
        foreign = [item for item in stretch.items if not _may_hear(stretch, item)]
        verdict.note("foreign", len(foreign), history.who, foreign)
        if not stretch.is_inside:
            continue
        told = _between(truth.get(stretch.audience, ()), stretch.after, stretch.upto)
        expected = [(seq, heard) for seq, _, heard in told if _layer(heard) in MUST_HEAR[stretch.audience]]
        _judge_stretch(history.who, stretch, expected, verdict)


def _may_hear(stretch: Stretch, item: Item) -> bool:
    return stretch.is_inside and item.layer in MUST_HEAR[stretch.audience] + MAY_HEAR[stretch.audience]


def _between(told: Sequence[Told], after: int, upto: int) -> Sequence[Told]:
    """The part with `after < seq <= upto`."""
    first = bisect_right(told, after, key=lambda item: item[0])
    return told[first : bisect_right(told, upto, key=lambda item: item[0])]


def _layer(heard: str) -> str:
    return heard.partition(":")[0]


def _judge_stretch(who: str, stretch: Stretch, expected: list[tuple[int, str]], verdict: Verdict) -> None:
    """Lost, doubled, out of order, or never said by the room: `expected` is what (after, upto] held."""
    heard = [(item.seq, item.fingerprint) for item in stretch.items]
    counts = Counter(heard)
    lost = [place for place in expected if place not in counts]
    verdict.note("lost", len(lost), who, lost)
    doubled = [place for place, count in counts.items() if count > 1]
    verdict.note("duplicated", len(heard) - len(counts), who, doubled)
    must = [place for place in counts if _layer(place[1]) in MUST_HEAR[stretch.audience]]
    known = set(expected)
    verdict.note("foreign", sum(place not in known for place in must), who, must)
    falls = stretch.falls
    if not falls and not lost and not doubled:
        falls = sum(mine != theirs for mine, theirs in zip(_in_layers(must), _in_layers(expected), strict=False)) // 2
    verdict.note("reordered", falls, who, heard)


def _in_layers(places: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The same, sorted by seq and layer only: within these the order is the log's, between layers it is free."""
    return sorted(places, key=lambda place: (place[0], _layer(place[1])))


# ── The rest ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _judge_states(history: History, verdict: Verdict) -> None:
    """A state's revision never goes back within a connection."""
    revs: dict[str, int] = {}
    for entry in history.entries:
        if isinstance(entry, Connected):
            revs.clear()
        elif isinstance(entry, StateSeen):
            verdict.states += 1
            verdict.note("states_backward", int(entry.rev < revs.get(entry.name, 0)), history.who, entry)
            revs[entry.name] = entry.rev


def _judge_replica(history: History, truth: Truth, verdict: Verdict) -> None:
    """Where replica and snapshot stand at the same place of what the audience may see, they are equal.

    A snapshot that already contains events which were still on their way proves nothing; a client whose every
    comparison was such counts as unequal, so that equality is never claimed without having been seen.
    """
    proven = hasty = 0
    for audience, entry in _comparisons(history.entries):
        if _between(truth.get(audience, ()), entry.replica_seq, entry.snapshot_seq):
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


def _judge_answers(history: History, verdict: Verdict) -> None:
    sent = Counter(entry.command_id for entry in history.entries if isinstance(entry, Sent))
    answered = Counter(entry.command_id for entry in history.entries if isinstance(entry, Answered))
    verdict.commands += len(sent)
    verdict.unanswered += len(sent.keys() - answered.keys())
    twice = [command_id for command_id, count in answered.items() if count > sent[command_id]]
    verdict.note("answered_twice", len(twice), history.who, twice)
    verdict.resyncs += sum(isinstance(entry, Based) and entry.why.startswith("resync:") for entry in history.entries)
