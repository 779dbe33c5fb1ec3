"""What a rule is decided on, read at one instant, and the revisions by which a script checks that it still holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from server.domain.guests import GuestLink
from server.domain.invitation import Invitation
from server.domain.person import Person
from server.domain.refusals import ParticipantUnknown, RoomUnknown
from server.domain.room import Room, check_room_id
from server.domain.site import Site
from server.store.records import decode_as
from server.store.scripting import Scripts, unpack_answer


@dataclass(kw_only=True)
class Facts:
    """`answered`: the first answer to this very request, if it was answered before. `device_banned_at_ms`: when somebody
    was banned on the device asked about, 0 for never. `site`: the site-wide document, None until one was written."""

    now_ms: int
    seq: int
    room: Room
    people: dict[str, Person] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)
    guest_links: dict[str, GuestLink] = field(default_factory=dict)
    device_banned_at_ms: int = 0
    site: Site | None = None
    answered: bytes | None = None

    def person(self, participant_id: str) -> Person:
        """Raises: ParticipantUnknown."""
        if participant_id not in self.people:
            raise ParticipantUnknown
        return self.people[participant_id]

    def identified(self, identity: str) -> Person | None:
        participant_id = self.identities.get(identity)
        return self.people.get(participant_id) if participant_id else None

    def replay(self) -> dict[str, Any] | None:
        """The first answer to this request; a refusal that was the answer is raised again."""
        return unpack_answer(self.answered) if self.answered else None

    def seen(
        self,
        *people: str,
        room: bool = True,
        invitations: Iterable[str] = (),
        site: bool = False,
    ) -> dict[str, Any]:
        """The revisions that a script is to check again. `site`: the site's document decided, too."""
        return {
            "room": self.room.rev if room else None,
            "people": {who: self.people[who].rev if who in self.people else 0 for who in people},
            "invitations": {which: self.invitations[which].rev for which in invitations},
            "site": (self.site.rev if self.site else 0) if site else None,
        }


async def load_facts(
    scripts: Scripts,
    room_id: str,
    *people: str,
    identities: Iterable[str] = (),
    invitations: Iterable[str] = (),
    guest_links: Iterable[str] = (),
    secret_hash: str | None = None,
    device_marks: Iterable[str] = (),
    request_id: str | None = None,
) -> Facts:
    """Read facts about a room.

    Raises:
        RoomUnknown
        StoreUnavailable
        Unconfirmed: the request was answered before, and too few replicas have that.
    """
    check_room_id(room_id)
    args = {
        "people": list(people), "identities": list(identities), "invitations": list(invitations),
        "guest_links": list(guest_links), "secret_hash": secret_hash, "device_marks": list(device_marks),
        "request_id": request_id,
    }
    reply = await scripts.read("facts", room_id, args, request_id=request_id)
    now_ms, seq, room, found, identified, invited, device_banned_at_ms, site, found_links, *answered = reply
    if room is None:
        raise RoomUnknown
    if answered and answered[0] and request_id is not None:
        # Whoever asks again wants to know what became of it: an answer that was given unconfirmed is not confirmed by itself.
        await scripts.confirm_answer(room_id, request_id)
    return Facts(
        now_ms=int(now_ms),
        seq=int(seq),
        room=decode_as(Room, room),
        people={who.decode(): decode_as(Person, text) for who, text in found},
        identities={identity.decode(): who.decode() for identity, who in identified},
        invitations={which.decode(): decode_as(Invitation, text) for which, text in invited},
        guest_links={which.decode(): decode_as(GuestLink, text) for which, text in found_links},
        device_banned_at_ms=int(device_banned_at_ms),
        site=msgspec.json.decode(site, type=Site) if site else None,
        answered=answered[0] if answered else None,
    )

