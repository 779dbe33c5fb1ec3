"""How the reference answers arrivals: signing in, a tab's coming and going, knocking and withdrawing."""

from __future__ import annotations

from dataclasses import dataclass

from tests.model.reference import (
    MAX_TABS,
    MAX_WAITERS,
    PARTICIPANT_GRACE_MS,
    WAITER_GRACE_MS,
    Reference,
    Refuse,
    Someone,
)


@dataclass(frozen=True)
class Session:
    """What a token says: who, and, where it came from a link, through which one and on which device."""

    participant_id: str
    invitation_id: str | None = None
    device: str | None = None


def sign_in(room: Reference, user_id: str, email: str, made_id: str) -> Session:
    """`made_id`: whom the store answered; it must be the person known already, or a new one."""
    identities = [f"user:{user_id}", f"email:{email}"]
    standing = room.standings.get(user_id)
    known = [room.identities[identity] for identity in identities if identity in room.identities]
    if not (standing and room.is_reopenable()):
        room.check_open_to(room.people[known[0]] if known else None)
    if room.access == "invited" and standing is None:
        _check_invited(room, known)
    if known:
        assert made_id == known[0], "a person known already became another one"
    else:
        assert made_id not in room.people, "a new person took over somebody's record"
        room.people[made_id] = Someone(made_id, role="manager" if standing else "viewer")
    someone = room.people[made_id]
    someone.email, someone.proof = email, "sign_in"
    someone.standing = standing or someone.standing
    for identity in identities:
        room.identities.setdefault(identity, made_id)
    if standing and someone.role != "manager":
        room.set_role(someone, "manager")
    return Session(made_id)


def enter(room: Reference, session: Session, tab: str) -> None:
    someone = room.people[session.participant_id]
    _check_link(room, session, someone)
    if someone.guest_link_id is not None and not someone.is_or_was_in:
        room.check_guests_wanted(someone.guest_link_id)
    door = _door(room, someone)
    _check_device(room, session, someone)
    waits_for_host = door == "wait" and room.waits_for_host(someone)
    if door == "enter" and not someone.is_there and not room.finds_seat(someone):
        door = "wait"
    if len(someone.tabs) >= MAX_TABS:
        raise Refuse("too_many_tabs")
    if door == "wait" and someone.state != "waiting" and len(room.line) >= MAX_WAITERS:
        raise Refuse("line_full")
    someone.tabs.append(tab)
    room.due.pop(("gone", someone.participant_id), None)
    if door == "enter":
        if someone.state != "inside":
            room.into_room(someone)
        someone.present, someone.seat_until = True, None
    elif door == "wait":
        if someone.state != "waiting":
            room.join_line(someone, someone.hold)
            someone.seat_until = None
            room.look_at_line_for(someone)
            if waits_for_host:
                room.call_hosts()
        someone.present = True
    elif door == "after_end" and someone.state in ("inside", "waiting"):
        room.leave_line(someone)
        had_seat = someone.has_seat(room.now)
        someone.state, someone.present, someone.hand, someone.seat_until = "known", False, False, None
        room.free_seat_of(had_seat)


def leave(room: Reference, participant_id: str, tab: str, *, at_once: bool) -> None:
    someone = room.people[participant_id]
    someone.tabs.remove(tab)
    _, expected = room.applications.get(participant_id, (0, {}))
    if expected.get(tab) is False:
        del expected[tab]
    if someone.tabs or not someone.present:
        return
    if at_once:
        room.mark_left(someone, on_purpose=True)
    else:
        grace_ms = WAITER_GRACE_MS if someone.state == "waiting" else PARTICIPANT_GRACE_MS
        room.due["gone", participant_id] = room.now + grace_ms


def acknowledge(room: Reference, participant_id: str, tab: str, role_rev: int) -> None:
    newest, expected = room.applications.get(participant_id, (0, {}))
    if participant_id in room.applications and role_rev >= newest and (not expected or expected.get(tab) is False):
        expected[tab] = True


def withdraw(room: Reference, actor: str) -> None:
    if room.person(actor).state != "waiting":
        raise Refuse("not_waiting")
    room.mark_left(room.people[actor])


def knock(room: Reference, actor: str) -> None:
    room.check_lives()
    someone = room.person(actor)
    holds = {"removed": "removed", "declined": "declined", "known": someone.hold}
    if someone.state == "banned" or (someone.state == "declined" and someone.knocks >= 1):
        raise Refuse(someone.state)
    if someone.state not in holds:
        raise Refuse("not_waiting")
    if len(room.line) >= MAX_WAITERS:
        raise Refuse("line_full")
    if not someone.tabs:
        raise Refuse("busy")  # nobody to wait: the facts never hold still
    if someone.state == "declined":
        someone.knocks += 1
    room.join_line(someone, holds[someone.state])
    someone.present = True
    room.look_at_line_for(someone)
    if room.waits_for_host(someone):
        room.call_hosts()


def _check_invited(room: Reference, known: list[str]) -> None:
    """Who is inside comes back; others need a claimed invitation that still holds."""
    people = [room.people[who] for who in dict.fromkeys(known)]
    if any(someone.state == "inside" or someone.admitted for someone in people):
        return
    claimed = [room.invitations[someone.invitation_id] for someone in people if someone.invitation_id]
    if not claimed:
        raise Refuse("not_invited")
    for invited in claimed:
        if invited.status in ("revoked", "replaced"):
            raise Refuse(f"invite_{invited.status}")


def _check_link(room: Reference, session: Session, someone: Someone) -> None:
    if session.invitation_id is None:
        return
    invited = room.invitations[session.invitation_id]
    if session.device in invited.moved:
        raise Refuse("invite_moved")
    if session.device not in invited.devices:
        raise Refuse("invite_used")
    if someone.state != "inside" and not someone.admitted and invited.status in ("revoked", "replaced"):
        raise Refuse(f"invite_{invited.status}")


def _check_device(room: Reference, session: Session, someone: Someone) -> None:
    """A ban of anybody on the device binds it, until somebody is invited anew."""
    if session.device in room.banned_devices:
        invited = room.invitations.get(someone.invitation_id or "")
        if invited is None or invited.created_at <= room.banned_devices[session.device]:
            raise Refuse("banned")


def _door(room: Reference, someone: Someone) -> str:
    if room.may_go_on(someone):
        return "after_end"
    room.check_lives()
    if someone.state == "banned":
        raise Refuse("banned")
    if someone.state in ("declined", "removed"):
        return "stay_out"
    return "enter" if someone.state == "inside" or room.may_walk_in(someone) else "wait"
