"""A replica against the room as the server would tell it anew, at a moment when nothing is on its way."""

from __future__ import annotations

from client_sim.client import ANSWER_S, RoomClient
from client_sim.history import Compared

COMPARISONS = 5


async def compare_at_rest(tab: RoomClient, timeout_s: float = ANSWER_S) -> Compared:
    """Compare until replica and snapshot stand at the same place or are equal anyway, a few times at most.

    Raises:
        Refused, Unanswered, TimeoutError: as for any command.
    """
    for _ in range(COMPARISONS):
        compared = await tab.compare(timeout_s)
        if compared.replica_seq == compared.snapshot_seq or not compared.different:
            break
    return compared
