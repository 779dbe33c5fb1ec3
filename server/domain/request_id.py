"""The name of a request: under it the first answer is kept, and given again to whoever asks again."""

from __future__ import annotations

KEPT_MS = 120_000


class RequestId(str):
    """A request's name that knows for how long its answer is kept, and what was asked.

    `fingerprint`: names the content of the request; the same name with another one is a mistake, and is refused. Empty: not
    compared. A plain str is a name that is kept 120 s and compared with nothing.
    """

    keep_ms: int
    fingerprint: str

    def __new__(cls, name: str, *, keep_ms: int = KEPT_MS, fingerprint: str = "") -> RequestId:
        made = super().__new__(cls, name)
        made.keep_ms, made.fingerprint = keep_ms, fingerprint
        return made

    def step(self, name: str) -> RequestId:
        """The name of a further step of the same request, kept as long. No caller's key holds a space, so it is no other's."""
        return RequestId(f"{self} {name}", keep_ms=self.keep_ms, fingerprint=self.fingerprint)
