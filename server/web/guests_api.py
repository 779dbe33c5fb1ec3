"""HTTP for guest links: making and changing them, and coming in by one."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta
from starlette.responses import Response

from server.actions import guest_links as link_actions
from server.actions.guest_links import GuestLinkChanges
from server.actions.guests import enter_as_guest, look_at_guest_link
from server.actions.visitors import Visitor
from server.domain.refusals import (
    BadMessage,
    Banned,
    ClaimNonceInvalid,
    DomainBlocked,
    GuestAccessOff,
    GuestLinkFull,
    GuestLinkLimit,
    GuestLinkUnknown,
    GuestsFull,
    InvitationClosed,
    InviteExpired,
    InviteRevoked,
    InviteUnknown,
    ProofInvalid,
    RoleForbidden,
    RoomDeleted,
    SessionEnded,
)
from server.web.addresses import network_of
from server.web.answers import Body, answer
from server.web.callers import Caller
from server.web.device_cookie import device_cookie, with_device_cookie
from server.web.links_api import DeviceKey, Secret, Token, show_session
from server.web.operations import Call, Operations
from server.web.shapes import SessionAnswer
from server.wire.messages import MaxClicks, Name, ValidDays
from server.wire.results import GuestLinkCreateResult, GuestLinkEditResult, GuestLinkLinkResult
from server.wire.showing import show_guest_links, show_room_outside
from server.wire.views import GuestLinkView, LobbyRoomView, View

operations = Operations("Guests")

_DOOR = (
    InviteUnknown, InviteRevoked, GuestAccessOff, RoomDeleted, SessionEnded, Banned, InviteExpired, GuestLinkFull, ProofInvalid,
)


class GuestLookBody(Body):
    secret: Secret
    device_key: DeviceKey | None = None


class GuestEnterBody(Body):
    """`name` and `email` are needed the first time that a device comes; they prove nothing."""

    secret: Secret
    nonce: Token
    name: Name | None = None
    email: Annotated[str, Meta(max_length=1000)] | None = None
    device_key: DeviceKey | None = None
    proof: Annotated[str, Meta(max_length=200)] | None = None


class GuestLookAnswer(View):
    """`state`: guest_entry, or known_here where this device came in before. `nonce`: to come in with."""

    state: str
    room: LobbyRoomView
    nonce: str
    now_ms: int


class CreateGuestLinkBody(Body):
    """`max_clicks`, `valid_days`: 0 is no limit."""

    name: Name
    max_clicks: MaxClicks = 0
    valid_days: ValidDays = 0


class EditGuestLinkBody(Body):
    """Null leaves a thing as it is, 0 is no limit; days count from now."""

    name: Name | None = None
    max_clicks: MaxClicks | None = None
    valid_days: ValidDays | None = None


class GuestLinksAnswer(View):
    """The guest links of a room that are on."""

    guest_links: list[GuestLinkView]


@operations.post(
    "/v1/rooms/{room_id}/guest/look", caller=Caller.PAGE, refuses=_DOOR, answers=GuestLookAnswer
)
async def guest_look(call: Call, body: GuestLookBody) -> Response:
    """See what a guest link is.

    Looking is no click. The cookie that comes with the answer is a device without a key.
    """
    cookie = device_cookie(call)
    visitor = _visitor(call, cookie, body.device_key)
    seen = await look_at_guest_link(call.services, call.request.room_id, body.secret, visitor)
    shown = GuestLookAnswer(
        state=seen.state, room=show_room_outside(seen.room, proven=False), nonce=seen.nonce, now_ms=call.services.now_ms()
    )
    return with_device_cookie(call, answer(shown), cookie)


@operations.post(
    "/v1/rooms/{room_id}/guest/enter", caller=Caller.PAGE, answers=SessionAnswer,
    refuses=(*_DOOR, BadMessage, DomainBlocked, ClaimNonceInvalid, GuestsFull),
)
async def guest_enter(call: Call, body: GuestEnterBody) -> Response:
    """Come in as a guest.

    The first time on a device this is one click of the link; from then on the device comes and goes freely.
    """
    cookie = device_cookie(call)
    visitor = _visitor(call, cookie, body.device_key, nonce=body.nonce, proof=body.proof)
    signed_in = await enter_as_guest(
        call.services, call.request.room_id, body.secret, visitor, name=body.name, email=body.email
    )
    return with_device_cookie(call, answer(show_session(signed_in)), cookie)


@operations.get("/v1/rooms/{room_id}/guest-links", caller=Caller.SITE)
async def list_guest_links(call: Call) -> GuestLinksAnswer:
    """List a room's guest links that are on, with the clicks that each has had."""
    contents = await call.services.store.rooms.load(call.request.room_id)
    return GuestLinksAnswer(guest_links=show_guest_links(contents))


@operations.post(
    "/v1/rooms/{room_id}/guest-links", caller=Caller.SITE_OR_PERSON, status=201,
    refuses=(RoleForbidden, GuestAccessOff, GuestLinkLimit, RoomDeleted, SessionEnded),
)
async def create_guest_link(call: Call, body: CreateGuestLinkBody) -> GuestLinkCreateResult:
    """Make a link for anybody, as a viewer; three of a room can be on."""
    wanted = GuestLinkChanges(name=body.name, max_clicks=body.max_clicks, valid_days=body.valid_days)
    made = await link_actions.create_guest_link(call.services, call.request, wanted)
    return GuestLinkCreateResult(
        guest_link_id=made["guest_link_id"], link=made["link"], expires_at_ms=made["expires_at_ms"]
    )


@operations.post(
    "/v1/rooms/{room_id}/guest-links/{guest_link_id}/link", caller=Caller.SITE_OR_PERSON,
    refuses=(RoleForbidden, GuestLinkUnknown, InvitationClosed),
)
async def copy_guest_link(call: Call) -> GuestLinkLinkResult:
    """Give the same link again."""
    again = await link_actions.link_again(call.services, call.request, call.path["guest_link_id"])
    return GuestLinkLinkResult(link=again["link"])


@operations.patch(
    "/v1/rooms/{room_id}/guest-links/{guest_link_id}", caller=Caller.SITE_OR_PERSON,
    refuses=(RoleForbidden, GuestLinkUnknown),
)
async def edit_guest_link(call: Call, body: EditGuestLinkBody) -> GuestLinkEditResult:
    """Change a guest link's name or limits; who came in by it stays."""
    wanted = GuestLinkChanges(name=body.name, max_clicks=body.max_clicks, valid_days=body.valid_days)
    edited = await link_actions.edit_guest_link(call.services, call.request, call.path["guest_link_id"], wanted)
    return GuestLinkEditResult(guest_link_id=edited["guest_link_id"], expires_at_ms=edited["expires_at_ms"])


@operations.delete(
    "/v1/rooms/{room_id}/guest-links/{guest_link_id}", caller=Caller.SITE_OR_PERSON, refuses=(RoleForbidden, GuestLinkUnknown)
)
async def switch_off_guest_link(call: Call) -> None:
    """Switch a guest link off for good: nobody new comes in by it, and who is inside stays."""
    await link_actions.switch_off_guest_link(call.services, call.request, call.path["guest_link_id"])


def _visitor(call: Call, cookie: str, key: DeviceKey | None, *, nonce: str = "", proof: str | None = None) -> Visitor:
    return Visitor(
        network=network_of(call.http, call.services.settings), cookie=cookie, device_key=key.as_jwk() if key else None,
        nonce=nonce, proof=proof,
    )
