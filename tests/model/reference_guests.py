"""How the reference answers guests and the site: guest links, who comes by them, and what is switched off for everybody."""

from __future__ import annotations

from tests.model.reference import MAX_GUEST_LINKS, GuestLink, Reference, Refuse, Someone
from tests.model.reference_tabs import Session


def make(room: Reference, actor: str | None, max_clicks: int, made_id: str) -> None:
    room.acting_at_least(actor, "manager")
    room.check_lives()
    if not room.takes_guests:
        raise Refuse("guest_access_off")
    if sum(link.is_on for link in room.guest_links.values()) >= MAX_GUEST_LINKS:
        raise Refuse("guest_link_limit")
    room.guest_links[made_id] = GuestLink(max_clicks=max_clicks)


def switch_off(room: Reference, actor: str | None, link_id: str) -> None:
    room.acting_at_least(actor, "manager")
    if link_id not in room.guest_links or not room.guest_links[link_id].is_on:
        raise Refuse("guest_link_unknown")
    room.guest_links[link_id].is_on = False


def take_guests(room: Reference, actor: str | None, wanted: bool) -> None:
    room.acting_at_least(actor, "manager")
    room.check_lives()
    room.guest_access = wanted


def look(room: Reference, link_id: str, device: str) -> str:
    return "guest_entry" if _check_welcome(room, link_id, device) is None else "known_here"


def enter(room: Reference, link_id: str, device: str, email: str, made_id: str) -> Session:
    """`made_id`: whom the store answered; the person whom the device is known as, or a new one."""
    known, link = _check_welcome(room, link_id, device), room.guest_links[link_id]
    if known is None or _is_click(known, link_id):
        room.check_domain(email)
        link.clicks += 1
    if known is None:
        assert made_id not in room.people, "a new guest took over somebody's record"
        room.people[made_id] = Someone(made_id, guest_link_id=link_id, device=device)
        room.identities[f"device:{device}"] = made_id
    elif _is_click(known, link_id):
        known.guest_link_id = link_id
    assert room.identities[f"device:{device}"] == made_id, "a device known already became another guest"
    return Session(made_id, device=device)


def _check_welcome(room: Reference, link_id: str, device: str) -> Someone | None:
    known = room.people.get(room.identities.get(f"device:{device}", ""))
    if known is None or not known.is_or_was_in:
        room.check_guests_wanted(link_id)
    room.check_open_to(known)
    if device in room.banned_devices or (known is not None and known.state == "banned"):
        raise Refuse("banned")
    link = room.guest_links[link_id]
    if (known is None or _is_click(known, link_id)) and 0 < link.max_clicks <= link.clicks:
        raise Refuse("guest_link_full")
    return known


def _is_click(known: Someone, link_id: str) -> bool:
    return not known.is_or_was_in and known.guest_link_id != link_id
