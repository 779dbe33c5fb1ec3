"""The judge with the whole log at hand: it passes every honest history, and whatever a lie is made of, it is caught as that."""

from __future__ import annotations

import pytest

from client_sim.history import Claimed
from tests.client_sim import lies_about_events, lies_about_the_rest
from tests.client_sim.play import Play

SEEDS = range(12)
MUTANTS = lies_about_events.MUTANTS | lies_about_the_rest.MUTANTS


@pytest.mark.parametrize("seed", range(40))
def test_honest_histories_hold_whatever_happened(seed):
    verdict = Play(seed).verdict()
    assert verdict.holds, verdict.findings
    assert verdict.deliveries > 100
    assert verdict.compared == 4


def test_honest_plays_have_something_of_everything_to_judge():
    counts = [Play(seed).verdict().counts() for seed in range(40)]
    for name in ("promotions", "acknowledged", "snapshots", "resyncs", "states", "links"):
        assert sum(count[name] for count in counts) >= 40, name


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_lie_is_caught(mutant):
    applied = 0
    for seed in SEEDS:
        play = Play(seed)
        if mutant(play):
            applied += 1
            verdict = play.verdict()
            assert verdict.counts()[MUTANTS[mutant]], f"seed {seed} was believed, or found as {verdict.findings}"
            assert not verdict.holds
    assert applied >= 3


def test_a_link_whose_only_claim_had_no_answer_may_have_a_winner_whom_nobody_knows():
    play = Play(1)
    play.link.steps = [Claimed("link", "d1", "unanswered"), Claimed("link", "d2", "invite_used")]
    assert play.verdict().holds
