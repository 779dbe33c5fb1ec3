"""Guest links: one link for anybody, viewer only; and what a guest may do while guests are not wanted.

A guest is known by their device alone. The name and the address that they type are claims, and prove nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from server.domain.person import Person, PersonState
from server.domain.refusals import Banned, GuestAccessOff, GuestLinkFull, InviteExpired, InviteRevoked
from server.domain.room import Room

MAX_GUEST_LINKS = 3  # of a room, switched on
# With those switched off, which are kept until the next session, so that their links get the right answer.
MAX_GUEST_LINKS_KEPT = 200
DAY_MS = 86_400_000


class GuestLinkStatus(StrEnum):
    ACTIVE = "active"
    OFF = "off"  # for good: another link can be made


@dataclass(kw_only=True)
class GuestLink:
    """One guest link, as stored. `clicks`: devices that it let in, each once. None: no limit of clicks, or of time. `edits`:
    how often it was changed otherwise, so that a manager's change does not have to wait until nobody clicks."""

    guest_link_id: str
    name: str
    status: GuestLinkStatus = GuestLinkStatus.ACTIVE
    key_id: str = ""
    secret_hash: str = ""
    clicks: int = 0
    max_clicks: int | None = None
    expires_at_ms: int | None = None
    created_at_ms: int = 0
    created_by: str | None = None
    edits: int = 0
    rev: int = 0

    @property
    def is_active(self) -> bool:
        return self.status is GuestLinkStatus.ACTIVE


def expires_at_ms_for(valid_days: int | None, now_ms: int) -> int | None:
    """When a link made or changed now is over; None or 0 days: never."""
    return now_ms + valid_days * DAY_MS if valid_days else None


def check_guests_wanted(room: Room, link: GuestLink | None, *, site_wants: bool) -> None:
    """Refuse where guests may not come in now: the link is off, or the site or the room takes no guests.

    Raises:
        InviteRevoked, GuestAccessOff
    """
    if link is None or not link.is_active:
        raise InviteRevoked
    if not (site_wants and room.guest_access):
        raise GuestAccessOff


def check_guest_stays_welcome(person: Person, room: Room, link: GuestLink | None, *, site_wants: bool) -> None:
    """Refuse a guest who is not in yet once guests are not wanted; who was admitted stays, and may come back.

    Raises:
        InviteRevoked, GuestAccessOff
    """
    if person.guest_link_id is not None and person.state is not PersonState.INSIDE and not person.admitted:
        check_guests_wanted(room, link, site_wants=site_wants)


def needs_click(person: Person | None, link: GuestLink) -> bool:
    """Whether coming by `link` is a click of it: by a new device, or by one that another link brought and nobody let in yet. It
    is this link's guest from then on, so that one who waits is not lost with a link that is switched off."""
    if person is None:
        return True
    is_in = person.state is PersonState.INSIDE or person.admitted
    return not is_in and person.guest_link_id != link.guest_link_id


def check_new_guest(link: GuestLink, now_ms: int) -> None:
    """Refuse one more device. Clicks are counted again by the script.

    Raises:
        InviteExpired, GuestLinkFull
    """
    if link.expires_at_ms is not None and now_ms >= link.expires_at_ms:
        raise InviteExpired("This link has expired.")
    if link.max_clicks is not None and link.clicks >= link.max_clicks:
        raise GuestLinkFull


def check_guest_not_banned(person: Person | None, device_banned_at_ms: int) -> None:
    """Refuse a banned guest, and the devices of anybody banned: no guest link lifts a ban.

    Raises:
        Banned
    """
    if device_banned_at_ms or (person is not None and person.state is PersonState.BANNED):
        raise Banned
