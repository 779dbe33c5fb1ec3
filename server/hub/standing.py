"""Brings one tab to where its person stands now: into the room, out of it, to another role, or to the next lobby page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from server.domain.contents import RoomContents
from server.domain.events import Entry
from server.domain.invitation import Device, InvitationStatus, was_moved_away
from server.domain.person import Person, PersonState
from server.domain.refusals import Banned, InviteMoved, InviteReplaced, InviteRevoked, InviteUnknown
from server.domain.roles import permissions_of
from server.hub.connection import Connection
from server.hub.fanout import SnapshotCache
from server.wire.audiences import Audience, audience_of, sees_line
from server.wire.events import AnyWireEvent, RefreshEvent, Revealed
from server.wire.lobby import Places, lobby_of_link, lobby_of_person
from server.wire.messages import Entered, Events, Resync
from server.wire.showing import UNPROVEN, show_device_requests, show_waiters, show_you
from server.wire.telling import tell
from server.wire.views import LobbyView, Position


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a tab is settled by. `last`: up to where each audience had been served before the entry that moves it, which is
    what a tab of it holds at least."""

    contents: RoomContents
    places: Places
    position_of: Callable[[str], Position]
    snapshots: SnapshotCache
    now_ms: int
    last: dict[Audience, int]


def settle(standing: Standing, connection: Connection, entry: Entry | None) -> None:
    """Tell one tab where its person is now, if that differs from what it was told last. `entry`: what moved them."""
    person = standing.contents.people.get(connection.participant_id or "")
    if person is None:
        if check_still_welcome(standing, connection):
            connection.show_lobby(lobby_view_for(standing, connection), UNPROVEN)
        return
    if person.state is PersonState.BANNED:
        connection.end(Banned())
        return
    audience = audience_of(person)
    if audience is None:
        _put_outside(standing, connection, person)
    elif connection.audience is None:
        _let_in(standing, connection, person, audience)
    elif person.role_rev != connection.role_rev and entry is not None:
        if audience is not connection.audience and Audience.MANAGERS in (audience, connection.audience):
            # Managers see more in the very rows of the list; no reveal could say that.
            send_whole(standing, connection, person, audience, "role")
        else:
            _refresh(standing, connection, person, audience, entry)


def lobby_view_for(standing: Standing, connection: Connection) -> LobbyView:
    """The page of a tab outside the room."""
    contents = standing.contents
    person = contents.people.get(connection.participant_id or "")
    if person is not None:
        return lobby_of_person(contents, person, standing.places, standing.now_ms)
    invitation = contents.invitations[connection.identity.invitation_id or ""]
    return lobby_of_link(contents.room, invitation, connection.identity.device_id, standing.now_ms)


def check_still_welcome(standing: Standing, connection: Connection) -> bool:
    """End a tab of somebody banned, or whose link is no longer good for it; who is inside stays when a link is withdrawn."""
    identity = connection.identity
    person = standing.contents.people.get(identity.participant_id or "")
    if person is not None and person.state is PersonState.BANNED:
        connection.end(Banned())
        return False
    is_inside = person is not None and person.state is PersonState.INSIDE
    invitation = standing.contents.invitations.get(identity.invitation_id or "")
    if invitation is None:
        if identity.participant_id is None:
            connection.end(InviteUnknown())
        return identity.participant_id is not None
    device = Device(device_id=identity.device_id or "")
    if identity.participant_id is not None and was_moved_away(invitation, device):
        connection.end(InviteMoved())
    elif not is_inside and invitation.status is InvitationStatus.REVOKED:
        connection.end(InviteRevoked())
    elif not is_inside and invitation.status is InvitationStatus.REPLACED:
        connection.end(InviteReplaced())
    return not connection.ended.done()


def send_whole(standing: Standing, connection: Connection, person: Person, audience: Audience, reason: str) -> None:
    """Replace what a tab inside holds, and say why."""
    connection.audience, connection.role_rev, connection.role = audience, person.role_rev, person.role
    snapshot = standing.snapshots.get(standing.contents, audience, connection.encoding)
    position = standing.position_of(person.participant_id)
    connection.send(Resync(reason=reason, position=position, you=show_you(person), snapshot=snapshot))


def _put_outside(standing: Standing, connection: Connection, person: Person) -> None:
    left = None
    if connection.audience is not None:
        left = "removed" if person.state is PersonState.REMOVED else "sent_back"
        connection.audience = None
    if person.role_rev != connection.role_rev:
        # The page may look the same; the tab is to learn its role, and to acknowledge it.
        connection.forget_lobby()
    connection.role_rev, connection.role = person.role_rev, person.role
    connection.show_lobby(lobby_view_for(standing, connection), show_you(person), left)


def _let_in(standing: Standing, connection: Connection, person: Person, audience: Audience) -> None:
    connection.audience, connection.role_rev, connection.role = audience, person.role_rev, person.role
    connection.forget_lobby()
    token, expires_at_ms = connection.mint_token()
    connection.send(
        Entered(
            you=show_you(person),
            position=standing.position_of(person.participant_id),
            snapshot=standing.snapshots.get(standing.contents, audience, connection.encoding),
            token=token,
            token_expires_at_ms=expires_at_ms,
        )
    )


def _refresh(standing: Standing, connection: Connection, person: Person, audience: Audience, entry: Entry) -> None:
    """One frame with the change as all hear it, what the new role reveals, and what it takes away."""
    before, connection.audience = connection.audience, audience
    assert before is not None
    token, expires_at_ms = connection.mint_token()
    refresh = RefreshEvent(
        seq=entry.seq,
        role=person.role,
        old_role=connection.role,
        role_rev=person.role_rev,
        permissions=permissions_of(person.role),
        by=entry.event.by,
        reveal=_revealed(standing.contents, before, audience),
        forget=_forgotten(before, audience),
        token=token,
        token_expires_at_ms=expires_at_ms,
    )
    connection.role_rev, connection.role = person.role_rev, person.role
    told: list[AnyWireEvent] = [*tell(entry, audience), refresh]
    connection.send(Events(after=standing.last[before], upto=entry.seq, events=told))


def _revealed(contents: RoomContents, before: Audience, now: Audience) -> Revealed | None:
    # Moderators see other device requests than managers, so lists are revealed whole at each change that shows any.
    if not sees_line(now) or before is now:
        return None
    return Revealed(waiters=show_waiters(contents), device_requests=show_device_requests(contents, now))


def _forgotten(before: Audience, now: Audience) -> list[str]:
    return ["waiters", "device_requests"] if sees_line(before) and not sees_line(now) else []


