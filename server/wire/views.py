"""The shapes of things as a tab sees them: parts of messages. Instants are epoch ms (UTC), durations say their unit."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Revision = Annotated[int, Meta(ge=0)]


class View(Struct, kw_only=True, omit_defaults=False):
    pass


class RoomView(View):
    """What everybody inside sees of the room."""

    room_id: str
    title: str
    description: str | None
    phase: str
    opens: str
    locked: bool
    starts_at_ms: int | None
    ends_at_ms: int | None
    opened_at_ms: int | None
    lobby_message: str | None
    rev: Revision


class LobbyRoomView(View):
    """What somebody outside sees of it; `description` only once their address is proven."""

    room_id: str
    title: str
    description: str | None
    phase: str
    opens: str
    starts_at_ms: int | None


class ParticipantView(View):
    """One person in the room. `email` is null for everybody but managers. `unverified`: name and address are claims."""

    participant_id: str
    name: str
    role: str
    standing: str | None
    joined_at_ms: int | None
    hand_raised_at_ms: int | None
    unverified: bool
    email: str | None


class WaiterView(View):
    """One person in the line, as hosts see them. `hold`: why they stay even when the room is unlocked, or null."""

    participant_id: str
    name: str
    role: str
    email: str | None
    unverified: bool
    waiting_since_ms: int
    line_no: int
    hold: str | None


class DeviceRequestView(View):
    """Somebody asks to use a claimed link on another device. `label` is what the device says of itself: text, no proof.
    `email` is null for everybody but managers."""

    invitation_id: str
    request_id: str
    name: str
    email: str | None
    role: str
    label: str
    asked_at_ms: int


class InvitationView(View):
    """One invitation, as managers see it; never its secret. `status`: created, opened, claimed, revoked or replaced."""

    invitation_id: str
    email: str
    first_name: str
    last_name: str
    role: str
    status: str
    issue: int
    link_devices: int
    devices: int
    created_at_ms: int
    expires_at_ms: int
    opened_at_ms: int | None
    claimed_at_ms: int | None
    participant_id: str | None


class YouView(View):
    """Who this tab speaks for. `role_rev` is to be acknowledged; `state` is inside, waiting, declined, removed,
    known (left the line), or unproven (a link was opened, no address proven yet)."""

    participant_id: str | None
    name: str | None
    role: str | None
    standing: str | None
    role_rev: Revision
    permissions: list[str]
    state: str


class LobbyView(View):
    """What a waiting tab shows. `state` names the page; `position` is the own place, exact to 100, null beyond or where
    there is no line. `enter_at_ms`: when this person may come in. `can_be_admitted`: whether a host is there to do it.
    `needs_email`: the address is still to be proven. `rev` rises with every change on this connection."""

    rev: Revision
    state: str
    needs_email: bool
    room: LobbyRoomView
    enter_at_ms: int | None
    position: int | None
    more_than: int | None
    host_message: str | None
    decline_message: str | None
    can_be_admitted: bool
    can_knock: bool
    device_request: str | None


class Position(View):
    """Where a tab is in the room's log; sent back to resume."""

    epoch: str
    seq: Annotated[int, Meta(ge=0, le=2**53)]


class SnapshotView(View):
    """The room whole, as this tab's audience sees it, at `seq`. `waiters` and `device_requests` are null for those who
    may not see the line, `invitations` for those who are no managers. Lists are sorted by id, waiters by `line_no`."""

    seq: Revision
    room: RoomView
    participants: list[ParticipantView]
    waiters: list[WaiterView] | None
    device_requests: list[DeviceRequestView] | None
    invitations: list[InvitationView] | None


class Limits(View):
    """The server's bounds, so that a client need not guess."""

    max_frame_bytes: int
    commands_per_s: int
    commands_burst: int
    tabs_per_person: int
