"""HTTP for hosts: who is in the room now, as a file."""

from __future__ import annotations

from starlette.responses import Response

from server.actions.exporting import read_participants
from server.domain.refusals import RoleForbidden, RoomUnknown
from server.web.callers import Caller
from server.web.operations import Call, Operations
from server.web.tables import Cell, csv_file, utc_time
from server.wire.audiences import Audience, audience_of, sees_addresses
from server.wire.showing import show_participant
from server.wire.views import ParticipantView, Revision, View

operations = Operations("Exports")

PATH = "/v1/rooms/{room_id}/participants"
REFUSES = (RoomUnknown, RoleForbidden)
COLUMNS = ("name", "role", "standing", "verified", "joined_at_utc")
ADDRESS_COLUMNS = ("email", "email_as_typed")


class ParticipantsExport(View):
    """Everybody in the room at `seq`, by when they joined. `email` and `claimed_email` are null for everybody but managers."""

    room_id: str
    title: str
    seq: Revision
    now_ms: int
    participants: list[ParticipantView]


@operations.get(PATH + ".json", caller=Caller.SITE_OR_PERSON, refuses=REFUSES)
async def export_participants(call: Call) -> ParticipantsExport:
    """Who is in the room now, whole; for hosts."""
    export, _ = await _export(call)
    return export


@operations.get(PATH + ".csv", caller=Caller.SITE_OR_PERSON, refuses=REFUSES, answers=str, media_type="text/csv")
async def export_participants_csv(call: Call) -> Response:
    """Who is in the room now, as a CSV file in UTF-8; for hosts.

    What a spreadsheet would take for a formula has an apostrophe before it. Addresses are in it for managers alone.
    """
    export, audience = await _export(call)
    with_addresses = sees_addresses(audience)
    columns = COLUMNS + (ADDRESS_COLUMNS if with_addresses else ())
    return csv_file(
        f"participants-{export.room_id}", columns, [_row(one, with_addresses=with_addresses) for one in export.participants]
    )


async def _export(call: Call) -> tuple[ParticipantsExport, Audience]:
    found = await read_participants(call.services, call.request)
    audience = Audience.MANAGERS if found.by is None else audience_of(found.by) or Audience.INSIDE
    export = ParticipantsExport(
        room_id=found.contents.room.room_id, title=found.contents.room.title, seq=found.contents.seq,
        now_ms=found.contents.now_ms, participants=[show_participant(person, audience) for person in found.people],
    )
    return export, audience


def _row(one: ParticipantView, *, with_addresses: bool) -> list[Cell]:
    row: list[Cell] = [one.name, one.role, one.standing, not one.unverified, utc_time(one.joined_at_ms)]
    return [*row, one.email, one.claimed_email] if with_addresses else row
