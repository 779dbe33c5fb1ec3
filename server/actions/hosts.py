"""What becomes of a room without a host: its session ends in time, and whoever waits for a host has them called."""

from __future__ import annotations

from server.actions.services import Services, decide
from server.domain.admission import waits_for_host
from server.domain.contents import RoomContents
from server.domain.person import Person, PersonState
from server.domain.refusals import Busy
from server.domain.roles import RANK, is_host
from server.domain.room import Phase
from server.store.scripting import NotYet

# Of a room's hosts: beyond that one more mail brings nobody sooner.
MOST_CALLED = 50


async def end_by_absence(services: Services, room_id: str) -> None:
    """The hosts that the session had may have been gone for as long as they may: then it ends.

    Raises:
        RoomUnknown: the room is no more.
    """
    try:
        await services.store.rooms.end_by_absence(room_id)
    except NotYet:
        return


async def ping_hosts(services: Services, room_id: str) -> None:
    """If somebody waits whom only a host can let in, and none is there, the absent ones are called: an event, and a mail where
    the site sends any; at most once in `ping_hosts_s`.

    Raises:
        RoomUnknown: the room is no more.
    """

    async def attempt() -> None:
        contents = await services.store.rooms.load(room_id)
        mail_to = [host.participant_id for host in hosts_away(contents)] if services.mail else []
        waiting = waiting_for_host(contents)
        await services.store.rooms.ping_hosts(room_id, mail_to, waiting=waiting, looked_at_ms=contents.now_ms)

    try:
        await decide(attempt)
    except (NotYet, Busy):
        return  # it stays due


def waiting_for_host(contents: RoomContents) -> int:
    """How many wait for a host; nobody does where one is inside, or where all is over."""
    if contents.has_host_inside() or contents.room.phase in (Phase.ENDED, Phase.DELETED):
        return 0
    return sum(waits_for_host(contents.room, person, contents.now_ms) for person in contents.line())


def hosts_away(contents: RoomContents) -> list[Person]:
    """The hosts who are not there and have a proven address, the highest first: those who may come in and were not put out."""
    away = [
        person
        for person in contents.people.values()
        if is_host(person.role) and person.email and person.email_proof
        and person.state in (PersonState.KNOWN, PersonState.INSIDE) and not person.present
    ]
    return sorted(away, key=lambda person: (-RANK[person.role], person.participant_id))[:MOST_CALLED]
