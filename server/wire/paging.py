"""Pages of the people of a room: cursors that mean nothing to a client, and rows as an audience sees them."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec
from msgspec import structs

from server.domain.refusals import BadMessage
from server.domain.roster import PARTICIPANTS, Group, Key, Page, Query, Roster
from server.wire.audiences import Audience
from server.wire.messages import Counts, Hands
from server.wire.showing import show_participant, show_waiter
from server.wire.views import ParticipantsPageView, WaitersPageView

ROWS_SHOWN = 100  # of a page, and of a long line
HANDS_SHOWN = 50  # of the raised hands of a large room

_decode_key = msgspec.json.Decoder(tuple[int, str, str])


def query_for(
    group: str, *, cursor: str | None = None, limit: int = ROWS_SHOWN, search: str | None = None
) -> Query:
    """What a client asks for. A cursor holds where the page before ended, so that it stays good when people come and go.

    Raises:
        BadMessage: no such cursor was given out.
    """
    after = _key_of(cursor) if cursor is not None else None
    return Query(group=Group(group), limit=min(limit, ROWS_SHOWN), after=after, search=search or "")


def show_page(roster: Roster, query: Query, audience: Audience, seq: int) -> ParticipantsPageView:
    """A page of the participants, as `audience` sees them."""
    page = roster.page(query)
    rows = [show_participant(person, audience) for person in page.people]
    return ParticipantsPageView(seq=seq, participants=rows, total=page.total, next_cursor=_cursor_of(page))


def show_waiters_page(roster: Roster, query: Query, seq: int) -> WaitersPageView:
    """A page of the line. For hosts."""
    page = roster.page(query)
    rows = [show_waiter(person) for person in page.people]
    return WaitersPageView(seq=seq, waiters=rows, total=page.total, next_cursor=_cursor_of(page))


def show_counts(roster: Roster, seq: int) -> Counts:
    counts = {group.value: roster.count(group) for group in PARTICIPANTS}
    return Counts(seq=seq, participants=roster.count(Group.ALL), **counts)


def show_hands(roster: Roster, audience: Audience, seq: int) -> Hands:
    page = show_page(roster, Query(group=Group.HANDS, limit=HANDS_SHOWN), audience, seq)
    return Hands(**structs.asdict(page))


def show_line_head(roster: Roster, seq: int) -> WaitersPageView:
    return show_waiters_page(roster, Query(group=Group.LINE, limit=ROWS_SHOWN), seq)


def _cursor_of(page: Page) -> str | None:
    if page.next_after is None:
        return None
    return urlsafe_b64encode(msgspec.json.encode(page.next_after)).decode().rstrip("=")


def _key_of(cursor: str) -> Key:
    try:
        return _decode_key.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise BadMessage("This cursor was not given out.") from None
