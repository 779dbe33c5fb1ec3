"""The pages: static files, a strict content security policy, nothing from elsewhere.

Every page is one frame, `page.html`, with the scripts and styles of its area; below `pages/` a folder is an area.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import mimetypes
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from server.actions.services import Services
from server.web.look import SiteLook

_FOLDER = Path(__file__).parent / "pages"
LIBRARY_FOLDER = "client/"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'{sockets}; "
    "frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {embedders}"
)


@dataclass(frozen=True)
class Page:
    """What is particular to one page. `framable`: whether the operator's embedders may frame it."""

    path: str
    script: str
    styles: tuple[str, ...]
    framable: bool = True


PAGES = (
    Page("/", "home/home.js", ("home/home.css",), framable=False),
    Page("/media/{room_id}", "media/media.js", ("lobby/lobby.css", "media/media.css", "invite/invite.css")),
    Page("/join/{room_id}", "lobby/join.js", ("lobby/lobby.css", "room/room.css", "invite/invite.css")),
    Page("/room/{room_id}", "room/room.js", ("lobby/lobby.css", "room/room.css", "invite/invite.css")),
    Page("/admin", "admin/admin.js", ("admin/admin.css",), framable=False),
)


def routes() -> list[Route]:
    return [*(_route(page) for page in PAGES), Route("/pages/{name:path}", page_file, methods=["GET"])]


def _route(page: Page) -> Route:
    async def show(request: Request) -> Response:
        """The same bytes whatever stands in the address and whoever fetches it: however often, it says and uses nothing."""
        services: Services = request.app.state.services
        headers = _headers(services, framable=page.framable) | {"Cache-Control": "no-store"}
        content = _frame(page, request.app.state.look, demo=services.settings.demo_sign_in)
        return _answer(request, content, "text/html", headers)

    return Route(page.path, show, methods=["GET"])


def _frame(page: Page, look: SiteLook, *, demo: bool) -> bytes:
    """The page with what its scripts are to know of the site, as attributes: no further request, and nothing to run."""
    site = {
        "language": look.language,
        "name": look.name,
        "logo": f"/brand/logo?{look.logo.digest}" if look.logo else "",
        "welcome": look.welcome,
        "demo": "1" if demo else "",
    }
    values = {name: html.escape(value) for name, value in site.items()}
    styles = "\n".join(f'<link rel="stylesheet" href="/pages/{name}">' for name in page.styles)
    return _page_template().substitute(values, script=page.script, styles=styles).encode()


@cache
def _page_template() -> Template:
    return Template((_FOLDER / "page.html").read_text())


async def page_file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _files():
        return PlainTextResponse("Not found", status_code=404)
    services: Services = request.app.state.services
    headers = _headers(services, framable=True) | _sharing(name) | {"Cache-Control": "no-cache", "ETag": _tag(name)}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return _answer(request, _files()[name], media_type(name), headers)


def _answer(request: Request, content: bytes, kind: str, headers: dict[str, str]) -> Response:
    headers = headers | {"Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(content, media_type=kind, headers=headers)
    return Response(_packed(content), media_type=kind, headers=headers | {"Content-Encoding": "gzip"})


@lru_cache(maxsize=512)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


@cache
def _tag(name: str) -> str:
    return f'W/"{hashlib.sha256(_files()[name]).hexdigest()[:16]}"'


def media_type(name: str) -> str:
    # To the system's table .ts is a kind of video.
    return "text/plain" if name.endswith(".ts") else mimetypes.guess_type(name)[0] or "application/octet-stream"


def _sharing(name: str) -> dict[str, str]:
    """The client library may be imported by the room product's pages, wherever they are; our own pages' scripts may not."""
    return {"Access-Control-Allow-Origin": "*"} if name.startswith(LIBRARY_FOLDER) else {}


def _headers(services: Services, *, framable: bool) -> dict[str, str]:
    return {
        "Content-Security-Policy": _POLICY.format(sockets=_own_sockets(services), embedders=_embedders(services, framable)),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def _own_sockets(services: Services) -> str:
    # Some browsers do not count ws: of the same host as 'self'.
    return " " + services.settings.own_origin.replace("http", "ws", 1)


def _embedders(services: Services, framable: bool) -> str:
    """The demo's front page shows rooms side by side, in frames; beside a real site only who is named may frame."""
    if not framable:
        return "'none'"
    own = ("'self'",) if services.settings.demo_sign_in else ()
    return " ".join((*own, *services.settings.allowed_embedders)) or "'none'"


@cache
def _files() -> dict[str, bytes]:
    found = (path for path in _FOLDER.rglob("*") if path.is_file() and path.parent != _FOLDER)
    return {path.relative_to(_FOLDER).as_posix(): path.read_bytes() for path in found}
