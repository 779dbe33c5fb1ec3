"""How the reference answers those who run the room: the line, roles, hands, sanctions, the session's life."""

from __future__ import annotations

from typing import Any

from tests.model.reference import RANK, Reference, Refuse


def admit(room: Reference, actor: str | None, wanted: list[str]) -> dict[str, Any]:
    room.acting_at_least(actor, "moderator")
    room.check_lives()
    admitted = [who for who in dict.fromkeys(wanted) if who in room.people and room.people[who].state == "waiting"]
    if not admitted:
        raise Refuse("already_decided")
    for who in admitted:
        room.into_room(room.people[who])
    late = list(wanted)
    for who in admitted:
        late.remove(who)
    return {"admitted": admitted, "already_decided": late}


def admit_all(room: Reference, actor: str | None) -> dict[str, Any]:
    room.acting_at_least(actor, "moderator")
    room.check_lives()
    count, more = 0, True
    while more:
        admitted, more = room.let_in_batch(everybody=True)
        count += len(admitted)
    return {"admitted": count}


def decline(room: Reference, actor: str | None, target: str) -> None:
    room.acting_at_least(actor, "moderator")
    room.check_lives()
    someone = room.person(target)
    if someone.state != "waiting":
        raise Refuse("already_decided")
    room.leave_line(someone)
    someone.state, someone.present = "declined", False


def send_back(room: Reference, actor: str | None, target: str) -> None:
    check_sanction(room, actor, target)
    room.check_lives()
    someone = room.people[target]
    if someone.state != "inside" or not someone.present:
        raise Refuse("already_decided")
    someone.hand = False
    room.join_line(someone, "sent_back")


def put_out(room: Reference, actor: str | None, target: str, *, ban: bool) -> None:
    check_sanction(room, actor, target)
    someone, wanted = room.people[target], "banned" if ban else "removed"
    if someone.state in (wanted, "banned"):
        raise Refuse("already_decided")
    room.leave_line(someone)
    someone.state, someone.present, someone.hand = wanted, False, False
    if ban:
        someone.banned_at = room.now
        invited = room.invitations.get(someone.invitation_id or "")
        room.banned_devices |= dict.fromkeys(invited.devices if invited else (), room.now)


def check_sanction(room: Reference, actor: str | None, target: str) -> None:
    role = room.acting(actor)
    someone = room.person(target)
    if RANK[role] < RANK["moderator"] or someone.role == "manager" or RANK[someone.role] > RANK[role]:
        raise Refuse("role_forbidden")


def change_role(room: Reference, actor: str | None, target: str, wanted: str) -> dict[str, Any]:
    role = room.acting(actor)
    someone = room.person(target)
    if RANK[role] < RANK["moderator"] or "manager" in (someone.role, wanted):
        raise Refuse("role_forbidden")
    if someone.role == wanted:
        return {"changed": False, "role_rev": someone.role_rev}
    room.set_role(someone, wanted)
    return {"changed": True, "role_rev": someone.role_rev, "expected": len(someone.tabs)}


def raise_hand(room: Reference, actor: str) -> dict[str, Any]:
    room.acting(actor)
    return {"changed": _set_hands(room, [actor], True)}


def lower_hand(room: Reference, actor: str, target: str | None) -> dict[str, Any]:
    room.acting_at_least(actor, "viewer" if target in (None, actor) else "moderator")
    someone = room.person(target or actor)
    return {"changed": _set_hands(room, [someone.participant_id], False)}


def clear_hands(room: Reference, actor: str) -> dict[str, Any]:
    room.acting_at_least(actor, "moderator")
    return {"changed": _set_hands(room, list(room.people), False)}


def _set_hands(room: Reference, whose: list[str], raised: bool) -> int:
    changing = [room.people[who] for who in whose if room.people[who].state == "inside" and room.people[who].hand != raised]
    for someone in changing:
        someone.hand = raised
    return len(changing)


def lock(room: Reference, actor: str | None) -> None:
    room.acting_at_least(actor, "moderator")
    room.check_lives()
    room.locked = True


def unlock(room: Reference, actor: str | None) -> None:
    room.acting_at_least(actor, "moderator")
    room.check_lives()
    room.locked = False
    room.let_everybody_in()


def move_start(room: Reference, actor: str | None, starts_at: int) -> None:
    room.acting_at_least(actor, "manager")
    room.check_lives()
    if room.phase != "scheduled":
        raise Refuse("already_live")
    if room.starts_at != starts_at:
        room.starts_at = starts_at
        room.schedule_start()
    room.start_reached = False


def start(room: Reference, actor: str | None) -> None:
    room.acting_at_least(actor, "moderator")
    room.check_lives()
    if room.phase != "scheduled":
        raise Refuse("already_live")
    room.open()
    room.let_everybody_in()


def end(room: Reference, actor: str | None) -> None:
    room.acting_at_least(actor, "moderator")
    room.check_lives()
    if room.phase == "scheduled":
        raise Refuse("not_live")
    _over(room, "ended")


def delete(room: Reference, actor: str | None) -> None:
    room.acting_at_least(actor, "manager")
    _over(room, "deleted")


def _over(room: Reference, phase: str) -> None:
    room.phase = phase
    for kind in ("open", "early", "line"):
        room.due.pop((kind, ""), None)
