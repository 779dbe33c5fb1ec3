"""Which events leave a line in the audit, and what the line says."""

from __future__ import annotations

import pytest

from server.domain import events as e
from server.domain.audit import SILENT, audit_line, network_prefix

LINES = {
    "a room is made": (e.RoomCreated(), {"name": "room_created"}),
    "a room is locked": (e.RoomChanged(what="locked", by="p-1"), {"name": "room_changed", "what": "locked", "by": "p-1"}),
    "a session opens by time": (e.RoomChanged(what="opening"), {"name": "room_changed", "what": "opening"}),
    "a host admits": (
        e.ParticipantsJoined(admitted=True, by="p-1"), {"name": "participants_joined", "admitted": True, "by": "p-1"}
    ),
    "a role": (
        e.RoleChanged(old="viewer", new="speaker", by="p-1"),
        {"name": "role_changed", "old": "viewer", "new": "speaker", "by": "p-1"},
    ),
    "a ban": (e.ParticipantRemoved(ban=True, by="p-1"), {"name": "participant_removed", "ban": True, "by": "p-1"}),
    "an invitation": (e.InvitationChanged(what="revoked"), {"name": "invitation_changed", "what": "revoked"}),
}


@pytest.mark.parametrize("what", LINES)
def test_an_act_leaves_a_line_that_says_who_and_what(what):
    event, line = LINES[what]
    assert audit_line(event) == line


@pytest.mark.parametrize(
    "event",
    [
        *(kind() for kind in sorted(SILENT, key=lambda kind: kind.name)), e.ParticipantsJoined(),
        e.ParticipantsJoined(admitted=True), e.RoomChanged(what="opened"), e.RoomChanged(what="start_reached"),
        e.InvitationChanged(what="mail"),
    ],
    ids=str,
)
def test_mere_presence_and_what_follows_by_itself_leave_none(event):
    assert audit_line(event) is None


@pytest.mark.parametrize(
    ("network", "prefix"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001_db8_1_2__", "2001:db8:1:2::/64"), ("unknown", "unknown")],
)
def test_a_network_is_kept_as_a_prefix_only(network, prefix):
    assert network_prefix(network) == prefix
