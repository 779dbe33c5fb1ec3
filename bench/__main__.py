"""`make bench`: every figure a ratio measured side by side in one run; JSON=1 prints them for programs.

The absolute numbers beside them are this machine's, on this day.
"""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from dataclasses import asdict

from bench.bulk import measure_bulk
from bench.confirming import Confirming, measure_confirming
from bench.mails import measure_mails
from bench.real_redis import own_redis
from bench.refresh import Latency, measure_refresh
from bench.slices import Paired
from bench.suggestions import Suggesting, measure_suggestions
from bench.throughput import measure_claims, measure_joins, measure_promotions
from client_sim import Api
from client_sim.figures import Figures, wants_json
from client_sim.nodes import Site, given_or_own_site

PAIRS, PER_SLICE = 8, 100
LATENCY_TRIES = 200
SUGGESTIONS, SUGGEST_MOST_MS = 2_000, 10
CONFIRMATIONS = 2_000
FIGURES = (
    "bench.joins", "bench.claims", "bench.promotions", "bench.mails_per_s",
    "bench.promotion_to_refresh_same_node", "bench.promotion_to_refresh_across_nodes",
    "bench.bulk_rows_per_s", "bench.suggest_p99_ms", "bench.suggest_ratio",
    "bench.confirm_ratio",
)


async def main() -> int:
    # The bench asks faster than any person; the bounds are measured elsewhere.
    lifted = {"COMMANDS_PER_S": 10_000, "COMMANDS_BURST": 10_000, "MAX_INVITATIONS": 100_000, "HTTP_PER_S": 100_000}
    os.environ |= {name: str(value) for name, value in {**lifted, "HTTP_BURST": 1_000_000}.items()}
    figures = Figures(FIGURES, prints=wants_json())
    with own_redis() as redis_url:
        os.environ["REDIS_URL"] = redis_url
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; `make bench`", file=sys.stderr)
        # Before the site's nodes are there: they would take the mails out of the queue and send them elsewhere.
        _add_rate(figures, "bench.mails_per_s", await measure_mails(redis_url, PAIRS, PER_SLICE), "bare aiosmtplib")
        async with given_or_own_site((), None) as site:
            await _measure(site, redis_url, figures)
    _add_confirming(figures, await measure_confirming(CONFIRMATIONS))
    figures.finish()
    return 0


async def _measure(site: Site, redis_url: str, figures: Figures) -> None:
    api = Api(site.url(0), site.api_key)
    _add_rate(figures, "bench.joins", await measure_joins(api, PAIRS, PER_SLICE), "bare websockets")
    _add_rate(figures, "bench.claims", await measure_claims(api, PAIRS, PER_SLICE), "calls that do nothing")
    _add_rate(figures, "bench.promotions", await measure_promotions(api, PAIRS, PER_SLICE), "commands without the store")
    for name, promoted_url in (("same_node", site.url(0)), ("across_nodes", site.url(1))):
        latency = await measure_refresh(api, site.url(0), promoted_url, redis_url, LATENCY_TRIES)
        _add_latency(figures, f"bench.promotion_to_refresh_{name}", latency)
    _add_bulk(figures, await measure_bulk(api, PAIRS))
    _add_suggesting(figures, await measure_suggestions(redis_url, SUGGESTIONS))


def _add_rate(figures: Figures, name: str, measured: Paired, baseline: str) -> None:
    raw = {key: round(value, 3) for key, value in asdict(measured).items()}
    figures.add(
        name, round(measured.ratio, 3), unit=f"of the rate of {baseline}", must="be measured", holds=True,
        n=measured.operations, raw=raw,
    )
    shown = f"{measured.per_s:.0f}/s, {measured.ratio:.2f} of {baseline} ({measured.baseline_per_s:.0f}/s)"
    print(f"{name}: {shown}", file=sys.stderr)


def _add_bulk(figures: Figures, measured: Paired) -> None:
    raw = {key: round(value, 3) for key, value in asdict(measured).items()}
    figures.add(
        "bench.bulk_rows_per_s", round(measured.per_s), unit="rows per second", must="be measured", holds=True,
        n=measured.operations, raw=raw,
    )
    shown = f"{measured.per_s:.0f}/s, {measured.ratio:.2f} of single calls ({measured.baseline_per_s:.0f}/s)"
    print(f"bench.bulk_rows_per_s: {shown}", file=sys.stderr)


def _add_suggesting(figures: Figures, measured: Suggesting) -> None:
    raw = {key: round(value, 3) for key, value in asdict(measured).items()}
    figures.add(
        "bench.suggest_p99_ms", round(measured.p99_ms, 2), unit="ms", must=f"be at most {SUGGEST_MOST_MS}",
        holds=measured.p99_ms <= SUGGEST_MOST_MS, n=measured.n, raw=raw,
    )
    figures.add(
        "bench.suggest_ratio", round(measured.ratio, 2), unit="times a PING of Redis", must="be measured", holds=True,
        n=measured.n, raw=raw,
    )
    print(
        f"bench.suggest: median {measured.ms:.2f} ms, p99 {measured.p99_ms:.2f} ms among {measured.people} people, "
        f"{measured.ratio:.1f} times a PING ({measured.ping_ms:.2f} ms)",
        file=sys.stderr,
    )


def _add_confirming(figures: Figures, measured: Confirming) -> None:
    raw = {key: round(value, 3) for key, value in asdict(measured).items()}
    figures.add(
        "bench.confirm_ratio", round(measured.ratio, 2), unit="times a change that waits for no replica", must="be measured",
        holds=True, n=measured.n, raw=raw,
    )
    print(
        f"bench.confirm: median {measured.ms:.2f} ms, p99 {measured.p99_ms:.2f} ms, {measured.per_s:.0f}/s with one replica "
        f"waited for; {measured.plain_ms:.2f} ms, {measured.plain_p99_ms:.2f} ms, {measured.plain_per_s:.0f}/s without",
        file=sys.stderr,
    )


def _add_latency(figures: Figures, name: str, measured: Latency) -> None:
    raw = {key: round(value, 3) for key, value in asdict(measured).items()}
    figures.add(
        name, round(measured.ratio, 2), unit="times the way of one entry through Redis", must="be measured", holds=True,
        n=measured.n, raw=raw,
    )
    print(
        f"{name}: median {measured.ms:.2f} ms, p99 {measured.p99_ms:.2f} ms, "
        f"{measured.ratio:.1f} times one entry through Redis ({measured.baseline_ms:.2f} ms)",
        file=sys.stderr,
    )


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
