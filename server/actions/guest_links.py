"""Guest links as managers handle them: creating, the link again, changing, switching off."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from server.actions.services import Answer, Request, Services, check_actor, decide
from server.domain.guests import GuestLink, GuestLinkStatus, check_guests_wanted, expires_at_ms_for
from server.domain.refusals import GuestLinkUnknown, InvitationClosed
from server.domain.roles import Permission, check_permission
from server.domain.room import check_exists
from server.store.facts import Facts
from server.trust.link_secrets import hash_secret
from server.trust.site_tokens import clean_name


@dataclass(frozen=True, kw_only=True)
class GuestLinkChanges:
    """What a link is made with, or changed to. `max_clicks`, `valid_days` (from now): None leaves it, 0 is no limit."""

    name: str | None = None
    max_clicks: int | None = None
    valid_days: int | None = None


async def create_guest_link(services: Services, request: Request, wanted: GuestLinkChanges) -> Answer:
    """A new link for anybody, as a viewer.

    Raises:
        RoleForbidden, GuestAccessOff, GuestLinkLimit, RoomDeleted, SessionEnded
    """
    guest_link_id = "g" + secrets.token_hex(8)

    def made(facts: Facts) -> GuestLink:
        check_permission(check_actor(facts, request).role, Permission.MANAGE_INVITATIONS)
        check_exists(facts.room)
        key_id = services.links.current_key_id
        secret = services.links.secret_for(request.room_id, guest_link_id, 1, key_id)
        link = GuestLink(
            guest_link_id=guest_link_id, name="", key_id=key_id, secret_hash=hash_secret(secret), created_by=request.actor_id
        )
        check_guests_wanted(facts.room, link, site_wants=services.site_of(facts).guest_access)
        return _changed(link, wanted, facts.now_ms)

    answer = await _put(services, request, [], "created", made)
    again = await link_again(services, request, answer["guest_link_id"])
    return {**answer, "link": again["link"], "expires_at_ms": answer.get("expires_at_ms")}


async def link_again(services: Services, request: Request, guest_link_id: str) -> Answer:
    """The same link, made again from ids.

    Raises:
        RoleForbidden, GuestLinkUnknown, InvitationClosed
    """
    facts = await services.store.facts(request.room_id, *request.people(), guest_links=[guest_link_id])
    link = _find(facts, request, guest_link_id)
    try:
        return {"link": services.links.guest_link_for(request.room_id, link)}
    except KeyError:
        raise InvitationClosed("The key of this link was retired; create a new one.") from None


async def edit_guest_link(services: Services, request: Request, guest_link_id: str, wanted: GuestLinkChanges) -> Answer:
    """Another name or other limits; who came in by it stays.

    Raises:
        RoleForbidden, GuestLinkUnknown
    """

    def edited(facts: Facts) -> GuestLink:
        return _changed(_find(facts, request, guest_link_id), wanted, facts.now_ms)

    answer = await _put(services, request, [guest_link_id], "edited", edited)
    return {**answer, "expires_at_ms": answer.get("expires_at_ms")}


async def switch_off_guest_link(services: Services, request: Request, guest_link_id: str) -> Answer:
    """Off for good: nobody new comes in by it, pages that wait hear so, and who is inside stays.

    Raises:
        RoleForbidden, GuestLinkUnknown
    """

    def off(facts: Facts) -> GuestLink:
        return replace(_find(facts, request, guest_link_id), status=GuestLinkStatus.OFF)

    answer = await _put(services, request, [guest_link_id], "off", off)
    return {"seq": answer["seq"]}


async def _put(
    services: Services, request: Request, named: list[str], what: str, change: Callable[[Facts], GuestLink]
) -> Answer:
    async def attempt() -> Answer:
        facts = await services.store.facts(
            request.room_id, *request.people(), guest_links=named, request_id=request.request_id
        )
        if (answer := facts.replay()) is not None:
            return answer
        return await services.store.guests.put_link(
            request.room_id, change(facts), what=what, by=request.actor_id,
            seen=facts.seen(*request.people(), site=True), request_id=request.request_id,
        )

    return await decide(attempt)


def _find(facts: Facts, request: Request, guest_link_id: str) -> GuestLink:
    check_permission(check_actor(facts, request).role, Permission.MANAGE_INVITATIONS)
    link = facts.guest_links.get(guest_link_id)
    if link is None or not link.is_active:
        raise GuestLinkUnknown
    return link


def _changed(link: GuestLink, wanted: GuestLinkChanges, now_ms: int) -> GuestLink:
    name = link.name if wanted.name is None else clean_name(wanted.name)
    max_clicks = link.max_clicks if wanted.max_clicks is None else wanted.max_clicks or None
    expires_at_ms = link.expires_at_ms if wanted.valid_days is None else expires_at_ms_for(wanted.valid_days, now_ms)
    return replace(link, name=name, max_clicks=max_clicks, expires_at_ms=expires_at_ms)
