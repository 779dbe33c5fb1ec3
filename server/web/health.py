"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

from starlette.responses import Response

from server.web.answers import answer
from server.web.callers import Caller
from server.web.operations import Call, Operations
from server.web.shapes import StatusAnswer

operations = Operations("Health")


@operations.get("/healthz", caller=Caller.PROBE)
async def healthz(call: Call) -> StatusAnswer:
    """Whether the process runs."""
    return StatusAnswer(status="alive")


@operations.get("/readyz", caller=Caller.PROBE, answers=StatusAnswer, also=(503,))
async def readyz(call: Call) -> Response:
    """Whether the node can serve.

    503 while the store cannot be reached, before the first lease, and while the node drains.
    """
    ready, why = call.http.app.state.readiness()
    return answer(StatusAnswer(status="ready" if ready else why), status=200 if ready else 503)
