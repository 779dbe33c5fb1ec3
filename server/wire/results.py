"""What `result` holds in the answer to each command; an answer over HTTP is the same."""

from __future__ import annotations

from server.wire import messages as m
from server.wire.views import AuditLineView, ParticipantsPageView, View, WaitersPageView


class NothingResult(View):
    """Done; there is nothing to say."""


class TokenRenewResult(View):
    token: str
    token_expires_at_ms: int


class RoleChangeResult(View):
    """`expected`: how many tabs are to apply it; `changed`: false where the role was theirs already."""

    role_rev: int
    expected: int
    changed: bool


class HandsResult(View):
    """`changed`: how many hands were raised or lowered."""

    changed: int


class SessionStartResult(View):
    """`phase`: opening while the line is let in."""

    phase: str


class PersonRenameResult(View):
    """The name as it is shown."""

    name: str


class LobbyAdmitResult(View):
    """Lists of participant ids. `full`: for whom there was no seat."""

    admitted: list[str]
    already_decided: list[str]
    full: list[str]


class LobbyAdmitAllResult(View):
    """How many were let in. `full`: for how many there was no seat."""

    admitted: int
    full: int


class InvitationCreateResult(View):
    """`replaced`: the older invitation of the address, or null."""

    invitation_id: str
    link: str
    replaced: str | None


class InvitationSendResult(View):
    """`mail_id`: of the mail that is queued now."""

    mail_id: str


class InvitationLinkResult(View):
    link: str


class NotRemindedView(View):
    """`code`: why they were not: already_decided where they have been here."""

    invitation_id: str
    code: str


class InvitationRemindResult(View):
    reminded: list[str]
    skipped: list[NotRemindedView]


class InvitationExtendResult(View):
    expires_at_ms: int


class BulkRowView(View):
    """What became of row number `row`, counted from 0; `line`: of the file that it came in. `status`: created, repeated (made by
    an upload before), error with `code`; of a dry run would_create or would_replace. `replaced`: the older invitation of the
    address, which goes."""

    row: int
    line: int | None
    key: str | None
    status: str
    invitation_id: str | None
    link: str | None
    replaced: str | None
    code: str | None
    message: str | None


class InvitationBulkResult(View):
    """One answer for each row, in their order; `counts`: how many of each status."""

    rows: list[BulkRowView]
    counts: dict[str, int]
    dry_run: bool


class SuggestedPerson(View):
    email: str
    first_name: str
    last_name: str


class PeopleSuggestResult(View):
    suggestions: list[SuggestedPerson]


class AuditPageResult(View):
    """`next_before`: to ask for what is older; null where there is nothing."""

    entries: list[AuditLineView]
    next_before: int | None


class GuestLinkCreateResult(View):
    guest_link_id: str
    link: str
    expires_at_ms: int | None


class GuestLinkLinkResult(View):
    link: str


class GuestLinkEditResult(View):
    guest_link_id: str
    expires_at_ms: int | None


class DecidedByView(View):
    """`scope`: site or room; `list`: allowed or blocked; `rule`: null where no rule of the allowed list covers the address."""

    scope: str
    list: str
    rule: str | None


class DomainCheckResult(View):
    """`decided_by` null: no rule says anything about the address."""

    allowed: bool
    decided_by: DecidedByView | None


class DomainRulesResult(View):
    allowed_domains: list[str]
    blocked_domains: list[str]


RESULTS: dict[type[m.Command], type[View]] = {
    m.Sync: NothingResult,
    m.TokenRenew: TokenRenewResult,
    m.Leave: NothingResult,
    m.RoleChange: RoleChangeResult,
    m.HandRaise: HandsResult,
    m.HandLower: HandsResult,
    m.HandsClear: HandsResult,
    m.RoomLock: NothingResult,
    m.RoomUnlock: NothingResult,
    m.RoomEdit: NothingResult,
    m.RoomDelete: NothingResult,
    m.SessionStart: SessionStartResult,
    m.SessionEnd: NothingResult,
    m.SessionReopen: NothingResult,
    m.PersonRename: PersonRenameResult,
    m.LobbyAdmit: LobbyAdmitResult,
    m.LobbyAdmitAll: LobbyAdmitAllResult,
    m.LobbyDecline: NothingResult,
    m.LobbySendBack: NothingResult,
    m.LobbyMessage: NothingResult,
    m.LobbyWithdraw: NothingResult,
    m.LobbyKnock: NothingResult,
    m.ParticipantRemove: NothingResult,
    m.ParticipantBan: NothingResult,
    m.ParticipantsPage: ParticipantsPageView,
    m.ParticipantsWatch: NothingResult,
    m.WaitersPage: WaitersPageView,
    m.InvitationCreate: InvitationCreateResult,
    m.InvitationLink: InvitationLinkResult,
    m.InvitationSend: InvitationSendResult,
    m.InvitationRevoke: NothingResult,
    m.InvitationExtend: InvitationExtendResult,
    m.InvitationRole: NothingResult,
    m.InvitationRelease: NothingResult,
    m.InvitationRemind: InvitationRemindResult,
    m.InvitationBulk: InvitationBulkResult,
    m.PeopleSuggest: PeopleSuggestResult,
    m.DeviceAllow: NothingResult,
    m.DeviceRefuse: NothingResult,
    m.AuditPage: AuditPageResult,
    m.GuestLinkCreate: GuestLinkCreateResult,
    m.GuestLinkLink: GuestLinkLinkResult,
    m.GuestLinkEdit: GuestLinkEditResult,
    m.GuestLinkDelete: NothingResult,
    m.DomainCheck: DomainCheckResult,
    m.DomainRules: DomainRulesResult,
}
