"""When codes were mailed to an invitation's address, and how often one was tried. The codes themselves are kept nowhere."""

from __future__ import annotations

from server.store.scripting import Scripts

CODES_A_DAY = 20
DAY_MS = 86_400_000


class CodeStore:
    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    async def issue(self, room_id: str, invitation_id: str, *, every_ms: int) -> int:
        """The instant that a new code is made from; 0 where none may be mailed now. Raises: StoreUnavailable."""
        return await self._run("code_issue", room_id, invitation_id, every_ms, CODES_A_DAY, DAY_MS)

    async def take_try(self, room_id: str, invitation_id: str, *, good_for_ms: int, most: int, counts: bool) -> int:
        """The instant that the present code was made from; 0 where there is none to be tried, or its tries are used up.
        `counts`: whether this one does.

        Raises:
            StoreUnavailable
        """
        return await self._run("code_try", room_id, invitation_id, good_for_ms, most, int(counts))

    async def spend(self, room_id: str, invitation_id: str, issued_at_ms: int) -> bool:
        """Use up the code of that instant; whether it was still there. Raises: StoreUnavailable."""
        return bool(await self._run("code_spend", room_id, invitation_id, issued_at_ms, skewed=False))

    async def _run(self, name: str, room_id: str, invitation_id: str, *argv: int, skewed: bool = True) -> int:
        key = self._scripts.keyspace.room(room_id).codes(invitation_id)
        return int(await self._scripts.run_on_shard(name, [key], [*([self._scripts.skew_ms] if skewed else []), *argv]))
