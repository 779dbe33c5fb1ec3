"""Everything that a room knows about one address, for whoever is asked "why was I refused?". For the site alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from server.actions.preview import NEW_DEVICE_ID, LinkPreview, newest_device, preview
from server.actions.services import Services
from server.domain.admission import Door, door_for
from server.domain.audit import RefusalLine
from server.domain.contents import RoomContents
from server.domain.domain_rules import Decision, decide_domain
from server.domain.invitation import Device, Invitation, InvitationStatus, device_marks
from server.domain.person import Person
from server.domain.refusals import DomainBlocked, NotInvited, Refusal
from server.domain.room import Access, check_exists
from server.store.audit import REFUSALS_KEPT
from server.trust.domain_names import normalise_address

REFUSALS_SHOWN = 50
_WITHDRAWN = frozenset({InvitationStatus.REVOKED, InvitationStatus.REPLACED})


@dataclass(frozen=True, kw_only=True)
class Findings:
    """`invitations`: of the address, the newest first. `own`, `other`: what the one that counts would show on the invitee's own
    device and on any other; None where nobody was invited. `people`: whose proven or typed address it is. `refusals`: at their
    links and of those people, the newest first. `refusal`, `door`: without an invitation, what the site's sign-in would bring
    them to."""

    email: str
    contents: RoomContents
    decision: Decision
    invitations: list[Invitation]
    own: LinkPreview | None
    other: LinkPreview | None
    people: list[Person]
    refusals: list[RefusalLine]
    refusal: Refusal | None = None
    door: Door | None = None


async def find_why(services: Services, room_id: str, email: str) -> Findings:
    """Nothing is changed, and nothing is kept of the question.

    Raises:
        BadMessage: no address. RoomUnknown
    """
    address = normalise_address(email)
    contents = await services.store.rooms.load(room_id)
    invitations = _invitations_of(contents, address)
    counts, people = _that_counts(invitations), _people_of(contents, address)
    own_device = newest_device(counts) if counts else None
    marks = device_marks(own_device) if own_device else []
    facts = await services.store.facts(room_id, identities=[f"email:{address}"], device_marks=marks)
    site = services.site_of(facts)
    decision = decide_domain(address, site, contents.room)
    refusal, door = _by_sign_in(contents, decision, facts.identified(f"email:{address}"))
    return Findings(
        email=address, contents=contents, decision=decision, invitations=invitations, people=people,
        own=preview(contents, counts, own_device, facts, site) if counts and own_device else None,
        other=preview(contents, counts, Device(device_id=NEW_DEVICE_ID), facts, site) if counts else None,
        refusals=await _refusals_of(services, room_id, invitations, people),
        refusal=refusal, door=door,
    )


def _invitations_of(contents: RoomContents, address: str) -> list[Invitation]:
    found = [one for one in contents.invitations.values() if one.email == address]
    return sorted(found, key=lambda one: (one.created_at_ms, one.invitation_id), reverse=True)


def _that_counts(invitations: list[Invitation]) -> Invitation | None:
    """The newest that was not withdrawn, else the newest."""
    return next((one for one in invitations if one.status not in _WITHDRAWN), invitations[0] if invitations else None)


def _people_of(contents: RoomContents, address: str) -> list[Person]:
    return sorted(
        (person for person in contents.people.values() if address in (person.email, person.claimed_email)),
        key=lambda person: person.participant_id,
    )


def _by_sign_in(contents: RoomContents, decision: Decision, person: Person | None) -> tuple[Refusal | None, Door | None]:
    """What somebody meets whom the site has signed in with this address. Whose channels they are in only a sign-in says."""
    try:
        if person is not None:
            return None, door_for(contents.room, person, contents.now_ms)
        check_exists(contents.room)
    except Refusal as refusal:
        return refusal, None
    if contents.room.access is Access.INVITED:
        return (NotInvited() if decision.allowed else DomainBlocked()), None
    return None, None


async def _refusals_of(
    services: Services, room_id: str, invitations: Iterable[Invitation], people: Iterable[Person]
) -> list[RefusalLine]:
    """Those that carry one of these ids; of whoever came with nothing that we know, nothing can be said."""
    ids = {one.invitation_id for one in invitations} | {person.participant_id for person in people}
    if not ids:
        return []
    kept = await services.store.audit.refusals(room_id, before=None, limit=2 * REFUSALS_KEPT)
    return [line for line in kept if ids & {line.invitation_id, line.participant_id}][:REFUSALS_SHOWN]
