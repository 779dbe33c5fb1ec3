"""The shapes of things as a tab sees them: parts of messages. Instants are epoch ms (UTC), durations say their unit."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Revision = Annotated[int, Meta(ge=0)]


class View(Struct, kw_only=True, omit_defaults=False):
    pass


class RoomView(View):
    """What everybody inside sees of the room. `links_good_until_ms`: no link that is neither withdrawn nor used up ends before
    that, 0 where nothing is planned. `capacity`: how many seats there are, null where nobody counts; hosts come in beyond it.
    `host_absence_ends_at_ms`: when the session ends unless a host comes back, null while one is there, or where it would not
    (`host_absence_s` 0). `ended_because`: host, site or host_absence. `kind`: standalone, or channel, whose sessions come and
    go, `session_no` by `session_no`. `cnc`: off, nobody can be invited. `moderators_invite`, `speakers_initiate`: what these
    roles may do beside their own. `rename`: people may change their own name."""

    room_id: str
    title: str
    description: str | None
    kind: str
    session_no: int
    cnc: bool
    moderators_invite: bool
    speakers_initiate: bool
    rename: bool
    phase: str
    opens: str
    locked: bool
    starts_at_ms: int | None
    ends_at_ms: int | None
    opened_at_ms: int | None
    links_good_until_ms: int
    capacity: int | None
    host_absence_s: int
    host_absence_ends_at_ms: int | None
    ended_because: str | None
    lobby_message: str | None
    guest_access: bool
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
    """One person in the room. `email` and `claimed_email` are null for everybody but managers. `unverified`: the name is a
    claim, and so is `claimed_email`, which a guest typed."""

    participant_id: str
    name: str
    role: str
    standing: str | None
    joined_at_ms: int | None
    hand_raised_at_ms: int | None
    unverified: bool
    email: str | None
    claimed_email: str | None


class WaiterView(View):
    """One person in the line, as hosts see them. `hold`: why they stay even when the room is unlocked, or null.
    `claimed_email`: what a guest typed; it proves nothing."""

    participant_id: str
    name: str
    role: str
    email: str | None
    claimed_email: str | None
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


class MailView(View):
    """How far an invitation's newest mail is. `kind`: invitation or reminder. `status`: queued, sent, failed, unsure (it is not
    known whether it arrived; send it again or not) or dropped (withdrawn, or pointless, before it was sent). `at_ms`: since
    when. `tries`: how often it was tried. `error`: why it failed, or why it is tried again."""

    mail_id: str
    kind: str
    status: str
    at_ms: int
    tries: int
    error: str | None


class InvitationView(View):
    """One invitation, as managers see it; never its secret. `status`: created, opened, claimed, revoked or replaced.

    `stage`: how far it has come: created, opened, in_lobby, inside, away (claimed, not there just now), declined, removed,
    banned, moved (taken from its device, not claimed on another yet), revoked, replaced. One that nobody has claimed is
    expired from the later of `expires_at_ms` and the room's `links_good_until_ms` on: that is time, and no event tells it.
    `role`: what its person is by now; `invited_role`: what it makes them. `came_at_ms`: when they first came."""

    invitation_id: str
    email: str
    first_name: str
    last_name: str
    role: str
    invited_role: str
    status: str
    stage: str
    person_state: str | None
    issue: int
    link_devices: int
    devices: int
    created_at_ms: int
    expires_at_ms: int
    opened_at_ms: int | None
    claimed_at_ms: int | None
    came_at_ms: int | None
    last_device_at_ms: int | None
    moved_at_ms: int | None
    reminded_at_ms: int | None
    participant_id: str | None
    mail: MailView | None


class DeviceView(View):
    """A device that has claimed a link. `device_id` is shortened; `has_key`: it proves itself by a key, not by a cookie alone."""

    device_id: str
    claimed_at_ms: int
    has_key: bool


class InvitationRowView(InvitationView):
    """One invitation, told at an instant: `stage` says `expired` as well, and `expires_at_ms` counts the session's planned
    end. `device_request`: a question that waits for an answer, or null."""

    device_list: list[DeviceView]
    device_request: DeviceRequestView | None


class InvitationPresenceView(View):
    """What of an invitation's row changes when its person comes, goes, or gets another role."""

    invitation_id: str
    role: str
    stage: str
    person_state: str | None
    came_at_ms: int | None


class GuestLinkView(View):
    """One guest link that is on, as managers see it; never its secret. `clicks`: devices that came in by it. `max_clicks`,
    `expires_at_ms`: null where there is no limit."""

    guest_link_id: str
    name: str
    clicks: int
    max_clicks: int | None
    expires_at_ms: int | None
    created_at_ms: int
    created_by: str | None


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
    `needs_email`: the address is still to be proven; `needs_code`: and a code that is mailed to it. `can_reopen`: the session has
    ended, and this host may go on with it.
    `rev` rises with every change on this connection."""

    rev: Revision
    state: str
    needs_email: bool
    needs_code: bool
    room: LobbyRoomView
    enter_at_ms: int | None
    position: int | None
    more_than: int | None
    host_message: str | None
    decline_message: str | None
    can_be_admitted: bool
    can_knock: bool
    can_reopen: bool
    device_request: str | None


class Position(View):
    """Where a tab is in the room's log; sent back to resume."""

    epoch: str
    seq: Annotated[int, Meta(ge=0, le=2**53)]


class SnapshotView(View):
    """The room whole, as this tab's audience sees it, at `seq`. `waiters` and `device_requests` are null for those who
    may not see the line, `invitations` for those who are no managers. Lists are sorted by id, waiters by `line_no`.
    `large`: `participants` are the hosts alone, and so they are in the events; `counts`, `hands` and `own` follow as states,
    the rest is there to be paged. `waiters` is null where the line is long, too; `line` follows then."""

    seq: Revision
    large: bool
    room: RoomView
    participants: list[ParticipantView]
    waiters: list[WaiterView] | None
    device_requests: list[DeviceRequestView] | None
    invitations: list[InvitationView] | None
    guest_links: list[GuestLinkView] | None


class SubjectView(View):
    """A record that an act changed: `kind` is room, person, invitation, application or another."""

    kind: str
    id: str


class AuditLineView(View):
    """One act. `by`: the participant who did it, null where the site, a link or the clock did. `details`: what of it is worth
    telling, as `what`, `old`, `new`, `ban`."""

    seq: Revision
    at_ms: int
    name: str
    by: str | None
    details: dict[str, str | int | bool]
    subjects: list[SubjectView]


class RefusalLineView(View):
    """One refusal. `door`: look, claim, ask, code, guest_look, guest_enter or hello. `network`: the /24 or /64 that it came
    from, null for managers. `device_id` is shortened."""

    at_ms: int
    door: str
    code: str
    network: str | None
    invitation_id: str | None
    participant_id: str | None
    device_id: str | None


class ParticipantsPageView(View):
    """A page of a group, in its order, at `seq`. `total` counts all pages; `next_cursor` asks for the next, null on the last."""

    seq: Revision
    participants: list[ParticipantView]
    total: int
    next_cursor: str | None


class WaitersPageView(View):
    """The same of the line."""

    seq: Revision
    waiters: list[WaiterView]
    total: int
    next_cursor: str | None


class Features(View):
    """What the site offers: whether people may be invited, invitations mailed, and guest links used. What is off is left out
    by a UI; the server refuses it in any case. A room may be narrower."""

    invite_to_media: bool
    email: bool
    guest_access: bool


class Limits(View):
    """The server's bounds, so that a client need not guess."""

    max_frame_bytes: int
    commands_per_s: int
    commands_burst: int
    tabs_per_person: int
