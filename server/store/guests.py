"""Guest links in Redis, and the guests who come by them."""

from __future__ import annotations

from typing import Any

from server.domain.events import GuestLinkChanged
from server.domain.guests import MAX_GUEST_LINKS, MAX_GUEST_LINKS_KEPT, GuestLink
from server.store.records import record_fields
from server.store.scripting import Scripts


class GuestStore:
    def __init__(self, scripts: Scripts, *, max_guests: int) -> None:
        self._scripts = scripts
        self._max_guests = max_guests

    async def put_link(
        self, room_id: str, link: GuestLink, *, what: str, by: str | None, seen: dict[str, Any], request_id: str | None
    ) -> dict[str, Any]:
        """A new link, or a changed one in the place of its record. Raises: GuestLinkLimit, FactsMoved."""
        args = {
            "guest_link": record_fields(link), "max_active": MAX_GUEST_LINKS, "max_kept": MAX_GUEST_LINKS_KEPT, "seen": seen,
        }
        changed = GuestLinkChanged(what=what, by=by)
        return await self._scripts.run("guest_link_put", room_id, args, changed, request_id=request_id)

    async def enter(
        self,
        room_id: str,
        link: GuestLink,
        *,
        identity: str,
        participant_id: str,
        name: str,
        claimed_email: str,
        device_marks: list[str],
        seen: dict[str, Any],
    ) -> str:
        """The participant id of a device: the one that it has, or `participant_id` for one click of the link.

        Raises: GuestLinkFull, GuestsFull, FactsMoved.
        """
        args = {
            "guest_link_id": link.guest_link_id, "identity": identity, "participant_id": participant_id, "name": name,
            "claimed_email": claimed_email, "device_marks": device_marks, "max_guests": self._max_guests, "seen": seen,
        }
        answer = await self._scripts.run("guest_enter", room_id, args, GuestLinkChanged(what="clicked"))
        return str(answer["participant_id"])
