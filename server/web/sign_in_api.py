"""HTTP for those whom the site has signed in; and, where there is no site, the demo's sign-in."""

from __future__ import annotations

import secrets
from typing import Annotated, Literal

from msgspec import Meta

from server.actions.rooms import create_room
from server.actions.sign_in import sign_in
from server.domain.refusals import Banned, NotInvited, RoomDeleted, SessionEnded, TokenInvalid
from server.domain.room import Access, Opens, Room
from server.web.answers import Body
from server.web.callers import Caller, bearer_of
from server.web.links_api import show_session
from server.web.operations import Call, Operations
from server.web.shapes import RoomMadeAnswer, SessionAnswer, SiteTokenAnswer
from server.wire.messages import Capacity, Id, Name

DEMO_OWNER = "maya"

operations = Operations("Sign-in")
demo_operations = Operations("Demo")


class DemoUserBody(Body):
    user_id: Id
    name: Name
    email: Annotated[str, Meta(max_length=254)]


class DemoRoomBody(Body):
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    starts_in_s: Annotated[int, Meta(ge=0, le=31_536_000)] | None = None
    locked: bool = False
    opens: Literal["at_start", "by_host"] = "at_start"
    access: Literal["members", "invited"] = "members"
    capacity: Capacity | None = None


class EmptyBody(Body):
    pass


@operations.post(
    "/v1/rooms/{room_id}/sign-in", caller=Caller.SIGNED_IN, refuses=(RoomDeleted, SessionEnded, NotInvited, Banned)
)
async def sign_in_by_site(call: Call, body: EmptyBody) -> SessionAnswer:
    """Enter a room with the site's sign-in: a session token for the websocket."""
    site_token = bearer_of(call.http)
    if not site_token:
        raise TokenInvalid
    return show_session(await sign_in(call.services, call.request.room_id, site_token))


@demo_operations.post("/v1/demo/sign-in", caller=Caller.ANYBODY)
async def sign_in_as_anybody(call: Call, body: DemoUserBody) -> SiteTokenAnswer:
    """What a site would do: sign somebody in. Only where no site is configured."""
    token = call.services.site_tokens.mint_demo(
        user_id=body.user_id, name=body.name, email=body.email, now_ms=call.services.now_ms()
    )
    return SiteTokenAnswer(site_token=token)


@demo_operations.post("/v1/demo/rooms", caller=Caller.ANYBODY, status=201)
async def create_demo_room(call: Call, body: DemoRoomBody) -> RoomMadeAnswer:
    """Create a room that belongs to the demo's manager."""
    room = Room(
        room_id="r" + secrets.token_hex(5),
        title=body.title,
        starts_at_ms=call.services.now_ms() + body.starts_in_s * 1000 if body.starts_in_s is not None else None,
        locked=body.locked,
        opens=Opens(body.opens),
        access=Access(body.access),
        capacity=body.capacity,
        standings={DEMO_OWNER: "owner"},
    )
    await create_room(call.services, room, secrets.token_hex(8))
    return RoomMadeAnswer(room_id=room.room_id)
