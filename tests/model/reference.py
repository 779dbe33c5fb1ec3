"""What a room is supposed to do, in plain Python that knows nothing of the server: who is where, the line, time."""

from __future__ import annotations

from dataclasses import dataclass, field

RANK = {"viewer": 0, "speaker": 1, "moderator": 2, "manager": 3}

# Small enough that a short run meets every bound.
MAX_TABS, MAX_WAITERS, MAX_INVITATIONS, BATCH, MAX_TRIES = 2, 3, 5, 2, 5
MAX_QUESTIONS, MAX_GUEST_LINKS = 3, 3
PARTICIPANT_GRACE_MS, WAITER_GRACE_MS = 60_000, 120_000
SEAT_HOLD_MS, PING_MS = 90_000, 10 * 60_000
EARLY_MS, LINK_TTL_MS = 15 * 60_000, 20 * 60_000
REOPEN_MS = 10 * 60_000 + 30_000  # beside the minutes in which time moves


class Refuse(Exception):
    """The reference declines."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Someone:
    participant_id: str
    role: str = "viewer"
    role_rev: int = 1
    state: str = "known"
    present: bool = False
    hold: str | None = None
    knocks: int = 0
    hand: bool = False
    standing: str | None = None
    email: str | None = None
    proof: str | None = None
    invitation_id: str | None = None
    banned_at: int = -1
    admitted: bool = False
    seat_until: int | None = None
    guest_link_id: str | None = None
    device: str | None = None  # of a guest
    tabs: list[str] = field(default_factory=list)

    @property
    def is_host_still(self) -> bool:
        return self.is_host and self.state not in ("removed", "banned", "declined") and not self.hold

    @property
    def is_host(self) -> bool:
        return RANK[self.role] >= RANK["moderator"]

    @property
    def is_there(self) -> bool:
        return self.state == "inside" and self.present

    @property
    def is_or_was_in(self) -> bool:
        return self.state == "inside" or self.admitted

    def has_seat(self, now: int) -> bool:
        return self.is_there or (self.state == "inside" and self.seat_until is not None and self.seat_until > now)


@dataclass
class Invited:
    invitation_id: str
    email: str
    role: str
    expires_at: int
    created_at: int
    link_devices: int
    status: str = "created"
    takes_over: str | None = None
    participant_id: str | None = None
    devices: list[str] = field(default_factory=list)  # the longest holder first
    moved: set[str] = field(default_factory=set)
    asked: tuple[str, str] | None = None  # (request id, device) while the question is open
    tries: dict[str, int] = field(default_factory=dict)  # wrong addresses by network
    questions: dict[str, int] = field(default_factory=dict)  # how often each device asked


@dataclass
class GuestLink:
    """`max_clicks` 0: no limit."""

    max_clicks: int
    clicks: int = 0
    is_on: bool = True


@dataclass
class Reference:
    """The room. Instants are ms since the beginning of the run; `due` holds what time is to do, by kind and subject."""

    access: str = "members"
    opens: str = "at_start"
    phase: str = "open"
    locked: bool = False
    cnc: bool = True
    link_devices: int = 1
    capacity: int | None = None
    host_absence_ms: int = 15 * 60_000
    host_seen: bool = False
    host_was_here: bool = False
    absent_since: int | None = None
    pinged_at: int | None = None
    starts_at: int | None = None
    start_reached: bool = False
    ended_at: int = 0
    now: int = 0
    standings: dict[str, str] = field(default_factory=dict)
    people: dict[str, Someone] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)
    line: list[str] = field(default_factory=list)
    invitations: dict[str, Invited] = field(default_factory=dict)
    of_address: dict[str, str] = field(default_factory=dict)
    applications: dict[str, tuple[int, dict[str, bool]]] = field(default_factory=dict)  # role_rev, tab → acknowledged
    banned_devices: dict[str, int] = field(default_factory=dict)  # device → when its owner was banned
    due: dict[tuple[str, str], int] = field(default_factory=dict)
    guest_links: dict[str, GuestLink] = field(default_factory=dict)
    guest_access: bool = True
    large_from: int = 200
    large_until: int = 150
    # Of the whole site.
    site_guests: bool = True
    site_invites: bool = True
    blocked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.starts_at is not None:
            self.phase = "scheduled"
            self.schedule_start()

    def schedule_start(self) -> None:
        assert self.starts_at is not None
        self.due["open", ""] = self.starts_at
        self.due["early", ""] = self.starts_at - EARLY_MS

    # ── Facts ────────────────────────────────────────────────────────────────────────────────────────────────────

    def check_not_deleted(self) -> None:
        if self.phase == "deleted":
            raise Refuse("room_deleted")

    def check_lives(self) -> None:
        self.check_not_deleted()
        if self.phase == "ended":
            raise Refuse("session_ended")

    def is_reopenable(self) -> bool:
        return self.phase == "ended" and self.now < self.ended_at + REOPEN_MS

    def may_go_on(self, someone: Someone | None) -> bool:
        """After the end: a host whom no other sent away."""
        return self.is_reopenable() and someone is not None and someone.is_host_still

    def check_open_to(self, someone: Someone | None) -> None:
        if not self.may_go_on(someone):
            self.check_lives()

    def acting(self, actor: str | None) -> str:
        """The role of whoever asks; the site asks as a manager."""
        if actor is None:
            return "manager"
        someone = self.people.get(actor)
        if someone is None or someone.state != "inside":
            raise Refuse("not_inside")
        return someone.role

    def acting_at_least(self, actor: str | None, least: str) -> str:
        role = self.acting(actor)
        if RANK[role] < RANK[least]:
            raise Refuse("role_forbidden")
        return role

    def person(self, participant_id: str) -> Someone:
        if participant_id not in self.people:
            raise Refuse("participant_unknown")
        return self.people[participant_id]

    @property
    def takes_guests(self) -> bool:
        return self.guest_access and self.site_guests

    def check_guests_wanted(self, link_id: str) -> None:
        if not self.guest_links[link_id].is_on:
            raise Refuse("invite_revoked")
        if not self.takes_guests:
            raise Refuse("guest_access_off")

    def is_wanted(self, someone: Someone) -> bool:
        """A guest who was never let in stays out once guests are not wanted."""
        if someone.guest_link_id is None or someone.is_or_was_in:
            return True
        return self.takes_guests and self.guest_links[someone.guest_link_id].is_on

    def check_domain(self, email: str) -> None:
        if email.partition("@")[2] in self.blocked:
            raise Refuse("domain_blocked")

    def may_walk_in(self, someone: Someone) -> bool:
        if not self.is_wanted(someone):
            return False
        if someone.hold or (self.locked and not someone.is_host and not someone.admitted):
            return False
        return someone.admitted or self._time_has_come(someone)

    def _time_has_come(self, someone: Someone) -> bool:
        if self.phase == "scheduled":
            assert self.starts_at is not None
            is_early = someone.role != "viewer" and self.now >= self.starts_at - EARLY_MS
            return someone.role == "manager" or is_early
        return self.phase == "open"

    def waits_for_host(self, someone: Someone) -> bool:
        """A yes or a start is what they wait for."""
        if someone.hold or someone.admitted:
            return bool(someone.hold)
        if self._time_has_come(someone):
            return self.locked and not someone.is_host
        assert self.starts_at is not None
        return self.start_reached or (self.opens == "by_host" and self.now >= self.starts_at)

    def has_host(self) -> bool:
        return any(someone.is_there and someone.is_host for someone in self.people.values())

    # ── Seats ────────────────────────────────────────────────────────────────────────────────────────────────────

    def free_seats(self) -> float:
        if self.capacity is None:
            return float("inf")
        return self.capacity - sum(someone.has_seat(self.now) for someone in self.people.values())

    def finds_seat(self, someone: Someone) -> bool:
        if self.capacity is None or someone.is_host or someone.has_seat(self.now):
            return True
        going = [who for who in self.line if self.may_walk_in(self.people[who])]
        return self.free_seats() >= 1 and going[:1] in ([], [someone.participant_id])

    def free_seat_of(self, had_seat: bool) -> None:
        """Somebody's seat is free now, if they had one: the next in line may have it."""
        if had_seat and self.capacity is not None and self.line:
            self.due["line", ""] = self.now

    def plan_next_seat(self) -> None:
        kept = [someone.seat_until for someone in self.people.values() if someone.has_seat(self.now) and someone.seat_until]
        if self.capacity is not None and kept:
            self.due["seat", ""] = min(kept)
        else:
            self.due.pop(("seat", ""), None)

    # ── Moves ────────────────────────────────────────────────────────────────────────────────────────────────────

    def leave_line(self, someone: Someone) -> None:
        """The hold stays: it is lifted by a host's yes alone."""
        if someone.participant_id in self.line:
            self.line.remove(someone.participant_id)

    def join_line(self, someone: Someone, hold: str | None = None) -> None:
        someone.state, someone.hold = "waiting", hold
        self.line.append(someone.participant_id)

    def into_room(self, someone: Someone) -> None:
        self.leave_line(someone)
        someone.state, someone.knocks, someone.hold, someone.admitted = "inside", 0, None, True
        someone.seat_until = None

    def out_of_room(self, someone: Someone, state: str) -> None:
        """Put out by a host, to the line or farther: whatever let them in counts no more."""
        had_seat = someone.has_seat(self.now)
        someone.hand, someone.admitted, someone.seat_until = False, False, None
        if state == "waiting":
            self.join_line(someone, "sent_back")
        else:
            self.leave_line(someone)
            someone.state, someone.present = state, False
        self.free_seat_of(had_seat)

    def mark_left(self, someone: Someone, *, on_purpose: bool = False) -> None:
        someone.present = someone.hand = False
        if someone.state == "waiting":
            self.leave_line(someone)
            someone.state = "known"
        elif someone.state == "inside":
            someone.seat_until = self.now if on_purpose else self.now + SEAT_HOLD_MS
            if on_purpose:
                self.free_seat_of(True)
            elif self.capacity is not None:
                self.due.setdefault(("seat", ""), someone.seat_until)

    def set_role(self, someone: Someone, role: str) -> None:
        someone.role, someone.role_rev = role, someone.role_rev + 1
        self.applications[someone.participant_id] = (someone.role_rev, dict.fromkeys(someone.tabs, False))
        self.look_at_line_for(someone)

    def look_at_line_for(self, someone: Someone) -> None:
        """Who may walk in by now is let in by whoever looks next at what is due."""
        if someone.state == "waiting" and self.may_walk_in(someone) and (someone.is_host or self.free_seats() >= 1):
            self.due["line", ""] = self.now

    def call_hosts(self) -> None:
        if not self.has_host():
            self.due["ping", ""] = self.now if self.pinged_at is None else max(self.now, self.pinged_at + PING_MS)

    def call_hosts_for_line(self) -> None:
        if self.line:
            self.call_hosts()

    def settle_hosts(self) -> None:
        """What the coming and going of hosts means for a live session; to be asked after everything that happened."""
        is_here, is_live = self.has_host(), self.phase == "open"
        if self.host_was_here and not is_here and self.phase in ("open", "scheduled"):
            self.call_hosts_for_line()
        self.host_was_here = is_here
        self.host_seen = is_live and (is_here or self.host_seen)
        if not self.host_seen or is_here or self.host_absence_ms == 0:
            self.absent_since = None
            self.due.pop(("absent", ""), None)
        elif self.absent_since is None:
            self.absent_since = self.now
            self.due["absent", ""] = self.now + self.host_absence_ms

    # ── Letting in ───────────────────────────────────────────────────────────────────────────────────────────────

    def let_in_batch(self, everybody: bool = False) -> tuple[list[str], bool, int]:
        """The next of the line who may walk in, or the next at all; whether more are left; and how many only lack a seat."""
        if self.phase in ("ended", "deleted"):
            for kind in ("line", "early", "seat"):
                self.due.pop((kind, ""), None)
            return [], False, 0
        going, full, free = [], 0, self.free_seats()
        for someone in [self.people[who] for who in self.line]:
            if not everybody and not self.may_walk_in(someone):
                continue
            if free < 1 and not someone.is_host:
                full += 1
                continue
            free -= 1
            going.append(someone.participant_id)
        for who in going[:BATCH]:
            self.into_room(self.people[who])
        if len(going) > BATCH:
            return going[:BATCH], True, 0
        self.due.pop(("line", ""), None)
        self.plan_next_seat()
        if self.locked:
            self.call_hosts_for_line()
        if self.phase == "scheduled" and self.starts_at is not None and self.now >= self.starts_at - EARLY_MS:
            self.due.pop(("early", ""), None)
        return going, False, full

    def let_everybody_in(self) -> None:
        while self.let_in_batch()[1]:
            pass

    # ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def what_is_due(self) -> set[tuple[str, str]]:
        return {what for what, at in self.due.items() if at <= self.now}

    def do_due(self, kind: str, subject: str) -> None:
        """What happens when an instant comes, or is looked at again later."""
        if kind == "open":
            self._open_by_time()
        elif kind == "gone":
            self._grace_over(subject)
        elif kind == "absent":
            self._hosts_stayed_away()
        elif kind == "ping":
            self._hosts_are_called()
        else:
            self.let_everybody_in()

    def _open_by_time(self) -> None:
        if self.phase != "scheduled":
            self.due.pop(("open", ""), None)
            return
        assert self.starts_at is not None
        if self.now < self.starts_at:
            return
        del self.due["open", ""]
        if self.opens == "by_host":
            self.start_reached = True
            self.call_hosts_for_line()
        else:
            self.open()
        self.let_everybody_in()

    def open(self) -> None:
        for kind in ("open", "early"):
            self.due.pop((kind, ""), None)
        self.phase = "open"

    def over(self, phase: str) -> None:
        self.phase, self.ended_at = phase, self.now
        for kind in ("open", "early", "line", "seat", "absent", "ping"):
            self.due.pop((kind, ""), None)

    def _hosts_stayed_away(self) -> None:
        if self.due["absent", ""] <= self.now:
            self.over("ended")

    def _hosts_are_called(self) -> None:
        if self.due.pop(("ping", ""), None) is None:
            return  # what came before it in the same round has ended the session
        is_over = self.phase in ("ended", "deleted")
        if is_over or self.has_host() or not any(self.waits_for_host(self.people[who]) for who in self.line):
            return
        self.pinged_at = self.now

    def _grace_over(self, participant_id: str) -> None:
        at = self.due.get(("gone", participant_id))
        if at is None or at > self.now:
            return
        del self.due["gone", participant_id]
        someone = self.people[participant_id]
        if someone.present and not someone.tabs:
            self.mark_left(someone)
