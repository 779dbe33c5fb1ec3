"""The cookie that stands for a device in a browser without keys, and beside its key in every other."""

from __future__ import annotations

import re
import secrets

from starlette.responses import Response

from server.actions.services import Services
from server.web.operations import Call

COOKIE_DAYS = 90
_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")


def device_cookie(call: Call) -> str:
    """The caller's cookie, or a new one: given at the first look, so that a browser without keys is the same device later."""
    cookie = call.http.cookies.get(_name(call.services))
    return cookie if cookie and _COOKIE.fullmatch(cookie) else secrets.token_urlsafe(32)


def with_device_cookie(call: Call, response: Response, cookie: str) -> Response:
    response.set_cookie(
        _name(call.services), cookie, max_age=COOKIE_DAYS * 86_400, path="/",
        secure=call.services.settings.is_secure, httponly=True, samesite="lax",
    )
    return response


def _name(services: Services) -> str:
    # The __Host- prefix binds the cookie to this very host and to https; browsers refuse it on plain http.
    return "__Host-greenroom_device" if services.settings.is_secure else "greenroom_device"
