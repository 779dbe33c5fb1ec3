"""The pages: static files, a strict content security policy, nothing from elsewhere."""

from __future__ import annotations

import mimetypes
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from server.actions.services import Services

_FOLDER = Path(__file__).parent / "pages"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'{sockets}; "
    "base-uri 'none'; form-action 'self'; frame-ancestors {embedders}"
)


def routes() -> list[Route]:
    return [
        Route("/", home, methods=["GET"]),
        Route("/join/{room_id}", join, methods=["GET"]),
        Route("/room/{room_id}", room, methods=["GET"]),
        Route("/pages/{name}", page_file, methods=["GET"]),
    ]


async def home(request: Request) -> Response:
    return _serve(request, "home.html")


async def join(request: Request) -> Response:
    """The same page for every room id and whoever fetches it: fetching it, however often, says and uses nothing."""
    return _serve(request, "join.html")


async def room(request: Request) -> Response:
    return _serve(request, "room.html")


async def page_file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _files() or name.endswith(".html"):
        return PlainTextResponse("Not found", status_code=404)
    return _serve(request, name)


def _serve(request: Request, name: str) -> Response:
    services: Services = request.app.state.services
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(_files()[name], media_type=media_type, headers=_headers(services))


def _headers(services: Services) -> dict[str, str]:
    # Some browsers do not count ws: of the same host as 'self'.
    sockets = services.settings.own_origin.replace("http", "ws", 1)
    embedders = " ".join(services.settings.allowed_embedders) or "'none'"
    return {
        "Content-Security-Policy": _POLICY.format(sockets=f" {sockets}", embedders=embedders),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


@cache
def _files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in _FOLDER.iterdir() if path.is_file()}
