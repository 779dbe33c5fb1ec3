"""Every message on the websocket, declared once: decoding, validation and the documents come from here.

Both encodings carry the same: string keys, integers below 2^53, no binary values.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Raw, Struct

from server.wire.events import AnyWireEvent
from server.wire.views import Limits, LobbyView, Position, Revision, SnapshotView, YouView

MAX_TOKEN_CHARS = 4096

# In Python `$` alone would let a line break pass at the end; browsers' `$` does not.
ID_PATTERN = r"^[A-Za-z0-9_-]+$(?!\n)"
Id = Annotated[str, Meta(min_length=1, max_length=64, pattern=ID_PATTERN)]
CommandId = Annotated[str, Meta(min_length=1, max_length=64, pattern=ID_PATTERN)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Email = Annotated[str, Meta(min_length=3, max_length=254)]
Text = Annotated[str, Meta(max_length=500)]
# Thirteen digits, to the year 2286: the scripts' JSON writes no more than fourteen exactly.
Instant = Annotated[int, Meta(ge=0, le=9_999_999_999_999)]
GrantableRole = Literal["viewer", "speaker", "moderator"]


# ── From the server ──────────────────────────────────────────────────────────────────────────────────────────────────


class ServerMessage(Struct, kw_only=True, tag_field="type"):
    pass


class Challenge(ServerMessage, tag="challenge"):
    """The first message. Sign `nonce` with the device key in `hello`. `now_ms`: the server's clock."""

    nonce: str
    now_ms: int
    protocol: str


class Welcome(ServerMessage, tag="welcome"):
    """The answer to `hello`. Inside: `position`, and `snapshot` unless `resumed` (then the missing events follow). In the
    lobby: `lobby` instead. `heartbeat_ms`: at least one message comes in that time, else the connection is dead."""

    connection_id: str
    you: YouView
    position: Position | None
    snapshot: SnapshotView | Raw | None
    lobby: LobbyView | None
    resumed: bool
    now_ms: int
    token: str
    token_expires_at_ms: int
    heartbeat_ms: int
    limits: Limits


class Events(ServerMessage, tag="events"):
    """Everything that this tab may see of the room with `after < seq <= upto`, in order."""

    after: Revision
    upto: Revision
    events: list[AnyWireEvent] | Raw


class Resync(ServerMessage, tag="resync"):
    """The room whole, replacing what the tab holds: after `sync`, after a hole in the log, after the store came back, and
    where you become a manager or are one no more."""

    reason: str
    position: Position
    you: YouView
    snapshot: SnapshotView | Raw


class Entered(ServerMessage, tag="entered"):
    """From the lobby into the room: who you are now, and the room whole. To the person admitted only."""

    you: YouView
    position: Position
    snapshot: SnapshotView | Raw
    token: str
    token_expires_at_ms: int


class Lobby(ServerMessage, tag="lobby"):
    """What a waiting tab shows now; replaces the one before. If the tab was inside, it is no longer: `left` says why
    (sent_back, removed), and everything about the room is to be forgotten."""

    lobby: LobbyView
    you: YouView
    left: str | None


class Tick(ServerMessage, tag="tick"):
    """The server's clock and the instant of the start, with the revision of the room it was read at. Also the heartbeat."""

    now_ms: int
    starts_at_ms: int | None
    rev: Revision


class Applied(ServerMessage, tag="applied"):
    """How far a role that you gave has reached the person's tabs: applied on `applied` of `expected`. `status`: applied,
    pending, or offline (applies on return). The highest `rev` wins. To whoever changed the role."""

    participant_id: str
    role_rev: Revision
    applied: int
    expected: int
    status: str
    rev: Revision


class Stale(ServerMessage, tag="stale"):
    """The server cannot reach its store: what you see may be old (`stale`), or is true again (`not stale`). Countdowns go
    on; commands answer `store_unavailable`."""

    stale: bool
    since_ms: int


class Result(ServerMessage, tag="result"):
    """The answer to the command `id`. `seq`: the log contains it from there on; null where nothing was logged."""

    id: str
    seq: int | None
    result: dict[str, Any]


class Refused(ServerMessage, tag="refused"):
    """The command `id` was declined. `retry_after_ms`: trying again can help after that; null: it cannot."""

    id: str | None
    code: str
    message: str
    next_step: str
    retry_after_ms: int | None


class Bye(ServerMessage, tag="bye"):
    """The last message before the server closes, with why and whether to come back (`retry_after_ms` not null)."""

    code: str
    message: str
    next_step: str
    retry_after_ms: int | None


AnyServerMessage = (
    Challenge | Welcome | Events | Resync | Entered | Lobby | Tick | Applied | Stale | Result | Refused | Bye
)


# ── From the tab ─────────────────────────────────────────────────────────────────────────────────────────────────────


class ClientMessage(Struct, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    pass


class ResumeAt(Struct, kw_only=True, forbid_unknown_fields=True):
    """The last position that this tab holds."""

    epoch: Annotated[str, Meta(max_length=64)]
    seq: Annotated[int, Meta(ge=0, le=2**53 - 1)]


class Hello(ClientMessage, tag="hello"):
    """The first message of a tab: who it is. `proof`: the challenge's nonce signed with the device key, where the token is
    bound to one. `resume`: where it was. `replaces`: its connection before, which ends."""

    token: Annotated[str, Meta(min_length=1, max_length=MAX_TOKEN_CHARS)]
    proof: Annotated[str, Meta(max_length=200)] | None = None
    resume: ResumeAt | None = None
    replaces: Id | None = None


class Ack(ClientMessage, tag="ack"):
    """This tab has applied the role of `role_rev`, and with it all before."""

    role_rev: Annotated[int, Meta(ge=0, le=2**53 - 1)]


class Command(ClientMessage):
    """Answered once, by `result` or `refused`, with the same `id`. The same `id` sent again within 120 s, on this or on
    another connection of the person, gets the first answer and changes nothing."""

    id: CommandId


class Sync(Command, tag="sync"):
    """Send me the room whole: answered by `resync` (in the lobby by `lobby`) and a result."""


class TokenRenew(Command, tag="token.renew"):
    """A fresh session token: `token`, `token_expires_at_ms`."""


class Leave(Command, tag="leave"):
    """This tab goes for good: no grace."""


class RoleChange(Command, tag="role.change"):
    """Move somebody to another role. Hosts. Answers `role_rev`, `expected` tabs, `changed`."""

    participant_id: Id
    role: GrantableRole


class HandRaise(Command, tag="hand.raise"):
    """Raise the own hand."""


class HandLower(Command, tag="hand.lower"):
    """Lower the own hand, or, for hosts, somebody's."""

    participant_id: Id | None = None


class HandsClear(Command, tag="hands.clear"):
    """Lower all hands. Hosts."""


class RoomLock(Command, tag="room.lock"):
    """New arrivals wait in line from now on. Hosts."""


class RoomUnlock(Command, tag="room.unlock"):
    """Arrivals walk in, and the line is let in. Hosts."""


class RoomEdit(Command, tag="room.edit"):
    """Change title, description or start; null leaves a thing as it is. Managers. A new start moves all countdowns."""

    title: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    description: Annotated[str, Meta(max_length=2000)] | None = None
    starts_at_ms: Instant | None = None


class RoomDelete(Command, tag="room.delete"):
    """The room and everything in it goes. Managers."""


class SessionStart(Command, tag="session.start"):
    """Open the session now. Hosts."""


class SessionEnd(Command, tag="session.end"):
    """End the session for everybody. Hosts."""


class LobbyAdmit(Command, tag="lobby.admit"):
    """Let these waiters in. Hosts. Answers `admitted` and `already_decided`, two lists of ids; when nobody was left to
    admit, the command is refused with `already_decided`."""

    participant_ids: Annotated[list[Id], Meta(min_length=1, max_length=100)]


class LobbyAdmitAll(Command, tag="lobby.admit_all"):
    """Let in everybody who waits now; the lock stays. Hosts. Answers `admitted`, a number."""


class LobbyDecline(Command, tag="lobby.decline"):
    """Send a waiter away, with an optional message. Hosts."""

    participant_id: Id
    message: Text | None = None


class LobbySendBack(Command, tag="lobby.send_back"):
    """From the room into the line. Hosts."""

    participant_id: Id


class LobbyMessage(Command, tag="lobby.message"):
    """What everybody in the lobby reads; null takes it away. Hosts."""

    text: Text | None


class LobbyWithdraw(Command, tag="lobby.withdraw"):
    """Leave the line. Waiters, in the lobby."""


class LobbyKnock(Command, tag="lobby.knock"):
    """Ask again, after having been declined (once) or removed. In the lobby."""


class ParticipantRemove(Command, tag="participant.remove"):
    """Out of the room now; the way back is the line. Hosts."""

    participant_id: Id


class ParticipantBan(Command, tag="participant.ban"):
    """Out, and refused until the session ends; an invitation issued later lifts it. Hosts."""

    participant_id: Id


class InvitationCreate(Command, tag="invitation.create"):
    """Invite somebody. Managers. Answers `invitation_id`, `link`, `replaced` (an invitation id or null). `at_once`: if they
    are inside under a proven address, the role is theirs now."""

    email: Email
    first_name: Name
    last_name: Name
    role: GrantableRole
    at_once: bool = False


class InvitationLink(Command, tag="invitation.link"):
    """The same link again: answers `link`. Managers."""

    invitation_id: Id


class InvitationRevoke(Command, tag="invitation.revoke"):
    """Withdraw an invitation; `remove`: and put the person out. Managers."""

    invitation_id: Id
    remove: bool = False


class InvitationExtend(Command, tag="invitation.extend"):
    """Claimable for another `link_ttl_s` from now. Managers."""

    invitation_id: Id


class InvitationRole(Command, tag="invitation.role"):
    """Another role for the invitation, and at once for the person who claimed it. Managers."""

    invitation_id: Id
    role: GrantableRole


class DeviceAllow(Command, tag="device.allow"):
    """Yes to a request to use the link on another device: the claim moves. Managers; moderators for viewers' and
    speakers' links."""

    invitation_id: Id
    request_id: Id


class DeviceRefuse(Command, tag="device.refuse"):
    """No to it."""

    invitation_id: Id
    request_id: Id


AnyCommand = (
    Sync | TokenRenew | Leave | RoleChange | HandRaise | HandLower | HandsClear | RoomLock | RoomUnlock | RoomEdit
    | RoomDelete | SessionStart | SessionEnd | LobbyAdmit | LobbyAdmitAll | LobbyDecline | LobbySendBack | LobbyMessage
    | LobbyWithdraw | LobbyKnock | ParticipantRemove | ParticipantBan | InvitationCreate | InvitationLink
    | InvitationRevoke | InvitationExtend | InvitationRole | DeviceAllow | DeviceRefuse
)
AnyClientMessage = Hello | Ack | AnyCommand

