"""What a large room and a long line tell in place of rows: states, of which the latest wins.

They are worked out from the replica when they are sent: when they have changed, and a few times a second at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec import structs

from server.domain.contents import RoomContents
from server.domain.crowd import FEW
from server.domain.events import Entry
from server.domain.person import Person
from server.domain.roster import Query, Roster
from server.hub.connection import Connection
from server.hub.fanout import send_to_all
from server.wire import messages as m
from server.wire.audiences import AUDIENCES, Audience, sees_line
from server.wire.paging import show_counts, show_hands, show_line_head, show_page
from server.wire.showing import show_participant

StateMessage = m.Counts | m.Hands | m.Line | m.Roster

# The hands of a large room are ten kilobytes to each tab: the more tabs, the rarer.
WINDOW_S = 0.25
WINDOW_PER_CONNECTION_S = 0.0002
WINDOW_PER_WATCHED_S = 0.002
PAGES_AT_ONCE = 50


@dataclass
class _Watched:
    """The page that one tab looks at, and what it was told last of it."""

    query: Query
    shown: m.Roster | None = None


class RoomStates:
    """The states of one room for the tabs of this node: counts, the first hands, own rows, the head of the line, and the
    pages that tabs watch. `cover()` says up to where the events have been told, before the states do: where hardly anything is
    an event, a tab's position would stay behind.

    Like the room's replica it is read and told without an `await` between.
    """

    def __init__(
        self, contents: RoomContents, connections: Mapping[str, Connection], cover: Callable[[], None]
    ) -> None:
        self._connections = connections
        self._cover = cover
        self._watched: dict[Connection, _Watched] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._sent_at_s = 0.0
        self.reset(contents)

    def reset(self, contents: RoomContents) -> None:
        """The replica was replaced whole."""
        self._contents = contents
        self.roster = Roster(contents.people.values())
        self._told: dict[tuple[type, Audience], StateMessage] = {}

    def apply(self, entry: Entry) -> None:
        """The replica has taken `entry` in."""
        for person in entry.people():
            self.roster.put(person)
        if self._contents.crowd != FEW or self._watched:
            self._schedule()

    def watch(self, connection: Connection, query: Query | None) -> None:
        """Show a tab this page, now and when it changes; None: no longer."""
        self._watched.pop(connection, None)
        if query is not None:
            self._watched[connection] = _Watched(query)
            self._send_watched(connection)

    def forget(self, connection: Connection) -> None:
        """A tab that has left the room, or is gone, watches nothing."""
        self._watched.pop(connection, None)

    def send_own(self, person: Person, connection: Connection) -> None:
        """A tab's own row, where the events do not bring it."""
        if self._contents.crowd.large and connection.audience is not None and person.is_participant:
            row = show_participant(person, connection.audience)
            connection.send(m.Own(seq=self._contents.seq, participant=row))

    def send_own_rows(
        self, entry: Entry, connections_of: Callable[[str], list[Connection]], *, settled: set[Connection]
    ) -> None:
        """To the tabs of those whom `entry` changed, but those that have been told already."""
        for person in entry.people():
            for connection in connections_of(person.participant_id):
                if connection not in settled:
                    self.send_own(person, connection)

    def send_all(self, connection: Connection, person: Person) -> None:
        """Everything that a tab inside is to hold beside the room whole."""
        if connection.audience is None:
            return
        for message in self._messages(connection.audience):
            connection.send(message)
            told = self._told.get((type(message), connection.audience))
            if not _says_the_same(told, message):
                # This tab knows more than the others: if it changes back before they are told, it has to hear that too.
                self._told.pop((type(message), connection.audience), None)
        self.send_own(person, connection)
        self._send_watched(connection)

    def flush(self) -> None:
        """Tell everybody inside what has changed."""
        self.close()
        self._sent_at_s = asyncio.get_running_loop().time()
        if self._contents.crowd != FEW:
            self._cover()
        for audience in AUDIENCES:
            hearing = [connection for connection in self._connections.values() if connection.audience is audience]
            for message in self._messages(audience) if hearing else ():
                if not _says_the_same(self._told.get((type(message), audience)), message):
                    self._told[type(message), audience] = message
                    send_to_all(hearing, message)
        self._send_pages(list(self._pages()))

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # ── What is told ─────────────────────────────────────────────────────────────────────────────────────────────

    def _messages(self, audience: Audience) -> list[StateMessage]:
        seq, crowd = self._contents.seq, self._contents.crowd
        told: list[StateMessage] = []
        if crowd.large:
            told += [show_counts(self.roster, seq), show_hands(self.roster, audience, seq)]
        if crowd.long_line and sees_line(audience):
            told.append(m.Line(**structs.asdict(show_line_head(self.roster, seq))))
        return told

    def _page(self, query: Query, audience: Audience) -> m.Roster:
        page = show_page(self.roster, query, audience, self._contents.seq)
        return m.Roster(group=query.group, search=query.search or None, **structs.asdict(page))

    def _send_watched(self, connection: Connection) -> None:
        watched = self._watched.get(connection)
        if watched is not None and connection.audience is not None:
            watched.shown = self._page(watched.query, connection.audience)
            connection.send(watched.shown)

    def _pages(self) -> dict[tuple[Query, Audience], list[Connection]]:
        """Who watches which page."""
        pages: dict[tuple[Query, Audience], list[Connection]] = {}
        for connection, watched in self._watched.items():
            if connection.audience is not None:
                pages.setdefault((watched.query, connection.audience), []).append(connection)
        return pages

    def _send_pages(self, pages: list[tuple[Query, Audience]]) -> None:
        """Each page once for all who look at it; a few at a time, so that others are not kept waiting."""
        now, later = pages[:PAGES_AT_ONCE], pages[PAGES_AT_ONCE:]
        watching = self._pages()
        for query, audience in now:
            page = self._page(query, audience)
            behind = [c for c in watching.get((query, audience), ()) if not _says_the_same(self._watched[c].shown, page)]
            send_to_all(behind, page)
            for connection in behind:
                self._watched[connection].shown = page
        if later:
            asyncio.get_running_loop().call_soon(self._send_pages, later)

    def _schedule(self) -> None:
        if self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        window_s = WINDOW_S + WINDOW_PER_CONNECTION_S * len(self._connections) + WINDOW_PER_WATCHED_S * len(self._watched)
        self._timer = loop.call_later(max(0.0, self._sent_at_s + window_s - loop.time()), self.flush)


def _says_the_same(before: StateMessage | None, now: StateMessage) -> bool:
    return before is not None and type(before) is type(now) and structs.replace(before, seq=now.seq) == now
