"""What a room said, for each audience and in the order of its log: what every history is held against.

It is best taken from the log itself; where there is none at hand, `derive_truth` takes what most clients agree on, which cannot
see an event that reached nobody, and knows neither roles nor what the room was at any moment.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from client_sim.history import History
from client_sim.item import MUST_HEAR, Item, item_for
from client_sim.reducer import apply
from client_sim.replica import Replica, Row
from client_sim.stretch import Stretch, stretches

Told = tuple[int, int, str]


@dataclass(frozen=True, kw_only=True)
class RoleSet:
    """From `seq` on this is somebody's role; each `role_rev` is one change."""

    seq: int
    role_rev: int


@dataclass(frozen=True, kw_only=True)
class Truth:
    """`told`: by audience, sorted: seq, index among those of its seq, fingerprint. `is_whole`: taken from a log without a hole,
    so that what is not in it was not said; then `events` are the wire events, `upto` is where it ends, `bases` the room
    whole at its beginning, `roles` everybody's roles by participant id, and `quiet` the seqs at which a large room kept rows
    to itself. `is_cut_off`: the store lost the end of this life of its log, and what was said there nobody else knows."""

    told: Mapping[str, Sequence[Told]]
    is_whole: bool = False
    events: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    upto: int = 0
    bases: Mapping[str, Row] = field(default_factory=dict)
    roles: Mapping[str, Sequence[RoleSet]] = field(default_factory=dict)
    quiet: frozenset[int] = frozenset()
    is_cut_off: bool = False

    def is_known(self, seq: int) -> bool:
        """Whether what was said at that place can be known."""
        return not self.is_cut_off or seq <= self.upto

    def between(self, audience: str, after: int, upto: int) -> Sequence[Told]:
        """What this audience was told with `after < seq <= upto`."""
        told = self.told.get(audience, ())
        first = bisect_right(told, after, key=lambda item: item[0])
        return told[first : bisect_right(told, upto, key=lambda item: item[0])]

    def replicas_at(self, audience: str, seqs: Iterable[int]) -> Iterator[tuple[int, Replica]]:
        """The room whole at each of `seqs`, rising, made by carrying out the events one after another; of seqs that the log does
        not reach, and of rooms that were large, nothing."""
        base = self.bases.get(audience)
        if base is None or self.quiet:
            return
        replica, events, done = _replica_of(base), self.events.get(audience, ()), 0
        for seq in sorted({seq for seq in seqs if base["seq"] <= seq <= self.upto}):
            first = done
            while done < len(events) and events[done]["seq"] <= seq:
                done += 1
            frame = {"type": "events", "after": replica.last, "upto": seq, "events": events[first:done]}
            replica = apply(replica, frame)
            yield seq, replica


def truth_from(
    events_of: Mapping[str, Iterable[Row]],
    *,
    upto: int | None = None,
    bases: Mapping[str, Row] | None = None,
    roles: Mapping[str, Sequence[RoleSet]] | None = None,
    quiet: Iterable[int] = (),
    is_cut_off: bool = False,
) -> Truth:
    """The truth from all wire events of a log, in its order, for each audience; an audience that is missing was told nothing."""
    events = {name: sorted(heard, key=lambda event: event["seq"]) for name, heard in events_of.items()}
    last = max((event["seq"] for heard in events.values() for event in heard), default=0)
    return Truth(
        told={name: _numbered(map(item_for, heard)) for name, heard in events.items()},
        is_whole=True,
        events=events,
        upto=last if upto is None else upto,
        bases=bases or {},
        roles=roles or {},
        quiet=frozenset(quiet),
        is_cut_off=is_cut_off,
    )


def derive_truth(histories: Iterable[History]) -> Truth:
    """What most of those who could hear an event agree on, for each audience."""
    votes: defaultdict[tuple[int, str], Counter[tuple[str, ...]]] = defaultdict(Counter)
    for history in histories:
        for stretch in stretches(history.entries):
            for place, heard in _by_place(stretch).items():
                votes[place][heard] += 1
    agreed = {place: max(counts, key=lambda heard: (counts[heard], len(heard))) for place, counts in votes.items()}
    return Truth(told={audience: _told_to(layers, agreed) for audience, layers in MUST_HEAR.items()})


def _told_to(layers: tuple[str, ...], agreed: Mapping[tuple[int, str], tuple[str, ...]]) -> list[Told]:
    places = sorted(place for place in agreed if place[1] in layers)
    return _numbered(Item(seq, heard) for seq, layer in places for heard in agreed[seq, layer])


def _numbered(items: Iterable[Item]) -> list[Told]:
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


def _replica_of(snapshot: Row) -> Replica:
    position = {"epoch": "", "seq": snapshot["seq"]}
    return apply(Replica(), {"type": "resync", "reason": "sync", "you": None, "snapshot": snapshot, "position": position})
