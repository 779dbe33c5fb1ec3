"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.web.answers import answer


def routes() -> list[Route]:
    return [Route("/healthz", healthz, methods=["GET"]), Route("/readyz", readyz, methods=["GET"])]


async def healthz(request: Request) -> Response:
    return answer({"status": "alive"})


async def readyz(request: Request) -> Response:
    """503 while the store cannot be reached, before the first lease, and while the node drains."""
    ready, why = request.app.state.readiness()
    return answer({"status": "ready" if ready else why}, status=200 if ready else 503)
