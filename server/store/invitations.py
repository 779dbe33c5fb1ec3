"""Invitations and their links in Redis. Secrets never come here, only their SHA-256."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from server.domain.events import InvitationChanged, RoleChanged
from server.domain.invitation import MAX_DEVICES, Device, Invitation
from server.domain.roles import Role
from server.store.records import record_fields
from server.store.scripting import Scripts


class InvitationStore:
    def __init__(self, scripts: Scripts, *, max_invitations: int) -> None:
        self._scripts = scripts
        self._max_invitations = max_invitations

    async def create(
        self, room_id: str, invitation: Invitation, *, by: str | None, seen: dict[str, Any], request_id: str | None
    ) -> dict[str, Any]:
        """Raises: TooManyInvitations, FactsMoved."""
        args = {"invitation": record_fields(invitation), "max_invitations": self._max_invitations, "seen": seen}
        return await self._scripts.run(
            "invitation_create", room_id, args,
            InvitationChanged(what="created", by=by), InvitationChanged(what="replaced", by=by), request_id=request_id,
        )

    async def put(
        self, room_id: str, invitation: Invitation, *, what: str, by: str | None, seen: dict[str, Any], request_id: str | None
    ) -> dict[str, Any]:
        """Put `invitation` in the place of the record that it was made from. Raises: FactsMoved."""
        args = {"invitation": record_fields(invitation), "seen": seen}
        changed = InvitationChanged(what=what, by=by)
        return await self._scripts.run("invitation_put", room_id, args, changed, request_id=request_id)

    async def claim(
        self,
        room_id: str,
        invitation: Invitation,
        device: Device,
        *,
        participant_id: str,
        identity: str,
        old_role: Role | None,
        role: Role,
        seen: dict[str, Any],
        request_id: str | None,
    ) -> dict[str, Any]:
        """Use the link for `device`; `participant_id`: the person's with `identity`, or a new one's. Raises: FactsMoved."""
        args = {
            "invitation_id": invitation.invitation_id, "device": asdict(device), "participant_id": participant_id,
            "identity": identity, "name": invitation.name, "role": role, "invited_role": invitation.role,
            "old_role": old_role, "max_devices": MAX_DEVICES, "seen": seen,
        }
        return await self._scripts.run(
            "link_claim", room_id, args,
            InvitationChanged(what="claimed"), RoleChanged(old=old_role or role, new=role), InvitationChanged(what="replaced"),
            request_id=request_id,
        )

    async def take_attempt(
        self, room_id: str, invitation_id: str, network: str, *, is_right: bool, most_wrong: int, window_s: int
    ) -> bool:
        """Whether one more try at a link from a network counts, or there were too many wrong ones in the window already."""
        key = self._scripts.keyspace.room(room_id).attempts(invitation_id, network)
        return bool(await self._scripts.run_on_shard("attempt_count", [key], [window_s, most_wrong, int(is_right)]))
