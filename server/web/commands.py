"""Which use case each command on the websocket is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from msgspec import UNSET

from server.actions import (
    audit,
    bulk,
    devices,
    directory,
    guest_links,
    invitations,
    let_in,
    line,
    mailing,
    names,
    reminding,
    roles,
    rooms,
    sanctions,
    sessions,
)
from server.actions.domains import check_at_room, list_rules
from server.actions.guest_links import GuestLinkChanges
from server.actions.invitations import Invitee
from server.actions.services import Answer, Request, Services
from server.domain.roles import Role
from server.domain.upload import UploadedRow
from server.store.scripting import as_list
from server.web.bulk_api import show_outcomes
from server.wire import messages as m
from server.wire.showing import show_audit_line

Handler = Callable[[Services, Request, Any], Awaitable[Answer]]


async def run_command(services: Services, request: Request, command: m.Command) -> Answer:
    """Do what `command` asks, as `request.actor_id`. Raises whatever refusal the use case has."""
    return await _HANDLERS[type(command)](services, request, command)


async def _admit(services: Services, request: Request, command: m.LobbyAdmit) -> Answer:
    answer = await let_in.admit(services, request, command.participant_ids)
    return answer | {name: as_list(answer.get(name)) for name in ("admitted", "already_decided", "full")}


async def _edit(services: Services, request: Request, command: m.RoomEdit) -> Answer:
    wanted = {name: value for name, value in msgspec.structs.asdict(command).items() if name != "id" and value is not UNSET}
    return await rooms.edit_room(services, request, wanted)


async def _invite(services: Services, request: Request, command: m.InvitationCreate) -> Answer:
    invitee = Invitee(
        email=command.email, first_name=command.first_name, last_name=command.last_name,
        role=Role(command.role), at_once=command.at_once, send_email=command.send_email, language=command.language,
        link_devices=command.link_devices,
    )
    return await invitations.invite(services, request, invitee)


async def _revoke(services: Services, request: Request, command: m.InvitationRevoke) -> Answer:
    return await invitations.revoke(services, request, command.invitation_id, remove_person=command.remove)


async def _invite_many(services: Services, request: Request, command: m.InvitationBulk) -> Answer:
    rows = [UploadedRow(**msgspec.structs.asdict(row)) for row in command.rows]
    outcomes = await bulk.invite_in_bulk(services, request, bulk.Upload(rows=rows, dry_run=command.dry_run))
    answer: Answer = msgspec.to_builtins(show_outcomes(rows, outcomes, dry_run=command.dry_run))
    return answer | {"seq": max((outcome.seq for outcome in outcomes if outcome.seq is not None), default=None)}


async def _audit_page(services: Services, request: Request, command: m.AuditPage) -> Answer:
    lines = await audit.read_audit(services, request, before=command.before, limit=command.limit)
    entries = [msgspec.to_builtins(show_audit_line(line)) for line in lines]
    return {"entries": entries, "next_before": lines[-1].seq if len(lines) == command.limit else None}


def _wanted(command: m.GuestLinkCreate | m.GuestLinkEdit) -> GuestLinkChanges:
    return GuestLinkChanges(name=command.name, max_clicks=command.max_clicks, valid_days=command.valid_days)


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
    m.SessionReopen: lambda s, r, c: sessions.reopen_session(s, r),
    m.PersonRename: lambda s, r, c: names.rename_oneself(s, r, c.name),
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
    m.InvitationSend: lambda s, r, c: mailing.send_again(s, r, c.invitation_id),
    m.InvitationLink: lambda s, r, c: invitations.link_again(s, r, c.invitation_id),
    m.InvitationRevoke: _revoke,
    m.InvitationExtend: lambda s, r, c: invitations.extend(s, r, c.invitation_id),
    m.InvitationRole: lambda s, r, c: invitations.change_invited_role(s, r, c.invitation_id, Role(c.role)),
    m.AuditPage: _audit_page,
    m.InvitationRemind: lambda s, r, c: reminding.remind(s, r, c.invitation_ids),
    m.InvitationRelease: lambda s, r, c: devices.release_claim(s, r, c.invitation_id),
    m.GuestLinkCreate: lambda s, r, c: guest_links.create_guest_link(s, r, _wanted(c)),
    m.GuestLinkLink: lambda s, r, c: guest_links.link_again(s, r, c.guest_link_id),
    m.GuestLinkEdit: lambda s, r, c: guest_links.edit_guest_link(s, r, c.guest_link_id, _wanted(c)),
    m.GuestLinkDelete: lambda s, r, c: guest_links.switch_off_guest_link(s, r, c.guest_link_id),
    m.DomainCheck: lambda s, r, c: check_at_room(s, r, c.email),
    m.DomainRules: lambda s, r, c: list_rules(s, r),
    m.InvitationBulk: _invite_many,
    m.PeopleSuggest: lambda s, r, c: directory.suggest_people(s, r, c.text),
    m.DeviceAllow: lambda s, r, c: devices.decide_device(s, r, c.invitation_id, c.request_id, allow=True),
    m.DeviceRefuse: lambda s, r, c: devices.decide_device(s, r, c.invitation_id, c.request_id, allow=False),
}

# What the socket answers by itself.
OF_THE_TAB: tuple[type[m.Command], ...] = (
    m.Sync, m.TokenRenew, m.Leave, m.ParticipantsPage, m.ParticipantsWatch, m.WaitersPage
)
