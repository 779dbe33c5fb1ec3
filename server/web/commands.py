"""Which use case each command on the websocket is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from server.actions import devices, invitations, let_in, line, roles, rooms, sanctions
from server.actions.invitations import Invitee
from server.actions.services import Answer, Request, Services
from server.domain.roles import Role
from server.store.scripting import as_list
from server.wire import messages as m

Handler = Callable[[Services, Request, Any], Awaitable[Answer]]


async def run_command(services: Services, request: Request, command: m.Command) -> Answer:
    """Do what `command` asks, as `request.actor_id`. Raises whatever refusal the use case has."""
    return await _HANDLERS[type(command)](services, request, command)


async def _admit(services: Services, request: Request, command: m.LobbyAdmit) -> Answer:
    answer = await let_in.admit(services, request, command.participant_ids)
    return answer | {name: as_list(answer.get(name)) for name in ("admitted", "already_decided")}


async def _edit(services: Services, request: Request, command: m.RoomEdit) -> Answer:
    wanted = {"title": command.title, "description": command.description, "starts_at_ms": command.starts_at_ms}
    return await rooms.edit_room(services, request, {name: value for name, value in wanted.items() if value is not None})


async def _invite(services: Services, request: Request, command: m.InvitationCreate) -> Answer:
    invitee = Invitee(
        email=command.email, first_name=command.first_name, last_name=command.last_name,
        role=Role(command.role), at_once=command.at_once,
    )
    return await invitations.invite(services, request, invitee)


async def _revoke(services: Services, request: Request, command: m.InvitationRevoke) -> Answer:
    return await invitations.revoke(services, request, command.invitation_id, remove_person=command.remove)


_HANDLERS: dict[type[m.Command], Handler] = {
    m.RoleChange: lambda s, r, c: roles.change_role(s, r, c.participant_id, Role(c.role)),
    m.HandRaise: lambda s, r, c: roles.raise_hand(s, r),
    m.HandLower: lambda s, r, c: roles.lower_hand(s, r, c.participant_id),
    m.HandsClear: lambda s, r, c: roles.clear_hands(s, r),
    m.RoomLock: lambda s, r, c: rooms.lock_room(s, r),
    m.RoomUnlock: lambda s, r, c: rooms.unlock_room(s, r),
    m.RoomEdit: _edit,
    m.RoomDelete: lambda s, r, c: rooms.delete_room(s, r),
    m.SessionStart: lambda s, r, c: rooms.start_session(s, r),
    m.SessionEnd: lambda s, r, c: rooms.end_session(s, r),
    m.LobbyAdmit: _admit,
    m.LobbyAdmitAll: lambda s, r, c: let_in.admit_all(s, r),
    m.LobbyDecline: lambda s, r, c: line.decline(s, r, c.participant_id, c.message),
    m.LobbySendBack: lambda s, r, c: line.send_back(s, r, c.participant_id),
    m.LobbyMessage: lambda s, r, c: rooms.write_lobby_message(s, r, c.text),
    m.LobbyWithdraw: lambda s, r, c: line.withdraw(s, r),
    m.LobbyKnock: lambda s, r, c: line.knock(s, r),
    m.ParticipantRemove: lambda s, r, c: sanctions.remove(s, r, c.participant_id),
    m.ParticipantBan: lambda s, r, c: sanctions.ban(s, r, c.participant_id),
    m.InvitationCreate: _invite,
    m.InvitationLink: lambda s, r, c: invitations.link_again(s, r, c.invitation_id),
    m.InvitationRevoke: _revoke,
    m.InvitationExtend: lambda s, r, c: invitations.extend(s, r, c.invitation_id),
    m.InvitationRole: lambda s, r, c: invitations.change_invited_role(s, r, c.invitation_id, Role(c.role)),
    m.DeviceAllow: lambda s, r, c: devices.decide_device(s, r, c.invitation_id, c.request_id, allow=True),
    m.DeviceRefuse: lambda s, r, c: devices.decide_device(s, r, c.invitation_id, c.request_id, allow=False),
}

# What the socket answers by itself.
OF_THE_TAB: tuple[type[m.Command], ...] = (m.Sync, m.TokenRenew, m.Leave)
