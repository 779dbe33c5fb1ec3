"""The events of a room as tabs hear them: items of an `events` message, in the order of the log.

All that one entry of the log means to an audience carries that entry's `seq` and travels in one message.
"""

from __future__ import annotations

from msgspec import Struct

from server.wire.views import (
    DeviceRequestView,
    GuestLinkView,
    InvitationPresenceView,
    InvitationView,
    ParticipantView,
    Revision,
    RoomView,
    WaitersPageView,
    WaiterView,
)


class WireEvent(Struct, kw_only=True, tag_field="type"):
    seq: Revision


class RoomChangedEvent(WireEvent, tag="room.changed"):
    """The room's row, whole. `what` says why: edited, locked, unlocked, messaged, start_reached, opening, opened,
    ended, deleted; host_here, host_absent, hosts_pinged (because somebody waits for one). To everybody inside."""

    room: RoomView
    what: str
    by: str | None


class ParticipantsJoinedEvent(WireEvent, tag="participants.joined"):
    """Rows that are in the list now. `admitted`: they stood in the line before. To everybody inside."""

    participants: list[ParticipantView]
    admitted: bool
    by: str | None


class ParticipantsUpdatedEvent(WireEvent, tag="participants.updated"):
    """Rows that changed in something other than the role: hands, names. To everybody inside."""

    participants: list[ParticipantView]


class ParticipantRoleChangedEvent(WireEvent, tag="participant.role_changed"):
    """One row with its new role. To everybody inside; the person concerned gets `refresh` with it."""

    participant: ParticipantView
    old_role: str
    new_role: str
    by: str | None


class ParticipantsLeftEvent(WireEvent, tag="participants.left"):
    """Rows that are gone. `reason`: left, removed, banned, sent_back. To everybody inside."""

    participant_ids: list[str]
    reason: str
    by: str | None


class ParticipantsHiddenEvent(WireEvent, tag="participants.hidden"):
    """Rows that a large room no longer tells of: these people are hosts no more, and still there. To everybody inside."""

    participant_ids: list[str]


class WaitersAddedEvent(WireEvent, tag="waiters.added"):
    """Rows that are in the line now, or changed in it. To hosts."""

    waiters: list[WaiterView]


class WaitersRemovedEvent(WireEvent, tag="waiters.removed"):
    """Rows that are no longer in the line. `reason`: admitted, declined, left, banned, removed. To hosts."""

    participant_ids: list[str]
    reason: str
    by: str | None


class DeviceRequestedEvent(WireEvent, tag="device.requested"):
    """Somebody asks to use a claimed link on another device. To managers, and to moderators where the link is a
    viewer's or a speaker's."""

    request: DeviceRequestView


class DeviceRequestClosedEvent(WireEvent, tag="device.request_closed"):
    """That question is answered or void. To those who saw it."""

    invitation_id: str


class InvitationChangedEvent(WireEvent, tag="invitation.changed"):
    """One invitation's row, whole. `what`: created, opened, claimed, extended, revoked, replaced, role,
    device_asked, device_refused, moved, released (taken from its devices), reminded. To managers."""

    invitation: InvitationView
    what: str
    by: str | None


class InvitationsPresenceEvent(WireEvent, tag="invitations.presence"):
    """People who were invited came, went, or have another role: what that changes in their invitations' rows. To managers."""

    rows: list[InvitationPresenceView]


class GuestLinkChangedEvent(WireEvent, tag="guest_link.changed"):
    """One guest link's row, whole. `what`: created, edited, clicked. To managers."""

    guest_link: GuestLinkView
    what: str
    by: str | None


class GuestLinkRemovedEvent(WireEvent, tag="guest_link.removed"):
    """A guest link is off, and lets nobody new in. To managers."""

    guest_link_id: str
    by: str | None


class Revealed(Struct, kw_only=True):
    """What a new role lets a tab see, whole; of a long line `waiters` is null, and `line` its head."""

    waiters: list[WaiterView] | None
    line: WaitersPageView | None
    device_requests: list[DeviceRequestView]


class RefreshEvent(WireEvent, tag="refresh"):
    """Your role is another one now, and is enforced already. To the tabs of the person concerned, each of which answers
    with `ack` of `role_rev`. `reveal`: lists that you may see from now on; `forget`: lists that you may not."""

    role: str
    old_role: str
    role_rev: Revision
    permissions: list[str]
    by: str | None
    reveal: Revealed | None
    forget: list[str]
    token: str
    token_expires_at_ms: int


AnyWireEvent = (
    RoomChangedEvent
    | ParticipantsJoinedEvent
    | ParticipantsUpdatedEvent
    | ParticipantRoleChangedEvent
    | ParticipantsLeftEvent
    | ParticipantsHiddenEvent
    | WaitersAddedEvent
    | WaitersRemovedEvent
    | DeviceRequestedEvent
    | DeviceRequestClosedEvent
    | InvitationChangedEvent
    | GuestLinkChangedEvent
    | GuestLinkRemovedEvent
    | InvitationsPresenceEvent
    | RefreshEvent
)
