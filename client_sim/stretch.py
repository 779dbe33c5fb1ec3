"""What each accepted frame of a history covered: the protocol's rules of coverage, told apart from any judgement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from client_sim.history import Based, Connected, Entry, Frame
from client_sim.item import Item


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A claim of the server: everything that `audience` may see with `after < seq <= upto` is `items`.

    `again`: items that this connection had been told already, in a frame that says nothing new. `overlapping`: how many
    items a frame that does say something new repeats, which the protocol allows and a client skips. `falls`: how often
    the seq went back within the frame. `is_hole`: a frame that began too late and was dropped; covers nothing.
    """

    audience: str
    after: int
    upto: int
    items: tuple[Item, ...] = ()
    again: tuple[Item, ...] = ()
    overlapping: int = 0
    falls: int = 0
    is_inside: bool = True
    is_hole: bool = False


class Reader:
    """Follows the protocol's rules through one history. `fresh_from`: what this connection began with."""

    def __init__(self) -> None:
        self.audience = "inside"
        self.last: int | None = None
        self.fresh_from = 0
        self.hole_upto: int | None = None

    def rebase(self, entry: Based) -> None:
        self.audience, self.last, self.fresh_from, self.hole_upto = entry.audience, entry.seq, entry.seq or 0, None

    def reconnect(self) -> None:
        # The missing part of a hole comes again with the resume, which says where this client really was.
        self.fresh_from, self.hole_upto = self.last or 0, None

    def read(self, frame: Frame) -> Iterator[Stretch]:
        if self.last is None:
            yield Stretch(audience=self.audience, after=0, upto=0, items=frame.items, is_inside=False)
        elif frame.after > self.last:
            self.hole_upto = max(self.hole_upto or 0, frame.upto)
            yield Stretch(audience=self.audience, after=self.last, upto=self.last, is_hole=True)
        elif frame.upto <= self.last:
            yield self._nothing_new(frame, self.last)
        else:
            yield from self._covered(frame, self.last)
            self.last = frame.upto

    def _nothing_new(self, frame: Frame, last: int) -> Stretch:
        again = tuple(item for item in frame.items if item.seq > self.fresh_from)
        skipped = len(frame.items) - len(again)
        return Stretch(audience=self.audience, after=last, upto=last, again=again, overlapping=skipped)

    def _covered(self, frame: Frame, last: int) -> Iterator[Stretch]:
        """One stretch, or more where a refresh moves the hearer to another audience from the next seq on."""
        fresh = [item for item in frame.items if item.seq > last]
        skipped, after = len(frame.items) - len(fresh), last
        falls = sum(later.seq < earlier.seq for earlier, later in pairwise(fresh))
        for turn in [item for item in fresh if item.becomes]:
            here = tuple(item for item in fresh if after < item.seq <= turn.seq)
            yield Stretch(audience=self.audience, after=after, upto=turn.seq, items=here)
            self.audience, after = turn.becomes or self.audience, turn.seq
        rest = tuple(item for item in fresh if item.seq > after)
        yield Stretch(
            audience=self.audience, after=after, upto=frame.upto, items=rest, overlapping=skipped, falls=falls
        )

    def finish(self) -> Iterator[Stretch]:
        """A hole that nothing filled: everything up to it is missing."""
        if self.hole_upto is not None and self.last is not None:
            yield Stretch(audience=self.audience, after=self.last, upto=self.hole_upto)


def stretches(entries: Iterable[Entry]) -> Iterator[Stretch]:
    """The stretches of a history, in its order; frames behind a hole are dropped, as a client drops them."""
    reader = Reader()
    for entry in entries:
        if isinstance(entry, Based):
            reader.rebase(entry)
        elif isinstance(entry, Connected):
            reader.reconnect()
        elif isinstance(entry, Frame):
            yield from reader.read(entry)
    yield from reader.finish()
