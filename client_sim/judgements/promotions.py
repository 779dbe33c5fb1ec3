"""Whether each change of a role reached each of the person's tabs: as one refresh, or with the room whole."""

from __future__ import annotations

from collections.abc import Sequence

from client_sim.history import Based, Connected, Frame, History
from client_sim.stretch import Reader, Stretch
from client_sim.truth import RoleSet, Truth
from client_sim.verdict import Verdict


def judge_promotions(history: History, truth: Truth, verdict: Verdict) -> None:
    """A tab that was there throughout has one refresh for each; one that was given the room whole since has its `role_rev`."""
    reader = Reader()
    sets: Sequence[RoleSet] = ()
    for entry in history.entries:
        if isinstance(entry, Connected | Based):
            sets = truth.roles.get(entry.participant_id or "", ())
        if isinstance(entry, Based):
            if truth.is_known(entry.seq or 0):
                _judge_whole(history.who, entry, sets, verdict)
            reader.rebase(entry)
        elif isinstance(entry, Connected):
            reader.reconnect()
        elif isinstance(entry, Frame):
            for stretch in reader.read(entry):
                _judge_refreshes(history.who, stretch, sets, truth, verdict)


def _judge_whole(who: str, entry: Based, sets: Sequence[RoleSet], verdict: Verdict) -> None:
    known = [item.role_rev for item in sets if entry.seq is not None and item.seq <= entry.seq]
    if known:
        verdict.note("unrefreshed", int(entry.role_rev != known[-1]), who, (entry.why, entry.seq, entry.role_rev, known[-1]))


def _judge_refreshes(who: str, stretch: Stretch, sets: Sequence[RoleSet], truth: Truth, verdict: Verdict) -> None:
    if not truth.roles or not stretch.is_inside or not truth.is_known(stretch.upto):
        return
    wanted = {(item.seq, item.role_rev) for item in sets if stretch.after < item.seq <= stretch.upto}
    heard = [(item.seq, item.role_rev) for item in stretch.items if item.role_rev is not None]
    verdict.promotions += len(wanted)
    verdict.note("unrefreshed", len(wanted.difference(heard)), who, wanted)
    verdict.note("foreign", len(set(heard) - wanted), who, heard)
