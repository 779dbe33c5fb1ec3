"""The pages: static files, a strict content security policy, nothing from elsewhere."""

from __future__ import annotations

import gzip
import mimetypes
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from server.actions.services import Services

_FOLDER = Path(__file__).parent / "pages"
LIBRARY_PREFIX = "greenroom-"
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
    headers = _headers(services) | _sharing(name) | {"Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(_files()[name], media_type=_media_type(name), headers=headers)
    return Response(_packed(name), media_type=_media_type(name), headers=headers | {"Content-Encoding": "gzip"})


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(_files()[name], mtime=0)


def _media_type(name: str) -> str:
    # To the system's table .ts is a kind of video.
    return "text/plain" if name.endswith(".ts") else mimetypes.guess_type(name)[0] or "application/octet-stream"


def _sharing(name: str) -> dict[str, str]:
    """The client library may be imported by the room product's pages, wherever they are; our own pages' scripts may not."""
    return {"Access-Control-Allow-Origin": "*"} if name.startswith(LIBRARY_PREFIX) else {}


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
