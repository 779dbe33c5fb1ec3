"""Whether what a client was told is a strictly rising, hole-free part of what its audience may see."""

from __future__ import annotations

from collections import Counter

from client_sim.history import History
from client_sim.item import MAY_HEAR, MUST_HEAR, Item
from client_sim.stretch import Stretch, stretches
from client_sim.truth import Truth
from client_sim.verdict import Verdict

Place = tuple[int, str]


def judge_deliveries(history: History, truth: Truth, verdict: Verdict) -> None:
    for stretch in stretches(history.entries):
        verdict.deliveries += len(stretch.items)
        verdict.overlapping += stretch.overlapping
        verdict.holes += stretch.is_hole
        verdict.note("duplicated", len(stretch.again), history.who, stretch.again)
        foreign = [item for item in stretch.items if not _may_hear(stretch, item)]
        verdict.note("foreign", len(foreign), history.who, foreign)
        leaking = [item for item in stretch.items if item.has_addresses and stretch.audience != "managers"]
        verdict.note("leaked", len(leaking), history.who, leaking)
        if not truth.is_known(stretch.upto):
            verdict.unwitnessed += len(stretch.items)
        elif stretch.is_inside:
            layers = _must_hear(stretch.audience, truth)
            told = truth.between(stretch.audience, stretch.after, stretch.upto)
            expected = [(seq, heard) for seq, _, heard in told if _layer(heard) in layers]
            _judge_stretch(history.who, stretch, expected, layers, verdict)


def _must_hear(audience: str, truth: Truth) -> tuple[str, ...]:
    """Some hosts hear of a question about a device and some do not; only the log says who."""
    return MUST_HEAR[audience] + (("device",) if truth.is_whole and audience != "inside" else ())


def _may_hear(stretch: Stretch, item: Item) -> bool:
    return stretch.is_inside and item.layer in MUST_HEAR[stretch.audience] + MAY_HEAR[stretch.audience]


def _layer(heard: str) -> str:
    return heard.partition(":")[0]


def _judge_stretch(who: str, stretch: Stretch, expected: list[Place], layers: tuple[str, ...], verdict: Verdict) -> None:
    """Lost, doubled, out of order, or never said by the room: `expected` is what (after, upto] held."""
    heard = [(item.seq, item.fingerprint) for item in stretch.items]
    if heard == expected and not stretch.falls:
        return
    counts = Counter(heard)
    lost = [place for place in expected if place not in counts]
    verdict.note("lost", len(lost), who, lost)
    doubled = [place for place, count in counts.items() if count > 1]
    verdict.note("duplicated", len(heard) - len(counts), who, doubled)
    must = [place for place in counts if _layer(place[1]) in layers]
    known = set(expected)
    verdict.note("foreign", sum(place not in known for place in must), who, must)
    falls = stretch.falls
    if not falls and not lost and not doubled:
        falls = sum(mine != theirs for mine, theirs in zip(_in_layers(must), _in_layers(expected), strict=False)) // 2
    verdict.note("reordered", falls, who, heard)


def _in_layers(places: list[Place]) -> list[Place]:
    """The same, sorted by seq and layer only: within these the order is the log's, between layers it is free."""
    return sorted(places, key=lambda place: (place[0], _layer(place[1])))
