"""How the reference answers invitations: issuing, looking, claiming, other devices, withdrawing."""

from __future__ import annotations

from typing import Any

from tests.model.reference import (
    LINK_TTL_MS,
    MAX_INVITATIONS,
    MAX_QUESTIONS,
    MAX_TRIES,
    RANK,
    Invited,
    Reference,
    Refuse,
    Someone,
)
from tests.model.reference_hosts import check_sanction, put_out
from tests.model.reference_tabs import Session


def _check_claimable(room: Reference, invited: Invited) -> None:
    """Until its own time is over, or as long after the start as that time is long."""
    if room.now >= max(invited.expires_at, (room.starts_at or 0) + LINK_TTL_MS):
        raise Refuse("invite_expired")


def invite(room: Reference, actor: str | None, email: str, role: str, at_once: bool, made_id: str) -> dict[str, Any]:
    room.acting_at_least(actor, "manager")
    if not room.site_invites:
        raise Refuse("module_disabled")
    if not room.cnc:
        raise Refuse("cnc_disabled")
    room.check_lives()
    room.check_domain(email)
    if len(room.of_address) >= MAX_INVITATIONS or len(room.invitations) >= 4 * MAX_INVITATIONS:
        raise Refuse("too_many_invitations")
    made = Invited(made_id, email, role, room.now + LINK_TTL_MS, room.now, room.link_devices)
    older, replaced = room.invitations.get(room.of_address.get(email, "")), None
    if older and older.status in ("created", "opened"):
        older.status, replaced, made.takes_over = "replaced", older.invitation_id, older.takes_over
    elif older and older.status == "claimed":
        made.takes_over = older.invitation_id
    room.invitations[made_id], room.of_address[email] = made, made_id
    someone = room.people.get(room.identities.get(f"email:{email}", ""))
    if at_once and someone and someone.state == "inside" and RANK[role] > RANK[someone.role]:
        room.set_role(someone, role)
    return {"replaced": replaced}


def look(room: Reference, invitation_id: str, device: str) -> str:
    invited = room.invitations[invitation_id]
    _check_open(room, invited, device)
    state = "claimed_here"
    if device not in invited.devices:
        elsewhere = "moved" if device in invited.moved else "used_on_another_device"
        state = "email_entry" if _has_free_device(invited) else elsewhere
    if state == "email_entry":
        _check_claimable(room, invited)
    if invited.status == "created":
        invited.status = "opened"
    return state


def claim(room: Reference, invitation_id: str, device: str, network: str, email: str, made_id: str) -> Session:
    """`made_id`: whom the store answered."""
    invited = room.invitations[invitation_id]
    _check_open(room, invited, device)
    if device not in invited.devices:
        if not _has_free_device(invited):
            raise Refuse("invite_moved" if device in invited.moved else "invite_used")
        _check_claimable(room, invited)
        check_address(invited, network, email)
        room.check_domain(invited.email)
        _check_not_banned(room, invited, device)
        _use(room, invited, device, made_id)
    else:
        _check_not_banned(room, invited, device)
    assert invited.participant_id == made_id, "the claim answered another person"
    return Session(made_id, invitation_id, device)


def check_address(invited: Invited, network: str, email: str) -> None:
    """A wrong one counts: the one exception to changing nothing where something is refused."""
    if invited.tries.get(network, 0) >= MAX_TRIES:
        raise Refuse("too_many_attempts")
    if email != invited.email:
        invited.tries[network] = invited.tries.get(network, 0) + 1
        raise Refuse("email_mismatch")
    invited.tries.pop(network, None)


def _use(room: Reference, invited: Invited, device: str, made_id: str) -> None:
    identity = f"email:{invited.email}"
    if identity not in room.identities:
        assert made_id not in room.people, "a new person took over somebody's record"
        room.people[made_id] = Someone(made_id, role=invited.role)
        room.identities[identity] = made_id
    someone = room.people[room.identities[identity]]
    if someone.email is None:
        someone.email, someone.proof = invited.email, "link"
    someone.invitation_id = invited.invitation_id
    if someone.state == "banned" and invited.created_at > someone.banned_at:
        someone.state, someone.hold = "known", None
    invited.devices.append(device)
    invited.moved.discard(device)
    invited.status, invited.participant_id = "claimed", someone.participant_id
    if RANK[invited.role] > RANK[someone.role]:
        room.set_role(someone, invited.role)
    older = room.invitations.get(invited.takes_over or "")
    if older and older.status not in ("revoked", "replaced"):
        older.status, older.asked = "replaced", None


def ask(room: Reference, invitation_id: str, device: str, network: str, email: str, made_id: str) -> None:
    invited = room.invitations[invitation_id]
    _check_open(room, invited)
    check_address(invited, network, email)
    room.check_domain(invited.email)
    _check_not_banned(room, invited, device)
    if device in invited.devices or invited.status != "claimed":
        raise Refuse("already_decided")
    if invited.questions.get(device, 0) >= MAX_QUESTIONS:
        raise Refuse("too_many_attempts")
    invited.questions[device] = invited.questions.get(device, 0) + 1
    invited.asked = (made_id, device)


def decide_device(room: Reference, actor: str | None, invitation_id: str, asked_id: str, *, allow: bool) -> None:
    role = room.acting_at_least(actor, "moderator")
    invited = _invited(room, invitation_id)
    if RANK[invited.role] >= RANK["moderator"] and role != "manager":
        raise Refuse("role_forbidden")
    if invited.status in ("revoked", "replaced"):
        raise Refuse("invitation_closed")
    if invited.asked is None or invited.asked[0] != asked_id:
        raise Refuse("already_decided")
    device, invited.asked = invited.asked[1], None
    if allow:
        _move(invited, device)


def _move(invited: Invited, device: str) -> None:
    """The new device takes the place of the longest holder where there is no room for one more."""
    if device in invited.devices:
        invited.devices.remove(device)
    while invited.link_devices != -1 and len(invited.devices) >= invited.link_devices:
        invited.moved.add(invited.devices.pop(0))
    invited.moved.discard(device)
    invited.devices.append(device)


def release(room: Reference, actor: str | None, invitation_id: str) -> None:
    invited = _changeable(room, actor, invitation_id)
    if not invited.devices:
        raise Refuse("already_decided")
    invited.moved |= set(invited.devices)
    invited.devices, invited.asked = [], None


def revoke(room: Reference, actor: str | None, invitation_id: str, *, remove: bool) -> None:
    known = room.invitations.get(invitation_id)
    if remove and known and known.participant_id:
        check_sanction(room, actor, known.participant_id)
    invited = _changeable(room, actor, invitation_id)
    invited.status, invited.asked = "revoked", None
    if room.of_address.get(invited.email) == invitation_id:
        older = room.invitations.get(invited.takes_over or "")
        if older and older.status == "claimed":
            room.of_address[invited.email] = older.invitation_id
        else:
            del room.of_address[invited.email]
    if remove and invited.participant_id and room.people[invited.participant_id].state not in ("removed", "banned"):
        put_out(room, actor, invited.participant_id, ban=False)


def extend(room: Reference, actor: str | None, invitation_id: str) -> None:
    _changeable(room, actor, invitation_id).expires_at = room.now + LINK_TTL_MS


def change_invited_role(room: Reference, actor: str | None, invitation_id: str, role: str) -> None:
    invited = _changeable(room, actor, invitation_id)
    invited.role = role
    someone = room.people.get(invited.participant_id or "")
    if someone and someone.role not in ("manager", role):
        room.set_role(someone, role)


def link_again(room: Reference, actor: str | None, invitation_id: str) -> None:
    _changeable(room, actor, invitation_id)


def _changeable(room: Reference, actor: str | None, invitation_id: str) -> Invited:
    room.acting_at_least(actor, "manager")
    invited = _invited(room, invitation_id)
    if invited.status in ("revoked", "replaced"):
        raise Refuse("invitation_closed")
    return invited


def _invited(room: Reference, invitation_id: str) -> Invited:
    if invitation_id not in room.invitations:
        raise Refuse("invitation_unknown")
    return room.invitations[invitation_id]


def _check_open(room: Reference, invited: Invited, device: str | None = None) -> None:
    """On the device that has the link, a host comes back after the end."""
    if invited.status in ("revoked", "replaced"):
        raise Refuse(f"invite_{invited.status}")
    someone = room.people.get(room.identities.get(f"email:{invited.email}", ""))
    room.check_open_to(someone if device in invited.devices else None)


def _check_not_banned(room: Reference, invited: Invited, device: str) -> None:
    """Neither the person nor a device of theirs; an invitation made after the ban lifts it."""
    someone = room.people.get(room.identities.get(f"email:{invited.email}", ""))
    banned_at = room.banned_devices.get(device, -1)
    if someone and someone.state == "banned":
        banned_at = max(banned_at, someone.banned_at)
    if invited.created_at <= banned_at:
        raise Refuse("banned")


def _has_free_device(invited: Invited) -> bool:
    return invited.link_devices == -1 or len(invited.devices) < invited.link_devices
