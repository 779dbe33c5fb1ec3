"""People of a room in Redis: who they are, their roles and hands, and putting them out."""

from __future__ import annotations

from typing import Any

from server.domain.events import (
    Event,
    HandsChanged,
    ParticipantRemoved,
    PersonIdentified,
    PersonRenamed,
    RoleApplied,
    RoleChanged,
    SentBack,
)
from server.domain.roles import Role
from server.store.scripting import Scripts


class PeopleStore:
    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    async def identify(
        self, room_id: str, *, identities: list[str], participant_id: str, person: dict[str, Any]
    ) -> dict[str, Any]:
        """Find or make the person with one of these proven identities. `participant_id` is used for a new one only."""
        args = {"identities": identities, "participant_id": participant_id, "person": person}
        return await self._scripts.run("person_identify", room_id, args, PersonIdentified())

    async def change_role(
        self,
        room_id: str,
        participant_id: str,
        *,
        old: Role,
        new: Role,
        by: str | None,
        seen: dict[str, Any],
        request_id: str | None,
    ) -> dict[str, Any]:
        """Raises: FactsMoved."""
        args = {"participant_id": participant_id, "role": new, "by": by, "seen": seen}
        changed = RoleChanged(old=old, new=new, by=by)
        return await self._scripts.run("role_change", room_id, args, changed, request_id=request_id)

    async def settle_standing(self, room_id: str, participant_id: str) -> None:
        """Give somebody the role that the room's standings say by now."""
        args = {"participant_id": participant_id}
        await self._scripts.run("person_standing", room_id, args, *standing_events(None))

    async def rename(
        self, room_id: str, participant_id: str, name: str, *, seen: dict[str, Any], request_id: str | None
    ) -> dict[str, Any]:
        """Raises: FactsMoved."""
        args = {"participant_id": participant_id, "name": name, "seen": seen}
        renamed = PersonRenamed(by=participant_id)
        return await self._scripts.run("person_rename", room_id, args, renamed, request_id=request_id)

    async def acknowledge_roles(self, room_id: str, acks: list[tuple[str, str, int]]) -> dict[str, Any]:
        """Note which tabs have applied which `role_rev`: (participant_id, connection_id, role_rev)."""
        return await self._scripts.run("role_ack", room_id, {"acks": acks}, RoleApplied())

    async def change_hands(
        self,
        room_id: str,
        participant_id: str | None,
        *,
        raised: bool,
        by: str | None,
        seen: dict[str, Any],
        request_id: str | None,
    ) -> dict[str, Any]:
        """Raise or lower one hand, or lower all. Raises: FactsMoved."""
        args = {"participant_id": participant_id, "raised": raised, "seen": seen}
        return await self._scripts.run("hands_change", room_id, args, HandsChanged(by=by), request_id=request_id)

    async def send_back(
        self, room_id: str, participant_id: str, *, by: str | None, seen: dict[str, Any], request_id: str | None
    ) -> dict[str, Any]:
        """Raises: AlreadyDecided, FactsMoved."""
        args = {"participant_id": participant_id, "seen": seen}
        return await self._scripts.run("person_send_back", room_id, args, SentBack(by=by), request_id=request_id)

    async def remove(
        self, room_id: str, participant_id: str, *, ban: bool, by: str | None, seen: dict[str, Any], request_id: str | None
    ) -> dict[str, Any]:
        """Raises: AlreadyDecided, FactsMoved."""
        args = {"participant_id": participant_id, "ban": ban, "seen": seen}
        from_room, from_line = ParticipantRemoved(ban=ban, by=by), ParticipantRemoved(ban=ban, by=by, from_line=True)
        return await self._scripts.run("person_remove", room_id, args, from_room, from_line, request_id=request_id)


def standing_events(by: str | None) -> tuple[Event, ...]:
    """What the scripts raise that give or take standings, in their order."""
    raised = (RoleChanged(old=old, new=Role.MANAGER, by=by) for old in (Role.VIEWER, Role.SPEAKER, Role.MODERATOR))
    return (*raised, RoleChanged(old=Role.MANAGER, new=Role.VIEWER, by=by), PersonIdentified(by=by))
