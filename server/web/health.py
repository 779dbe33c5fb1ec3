"""Whether the process lives, whether it can serve, and how much it holds."""

from __future__ import annotations

from starlette.responses import Response

from server.web.answers import answer
from server.web.callers import Caller
from server.web.operations import Call, Operations
from server.web.shapes import StatusAnswer
from server.wire.views import View

operations = Operations("Health")


class NodeAnswer(View):
    """`connections`: tabs; `rooms`: those that it has a replica of; `tasks`: of its event loop. All go back to what they were
    when people leave: what only rises is a leak."""

    node_id: str
    connections: int
    rooms: int
    tasks: int


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


@operations.get("/v1/node", caller=Caller.SITE)
async def read_node(call: Call) -> NodeAnswer:
    """Read how much the node that answers holds just now."""
    return NodeAnswer(node_id=call.services.settings.node_id, **call.http.app.state.holds())
