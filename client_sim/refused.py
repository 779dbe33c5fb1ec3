"""What a client hears when the answer is no, or when there is no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """The server understood and declined.

    `code` is stable; `message` and `next_step` are for people. `status` is the HTTP status, `close_code` the
    websocket's (each None elsewhere). `retry_after_ms` is None where trying again cannot help.
    """

    def __init__(
        self,
        code: str,
        *,
        status: int | None = None,
        close_code: int | None = None,
        message: str = "",
        next_step: str = "",
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.status = status
        self.close_code = close_code
        self.message = message
        self.next_step = next_step
        self.retry_after_ms = retry_after_ms


class Unanswered(Exception):
    """No answer came in time, or the client was closed first: the command may have been carried out or not."""


class ProtocolBroken(Exception):
    """The server sent what the protocol does not allow."""


def refusal_from(said: Mapping[str, Any], *, status: int | None = None, close_code: int | None = None) -> Refused:
    """The refusal told by a `refused` or `bye` message, or by a problem body over HTTP."""
    return Refused(
        str(said.get("code", "unknown")),
        status=status,
        close_code=close_code,
        message=str(said.get("message") or said.get("detail") or ""),
        next_step=str(said.get("next_step") or ""),
        retry_after_ms=said.get("retry_after_ms"),
    )
