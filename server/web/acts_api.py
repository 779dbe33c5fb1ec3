"""The acts of a host over HTTP, for the room product and for people inside: each is a command of the websocket, at an address.

The tables say which command is where. What a body holds is what is left of the command when its id and what the path names
are taken away; the answer is the command's result, with the `seq` from which on the log contains it.
"""

from __future__ import annotations

import inspect
import re
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta, structs

from server.domain import refusals as r
from server.web.answers import Body
from server.web.callers import Caller
from server.web.commands import run_command
from server.web.operations import Call, Operations
from server.wire import messages as m
from server.wire.results import RESULTS
from server.wire.views import View

operations = Operations("Acts")

_ROOM = "/v1/rooms/{room_id}"
_GONE = (r.RoomDeleted, r.SessionEnded, r.RoleForbidden)

# (method, path below the room) → the command, and what it may refuse.
ACTS: dict[tuple[str, str], tuple[type[m.Command], tuple[type[r.Refusal], ...]]] = {
    ("POST", "/start"): (m.SessionStart, (*_GONE, r.AlreadyLive)),
    ("POST", "/end"): (m.SessionEnd, (*_GONE, r.NotLive)),
    ("POST", "/lock"): (m.RoomLock, _GONE),
    ("POST", "/unlock"): (m.RoomUnlock, _GONE),
    ("POST", "/lobby-message"): (m.LobbyMessage, _GONE),
    ("POST", "/line/admit"): (m.LobbyAdmit, (*_GONE, r.AlreadyDecided, r.RoomFull)),
    ("POST", "/line/admit-all"): (m.LobbyAdmitAll, (*_GONE, r.RoomFull)),
    ("POST", "/line/{participant_id}/decline"): (m.LobbyDecline, (*_GONE, r.AlreadyDecided)),
    ("POST", "/participants/{participant_id}/role"): (m.RoleChange, (r.RoleForbidden, r.RoomDeleted)),
    ("POST", "/participants/{participant_id}/remove"): (m.ParticipantRemove, (r.RoleForbidden, r.AlreadyDecided, r.RoomDeleted)),
    ("POST", "/participants/{participant_id}/ban"): (m.ParticipantBan, (r.RoleForbidden, r.AlreadyDecided, r.RoomDeleted)),
    ("POST", "/participants/{participant_id}/send-back"): (m.LobbySendBack, (*_GONE, r.AlreadyDecided)),
    ("POST", "/participants/{participant_id}/lower-hand"): (m.HandLower, (r.RoleForbidden, r.RoomDeleted)),
    ("POST", "/invitations/{invitation_id}/link"): (m.InvitationLink, (r.RoleForbidden, r.InvitationClosed)),
    ("POST", "/invitations/remind"): (m.InvitationRemind, (*_GONE, r.EmailNotConfigured, r.MailTooSoon, r.MailQueueFull)),
    ("POST", "/invitations/{invitation_id}/role"): (m.InvitationRole, (r.RoleForbidden, r.InvitationClosed)),
    ("POST", "/invitations/{invitation_id}/release"): (
        m.InvitationRelease, (r.RoleForbidden, r.InvitationClosed, r.AlreadyDecided)
    ),
    ("POST", "/invitations/{invitation_id}/devices/{request_id}/allow"): (
        m.DeviceAllow, (r.RoleForbidden, r.InvitationClosed, r.AlreadyDecided)
    ),
    ("POST", "/invitations/{invitation_id}/devices/{request_id}/refuse"): (
        m.DeviceRefuse, (r.RoleForbidden, r.InvitationClosed, r.AlreadyDecided)
    ),
    ("POST", "/hands/clear"): (m.HandsClear, (r.RoleForbidden, r.RoomDeleted)),
}
# Commands that operations with more to them stand for: command → operation.
ELSEWHERE: dict[type[m.Command], str] = {
    m.RoomEdit: "edit_room",
    m.RoomDelete: "delete_room",
    m.SessionReopen: "reopen",
    m.InvitationCreate: "invite",
    m.InvitationRevoke: "revoke",
    m.InvitationSend: "send_invitation",
    m.InvitationExtend: "extend",
    m.AuditPage: "read_audit",
    m.ParticipantsPage: "list_participants",
    m.WaitersPage: "list_line",
    m.PeopleSuggest: "suggest_people",
    m.InvitationBulk: "invite_many",
    m.GuestLinkCreate: "create_guest_link",
    m.GuestLinkLink: "copy_guest_link",
    m.GuestLinkEdit: "edit_guest_link",
    m.GuestLinkDelete: "switch_off_guest_link",
    m.DomainCheck: "would_get_in_here",
    m.DomainRules: "get_room",
}
# What only a tab can mean: its own view, its own token, its own hand, its own place in the line.
OF_A_TAB: frozenset[type[m.Command]] = frozenset({
    m.Sync, m.TokenRenew, m.Leave, m.HandRaise, m.LobbyWithdraw, m.LobbyKnock, m.ParticipantsWatch,
    m.PersonRename,
})


def _answer_of(command: type[m.Command]) -> type[View]:
    """The result of a command, and the log's `seq`."""
    result = RESULTS[command]
    if result not in _answers:
        name = result.__name__.removesuffix("Result").removesuffix("Nothing") + "Done"
        fields: list[Any] = [("seq", Annotated[int, Meta(ge=0)] | None)]
        _answers[result] = msgspec.defstruct(name, fields, bases=(result,), kw_only=True)
        _answers[result].__doc__ = f"{inspect.getdoc(result)} `seq`: the log contains it from there on; null: nothing changed."
    return cast(type[View], _answers[result])


_answers: dict[type[View], Any] = {}


def _body_of(command: type[m.Command], path_names: list[str]) -> type[Body]:
    """What is left of a command without its id and what the path names."""
    fields: list[Any] = []
    for field in structs.fields(command):
        if field.name != "id" and field.name not in path_names:
            taken = (field.name, field.type)
            fields.append(taken if field.required else (*taken, msgspec.field(default=field.default)))
    return cast(type[Body], msgspec.defstruct(f"{command.__name__}Body", fields, bases=(Body,), kw_only=True))


def _declare(method: str, path: str, command: type[m.Command], refuses: tuple[type[r.Refusal], ...]) -> None:
    answer_type = _answer_of(command)

    async def act(call: Call, body: Body) -> View:
        fields = {**structs.asdict(body), **{name: value for name, value in call.path.items() if name != "room_id"}}
        done = await run_command(call.services, call.request, command(id="http", **fields))
        answered: View = msgspec.convert({"seq": None, **done}, answer_type)
        return answered

    tag = str(command.__struct_config__.tag)
    act.__name__ = tag.replace(".", "_")
    act.__doc__ = inspect.getdoc(command)
    act.__annotations__ = {"call": Call, "body": _body_of(command, re.findall(r"\{(\w+)\}", path)), "return": answer_type}
    operations.add(method, _ROOM + path, caller=Caller.SITE_OR_PERSON, refuses=refuses)(act)


for (_method, _path), (_command, _refuses) in ACTS.items():
    _declare(_method, _path, _command, _refuses)
