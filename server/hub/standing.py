"""Brings one tab to where its person stands now: into the room, out of it, to another role, or to the next lobby page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from server.domain.contents import RoomContents
from server.domain.events import Entry
from server.domain.guests import check_guest_stays_welcome
from server.domain.invitation import Device, InvitationStatus, was_moved_away
from server.domain.person import Person, PersonState
from server.domain.refusals import (
    Banned,
    InviteMoved,
    InviteReplaced,
    InviteRevoked,
    InviteUnknown,
    Refusal,
    SessionEnded,
    TokenInvalid,
)
from server.domain.roles import permissions_of
from server.hub.connection import Connection
from server.hub.fanout import SnapshotCache
from server.hub.states import RoomStates
from server.wire.audiences import Audience, audience_of, sees_line
from server.wire.events import AnyWireEvent, RefreshEvent, Revealed
from server.wire.lobby import Places, lobby_of_link, lobby_of_person
from server.wire.messages import Entered, Events, Resync
from server.wire.paging import show_line_head
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
    states: RoomStates
    now_ms: int
    last: dict[Audience, int]
    guest_access: bool = True


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
    identity = connection.identity
    return lobby_of_link(
        contents.room, invitation, identity.device_id, standing.now_ms, resembled_id=identity.resembled_id
    )


def check_still_welcome(standing: Standing, connection: Connection) -> bool:
    """End a tab of somebody banned, or whose link is no longer good for it; who is inside stays when a link is withdrawn."""
    identity = connection.identity
    person = standing.contents.people.get(identity.participant_id or "")
    if person is not None and person.state is PersonState.BANNED:
        connection.end(Banned())
        return False
    is_inside = person is not None and person.state is PersonState.INSIDE
    if person is not None and person.guest_link_id is not None:
        return _check_guest(standing, connection, person)
    if person is None and identity.participant_id is not None:
        connection.end(SessionEnded() if standing.contents.room.session_no > 1 else TokenInvalid())
        return False
    invitation = standing.contents.invitations.get(identity.invitation_id or "")
    if invitation is None:
        if identity.participant_id is None:
            connection.end(SessionEnded() if standing.contents.room.session_no > 1 else InviteUnknown())
        return identity.participant_id is not None
    device = Device(device_id=identity.device_id or "")
    if identity.participant_id is not None and was_moved_away(invitation, device):
        connection.end(InviteMoved())
    elif not is_inside and invitation.status is InvitationStatus.REVOKED:
        connection.end(InviteRevoked())
    elif not is_inside and invitation.status is InvitationStatus.REPLACED:
        connection.end(InviteReplaced())
    return not connection.ended.done()


def _check_guest(standing: Standing, connection: Connection, person: Person) -> bool:
    link = standing.contents.guest_links.get(person.guest_link_id or "")
    try:
        check_guest_stays_welcome(person, standing.contents.room, link, site_wants=standing.guest_access)
    except Refusal as refusal:
        connection.end(refusal)
    return not connection.ended.done()


def send_whole(standing: Standing, connection: Connection, person: Person, audience: Audience, reason: str) -> None:
    """Replace what a tab inside holds, and say why."""
    connection.audience, connection.role_rev, connection.role = audience, person.role_rev, person.role
    snapshot = standing.snapshots.get(standing.contents, audience, connection.encoding)
    position, room = standing.position_of(person.participant_id), standing.contents.room
    connection.send(Resync(reason=reason, position=position, you=show_you(person, room), snapshot=snapshot))
    standing.states.send_all(connection, person)


def _put_outside(standing: Standing, connection: Connection, person: Person) -> None:
    left = None
    if connection.audience is not None:
        left = "removed" if person.state is PersonState.REMOVED else "sent_back"
        connection.audience = None
        standing.states.forget(connection)
    if person.role_rev != connection.role_rev:
        # The page may look the same; the tab is to learn its role, and to acknowledge it.
        connection.forget_lobby()
    connection.role_rev, connection.role = person.role_rev, person.role
    connection.show_lobby(lobby_view_for(standing, connection), show_you(person, standing.contents.room), left)


def _let_in(standing: Standing, connection: Connection, person: Person, audience: Audience) -> None:
    connection.audience, connection.role_rev, connection.role = audience, person.role_rev, person.role
    connection.forget_lobby()
    token, expires_at_ms = connection.mint_token()
    connection.send(
        Entered(
            you=show_you(person, standing.contents.room),
            position=standing.position_of(person.participant_id),
            snapshot=standing.snapshots.get(standing.contents, audience, connection.encoding),
            token=token,
            token_expires_at_ms=expires_at_ms,
        )
    )
    standing.states.send_all(connection, person)


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
        permissions=permissions_of(person.role, standing.contents.room),
        by=entry.event.by,
        reveal=_revealed(standing, before, audience),
        forget=_forgotten(standing.contents, before, audience),
        token=token,
        token_expires_at_ms=expires_at_ms,
    )
    connection.role_rev, connection.role = person.role_rev, person.role
    told: list[AnyWireEvent] = [*tell(entry, audience), refresh]
    connection.send(Events(after=standing.last[before], upto=entry.seq, events=told))
    standing.states.send_own(person, connection)


def _revealed(standing: Standing, before: Audience, now: Audience) -> Revealed | None:
    # Moderators see other device requests than managers, so lists are revealed whole at each change that shows any.
    if not sees_line(now) or before is now:
        return None
    contents, is_long = standing.contents, standing.contents.crowd.long_line
    return Revealed(
        waiters=None if is_long else show_waiters(contents),
        line=show_line_head(standing.states.roster, contents.seq) if is_long else None,
        device_requests=show_device_requests(contents, now),
    )


def _forgotten(contents: RoomContents, before: Audience, now: Audience) -> list[str]:
    if not sees_line(before) or sees_line(now):
        return []
    return ["line" if contents.crowd.long_line else "waiters", "device_requests"]


