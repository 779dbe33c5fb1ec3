"""One room on this node: its replica, the tabs in it, and what each of them is told."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace

from server.domain import events
from server.domain.contents import RoomContents
from server.domain.events import Entry
from server.domain.person import Person
from server.domain.refusals import SessionEnded
from server.domain.room import is_over
from server.hub.connection import Connection
from server.hub.connections import Connections
from server.hub.ending import end_all, end_replaced
from server.hub.fanout import SnapshotCache, Windows, send_to_all
from server.hub.reaching import Reaching
from server.hub.standing import Standing, check_still_welcome, send_whole, settle
from server.hub.states import RoomStates
from server.hub.welcome import Greeting, send_applications, tell_promoters, welcome
from server.wire.audiences import AUDIENCES, audience_of, resized
from server.wire.lobby import Places
from server.wire.messages import FeaturesChanged, Stale, Tick
from server.wire.telling import tell
from server.wire.views import Features, Position

# The first event of a burst goes at once; what follows within the window goes as one frame.
WINDOW_S = 0.005
WINDOW_PER_CONNECTION_S = 0.00005
LOBBY_WINDOW_PER_WAITER_S = 0.0002

_CONCERNS_LINKS = (events.InvitationChanged, events.GuestLinkChanged, events.RoomChanged)
_TAKES_NOTHING = frozenset({"clicked", "opened", "claimed"})  # too frequent to look through every page for nothing
_NOT_FOR_THE_LOBBY = (events.RoleApplied, events.HandsChanged, events.TabReplaced)


def epoch_shown(epoch: str, room_id: str, participant_id: str) -> str:
    """What a tab is told of the log's epoch: opaque, and worth nothing to anybody else or in another room."""
    return hashlib.blake2b(f"{epoch}|{room_id}|{participant_id}".encode(), digest_size=12).hexdigest()


class HubRoom:
    """A replica of one room and the connections of this node that are in it or before it.

    Everything here runs without `await`: between reading the replica and telling a tab nothing else can happen.
    """

    def __init__(self, contents: RoomContents, epoch: str, now_ms: Callable[[], int]) -> None:
        self.contents = contents
        self.epoch = epoch
        self.connections = Connections()
        self.snapshots = SnapshotCache()
        self.states = RoomStates(contents, self.connections, lambda: self._flush_events(frozenset(), covers=True))
        self._now_ms = now_ms
        self._windows = Windows(contents.seq)
        self._timer: asyncio.TimerHandle | None = None
        self._lobby_timer: asyncio.TimerHandle | None = None
        self._outside = 0
        self._guest_access = True
        self._flushed_at_s = 0.0
        self._reaching = Reaching()

    @property
    def seq(self) -> int:
        return self.contents.seq

    def position(self, participant_id: str) -> Position:
        """Where a tab of somebody stands. The epoch they see is theirs and this room's: another's position is not accepted."""
        return Position(epoch=epoch_shown(self.epoch, self.contents.room.room_id, participant_id), seq=self.seq)

    # ── Connections ──────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, connection: Connection) -> None:
        self.connections.add(connection)

    def discard(self, connection: Connection) -> None:
        self.connections.discard(connection)
        self.states.forget(connection)

    def connections_of(self, participant_id: str | None) -> list[Connection]:
        return self.connections.of(participant_id)

    def greet(self, connection: Connection, greeting: Greeting, missed: list[Entry] | None) -> None:
        """Take a tab in and send its welcome; `missed`: what it resumes with, None for the room whole."""
        self._flush_events(frozenset())
        self.add(connection)
        standing = self._standing()
        # What happened between the store's yes and now was told to those who were here, and not to this tab.
        if check_still_welcome(standing, connection):
            self._end_if_over()
        if not connection.ended.done():
            welcome(standing, connection, greeting, missed)

    # ── The log ──────────────────────────────────────────────────────────────────────────────────────────────────

    def deliver(self, entry: Entry) -> None:
        """Apply the next entry and tell those whom it concerns.

        Raises:
            LogGap: `entry` is not the next one; the replica is unchanged.
        """
        if entry.seq <= self.seq:
            return
        moving = self._moved_by(entry)
        audiences, reason = resized(self.contents.crowd, entry.crowd)
        anew = {c for c in self.connections.values() if c.audience in audiences} if audiences else set()
        if moving or audiences:
            self._flush_events(frozenset())
        served, was_over = dict(self._windows.last), is_over(self.contents.room)
        self.contents.apply(entry)
        if isinstance(entry.event, events.SessionBegun):
            self._begin_anew()
            return
        self.states.apply(entry)
        for audience in AUDIENCES:
            self._windows.add(audience, [] if audience in audiences else tell(entry, audience))
        if moving or audiences:
            self._flush_events(excluded=frozenset(moving))
            self._windows.last.update(dict.fromkeys(audiences, entry.seq))
            standing = replace(self._standing(), last=served)
            for connection in moving:
                if connection not in anew:
                    settle(standing, connection, entry)
        for connection in anew:
            self._resync_one(connection, reason)
        self.states.send_own_rows(entry, self.connections_of, settled={*moving, *anew})
        if isinstance(entry.event, _CONCERNS_LINKS) and entry.event.what not in _TAKES_NOTHING:
            self._revisit_links()
        elif isinstance(entry.event, events.TabReplaced):
            end_replaced(self.connections, entry.event)
        elif isinstance(entry.event, events.PersonRenamed):
            self._forget_lobby_of(entry.event.by)
        tell_promoters(entry, self.connections_of)
        self._reaching.reached(self.seq)
        if self._end_if_over(just_now=not was_over):
            return
        self._schedule_flush()
        if not isinstance(entry.event, _NOT_FOR_THE_LOBBY):
            self._schedule_lobby()

    def resync(self, contents: RoomContents, epoch: str, reason: str) -> None:
        """Replace the replica whole, and with it what every tab holds."""
        self.contents, self.epoch = contents, epoch
        self.states.reset(contents)
        self._windows = Windows(contents.seq)
        self.snapshots = SnapshotCache()
        for connection in list(self.connections.values()):
            if check_still_welcome(self._standing(), connection):
                self._resync_one(connection, reason)
        self._reaching.reached(self.seq)
        if not self._end_if_over():
            self._flush_lobby()

    def resync_one(self, connection: Connection, reason: str) -> None:
        """Send one tab the room whole; what waited in the window is in it."""
        self._flush_events(frozenset())
        self._resync_one(connection, reason)

    def _resync_one(self, connection: Connection, reason: str) -> None:
        person = self.contents.people.get(connection.participant_id or "")
        audience = audience_of(person) if person else None
        if person is None or audience is None or connection.audience is None:
            connection.forget_lobby()
            settle(self._standing(), connection, None)
            return
        send_whole(self._standing(), connection, person, audience, reason)
        send_applications(self.contents, connection)

    async def reached(self, seq: int) -> None:
        """Wait until the replica contains `seq`."""
        if self.seq < seq:
            await self._reaching.wait(seq)

    def _moved_by(self, entry: Entry) -> list[Connection]:
        """The tabs whose person's audience or role the entry changes: they are told apart from the rest."""
        return [
            connection
            for person in entry.people()
            for connection in self.connections_of(person.participant_id)
            if audience_of(person) != connection.audience or person.role_rev != connection.role_rev
            or self._changes_state(person)
        ]

    def _changes_state(self, person: Person) -> bool:
        before = self.contents.people.get(person.participant_id)
        return before is not None and before.state is not person.state

    # ── Telling ──────────────────────────────────────────────────────────────────────────────────────────────────

    def flush(self) -> None:
        """Send what waits in the windows now."""
        self._flush_events(frozenset())
        self._flush_lobby()
        self.states.flush()

    def _flush_events(self, excluded: frozenset[Connection], *, covers: bool = False) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._flushed_at_s = asyncio.get_running_loop().time()
        if self._windows.is_empty and not covers:
            return
        for audience in AUDIENCES:
            frame = self._windows.take(audience, self.seq, covers=covers)
            if frame is not None:
                hearing = [c for c in self.connections.values() if c.audience is audience and c not in excluded]
                send_to_all(hearing, frame)

    def _flush_lobby(self) -> None:
        """Tell waiting tabs what changed for them."""
        if self._lobby_timer is not None:
            self._lobby_timer.cancel()
            self._lobby_timer = None
        outside = [connection for connection in self.connections.values() if connection.audience is None]
        self._outside = len(outside)
        standing = self._standing() if outside else None
        for connection in outside:
            assert standing is not None
            settle(standing, connection, None)

    def _schedule_flush(self) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            return
        window_s = WINDOW_S + WINDOW_PER_CONNECTION_S * len(self.connections)
        wait_s = self._flushed_at_s + window_s - loop.time()
        if wait_s <= 0:
            self._flush_events(frozenset())
        else:
            self._timer = loop.call_later(wait_s, self._flush_events, frozenset())

    def _schedule_lobby(self) -> None:
        """Pages of the lobby are states: what changes them many times a moment is told once."""
        if self._lobby_timer is None:
            window_s = WINDOW_S + LOBBY_WINDOW_PER_WAITER_S * self._outside
            self._lobby_timer = asyncio.get_running_loop().call_later(window_s, self._flush_lobby)

    def tick(self, now_ms: int) -> None:
        """One tick for everybody, encoded once; and what time alone changed for those who wait."""
        room = self.contents.room
        self._end_if_over()
        send_to_all(self.connections.values(), Tick(now_ms=now_ms, starts_at_ms=room.starts_at_ms, rev=room.rev))
        self._flush_lobby()

    def set_stale(self, stale: bool, since_ms: int) -> None:
        send_to_all(self.connections.values(), Stale(stale=stale, since_ms=since_ms))

    def offer(self, features: Features) -> None:
        """What the site offers now; guests who wait hear when they are not wanted any more."""
        self._guest_access = features.guest_access
        send_to_all(self.connections.values(), FeaturesChanged(features=features))
        self._revisit_links()

    def close(self) -> None:
        self.states.close()
        for timer in (self._timer, self._lobby_timer):
            if timer is not None:
                timer.cancel()
        self._reaching.cancel()

    def _revisit_links(self) -> None:
        """A link moved, was withdrawn or asked for: pages that hang on it hear it now."""
        standing = self._standing()
        for connection in list(self.connections.values()):
            check_still_welcome(standing, connection)

    def _forget_lobby_of(self, participant_id: str | None) -> None:
        """Whoever waits and is called another name is to be shown it on every page."""
        for connection in self.connections_of(participant_id):
            connection.forget_lobby()

    def _end_if_over(self, *, just_now: bool = False) -> bool:
        """End everybody when the session does (`just_now`), and later who may not go on with it; whether nobody is left."""
        if not is_over(self.contents.room):
            return False
        self._flush_events(frozenset())
        return end_all(list(self.connections.values()), self.contents, self._now_ms(), just_now=just_now)

    def _begin_anew(self) -> None:
        """Another session: nobody of the one before is in it, and no tab that could be told about it."""
        self.states.reset(self.contents)
        self._windows, self.snapshots = Windows(self.seq), SnapshotCache()
        for connection in list(self.connections.values()):
            connection.end(SessionEnded())
        self._reaching.reached(self.seq)

    def _standing(self) -> Standing:
        return Standing(
            contents=self.contents,
            places=Places(self.contents),
            position_of=self.position,
            snapshots=self.snapshots,
            states=self.states,
            now_ms=self._now_ms(),
            last=self._windows.last,
            guest_access=self._guest_access,
        )
