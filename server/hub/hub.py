"""This node's rooms: loads their replicas, follows the log with them, and keeps them whole."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from server.domain.contents import LogGap, RoomContents
from server.domain.events import Entry
from server.domain.refusals import InternalError, Refusal, RoomUnknown, StoreUnavailable
from server.hub.connection import Connection
from server.hub.outgoing import Outgoing
from server.hub.resuming import ReadLog, read_missed
from server.hub.room import HubRoom
from server.hub.welcome import Greeting
from server.wire.messages import ResumeAt
from server.wire.views import Features

logger = logging.getLogger(__name__)

RELOAD_PAUSE_S = 0.5
REACH_TIMEOUT_S = 5.0


class LogItem(Protocol):
    """An entry as it was read, not decoded yet."""

    @property
    def room_id(self) -> str: ...
    @property
    def seq(self) -> int: ...
    def decode(self) -> Entry: ...


@dataclass
class _Loading:
    """A room whose contents are on their way; entries that arrive meanwhile are held."""

    done: asyncio.Future[HubRoom]
    held: list[LogItem] = field(default_factory=list)
    again: str | None = None  # why what is being read may be of an earlier life, or have a hole


LoadRoom = Callable[[str], Awaitable[tuple[RoomContents, str]]]


class Hub:
    """Holds a replica of each room that has a tab on this node.

    `load_room(room_id)` and `read_log(room_id, epoch, after, upto)` reach the store; `now_ms()` is Redis's clock. An epoch
    names the life of a room's data: what was true in another is not.
    """

    def __init__(
        self,
        *,
        load_room: LoadRoom,
        read_log: ReadLog,
        now_ms: Callable[[], int],
        greeting: Greeting,
    ) -> None:
        self.rooms: dict[str, HubRoom] = {}
        self.stale_since_ms: int | None = None
        self.outgoing = Outgoing()
        self.lapses = 0  # how often a lease had lapsed, and others may have swept whom the store knew as here
        self.now_ms = now_ms
        self._load_room = load_room
        self._read_log = read_log
        self._greeting = greeting
        self._loading: dict[str, _Loading] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._arriving: dict[str, int] = {}

    # ── Tabs ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def attach(self, connection: Connection, *, seq: int, resume: ResumeAt | None) -> None:
        """Take a tab in once the replica has reached `seq`, and welcome it.

        Raises:
            StoreUnavailable: the log did not bring `seq` in time.
            RoomUnknown: the room is gone.
            TooManyTabs: too many pages of one link.
        """
        room_id = connection.identity.room_id
        self._arriving[room_id] = self._arriving.get(room_id, 0) + 1
        try:
            try:
                async with asyncio.timeout(REACH_TIMEOUT_S):
                    room = await self._room(room_id)
                    await room.reached(seq)
            except TimeoutError:
                raise StoreUnavailable from None
            missed = await read_missed(self._read_log, room, connection, resume)
            room.connections.check_link(connection)
            room.greet(connection, self._greeting, missed)
        finally:
            self._arriving[room_id] -= 1
            if not self._arriving[room_id]:
                del self._arriving[room_id]
            self._drop_if_empty(room_id)

    def detach(self, connection: Connection, *, at_once: bool = False) -> None:
        """A tab is gone; `at_once`: on purpose, so that no grace is needed."""
        self.depart(connection, at_once=at_once)
        room = self.rooms.get(connection.identity.room_id)
        if room is not None:
            room.discard(connection)
            self._drop_if_empty(connection.identity.room_id)

    def depart(self, connection: Connection, *, at_once: bool) -> None:
        """Have the store hear that a tab is gone."""
        if connection.participant_id is not None:
            self.outgoing.depart(connection.identity.room_id, connection.participant_id, connection.connection_id, at_once)

    def holds(self, connection: Connection) -> bool:
        room = self.rooms.get(connection.identity.room_id)
        return room is not None and room.connections.get(connection.connection_id) is connection

    def resync_one(self, connection: Connection, reason: str) -> None:
        room = self.rooms.get(connection.identity.room_id)
        if room is not None:
            room.resync_one(connection, reason)

    def acknowledge(self, connection: Connection, role_rev: int) -> None:
        """A tab has applied a role; stored with others in one go."""
        if connection.participant_id is None or role_rev > connection.role_rev:
            return
        self.outgoing.acknowledge(connection.identity.room_id, connection.participant_id, connection.connection_id, role_rev)

    def _drop_if_empty(self, room_id: str) -> None:
        room = self.rooms.get(room_id)
        if room is not None and not room.connections and room_id not in self._arriving:
            room.close()
            del self.rooms[room_id]

    # ── Replicas ─────────────────────────────────────────────────────────────────────────────────────────────────

    def deliver(self, item: LogItem) -> None:
        """Hand the next entry of a room to its replica; a hole reloads it."""
        loading = self._loading.get(item.room_id)
        if loading is not None:
            loading.held.append(item)
            return
        room = self.rooms.get(item.room_id)
        if room is None:
            return
        try:
            room.deliver(item.decode())
        except LogGap as gap:
            logger.warning("log gap, reloading: %s", gap)
            self.reload(item.room_id, "gap")
        except Exception:
            # The replica may hold an entry that its tabs were not told: loaded anew, it is true again for all of them.
            logger.exception("entry %d of room %s could not be delivered", item.seq, item.room_id)
            self.reload(item.room_id, "gap")

    def reload(self, room_id: str, reason: str) -> None:
        """Load a room anew and resync its tabs, openly."""
        if room_id in self._loading:
            self._loading[room_id].again = reason
        elif room_id in self.rooms:
            self._start_loading(room_id, reason)

    def reload_all(self, reason: str, room_ids: list[str] | None = None) -> None:
        for room_id in self.room_ids() if room_ids is None else room_ids:
            self.reload(room_id, reason)

    def room_ids(self) -> list[str]:
        """Of the rooms that are here or on their way."""
        return list({**self.rooms, **self._loading})

    async def _room(self, room_id: str) -> HubRoom:
        room = self.rooms.get(room_id)
        if room is not None and room_id not in self._loading:
            return room
        if room_id not in self._loading:
            self._start_loading(room_id, "load")
        return await asyncio.shield(self._loading[room_id].done)

    def _start_loading(self, room_id: str, reason: str) -> None:
        done: asyncio.Future[HubRoom] = asyncio.get_running_loop().create_future()
        # Nobody may be waiting; then a failure is not unheard of, since `_load` deals with it.
        done.add_done_callback(lambda future: future.cancelled() or future.exception())
        self._loading[room_id] = _Loading(done)
        task = asyncio.create_task(self._load(room_id, reason))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _load(self, room_id: str, reason: str) -> None:
        loading = self._loading[room_id]
        try:
            room = await self._load_once(room_id, loading, reason)
        except StoreUnavailable as refusal:
            await self._load_failed(room_id, loading, refusal)
        except RoomUnknown as refusal:
            del self._loading[room_id]
            loading.done.set_exception(refusal)
            self._end_all(room_id, refusal)
        except LogGap:
            await self._retry(room_id, loading, reason)
        except Exception as error:
            # A record that cannot be read, for instance: nobody is to wait for it for ever.
            logger.exception("room %s cannot be loaded", room_id)
            del self._loading[room_id]
            loading.done.set_exception(error)
            self._end_all(room_id, InternalError())
        else:
            del self._loading[room_id]
            loading.done.set_result(room)
            self._drop_if_empty(room_id)

    async def _load_once(self, room_id: str, loading: _Loading, reason: str) -> HubRoom:
        contents, epoch = await self._load_room(room_id)
        while loading.again is not None:
            # What was held is dropped, as in `_retry`.
            reason, loading.again = loading.again, None
            loading.held.clear()
            contents, epoch = await self._load_room(room_id)
        room = self.rooms.get(room_id)
        if room is None:
            room = self.rooms[room_id] = HubRoom(contents, epoch, self.now_ms)
            room.offer(self._greeting.features)
        else:
            room.resync(contents, epoch, reason)
        for item in loading.held:
            if item.seq > room.seq:
                room.deliver(item.decode())
        return room

    async def _load_failed(self, room_id: str, loading: _Loading, refusal: Refusal) -> None:
        if room_id not in self.rooms:
            del self._loading[room_id]
            loading.done.set_exception(refusal)
            return
        await self._retry(room_id, loading, "store_restored")

    async def _retry(self, room_id: str, loading: _Loading, reason: str) -> None:
        """Load once more. What was held is dropped: a load that begins now has it all, unless the log went back, and then
        it is no longer true."""
        await asyncio.sleep(RELOAD_PAUSE_S)
        del self._loading[room_id]
        self._start_loading(room_id, reason)
        self._loading[room_id].done.add_done_callback(lambda future: _pass_on(future, loading.done))

    def _end_all(self, room_id: str, refusal: Refusal) -> None:
        room = self.rooms.get(room_id)
        for connection in list(room.connections.values()) if room else []:
            connection.end(refusal)

    # ── The store out of reach, and the end ──────────────────────────────────────────────────────────────────────

    def freeze(self, since_ms: int) -> None:
        """The store cannot be reached: tabs are told, and keep what they see."""
        if self.stale_since_ms is None:
            self.stale_since_ms = since_ms
            for room in self.rooms.values():
                room.set_stale(True, since_ms)

    def thaw(self) -> None:
        if self.stale_since_ms is not None:
            since_ms, self.stale_since_ms = self.stale_since_ms, None
            for room in self.rooms.values():
                room.set_stale(False, since_ms)

    def offer(self, features: Features) -> None:
        """What the site offers now; tabs hear it where it has changed."""
        if features != self._greeting.features:
            self._greeting = replace(self._greeting, features=features)
            for room in self.rooms.values():
                room.offer(features)

    def all_connections(self) -> list[Connection]:
        return [connection for room in self.rooms.values() for connection in room.connections.values()]

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for room in self.rooms.values():
            room.close()


def _pass_on(source: asyncio.Future[HubRoom], target: asyncio.Future[HubRoom]) -> None:
    if target.done():
        return
    if source.cancelled():
        target.cancel()
    elif error := source.exception():
        target.set_exception(error)
    else:
        target.set_result(source.result())
