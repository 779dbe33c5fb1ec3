"""The measured clock is signed and ignores slow messages; returns are spread and never too early."""

from __future__ import annotations

import random

import pytest

from client_sim.backoff import BASE_S, MOST_S, reconnect_delay_s
from client_sim.clock import SAMPLES, Clock


@pytest.mark.parametrize("offset_ms", [-90_000, -1, 0, 1, 90_000])
def test_the_offset_is_signed_and_taken_from_the_fastest_message(offset_ms):
    clock = Clock()
    for delay_ms in (30, 2, 400):
        clock.observe(1_000_000 + offset_ms, 1_000_000 + delay_ms)
    assert clock.offset_ms == offset_ms - 2


def test_old_samples_are_forgotten_so_that_a_drifting_clock_is_followed():
    clock = Clock()
    clock.observe(1_000_000, 0)
    for _ in range(SAMPLES):
        clock.observe(5, 0)
    assert clock.offset_ms == 5


def test_returns_are_spread_over_a_bound_that_doubles():
    rng = random.Random(1)
    for attempt in range(20):
        bound_s = min(MOST_S, BASE_S * 2**attempt)
        delays_s = [reconnect_delay_s(attempt, rng=rng) for _ in range(300)]
        assert min(delays_s) < bound_s * 0.1
        assert bound_s * 0.9 < max(delays_s) <= bound_s


def test_what_the_server_asked_for_is_never_cut_short():
    assert min(reconnect_delay_s(3, 2_000) for _ in range(100)) >= 2.0
