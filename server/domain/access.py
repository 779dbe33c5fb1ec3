"""Who comes in with the site's sign-in alone, without a link."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from server.domain.invitation import Invitation, check_not_withdrawn
from server.domain.person import Person, PersonState
from server.domain.refusals import NotInvited
from server.domain.room import Access, Room

MAX_CHANNELS = 200  # that a sign-in names
MAX_CHANNEL_ID_CHARS = 128


def covers(room: Room, user_id: str, channels: Collection[str]) -> bool:
    """Whether the room's access lets in whom the site signed in as `user_id`, a member of `channels`: managers always."""
    if user_id in room.standings or room.access is Access.MEMBERS:
        return True
    return room.access is Access.CHANNEL_MEMBERS and room.channel_id in channels


def check_invited(known: Iterable[Person], claimed: Iterable[Invitation]) -> None:
    """Refuse whom the access does not cover, unless they were let in already or have claimed an invitation that still holds.

    `known`: who they are in the room; `claimed`: those people's invitations.

    Raises:
        NotInvited, InviteRevoked, InviteReplaced
    """
    if any(person.state is PersonState.INSIDE or person.admitted for person in known):
        return
    invitations = list(claimed)
    if not invitations:
        raise NotInvited
    for invitation in invitations:
        check_not_withdrawn(invitation)
