"""What a stranger builds against: the OpenAPI and AsyncAPI documents, and a page that shows the first without a network."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import Any

from starlette.responses import Response

from server.web.answers import NO_STORE
from server.web.callers import Caller
from server.web.operations import Call, Operations
from server.wire.asyncapi import asyncapi_bytes

operations = Operations("Documents")

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# The page brings its scripts and styles within itself: the scripts are named by their hashes, and nothing else runs.
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src 'self' data:; font-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@operations.get("/v1/openapi.json", caller=Caller.PROBE, answers=dict[str, Any])
async def get_openapi(call: Call) -> Response:
    """This document."""
    return Response(call.http.app.state.openapi, media_type="application/json", headers=NO_STORE)


@operations.get("/v1/asyncapi.json", caller=Caller.PROBE, answers=dict[str, Any])
async def get_asyncapi(call: Call) -> Response:
    """The websocket's messages, as an AsyncAPI 3 document."""
    return Response(asyncapi_bytes(), media_type="application/json", headers=NO_STORE)


@operations.get("/v1/docs", caller=Caller.PROBE, answers=str, media_type="text/html")
async def read_docs(call: Call) -> Response:
    """A page that shows this document; it works without a network."""
    page, policy = _page()
    headers = {
        "Content-Security-Policy": policy, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
        **NO_STORE,
    }
    return Response(page, media_type="text/html", headers=headers)


@cache
def _page() -> tuple[bytes, str]:
    from offapi import OpenAPITemplate  # megabytes, which a node's start can do without

    page = OpenAPITemplate.SWAGGER.value.format(spec_url="openapi.json")
    digests = [hashlib.sha256(script.encode()).digest() for script in _SCRIPT.findall(page)]
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return page.encode(), _POLICY.format(scripts=hashes)
