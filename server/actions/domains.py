"""Would this address get in: which domain rule decides."""

from __future__ import annotations

from dataclasses import asdict

from server.actions.services import Answer, Request, Services, check_actor
from server.actions.site import read_site
from server.domain.domain_rules import Decision, decide_domain
from server.domain.roles import Permission, check_permission
from server.trust.domain_names import normalise_address


async def check_at_site(services: Services, email: str) -> Answer:
    """What the site's rules say of an address. Raises: BadMessage."""
    return _told(decide_domain(normalise_address(email), await read_site(services)))


async def check_at_room(services: Services, request: Request, email: str) -> Answer:
    """What the site's and the room's rules say of an address; to the site itself also whether it is invited.

    Raises:
        BadMessage, RoleForbidden
    """
    address = normalise_address(email)
    facts = await services.store.facts(request.room_id, *request.people())
    check_permission(check_actor(facts, request).role, Permission.MANAGE_INVITATIONS)
    told = _told(decide_domain(address, services.site_of(facts), facts.room))
    if request.actor_id is None:
        told["invited"] = await services.store.invitations.is_invited(request.room_id, address)
    return told


async def list_rules(services: Services, request: Request) -> Answer:
    """The room's own rules, for managers. Raises: RoleForbidden."""
    facts = await services.store.facts(request.room_id, *request.people())
    check_permission(check_actor(facts, request).role, Permission.EDIT_ROOM)
    return {"allowed_domains": facts.room.allowed_domains, "blocked_domains": facts.room.blocked_domains}


def _told(decision: Decision) -> Answer:
    return asdict(decision)
