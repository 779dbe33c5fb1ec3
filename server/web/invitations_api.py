"""HTTP for the room product, and in part for managers inside: a room's invitations, and what can be done with each of them."""

from __future__ import annotations

from typing import Literal

from server.actions import invitation_list, invitations
from server.actions.invitation_list import Wanted
from server.actions.invitations import Invitee
from server.domain.refusals import (
    CncDisabled,
    DomainBlocked,
    EmailNotConfigured,
    InvitationClosed,
    MailQueueFull,
    ModuleDisabled,
    NotLive,
    RoleForbidden,
    RoomDeleted,
    SessionEnded,
    TooManyInvitations,
)
from server.domain.roles import Role
from server.web.answers import Body
from server.web.callers import Caller
from server.web.operations import Call, Operations
from server.web.paging import Page, read_cursor, write_cursor
from server.web.shapes import EmptyAnswer, ExtendedAnswer, InvitedAnswer
from server.wire.messages import Email, GrantableRole, Language, LinkDevices, Name, Search
from server.wire.showing import show_invitation_row
from server.wire.views import InvitationRowView, View

operations = Operations("Invitations")

PATH = "/v1/rooms/{room_id}/invitations"
StageName = Literal[
    "not_come", "created", "mail_queued", "mail_sending", "mailed", "mail_failed", "mail_unsure", "opened", "away", "in_lobby",
    "inside", "declined", "removed", "banned", "moved", "expired", "revoked", "replaced",
]


class InviteBody(Body):
    email: Email
    first_name: Name
    last_name: Name
    role: GrantableRole
    at_once: bool = False
    send_email: bool = False
    language: Language | None = None
    link_devices: LinkDevices | None = None


class ListQuery(Page):
    """`stage`: only those that have come so far; `not_come`: whoever is expected and has not been here yet. `search`: each
    word of it begins a word of the name or of the address."""

    stage: StageName | None = None
    search: Search | None = None
    order: Literal["oldest", "newest"] = "oldest"


class RevokeBody(Body):
    remove: bool = False


class ExtendBody(Body):
    pass


class InvitationsAnswer(View):
    """Invitations in the order that was asked for. `total`: how many there are on all pages. `next_cursor`: ask with it, and with
    the same order, for those that follow; null where there are none."""

    invitations: list[InvitationRowView]
    total: int
    next_cursor: str | None
    now_ms: int


@operations.get(PATH, caller=Caller.SITE_OR_PERSON, refuses=(RoleForbidden,))
async def list_invitations(call: Call, query: ListQuery) -> InvitationsAnswer:
    """List a room's invitations, the oldest first; for managers.

    Each with how far it has come by now, until when it can be claimed, and the devices that have it.
    """
    wanted = Wanted(
        stage=query.stage, search=query.search or "", newest_first=query.order == "newest",
        after=read_cursor(query.cursor, tuple[int, str]), limit=query.limit,
    )
    page = await invitation_list.read_page(call.services, call.request, wanted)
    rows = [show_invitation_row(invitation, page.room, page.now_ms) for invitation in page.invitations]
    return InvitationsAnswer(invitations=rows, total=page.total, next_cursor=write_cursor(page.last), now_ms=page.now_ms)


@operations.post(
    PATH, caller=Caller.SITE_OR_MANAGER, status=201,
    refuses=(
        ModuleDisabled, CncDisabled, DomainBlocked, EmailNotConfigured, InvitationClosed, MailQueueFull, NotLive, RoleForbidden,
        RoomDeleted, SessionEnded, TooManyInvitations,
    ),
)
async def invite(call: Call, body: InviteBody) -> InvitedAnswer:
    """Invite somebody.

    An older unclaimed invitation of the address is replaced. `at_once`: if they are inside under a proven address, the role is
    theirs now. `link_devices`: on how many devices it can be used, -1 for any; without it as the room says.
    """
    invitee = Invitee(
        email=body.email, first_name=body.first_name, last_name=body.last_name, role=Role(body.role), at_once=body.at_once,
        send_email=body.send_email, language=body.language, link_devices=body.link_devices,
    )
    made = await invitations.invite(call.services, call.request, invitee)
    return InvitedAnswer(invitation_id=made["invitation_id"], link=made["link"], replaced=made["replaced"])


@operations.get(PATH + "/{invitation_id}", caller=Caller.SITE_OR_PERSON, refuses=(RoleForbidden,))
async def get_invitation(call: Call) -> InvitationRowView:
    """Read one invitation, with how far it has come by now; for managers."""
    page = await invitation_list.read_one(call.services, call.request, call.path["invitation_id"])
    return show_invitation_row(page.invitations[0], page.room, page.now_ms)


@operations.post(PATH + "/{invitation_id}/revoke", caller=Caller.SITE, refuses=(InvitationClosed, RoleForbidden))
async def revoke(call: Call, body: RevokeBody) -> EmptyAnswer:
    """Withdraw an invitation; with `remove`, put its person out as well."""
    await invitations.revoke(call.services, call.request, call.path["invitation_id"], remove_person=body.remove)
    return EmptyAnswer()


@operations.post(PATH + "/{invitation_id}/extend", caller=Caller.SITE, refuses=(InvitationClosed,))
async def extend(call: Call, body: ExtendBody) -> ExtendedAnswer:
    """Make an invitation claimable for another `link_ttl_s` from now."""
    made = await invitations.extend(call.services, call.request, call.path["invitation_id"])
    return ExtendedAnswer(expires_at_ms=made["expires_at_ms"])
