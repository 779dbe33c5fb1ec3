"""What a returning tab has missed: exactly that, or nothing, and then it gets the room whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from server.domain.contents import RoomContents
from server.domain.events import Entry
from server.hub.connection import Connection
from server.hub.room import HubRoom
from server.wire.audiences import audience_of
from server.wire.messages import ResumeAt

RESUME_TRIES = 3
# Beyond that the room whole is less to send, to a tab that may be on a slow line.
MAX_MISSED = 500

ReadLog = Callable[[str, str, int, int], Awaitable[list[Entry] | None]]


async def read_missed(
    read_log: ReadLog, room: HubRoom, connection: Connection, resume: ResumeAt | None
) -> list[Entry] | None:
    """The entries since the tab's position, up to now; None where it gets the room whole.

    The room goes on while the log is read: when this returns, nothing has come since.
    """
    participant_id = connection.participant_id
    if participant_id not in room.contents.people:
        return None
    if resume is None or participant_id is None or not 0 <= room.seq - resume.seq <= MAX_MISSED:
        return None
    if resume.epoch != room.position(participant_id).epoch:
        return None
    missed: list[Entry] = []
    for _ in range(RESUME_TRIES):
        after, upto = resume.seq + len(missed), room.seq
        # A herd that comes back has mostly missed nothing: then there is nothing to ask for.
        more = await read_log(room.contents.room.room_id, room.epoch, after, upto) if upto > after else []
        if more is None:
            return None
        missed += more
        if upto == room.seq:
            # Another session may have begun meanwhile, or the store gone back.
            if participant_id not in room.contents.people or resume.epoch != room.position(participant_id).epoch:
                return None
            return missed if may_resume(room.contents, participant_id, missed, since=resume.seq) else None
    return None


def may_resume(contents: RoomContents, participant_id: str, missed: list[Entry], *, since: int) -> bool:
    """Whether the events missed bring a tab to where it would be now: not where its own standing moved meanwhile, nor where
    the room told other rows at `since`."""
    if since < contents.resized_seq:
        return False
    now = contents.people[participant_id]
    return all(
        audience_of(person) == audience_of(now) and person.role_rev == now.role_rev and not _changes_role(entry)
        for entry in missed
        for person in entry.people()
        if person.participant_id == participant_id
    )


def _changes_role(entry: Entry) -> bool:
    return entry.event.name == "role_changed"
