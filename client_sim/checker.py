"""The judge: whether a room told each of its clients the truth, all of it, in order and once, and nothing else.

Pure functions over histories and the truth, one pass over each. What is asked of them stands in `judgements`, a question a
module; what each of them can see depends on the truth that it is given (see there).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from client_sim.history import History
from client_sim.judgements.answers import judge_acknowledged, judge_answers
from client_sim.judgements.claims import judge_claims
from client_sim.judgements.deliveries import judge_deliveries
from client_sim.judgements.presence import judge_presence
from client_sim.judgements.promotions import judge_promotions
from client_sim.judgements.snapshots import judge_replica, judge_snapshots
from client_sim.judgements.states import judge_states
from client_sim.lives import Lives, one_life
from client_sim.truth import Truth, derive_truth, truth_from
from client_sim.verdict import Verdict

__all__ = ["Lives", "Truth", "derive_truth", "judge", "truth_from"]


def judge(
    histories: Iterable[History], truth: Truth | Lives | None = None, *, present: Collection[str] | None = None
) -> Verdict:
    """The verdict over all histories of one room.

    `truth`: what the room said, best from its log, in each of its lives; without, what most clients agree on. `present`: the
    ids of those who are inside at the end, by a fresh look at the room; without, presence is not judged.
    """
    known = list(histories)
    lives = truth if isinstance(truth, Lives) else one_life(derive_truth(known) if truth is None else truth)
    verdict = Verdict()
    of_each = zip(*(lives.parts_of(history) for history in known), strict=True)
    for lived, said in zip(of_each, lives.truths, strict=False):
        _judge_life(lived, said, verdict)
    for history in known:
        judge_answers(history, verdict)
    judge_acknowledged(known, lives.surviving, verdict)
    judge_claims(known, verdict)
    if present is not None:
        judge_presence(known, present, verdict)
    return verdict


def _judge_life(histories: Collection[History], truth: Truth, verdict: Verdict) -> None:
    for history in histories:
        judge_deliveries(history, truth, verdict)
        judge_states(history, verdict)
        judge_replica(history, truth, verdict)
        judge_promotions(history, truth, verdict)
    judge_snapshots(histories, truth, verdict)
