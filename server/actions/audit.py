"""Reading who did what, and who was refused and why; keeping the latter."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from server.actions.services import Request, Services, check_actor
from server.domain.audit import AuditLine, RefusalLine, network_prefix, shorten_device
from server.domain.refusals import Busy, RateLimited, Refusal, RoomUnknown, StoreUnavailable
from server.domain.roles import Permission, check_permission
from server.domain.room import check_room_id

# These say something of the service, and nothing of who asked.
_NOT_KEPT = (StoreUnavailable, Busy, RateLimited)


async def read_audit(services: Services, request: Request, *, before: int | None, limit: int) -> list[AuditLine]:
    """Who did what, the newest first. Raises: RoomUnknown, NotInside, RoleForbidden."""
    await _check_reader(services, request)
    return await services.store.audit.page(request.room_id, before=before, limit=limit)


async def read_refusals(services: Services, request: Request, *, before: str | None, limit: int) -> list[RefusalLine]:
    """Who was refused at the doors of the room, the newest first. Raises: RoomUnknown, NotInside, RoleForbidden."""
    await _check_reader(services, request)
    return await services.store.audit.refusals(request.room_id, before=before, limit=limit)


@dataclass(frozen=True, kw_only=True)
class Names:
    """What the records are called now that lines name by their ids; who is gone with a session has no name."""

    room: str
    people: dict[str, str]
    invitations: dict[str, str]
    guest_links: dict[str, str]

    def of(self, kind: str, record_id: str | None) -> str | None:
        """The name of a record, by the kind that the audit has of it."""
        by_kind = {"person": self.people, "invitation": self.invitations, "guest_link": self.guest_links}
        return self.room if kind == "room" else by_kind.get(kind, {}).get(record_id or "")


async def read_names(services: Services, room_id: str, named: Iterable[tuple[str, str | None]]) -> Names:
    """What those of `named`, kinds and ids, are called. Raises: RoomUnknown."""
    ids: dict[str, set[str]] = defaultdict(set)
    for kind, record_id in named:
        if record_id:
            ids[kind].add(record_id)
    facts = await services.store.facts(
        room_id, *sorted(ids["person"]), invitations=sorted(ids["invitation"]), guest_links=sorted(ids["guest_link"])
    )
    return Names(
        room=facts.room.title,
        people={who: person.name for who, person in facts.people.items()},
        invitations={which: invitation.name for which, invitation in facts.invitations.items()},
        guest_links={which: link.name for which, link in facts.guest_links.items()},
    )


async def _check_reader(services: Services, request: Request) -> None:
    facts = await services.store.facts(request.room_id, *request.people())
    check_permission(check_actor(facts, request).role, Permission.READ_AUDIT)


@dataclass
class Trail:
    """What is known by now of somebody at a door."""

    invitation_id: str | None = None
    participant_id: str | None = None
    device_id: str | None = None


@asynccontextmanager
async def keeping_refusals(
    services: Services, room_id: str, door: str, network: str, *, but: tuple[type[Refusal], ...] = ()
) -> AsyncIterator[Trail]:
    """Keep what is refused within, with what is known by then of who asked. What cannot be kept is let go: the answer
    is the same."""
    trail = Trail()
    try:
        yield trail
    except Refusal as refusal:
        if not isinstance(refusal, (*_NOT_KEPT, *but)):
            with contextlib.suppress(StoreUnavailable, RoomUnknown):
                check_room_id(room_id)
                await services.store.audit.note_refusal(
                    room_id,
                    {
                        "door": door, "code": refusal.code, "network": network_prefix(network),
                        "invitation_id": trail.invitation_id, "participant_id": trail.participant_id,
                        "device_id": shorten_device(trail.device_id) if trail.device_id else None,
                    },
                )
        raise
