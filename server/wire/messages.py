"""Every message on the websocket, declared once: decoding, validation and the documents come from here.

Both encodings carry the same: string keys, integers below 2^53, no binary values.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from server.domain.room_settings import MAX_REOPEN_S
from server.wire.events import AnyWireEvent
from server.wire.views import Features, Limits, LobbyView, ParticipantView, Position, Revision, SnapshotView, WaiterView, YouView

MAX_TOKEN_CHARS = 4096

# In Python `$` alone would let a line break pass at the end; browsers' `$` does not.
ID_PATTERN = r"^[A-Za-z0-9_-]+$(?!\n)"
Id = Annotated[str, Meta(min_length=1, max_length=64, pattern=ID_PATTERN)]
CommandId = Annotated[str, Meta(min_length=1, max_length=64, pattern=ID_PATTERN)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Email = Annotated[str, Meta(min_length=3, max_length=254)]
Text = Annotated[str, Meta(max_length=500)]
RowText = Annotated[str, Meta(max_length=300)]
Language = Annotated[str, Meta(max_length=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$(?!\n)")]
# Thirteen digits, to the year 2286: the scripts' JSON writes no more than fourteen exactly.
Instant = Annotated[int, Meta(ge=0, le=9_999_999_999_999)]
Capacity = Annotated[int, Meta(ge=1, le=100_000)]
HostAbsence = Annotated[int, Meta(ge=0, le=86_400)]  # seconds; 0: the session goes on without hosts
LinkDevices = Annotated[int, Meta(ge=-1, le=100)]
EmailProofName = Literal["typed", "code"]
GrantableRole = Literal["viewer", "speaker", "moderator"]
Title = Annotated[str, Meta(min_length=1, max_length=200)]
Description = Annotated[str, Meta(max_length=2000)]
OpensName = Literal["at_start", "by_host"]
AccessName = Literal["members", "channel_members", "invited"]
EarlyEntry = Annotated[int, Meta(ge=0, le=86_400)]
LinkTtl = Annotated[int, Meta(ge=60, le=31_536_000)]
ReopenTime = Annotated[int, Meta(ge=0, le=MAX_REOPEN_S)]
MaxClicks = Annotated[int, Meta(ge=0, le=1_000_000)]
ValidDays = Annotated[int, Meta(ge=0, le=3_650)]
# How many there may be, and how long, is said by the rules, with codes of their own.
DomainNames = Annotated[list[Annotated[str, Meta(max_length=1000)]], Meta(max_length=1000)]
GroupName = Literal["hands", "hosts", "speakers", "viewers", "all"]
PageCursor = Annotated[str, Meta(min_length=1, max_length=800)]
PageLimit = Annotated[int, Meta(ge=1, le=100)]
Search = Annotated[str, Meta(max_length=100)]


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
    features: Features


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


class Counts(ServerMessage, tag="counts"):
    """How many people are in a large room, and in each group: whoever raised a hand is among the hands, whatever their role.
    Of every state the highest `seq` wins, and each comes again after a `welcome`, `entered` or `resync`."""

    seq: Revision
    participants: int
    hands: int
    hosts: int
    speakers: int
    viewers: int


class Hands(ServerMessage, tag="hands"):
    """The first raised hands of a large room, at most 50, in the order of their instants: a page of the group `hands`."""

    seq: Revision
    participants: list[ParticipantView]
    total: int
    next_cursor: str | None


class Own(ServerMessage, tag="own"):
    """Your own row, in a large room."""

    seq: Revision
    participant: ParticipantView


class Line(ServerMessage, tag="line"):
    """The first waiters of a long line, at most 100: a page of it. To hosts."""

    seq: Revision
    waiters: list[WaiterView]
    total: int
    next_cursor: str | None


class Roster(ServerMessage, tag="roster"):
    """The page that this tab watches (`participants.watch`), as it is now."""

    seq: Revision
    group: str
    search: str | None
    participants: list[ParticipantView]
    total: int
    next_cursor: str | None


class Stale(ServerMessage, tag="stale"):
    """The server cannot reach its store: what you see may be old (`stale`), or is true again (`not stale`). Countdowns go
    on; commands answer `store_unavailable`."""

    stale: bool
    since_ms: int


class FeaturesChanged(ServerMessage, tag="features"):
    """What the site offers has changed; replaces what `welcome` said. To every tab."""

    features: Features


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
    Challenge | Welcome | Events | Resync | Entered | Lobby | Tick | Applied | Counts | Hands | Own | Line | Roster | Stale
    | FeaturesChanged | Result | Refused | Bye
)


# ── From the tab ─────────────────────────────────────────────────────────────────────────────────────────────────────


class ClientMessage(Struct, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    pass


class ResumeAt(Struct, kw_only=True, forbid_unknown_fields=True):
    """The last position that this tab holds. One that the server never gave out brings the room whole."""

    epoch: Annotated[str, Meta(max_length=64)]
    seq: int


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
    """Change the room's settings; what is left out stays as it is. Managers. A new start moves all countdowns, and with null
    there is none: a host opens the room. `ends_at_ms` only informs. `capacity`: null takes the limit away; nobody is put out by
    a lower one. `host_absence_s`: 0 is for ever. `moderators_invite`, `speakers_initiate`: those concerned get `refresh`."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET
    starts_at_ms: Instant | UnsetType | None = UNSET
    ends_at_ms: Instant | UnsetType | None = UNSET
    opens: OpensName | UnsetType = UNSET
    access: AccessName | UnsetType = UNSET
    cnc: bool | UnsetType = UNSET
    early_entry_s: EarlyEntry | UnsetType = UNSET
    link_ttl_s: LinkTtl | UnsetType = UNSET
    link_devices: LinkDevices | UnsetType = UNSET
    email_proof: EmailProofName | UnsetType = UNSET
    reopen_s: ReopenTime | UnsetType = UNSET
    moderators_invite: bool | UnsetType = UNSET
    speakers_initiate: bool | UnsetType = UNSET
    rename: bool | UnsetType = UNSET
    guest_access: bool | UnsetType = UNSET
    allowed_domains: DomainNames | UnsetType = UNSET
    blocked_domains: DomainNames | UnsetType = UNSET
    capacity: Capacity | UnsetType | None = UNSET
    host_absence_s: HostAbsence | UnsetType = UNSET


class RoomDelete(Command, tag="room.delete"):
    """The room and everything in it goes. Managers."""


class SessionStart(Command, tag="session.start"):
    """Open the session now. Hosts."""


class SessionEnd(Command, tag="session.end"):
    """End the session for everybody. Hosts."""


class SessionReopen(Command, tag="session.reopen"):
    """Go on with a session that has ended, while the room's `reopen_s` lasts. Hosts, in the lobby: who may sees `can_reopen`."""


class PersonRename(Command, tag="person.rename"):
    """Take another name, where the room allows it (`rename`). People inside and in the line, for themselves. Answers `name`
    as it is shown."""

    name: Name


class LobbyAdmit(Command, tag="lobby.admit"):
    """Let these waiters in, in this order. Hosts. Answers `admitted`, `already_decided` and `full` (for whom there was no
    seat), three lists of ids; when nobody came in, the command is refused with `room_full` or `already_decided`."""

    participant_ids: Annotated[list[Id], Meta(min_length=1, max_length=100)]


class LobbyAdmitAll(Command, tag="lobby.admit_all"):
    """Let in everybody who waits now, while there are seats; the lock stays. Hosts. Answers `admitted`, a number, and `full`:
    for how many there was no seat. When there was one for nobody, the command is refused with `room_full`."""


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


class ParticipantsPage(Command, tag="participants.page"):
    """A page of the people inside, by name, of the hands by their instants. `search`: words that words of the name begin
    with, whatever the accents. Answers `participants`, `total`, `next_cursor`."""

    group: GroupName = "all"
    cursor: PageCursor | None = None
    limit: PageLimit = 100
    search: Search | None = None


class WatchedPage(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which page; see `participants.page`."""

    group: GroupName = "all"
    cursor: PageCursor | None = None
    limit: PageLimit = 100
    search: Search | None = None


class ParticipantsWatch(Command, tag="participants.watch"):
    """Send me this page as `roster`, now and when it changes; null: no longer. One page a connection; on a new connection,
    and after the lobby, it is to be asked for again."""

    page: WatchedPage | None


class WaitersPage(Command, tag="waiters.page"):
    """A page of the line. Hosts. Answers `waiters`, `total`, `next_cursor`."""

    cursor: PageCursor | None = None
    limit: PageLimit = 100
    search: Search | None = None


class ParticipantBan(Command, tag="participant.ban"):
    """Out, and refused until the session ends; an invitation issued later lifts it. Hosts."""

    participant_id: Id


class InvitationCreate(Command, tag="invitation.create"):
    """Invite somebody. Managers. Answers `invitation_id`, `link`, `replaced` (an invitation id or null). `at_once`: if they
    are inside under a proven address, the role is theirs now. `send_email`: the link goes to them by e-mail, in `language`
    where there is a template of it. `link_devices`: on how many devices it can be used, -1 for any; null: as the room says."""

    email: Email
    first_name: Name
    last_name: Name
    role: GrantableRole
    at_once: bool = False
    send_email: bool = False
    language: Language | None = None
    link_devices: LinkDevices | None = None


class BulkRow(Struct, kw_only=True, forbid_unknown_fields=True):
    """Somebody to be invited; what is wrong with a row, its own answer says. `key`: what the row is known by when it comes
    again, else what it says; `send`: mail the link."""

    email: RowText
    first_name: RowText
    last_name: RowText
    role: RowText
    key: RowText | None = None
    send: bool = False


class InvitationBulk(Command, tag="invitation.bulk"):
    """Invite several at once, or as a dry run hear what would become of each. For those who may invite. A row that cannot be
    done stops no other, and one that comes again makes nothing twice."""

    rows: Annotated[list[BulkRow], Meta(min_length=1, max_length=100)]
    dry_run: bool = False


class InvitationLink(Command, tag="invitation.link"):
    """The same link again: answers `link`. Managers."""

    invitation_id: Id


class InvitationSend(Command, tag="invitation.send"):
    """Mail the link again, at most once a minute; at once where the last mail failed. Managers."""

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


class GuestLinkCreate(Command, tag="guest_link.create"):
    """A link for anybody, as a viewer; three of a room can be on. Managers. `max_clicks`, `valid_days`: 0 is no limit. Answers
    `guest_link_id`, `link`, `expires_at_ms`."""

    name: Name
    max_clicks: MaxClicks = 0
    valid_days: ValidDays = 0


class GuestLinkLink(Command, tag="guest_link.link"):
    """The same link again: answers `link`. Managers."""

    guest_link_id: Id


class GuestLinkEdit(Command, tag="guest_link.edit"):
    """Another name or other limits: null leaves a thing as it is, 0 is no limit; days count from now. Managers. Answers
    `expires_at_ms`."""

    guest_link_id: Id
    name: Name | None = None
    max_clicks: MaxClicks | None = None
    valid_days: ValidDays | None = None


class GuestLinkDelete(Command, tag="guest_link.delete"):
    """Switch a guest link off for good: nobody new comes in by it, and who is inside stays. Managers."""

    guest_link_id: Id


class DomainCheck(Command, tag="domain.check"):
    """Would this address get in? Managers. Answers `allowed`, and `decided_by` (`scope` site or room, `list` allowed or
    blocked, `rule`, null where no rule of the allowed list covers it) or null where no rule says anything."""

    email: Email


class DomainRules(Command, tag="domain.rules"):
    """The room's own `allowed_domains` and `blocked_domains`. Managers."""


class PeopleSuggest(Command, tag="people.suggest"):
    """People of the site's directory of whom each word of `text` begins a name or the address. For those who may invite.
    Answers `suggestions`: at most eight of `email`, `first_name`, `last_name`."""

    text: Annotated[str, Meta(min_length=1, max_length=100)]


class DeviceAllow(Command, tag="device.allow"):
    """Yes to a request to use the link on another device: the claim moves. Managers; moderators for viewers' and
    speakers' links."""

    invitation_id: Id
    request_id: Id


class DeviceRefuse(Command, tag="device.refuse"):
    """No to it."""

    invitation_id: Id
    request_id: Id


class InvitationRelease(Command, tag="invitation.release"):
    """Take the link from the devices that have it: they are told that it moved, and the invited address may claim it again.
    Managers."""

    invitation_id: Id


class InvitationRemind(Command, tag="invitation.remind"):
    """Remind those who are invited and have not come yet, by e-mail, each at most once in ten minutes: these, or all. Managers.
    Answers `reminded`, and `skipped` with a code each; where one alone was named, its code is the refusal."""

    invitation_ids: Annotated[list[Id], Meta(min_length=1, max_length=100)] | None = None


class AuditPage(Command, tag="audit.page"):
    """Who did what in the room, the newest first. Managers. `before`: only what is older than that seq. Answers `entries` and
    `next_before`, null where there is nothing older."""

    before: Annotated[int, Meta(ge=1, le=9_999_999_999_999)] | None = None
    limit: Annotated[int, Meta(ge=1, le=50)] = 50


AnyCommand = (
    Sync | TokenRenew | Leave | RoleChange | HandRaise | HandLower | HandsClear | RoomLock | RoomUnlock | RoomEdit
    | RoomDelete | SessionStart | SessionEnd | SessionReopen | PersonRename | LobbyAdmit | LobbyAdmitAll | LobbyDecline
    | LobbySendBack | LobbyMessage | LobbyWithdraw | LobbyKnock | ParticipantRemove | ParticipantBan | InvitationCreate
    | InvitationLink | InvitationSend
    | InvitationRevoke | InvitationExtend | InvitationRole | InvitationBulk | PeopleSuggest | DeviceAllow | DeviceRefuse
    | GuestLinkCreate | GuestLinkLink | GuestLinkEdit | GuestLinkDelete | DomainCheck | DomainRules
    | AuditPage | InvitationRelease | InvitationRemind | ParticipantsPage | ParticipantsWatch | WaitersPage
)
AnyClientMessage = Hello | Ack | AnyCommand

