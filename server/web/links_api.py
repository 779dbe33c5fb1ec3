"""HTTP for invitees: looking at a link, claiming it, asking to use another device."""

from __future__ import annotations

import re
import secrets
from typing import Annotated

from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.actions.devices import ask_for_device
from server.actions.links import Visitor, claim_link, look_at_link
from server.actions.services import Services
from server.actions.sign_in import SignedIn
from server.web.addresses import check_origin, check_rate, network_of
from server.web.answers import Body, answer, read_body
from server.wire.messages import MAX_TOKEN_CHARS
from server.wire.showing import show_room_outside

COOKIE_DAYS = 90
_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")

# Mangled secrets get the answer of unknown ones, so nothing but the size of the body bounds them.
Secret = str
Token = Annotated[str, Meta(max_length=MAX_TOKEN_CHARS)]


class DeviceKey(Body):
    kty: Annotated[str, Meta(max_length=8)]
    crv: Annotated[str, Meta(max_length=8)]
    x: Annotated[str, Meta(max_length=64)]
    y: Annotated[str, Meta(max_length=64)]

    def as_jwk(self) -> dict[str, str]:
        return {"kty": self.kty, "crv": self.crv, "x": self.x, "y": self.y}


class LookBody(Body):
    secret: Secret
    device_key: DeviceKey | None = None


class ClaimBody(Body):
    secret: Secret
    nonce: Token
    email: Annotated[str, Meta(max_length=1000)] | None = None
    site_token: Annotated[str, Meta(max_length=8192)] | None = None
    device_key: DeviceKey | None = None
    proof: Annotated[str, Meta(max_length=200)] | None = None


class AskBody(ClaimBody):
    label: Annotated[str, Meta(max_length=100)] = ""


def routes() -> list[Route]:
    return [
        Route("/v1/rooms/{room_id}/link/look", look, methods=["POST"]),
        Route("/v1/rooms/{room_id}/link/claim", claim, methods=["POST"]),
        Route("/v1/rooms/{room_id}/link/ask", ask, methods=["POST"]),
    ]


async def look(request: Request) -> Response:
    services: Services = request.app.state.services
    _check_sender(request, services)
    body = await read_body(request, LookBody, services.settings.max_frame_bytes)
    # Given at the first look, so that a browser without keys is the same device when it asks to use the link.
    cookie = _cookie_of(request, services) or secrets.token_urlsafe(32)
    visitor = Visitor(
        network=network_of(request, services.settings),
        cookie=cookie,
        device_key=body.device_key.as_jwk() if body.device_key else None,
    )
    seen = await look_at_link(services, request.path_params["room_id"], body.secret, visitor)
    response = answer(
        {
            "state": seen.state,
            "room": show_room_outside(seen.room, proven=False),
            "nonce": seen.nonce,
            "lobby_token": seen.lobby_token,
            "now_ms": services.now_ms(),
        }
    )
    _set_cookie(response, services, cookie)
    return response


async def claim(request: Request) -> Response:
    services: Services = request.app.state.services
    _check_sender(request, services)
    body = await read_body(request, ClaimBody, services.settings.max_frame_bytes)
    cookie = _cookie_of(request, services) or secrets.token_urlsafe(32)
    signed_in = await claim_link(services, request.path_params["room_id"], body.secret, _visitor(request, body, cookie))
    response = answer(show_session(signed_in))
    _set_cookie(response, services, cookie)
    return response


async def ask(request: Request) -> Response:
    services: Services = request.app.state.services
    _check_sender(request, services)
    body = await read_body(request, AskBody, services.settings.max_frame_bytes)
    cookie = _cookie_of(request, services) or secrets.token_urlsafe(32)
    asked = await ask_for_device(
        services, request.path_params["room_id"], body.secret, _visitor(request, body, cookie), body.label
    )
    response = answer(asked)
    _set_cookie(response, services, cookie)
    return response


def show_session(signed_in: SignedIn) -> dict[str, object]:
    return {
        "session_token": signed_in.session_token,
        "expires_at_ms": signed_in.expires_at_ms,
        "participant_id": signed_in.participant_id,
        "room": show_room_outside(signed_in.room, proven=True),
    }


def _visitor(request: Request, body: ClaimBody, cookie: str) -> Visitor:
    services: Services = request.app.state.services
    return Visitor(
        network=network_of(request, services.settings),
        cookie=cookie,
        device_key=body.device_key.as_jwk() if body.device_key else None,
        proof=body.proof,
        nonce=body.nonce,
        email=body.email,
        site_token=body.site_token,
    )


def _check_sender(request: Request, services: Services) -> None:
    """A cookie counts here, so another site's page must not be able to send it. Raises: OriginForbidden, RateLimited."""
    check_rate(request, services)
    if request.headers.get("origin"):
        check_origin(request, services.settings)


def _cookie_name(services: Services) -> str:
    # The __Host- prefix binds the cookie to this very host and to https; browsers refuse it on plain http.
    return "__Host-greenroom_device" if services.settings.is_secure else "greenroom_device"


def _cookie_of(request: Request, services: Services) -> str | None:
    cookie = request.cookies.get(_cookie_name(services))
    return cookie if cookie and _COOKIE.fullmatch(cookie) else None


def _set_cookie(response: Response, services: Services, cookie: str) -> None:
    response.set_cookie(
        _cookie_name(services), cookie, max_age=COOKIE_DAYS * 86_400, path="/",
        secure=services.settings.is_secure, httponly=True, samesite="lax",
    )
