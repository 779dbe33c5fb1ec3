"""How long the answer to a caller's Idempotency-Key is kept: the site's for long, a person's for as long as a command's."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from starlette.requests import Request

from server.web.callers import request_id_of
from tests.support.rooms import make_settings

DAY_MS, COMMAND_MS = 86_400_000, 120_000


def request() -> Request:
    state = SimpleNamespace(services=SimpleNamespace(settings=make_settings("memory://")))
    scope = {
        "type": "http", "method": "POST", "path": "/v1/rooms", "headers": [(b"idempotency-key", b"once")],
        "server": ("localhost", 80), "scheme": "http", "query_string": b"", "app": SimpleNamespace(state=state),
    }
    return Request(scope)


@pytest.mark.parametrize(("actor_id", "kept_ms"), [(None, DAY_MS), ("p1", COMMAND_MS), ("", COMMAND_MS)])
def test_whoever_is_not_the_site_keeps_a_key_no_longer_than_a_command(actor_id, kept_ms):
    assert request_id_of(request(), actor_id, takes_key=True).keep_ms == kept_ms
