"""What hosts take away from a room as a file: who is in it now."""

from __future__ import annotations

from dataclasses import dataclass

from server.actions.services import Request, Services, check_actor
from server.domain.contents import RoomContents
from server.domain.person import Person
from server.domain.refusals import RoleForbidden
from server.domain.roles import is_host
from server.store.facts import Facts


@dataclass(frozen=True, kw_only=True)
class Export:
    """`by`: the host who asks, as they were when the room was read; None: the site. `people`: by when they joined."""

    contents: RoomContents
    by: Person | None
    people: list[Person]


async def read_participants(services: Services, request: Request) -> Export:
    """Everybody who is in the room, read at one instant. Raises: RoomUnknown, NotInside, RoleForbidden."""
    contents = await services.store.rooms.load(request.room_id)
    actor = check_actor(
        Facts(now_ms=contents.now_ms, seq=contents.seq, room=contents.room, people=contents.people), request
    )
    if not is_host(actor.role):
        raise RoleForbidden(f"A {actor.role} may not do this.")
    people = sorted(contents.participants(), key=lambda person: (person.joined_at_ms or 0, person.participant_id))
    return Export(contents=contents, by=actor.person, people=people)
