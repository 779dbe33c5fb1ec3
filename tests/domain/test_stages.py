"""How far an invitation has come: one word, from the invitation, its person and the time."""

from __future__ import annotations

import pytest

from server.domain.invitation import Device, Invitation, InvitationStatus
from server.domain.mail import MailKind, MailState, MailStatus
from server.domain.roles import Role
from server.domain.room import Phase, Room
from server.domain.stages import Stage, good_until_ms, is_awaited, stage_at, stage_of

NOW = 1_000_000
HELD = {"status": InvitationStatus.CLAIMED, "participant_id": "p-ina", "devices": {"d": Device(device_id="d")}}


def invited(**fields: object) -> Invitation:
    made = {"email": "ina@example.com", "first_name": "Ina", "last_name": "Novak", "expires_at_ms": NOW + 1}
    return Invitation(**{"invitation_id": "i", "role": Role.VIEWER, **made, **fields})


def mailed(status: MailStatus) -> MailState:
    return MailState(mail_id="m", kind=MailKind.INVITATION, status=status, at_ms=0)


def a_room(**fields: object) -> Room:
    return Room(**{"room_id": "r", "title": "T", "phase": Phase.OPEN, **fields})


STAGES = {
    "made": ({}, Stage.CREATED),
    "to be mailed": ({"mail": mailed(MailStatus.QUEUED)}, Stage.MAIL_QUEUED),
    "being mailed": ({"mail": mailed(MailStatus.SENDING)}, Stage.MAIL_SENDING),
    "mailed": ({"mail": mailed(MailStatus.SENT)}, Stage.MAILED),
    "not mailed": ({"mail": mailed(MailStatus.FAILED)}, Stage.MAIL_FAILED),
    "mailed or not": ({"mail": mailed(MailStatus.UNSURE)}, Stage.MAIL_UNSURE),
    "opened": ({"status": InvitationStatus.OPENED, "mail": mailed(MailStatus.SENT)}, Stage.OPENED),
    "claimed": (HELD, Stage.AWAY),
    "gone": ({**HELD, "person_state": "away"}, Stage.AWAY),
    "waiting": ({**HELD, "person_state": "waiting"}, Stage.IN_LOBBY),
    "there": ({**HELD, "person_state": "inside"}, Stage.INSIDE),
    "sent away": ({**HELD, "person_state": "declined"}, Stage.DECLINED),
    "put out": ({**HELD, "person_state": "removed"}, Stage.REMOVED),
    "put out for good": ({**HELD, "person_state": "banned"}, Stage.BANNED),
    "taken from its device": ({**HELD, "devices": {}, "person_state": "away"}, Stage.MOVED),
    "withdrawn": ({**HELD, "status": InvitationStatus.REVOKED, "person_state": "inside"}, Stage.REVOKED),
    "replaced": ({"status": InvitationStatus.REPLACED}, Stage.REPLACED),
}
CLAIMABLE = ["made", "to be mailed", "mailed", "not mailed", "mailed or not", "opened", "taken from its device"]


@pytest.mark.parametrize("what", STAGES)
def test_each_stage_has_a_word_and_time_alone_changes_none_of_them(what):
    fields, stage = STAGES[what]
    assert stage_of(invited(**fields)) is stage
    assert stage_at(invited(**fields), a_room(), NOW) is stage


@pytest.mark.parametrize("what", STAGES)
def test_at_the_end_of_its_time_what_could_still_be_claimed_is_expired_and_nothing_else(what):
    fields, stage = STAGES[what]
    ends_soon = stage in (Stage.MAIL_SENDING, *(STAGES[name][1] for name in CLAIMABLE))
    assert (stage_at(invited(**fields), a_room(), NOW + 1) is Stage.EXPIRED) is ends_soon


@pytest.mark.parametrize(
    ("room", "until_ms"),
    [({}, NOW + 1), ({"ends_at_ms": NOW + 9}, NOW + 9), ({"starts_at_ms": NOW, "link_ttl_s": 60}, NOW + 60_000)],
)
def test_it_can_be_claimed_until_the_later_of_its_own_time_and_the_planned_end(room, until_ms):
    assert good_until_ms(invited(), a_room(**room)) == until_ms
    assert stage_at(invited(), a_room(**room), until_ms - 1) is Stage.CREATED
    assert stage_at(invited(), a_room(**room), until_ms) is Stage.EXPIRED


@pytest.mark.parametrize("phase", [Phase.ENDED, Phase.DELETED])
def test_after_the_session_an_unclaimed_one_is_expired(phase):
    assert stage_at(invited(), a_room(phase=phase), NOW) is Stage.EXPIRED


AWAITED = {"made", "to be mailed", "being mailed", "mailed", "not mailed", "mailed or not", "opened", "claimed", "gone",
           "taken from its device"}


@pytest.mark.parametrize("what", STAGES)
def test_who_is_awaited_is_invited_and_has_never_been_here(what):
    fields, _ = STAGES[what]
    assert is_awaited(invited(**fields), a_room(), NOW) is (what in AWAITED)
    assert not is_awaited(invited(**fields, came_at_ms=5), a_room(), NOW)
