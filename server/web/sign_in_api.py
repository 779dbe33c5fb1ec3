"""HTTP for those whom the site has signed in; and, where there is no site, the demo's sign-in."""

from __future__ import annotations

import secrets
from typing import Annotated, Literal

from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.actions.rooms import create_room
from server.actions.services import Services
from server.actions.sign_in import sign_in
from server.domain.refusals import TokenInvalid
from server.domain.room import Access, Opens, Room
from server.web.addresses import check_rate
from server.web.answers import Body, answer, read_body
from server.web.links_api import show_session
from server.wire.messages import Id, Name

DEMO_OWNER = "maya"


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


def routes(services: Services) -> list[Route]:
    demo = [
        Route("/v1/demo/sign-in", sign_in_as_anybody, methods=["POST"]),
        Route("/v1/demo/rooms", create_demo_room, methods=["POST"]),
    ]
    return [
        Route("/v1/rooms/{room_id}/sign-in", sign_in_by_site, methods=["POST"]),
        *(demo if services.settings.demo_sign_in else []),
    ]


class EmptyBody(Body):
    pass


async def sign_in_by_site(request: Request) -> Response:
    services: Services = request.app.state.services
    check_rate(request, services)
    await read_body(request, EmptyBody, services.settings.max_frame_bytes)
    scheme, _, site_token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise TokenInvalid
    return answer(show_session(await sign_in(services, request.path_params["room_id"], site_token)))


async def sign_in_as_anybody(request: Request) -> Response:
    services: Services = request.app.state.services
    check_rate(request, services)
    body = await read_body(request, DemoUserBody, services.settings.max_frame_bytes)
    token = services.site_tokens.mint_demo(
        user_id=body.user_id, name=body.name, email=body.email, now_ms=services.now_ms()
    )
    return answer({"site_token": token})


async def create_demo_room(request: Request) -> Response:
    """A room that belongs to the demo's manager."""
    services: Services = request.app.state.services
    check_rate(request, services)
    body = await read_body(request, DemoRoomBody, services.settings.max_frame_bytes)
    room = Room(
        room_id="r" + secrets.token_hex(5),
        title=body.title,
        starts_at_ms=services.now_ms() + body.starts_in_s * 1000 if body.starts_in_s is not None else None,
        locked=body.locked,
        opens=Opens(body.opens),
        access=Access(body.access),
        standings={DEMO_OWNER: "owner"},
    )
    await create_room(services, room, secrets.token_hex(8))
    return answer({"room_id": room.room_id}, status=201)
