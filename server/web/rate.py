"""How often one connection may ask, and how often one network."""

from __future__ import annotations

from collections import OrderedDict

from server.domain.refusals import RateLimited


class TokenBucket:
    """`burst` at once, `per_s` sustained. Time comes in as an argument, in seconds."""

    def __init__(self, *, per_s: float, burst: int, now_s: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._left = float(burst)
        self._at_s = now_s

    def take(self, now_s: float) -> bool:
        """Whether one more may pass now."""
        self._left = min(self._burst, self._left + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True


class NetworkRates:
    """A bucket for each network that asked of late; the longest silent are forgotten first.

    A lecture hall is one network: the bound is high. What has to be guessed is bounded elsewhere, and low.
    """

    def __init__(self, *, per_s: float, burst: int, most_networks: int = 10_000) -> None:
        self._per_s = per_s
        self._burst = burst
        self._most_networks = most_networks
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def check(self, network: str, now_s: float) -> None:
        """Take one of the network's requests.

        Raises:
            RateLimited
        """
        bucket = self._buckets.setdefault(network, TokenBucket(per_s=self._per_s, burst=self._burst, now_s=now_s))
        self._buckets.move_to_end(network)
        if len(self._buckets) > self._most_networks:
            self._buckets.popitem(last=False)
        if not bucket.take(now_s):
            raise RateLimited
