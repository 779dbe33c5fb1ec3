"""How the reference answers those who run the room: the line, roles, hands, sanctions, the session's life."""

from __future__ import annotations

from typing import Any

from tests.model.reference import RANK, Reference, Refuse


def admit(room: Reference, actor: str | None, wanted: list[str]) -> dict[str, Any]:
    room.acting_at_least(actor, "moderator")
    room.check_lives()
    sorts: dict[str, list[str]] = {"admitted": [], "already_decided": [], "full": []}
    for who in wanted:
        someone = room.people.get(who)
        if someone is None or someone.state != "waiting":
            sorts["already_decided"].append(who)
        elif room.free_seats() < 1 and not someone.is_host:
            sorts["full"].append(who)
        else:
            room.into_room(someone)
            sorts["admitted"].append(who)
    if not sorts["admitted"]:
        raise Refuse("room_full" if sorts["full"] else "already_decided")
    return sorts


def admit_all(room: Reference, actor: str | None) -> dict[str, Any]:
    room.acting_at_least(actor, "moderator")
    room.check_lives()
    count, more, full = 0, True, 0
    while more:
        admitted, more, full = room.let_in_batch(everybody=True)
        count += len(admitted)
    if full and not count:
        raise Refuse("room_full")
    return {"admitted": count, "full": full}


def decline(room: Reference, actor: str | None, target: str) -> None:
    room.acting_at_least(actor, "moderator")
    room.check_lives()
    someone = room.person(target)
    if someone.state != "waiting":
        raise Refuse("already_decided")
    room.leave_line(someone)
    someone.state, someone.present, someone.admitted = "declined", False, False


def send_back(room: Reference, actor: str | None, target: str) -> None:
    check_sanction(room, actor, target)
    room.check_lives()
    someone = room.people[target]
    if someone.state != "inside" or not someone.present:
        raise Refuse("already_decided")
    room.out_of_room(someone, "waiting")
    room.call_hosts()


def put_out(room: Reference, actor: str | None, target: str, *, ban: bool) -> None:
    check_sanction(room, actor, target)
    room.check_not_deleted()
    someone, wanted = room.people[target], "banned" if ban else "removed"
    if someone.state in (wanted, "banned"):
        raise Refuse("already_decided")
    room.out_of_room(someone, wanted)
    if ban:
        someone.banned_at = room.now
        invited = room.invitations.get(someone.invitation_id or "")
        theirs = [*(invited.devices if invited else ()), *([someone.device] if someone.device else [])]
        room.banned_devices |= dict.fromkeys(theirs, room.now)


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
    room.check_not_deleted()
    if someone.role == wanted:
        return {"changed": False, "role_rev": someone.role_rev}
    room.set_role(someone, wanted)
    return {"changed": True, "role_rev": someone.role_rev, "expected": len(someone.tabs)}


def raise_hand(room: Reference, actor: str) -> dict[str, Any]:
    room.acting(actor)
    room.check_not_deleted()
    return {"changed": _set_hands(room, [actor], True)}


def lower_hand(room: Reference, actor: str, target: str | None) -> dict[str, Any]:
    room.acting_at_least(actor, "viewer" if target in (None, actor) else "moderator")
    someone = room.person(target or actor)
    room.check_not_deleted()
    return {"changed": _set_hands(room, [someone.participant_id], False)}


def clear_hands(room: Reference, actor: str) -> dict[str, Any]:
    room.acting_at_least(actor, "moderator")
    room.check_not_deleted()
    return {"changed": _set_hands(room, list(room.people), False)}


def _set_hands(room: Reference, whose: list[str], raised: bool) -> int:
    changing = [room.people[who] for who in whose if room.people[who].state == "inside" and room.people[who].hand != raised]
    for someone in changing:
        someone.hand = raised
    return len(changing)


def lock(room: Reference, actor: str | None) -> None:
    room.acting_at_least(actor, "moderator")
    room.check_lives()
    if not room.locked:
        room.call_hosts_for_line()
    room.locked = True


def unlock(room: Reference, actor: str | None) -> None:
    room.acting_at_least(actor, "moderator")
    room.check_lives()
    room.locked = False
    room.let_everybody_in()


def move_start(room: Reference, actor: str | None, starts_at: int) -> None:
    room.acting_at_least(actor, "manager")
    room.check_lives()
    if room.starts_at == starts_at:
        return
    if room.phase != "scheduled":
        raise Refuse("already_live")
    room.starts_at, room.start_reached = starts_at, False
    room.schedule_start()


def change_capacity(room: Reference, actor: str | None, capacity: int | None) -> None:
    room.acting_at_least(actor, "manager")
    room.check_lives()
    room.capacity = capacity
    room.plan_next_seat()
    room.let_everybody_in()


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
    room.over("ended")


def delete(room: Reference, actor: str | None) -> None:
    room.acting_at_least(actor, "manager")
    room.over("deleted")


def reopen(room: Reference, actor: str | None) -> None:
    someone = room.person(actor) if actor is not None else None
    refused = {"deleted": "room_deleted", "scheduled": "not_live", "open": "already_live"}
    if room.phase in refused:
        raise Refuse(refused[room.phase])
    if not room.is_reopenable():
        raise Refuse("session_ended")
    if someone is not None and not someone.is_host_still:
        raise Refuse("role_forbidden")
    room.phase = "open"
    for host in room.people.values():
        if host.tabs and host.state == "known" and host.is_host_still:
            room.into_room(host)
            host.present, host.seat_until = True, None
    room.plan_next_seat()
