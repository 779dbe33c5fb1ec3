"""People, links and entries of the log to tell: every name, address and label is findable in bytes."""

from __future__ import annotations

from typing import Any

from server.domain.crowd import FEW, Crowd
from server.domain.events import Change, Entry, Event, Record
from server.domain.guests import GuestLink
from server.domain.invitation import Device, DeviceRequest, Invitation, InvitationStatus, RequestStatus
from server.domain.person import Person, PersonState
from server.domain.roles import Role
from server.domain.room import Phase, Room


def a_person(name: str, state: PersonState, role: Role = Role.VIEWER, **fields: Any) -> Person:
    waits = state is PersonState.WAITING
    made = {
        "participant_id": f"p-{name}", "name": f"Name-{name}", "role": role, "state": state,
        "present": state in (PersonState.INSIDE, PersonState.WAITING), "email": f"{name}@address.example",
        "email_proof": "sign_in", "line_no": 7 if waits else None, "waiting_since_ms": 5 if waits else None,
    }
    return Person(**{**made, **fields})


def a_room(**fields: Any) -> Room:
    return Room(**{"room_id": "room-1", "title": "A room", "phase": Phase.OPEN, **fields})


def an_invitation(name: str, role: Role = Role.VIEWER, *, asked: bool = False, **fields: Any) -> Invitation:
    request = DeviceRequest(
        request_id=f"d-{name}", device=Device(device_id=f"device-{name}"), label=f"Label-{name}", asked_at_ms=5,
        status=RequestStatus.PENDING,
    )
    made = {
        "invitation_id": f"i-{name}", "email": f"{name}@address.example", "first_name": f"First-{name}",
        "last_name": f"Last-{name}", "role": role, "status": InvitationStatus.CLAIMED, "secret_hash": f"hash-{name}",
        "key_id": f"key-{name}", "participant_id": f"p-{name}", "device_request": request if asked else None,
    }
    return Invitation(**{**made, **fields})


def a_guest_link(name: str, **fields: Any) -> GuestLink:
    made = {
        "guest_link_id": f"g-{name}", "name": f"Link-{name}", "secret_hash": f"hash-{name}", "key_id": f"key-{name}", "clicks": 3,
    }
    return GuestLink(**{**made, **fields})


def a_guest(name: str, state: PersonState, role: Role = Role.VIEWER, **fields: Any) -> Person:
    typed = {"guest_link_id": "g-open", "claimed_email": f"{name}@address.example", "device_marks": [f"k:key-{name}"]}
    return a_person(name, state, role, **{"email": None, "email_proof": None, **typed, **fields})


def an_entry(event: Event, *records: Record, seq: int = 9, crowd: Crowd = FEW) -> Entry:
    return Entry(room_id="room-1", seq=seq, event=event, changes=tuple(_change(record) for record in records), crowd=crowd)


def _change(record: Record) -> Change:
    if isinstance(record, Person):
        return Change("person", record.participant_id, record)
    if isinstance(record, Invitation):
        return Change("invitation", record.invitation_id, record)
    if isinstance(record, GuestLink):
        return Change("guest_link", record.guest_link_id, record)
    if isinstance(record, Room):
        return Change("room", record.room_id, record)
    return Change("application", record.participant_id, record)
