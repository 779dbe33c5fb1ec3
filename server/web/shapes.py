"""Answers that only HTTP gives; what both doors show is in `wire/views.py`."""

from __future__ import annotations

from server.domain.refusals import Refusal
from server.wire.views import (
    LobbyRoomView,
    Revision,
    RoomView,
    View,
)


class ListedRoom(RoomView):
    """A room as the room product sees it. `reopenable_until_ms`: when an ended session is over for good, null before its end.
    `standings`: its managers, by the site's ids of them."""

    access: str
    channel_id: str | None
    early_entry_s: int
    link_ttl_s: int
    link_devices: int
    email_proof: str
    reopen_s: int
    reopenable_until_ms: int | None
    standings: dict[str, str]
    allowed_domains: list[str]
    blocked_domains: list[str]


class RoomAnswer(ListedRoom):
    """A room, at `seq` of its log. `now_ms`: the server's clock."""

    seq: Revision
    now_ms: int


class RoomsAnswer(View):
    rooms: list[ListedRoom]
    next_cursor: str | None


class InvitedAnswer(View):
    """A new invitation and its link. `replaced`: the older invitation of the address, or null."""

    invitation_id: str
    link: str
    replaced: str | None


class ExtendedAnswer(View):
    """`expires_at_ms`: the end of the link's own time. Where the session is planned to end later, it is good until then."""

    expires_at_ms: int


class SessionBegunAnswer(View):
    """Which session of the room it is, from 1."""

    session_no: int


class EmptyAnswer(View):
    """Done; there is nothing to say."""


class RefusalView(View):
    """A refusal that somebody would get, told to somebody else. `retry_after_ms`: trying again can help after that; null: it
    cannot."""

    code: str
    message: str
    next_step: str
    retry_after_ms: int | None


def show_refusal(refusal: Refusal) -> RefusalView:
    return RefusalView(
        code=refusal.code, message=refusal.message, next_step=refusal.next_step, retry_after_ms=refusal.retry_after_ms
    )


class LookAnswer(View):
    """What a link is. `nonce`: to claim it with; `lobby_token`: for the websocket of a page that has no address yet.
    `email_proof`: typed, or code: a code that is mailed to the invited address has to be given with it."""

    state: str
    room: LobbyRoomView
    nonce: str
    lobby_token: str
    now_ms: int
    email_proof: str


class SessionAnswer(View):
    """A session token, for `hello` on the websocket."""

    session_token: str
    expires_at_ms: int
    participant_id: str
    room: LobbyRoomView


class DeviceAskedAnswer(View):
    request_id: str
    status: str


class CodeAskedAnswer(View):
    """If the address is the invited one, a code is on its way to it. `again_in_ms`: another is mailed no sooner."""

    again_in_ms: int
    good_for_ms: int


class SiteTokenAnswer(View):
    """What a site would sign for this person."""

    site_token: str


class RoomMadeAnswer(View):
    room_id: str


class StatusAnswer(View):
    status: str
