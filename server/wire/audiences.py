"""Who hears what: a pure function of a person's standing, and of a record.

Addresses go to managers, and to hosts for waiters; to nobody else. Somebody outside hears nothing about those inside.
"""

from __future__ import annotations

from enum import StrEnum

from server.domain.crowd import Crowd
from server.domain.invitation import Invitation, InvitationStatus, RequestStatus
from server.domain.person import Person, PersonState
from server.domain.roles import RANK, Role, is_host


class Audience(StrEnum):
    INSIDE = "inside"      # viewers and speakers
    STAFF = "staff"        # moderators
    MANAGERS = "managers"


AUDIENCES = tuple(Audience)


def audience_of(person: Person) -> Audience | None:
    """Which of the audiences inside the room somebody belongs to; None outside."""
    if person.state is not PersonState.INSIDE:
        return None
    if person.role is Role.MANAGER:
        return Audience.MANAGERS
    return Audience.STAFF if is_host(person.role) else Audience.INSIDE


def sees_line(audience: Audience) -> bool:
    return audience is not Audience.INSIDE


def hears_line(audience: Audience, crowd: Crowd) -> bool:
    """Whether each waiter's row is told; of a long line hosts get the head, as a state."""
    return sees_line(audience) and not crowd.long_line


def is_told(person: Person, crowd: Crowd) -> bool:
    """Whether a participant's row is told to everybody inside; in a large room only the hosts' are, since N people who each
    hear of N others would be N squared rows."""
    return not crowd.large or is_host(person.role)


def resized(before: Crowd, now: Crowd) -> tuple[frozenset[Audience], str]:
    """Who gets the room whole since other rows are told from now on, and the reason that they are given."""
    if before.large is not now.large:
        return frozenset(AUDIENCES), "grown" if now.large else "shrunk"
    if before.long_line is not now.long_line:
        return frozenset(filter(sees_line, AUDIENCES)), "grown" if now.long_line else "shrunk"
    return frozenset(), ""


def sees_invitations(audience: Audience) -> bool:
    return audience is Audience.MANAGERS


def sees_guest_links(audience: Audience) -> bool:
    return audience is Audience.MANAGERS


def sees_addresses(audience: Audience) -> bool:
    return audience is Audience.MANAGERS


def sees_device_request(audience: Audience, invitation: Invitation) -> bool:
    """Managers see every request; moderators those of viewers' and speakers' links."""
    if audience is Audience.STAFF:
        return RANK[invitation.role] < RANK[Role.MODERATOR]
    return audience is Audience.MANAGERS


def has_open_request(invitation: Invitation) -> bool:
    """Whether somebody's answer is wanted."""
    request = invitation.device_request
    return (
        invitation.status is InvitationStatus.CLAIMED and request is not None and request.status is RequestStatus.PENDING
    )
