"""How far an invitation has come: one word for its row in the living list, from the invitation, its person and the time."""

from __future__ import annotations

from enum import StrEnum

from server.domain.invitation import Invitation, InvitationStatus
from server.domain.mail import MailStatus
from server.domain.room import Phase, Room, planned_end_ms

# Between two reminders to one invitee.
REMIND_EVERY_MS = 600_000


class Stage(StrEnum):
    CREATED = "created"
    MAIL_QUEUED = "mail_queued"
    MAIL_SENDING = "mail_sending"
    MAILED = "mailed"
    MAIL_FAILED = "mail_failed"
    MAIL_UNSURE = "mail_unsure"
    OPENED = "opened"
    AWAY = "away"            # claimed; the person is not there just now
    IN_LOBBY = "in_lobby"
    INSIDE = "inside"
    DECLINED = "declined"
    REMOVED = "removed"
    BANNED = "banned"
    MOVED = "moved"          # taken from its device, and not claimed on another yet
    EXPIRED = "expired"
    REVOKED = "revoked"
    REPLACED = "replaced"


_CLOSED = {InvitationStatus.REVOKED: Stage.REVOKED, InvitationStatus.REPLACED: Stage.REPLACED}
_OF_MAIL = {
    MailStatus.QUEUED: Stage.MAIL_QUEUED, MailStatus.SENDING: Stage.MAIL_SENDING, MailStatus.SENT: Stage.MAILED,
    MailStatus.FAILED: Stage.MAIL_FAILED, MailStatus.UNSURE: Stage.MAIL_UNSURE, MailStatus.DROPPED: Stage.CREATED,
}
UNCLAIMED = frozenset({Stage.CREATED, Stage.OPENED, *_OF_MAIL.values()})
_OF_PERSON = {"waiting": Stage.IN_LOBBY, "inside": Stage.INSIDE, "declined": Stage.DECLINED, "removed": Stage.REMOVED,
              "banned": Stage.BANNED}


def stage_of(invitation: Invitation) -> Stage:
    """How far it has come, but for the time: whether it has expired meanwhile is `is_expired`."""
    if invitation.status in _CLOSED:
        return _CLOSED[invitation.status]
    if invitation.person_state in _OF_PERSON:
        return _OF_PERSON[invitation.person_state]
    if invitation.status is InvitationStatus.CREATED and invitation.mail is not None:
        return _OF_MAIL[invitation.mail.status]
    if invitation.status is not InvitationStatus.CLAIMED:
        return Stage(invitation.status.value)
    return Stage.AWAY if invitation.devices else Stage.MOVED


def stage_at(invitation: Invitation, room: Room, now_ms: int) -> Stage:
    """How far it has come at `now_ms`: one that nobody has claimed is `expired` from its end on."""
    stage = stage_of(invitation)
    waits_for_claim = stage in UNCLAIMED or stage is Stage.MOVED
    return Stage.EXPIRED if waits_for_claim and is_expired(invitation, room, now_ms) else stage


def is_expired(invitation: Invitation, room: Room, now_ms: int) -> bool:
    """Whether nobody can claim it any more."""
    return room.phase in (Phase.ENDED, Phase.DELETED) or now_ms >= good_until_ms(invitation, room)


def good_until_ms(invitation: Invitation, room: Room) -> int:
    """Until when it may be claimed: the later of its own time and the session's planned end."""
    return max(invitation.expires_at_ms, planned_end_ms(room))


def is_awaited(invitation: Invitation, room: Room, now_ms: int) -> bool:
    """Whether somebody is invited who has not come yet, and still can."""
    if invitation.came_at_ms is not None:
        return False
    return stage_at(invitation, room, now_ms) in UNCLAIMED | {Stage.AWAY, Stage.MOVED}
