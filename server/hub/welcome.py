"""The answer to `hello`: who the tab speaks for, and the room whole, or what it missed, or its lobby page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from server.domain.application import Application
from server.domain.contents import RoomContents
from server.domain.events import Entry
from server.hub.connection import Connection
from server.hub.standing import Standing, lobby_view_for
from server.wire.applied import show_application
from server.wire.audiences import Audience, audience_of
from server.wire.messages import Events, Welcome
from server.wire.showing import UNPROVEN, show_you
from server.wire.telling import tell
from server.wire.views import Features, Limits


@dataclass(frozen=True, kw_only=True)
class Greeting:
    """What every welcome says alike."""

    heartbeat_ms: int
    limits: Limits
    features: Features = field(default_factory=lambda: Features(invite_to_media=True, email=False, guest_access=True))


def welcome(standing: Standing, connection: Connection, greeting: Greeting, missed: list[Entry] | None) -> None:
    """Send the welcome, and after it what the tab missed and the roles that its person has on their way."""
    person = standing.contents.people.get(connection.participant_id or "")
    audience = audience_of(person) if person else None
    connection.audience = audience
    if person:
        connection.role_rev, connection.role = person.role_rev, person.role
    token, expires_at_ms = connection.mint_token()
    whole = audience is not None and missed is None
    connection.send(
        Welcome(
            connection_id=connection.connection_id,
            you=show_you(person, standing.contents.room) if person else UNPROVEN,
            position=standing.position_of(person.participant_id) if person and audience else None,
            snapshot=standing.snapshots.get(standing.contents, audience, connection.encoding) if audience and whole else None,
            lobby=None if audience else connection.next_lobby(lobby_view_for(standing, connection)),
            resumed=audience is not None and not whole,
            now_ms=standing.now_ms,
            token=token,
            token_expires_at_ms=expires_at_ms,
            heartbeat_ms=greeting.heartbeat_ms,
            limits=greeting.limits,
            features=greeting.features,
        )
    )
    if audience and missed:
        _send_missed(connection, audience, missed)
    if person and audience:
        send_applications(standing.contents, connection)
        standing.states.send_all(connection, person)


def _send_missed(connection: Connection, audience: Audience, missed: list[Entry]) -> None:
    told = [event for entry in missed for event in tell(entry, audience)]
    connection.send(Events(after=missed[0].seq - 1, upto=missed[-1].seq, events=told))


def tell_promoters(entry: Entry, connections_of: Callable[[str], list[Connection]]) -> None:
    """How far a role has come that `entry` says something about: to whoever gave it, on all their tabs inside."""
    for change in entry.changes:
        application = change.record
        if isinstance(application, Application) and application.by:
            for connection in connections_of(application.by):
                if connection.audience is not None:
                    connection.send(show_application(application))


def send_applications(contents: RoomContents, connection: Connection) -> None:
    """How far the roles that this tab's person gave have come: a state, so it is said again with every room whole."""
    for application in contents.applications.values():
        if application.by is not None and application.by == connection.participant_id:
            connection.send(show_application(application))
