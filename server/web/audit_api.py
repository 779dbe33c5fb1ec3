"""HTTP for managers and support: who did what in a room, and who was refused and why, in rows to be shown as they are."""

from __future__ import annotations

import re

import msgspec

from server.actions import audit
from server.actions.audit import Names
from server.domain.audit import AuditLine, RefusalLine
from server.domain.refusals import ALL, BadMessage, RoleForbidden, RoomUnknown
from server.web.callers import Caller
from server.web.operations import Call, Operations
from server.web.paging import Page, read_cursor, write_cursor
from server.wire.showing import show_audit_line, show_refusal_line
from server.wire.views import AuditLineView, RefusalLineView, View

operations = Operations("Audit")

MAX_TARGETS = 20
# How far a role has reached somebody's tabs: it changes with the role, and is no target of its own.
_NO_TARGETS = frozenset({"application"})
_MESSAGES = {refusal.code: refusal.message for refusal in ALL}
_REFUSAL_ID = re.compile(r"[0-9]{1,13}-[0-9]{1,9}")


class ActorView(View):
    """Who did it. `kind`: person, or service: the site with its key, a link, or the clock. `name`: as they are called now, null
    where nobody is known by that id any more."""

    kind: str
    id: str | None
    name: str | None


class TargetView(View):
    """What an act was done to: `kind` is person, invitation, guest_link or room. `name`: as for who did it; a room's is its
    title."""

    kind: str
    id: str
    name: str | None


class AuditRowView(AuditLineView):
    """One act, ready to be shown. `targets`: the first twenty of what it was done to, people first; `more_targets`: how many
    more there are."""

    actor: ActorView
    targets: list[TargetView]
    more_targets: int


class RefusalRowView(RefusalLineView):
    """One refusal, ready to be shown. `message`: what it says, as they were told. `person_name`: of whoever it was, as far as
    that was known; `invitee_name`: of the invitation whose link it was. Both as they are called now."""

    message: str
    person_name: str | None
    invitee_name: str | None


class AuditAnswer(View):
    """`next_cursor`: ask with it for the older ones; null where there are none."""

    entries: list[AuditRowView]
    next_cursor: str | None


class RefusalsAnswer(View):
    """`next_cursor`: ask with it for the older ones; null where there are none."""

    refusals: list[RefusalRowView]
    next_cursor: str | None


@operations.get("/v1/rooms/{room_id}/audit", caller=Caller.SITE_OR_PERSON, refuses=(RoomUnknown, RoleForbidden))
async def read_audit(call: Call, query: Page) -> AuditAnswer:
    """Who did what, the newest first; for managers.

    One entry an act: what a host, the site, a link or the clock changed, and the ids of what was changed. The newest five
    thousand or so are kept, and none holds a secret, a name or an address: names are those of today.
    """
    lines = await audit.read_audit(call.services, call.request, before=_seq(query.cursor), limit=query.limit)
    named = [pair for line in lines for pair in [("person", line.by), *_targets(line)[:MAX_TARGETS]]]
    names = await audit.read_names(call.services, call.request.room_id, named)
    return AuditAnswer(
        entries=[_show_act(line, names) for line in lines],
        next_cursor=write_cursor(lines[-1].seq if len(lines) == query.limit else None),
    )


@operations.get("/v1/rooms/{room_id}/refusals", caller=Caller.SITE_OR_PERSON, refuses=(RoomUnknown, RoleForbidden))
async def read_refusals(call: Call, query: Page) -> RefusalsAnswer:
    """Who was refused at a link or a hello, and why, the newest first; for managers.

    The newest thousand or so are kept. What was typed is never kept.
    """
    lines = await audit.read_refusals(call.services, call.request, before=_refusal_id(query.cursor), limit=query.limit)
    named = [pair for line in lines for pair in (("person", line.participant_id), ("invitation", line.invitation_id))]
    names = await audit.read_names(call.services, call.request.room_id, named)
    return RefusalsAnswer(
        refusals=[show_refusal_row(line, names, for_site=call.request.actor_id is None) for line in lines],
        next_cursor=write_cursor(lines[-1].refusal_id if len(lines) == query.limit else None),
    )


def show_refusal_row(line: RefusalLine, names: Names, *, for_site: bool) -> RefusalRowView:
    """For support with everything; a manager does not hear where people come from."""
    shown = msgspec.structs.asdict(show_refusal_line(line)) | ({} if for_site else {"network": None})
    return RefusalRowView(
        **shown, message=_MESSAGES.get(line.code, line.code),
        person_name=names.of("person", line.participant_id), invitee_name=names.of("invitation", line.invitation_id),
    )


def _show_act(line: AuditLine, names: Names) -> AuditRowView:
    targets = _targets(line)
    return AuditRowView(
        **msgspec.structs.asdict(show_audit_line(line)),
        actor=ActorView(kind="person" if line.by else "service", id=line.by, name=names.of("person", line.by)),
        targets=[TargetView(kind=kind, id=which, name=names.of(kind, which)) for kind, which in targets[:MAX_TARGETS]],
        more_targets=max(0, len(targets) - MAX_TARGETS),
    )


def _targets(line: AuditLine) -> list[tuple[str, str]]:
    """Once each, people first, the room last."""
    order = ("person", "invitation", "guest_link", "room")
    wanted = dict.fromkeys(subject for subject in line.subjects if subject[0] not in _NO_TARGETS)
    return sorted(wanted, key=lambda subject: order.index(subject[0]) if subject[0] in order else len(order))


def _seq(cursor: str | None) -> int | None:
    """Raises: BadMessage."""
    seq = read_cursor(cursor, int)
    if seq is not None and not 0 < seq < 10**13:
        raise BadMessage("This cursor was not given out.")
    return seq


def _refusal_id(cursor: str | None) -> str | None:
    """Raises: BadMessage."""
    refusal_id = read_cursor(cursor, str)
    if refusal_id is not None and not _REFUSAL_ID.fullmatch(refusal_id):
        raise BadMessage("This cursor was not given out.")
    return refusal_id
