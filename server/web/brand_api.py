"""The site's own look for the pages: its colours as a stylesheet, its name and words, its logo. All of it from us alone."""

from __future__ import annotations

import hashlib

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from server.actions.services import Services
from server.web.look import SiteLook
from server.wire.views import View

# A picture drawn by text may hold scripts: opened by itself it runs none and loads nothing.
_PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


class LookView(View):
    """`logo_url`: null where there is none. `welcome`: a sentence for the lobby, empty where there is none. `language`: of the
    pages, empty for the browser's. `demo`: whether anybody may sign in as anybody. `embedders`: origins that may frame the
    pages, so that a framed page knows whom it may speak to."""

    name: str
    has_logo: bool
    logo_url: str | None
    welcome: str
    language: str
    demo: bool
    embedders: list[str]


def routes() -> list[Route]:
    return [
        Route("/brand/look.css", look_css, methods=["GET"]),
        Route("/brand/look.json", look_json, methods=["GET"]),
        Route("/brand/logo", logo, methods=["GET"]),
    ]


async def look_css(request: Request) -> Response:
    """Custom properties and nothing else; where the site has no colours of its own there are none."""
    declared = "".join(f"  {name}: {value};\n" for name, value in _look(request).properties.items())
    return _serve(request, f":root {{\n{declared}}}\n".encode(), "text/css")


async def look_json(request: Request) -> Response:
    services: Services = request.app.state.services
    look = _look(request)
    shown = LookView(
        name=look.name, has_logo=look.logo is not None,
        logo_url=f"/brand/logo?{look.logo.digest}" if look.logo else None,
        welcome=look.welcome, language=look.language, demo=services.settings.demo_sign_in,
        embedders=list(services.settings.allowed_embedders),
    )
    return _serve(request, msgspec.json.encode(shown), "application/json")


async def logo(request: Request) -> Response:
    picture = _look(request).logo
    if picture is None:
        return PlainTextResponse("Not found", status_code=404, headers={"Cache-Control": "no-store"})
    response = _serve(request, picture.content, picture.media_type)
    response.headers["Content-Security-Policy"] = _PICTURE_POLICY
    return response


def _look(request: Request) -> SiteLook:
    look: SiteLook = request.app.state.look
    return look


def _serve(request: Request, content: bytes, media_type: str) -> Response:
    """What changes at a restart only: a browser asks each time whether it has, and is mostly told that it has not."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {
        "ETag": tag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    }
    given = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if {tag, "*"} & given:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
