"""What a room is supposed to do, in plain Python that knows nothing of the server: who is where, the line, time."""

from __future__ import annotations

from dataclasses import dataclass, field

RANK = {"viewer": 0, "speaker": 1, "moderator": 2, "manager": 3}

# Small enough that a short run meets every bound.
MAX_TABS, MAX_WAITERS, MAX_INVITATIONS, BATCH, MAX_TRIES = 2, 3, 5, 2, 5
PARTICIPANT_GRACE_MS, WAITER_GRACE_MS = 60_000, 120_000
EARLY_MS, LINK_TTL_MS = 15 * 60_000, 20 * 60_000


class Refuse(Exception):
    """The reference declines; raised before anything is changed."""

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
    tabs: list[str] = field(default_factory=list)

    @property
    def is_host(self) -> bool:
        return RANK[self.role] >= RANK["moderator"]


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


@dataclass
class Reference:
    """The room. Instants are ms since the beginning of the run; `due` holds what time is to do, by kind and subject."""

    access: str = "members"
    opens: str = "at_start"
    phase: str = "open"
    locked: bool = False
    cnc: bool = True
    link_devices: int = 1
    starts_at: int | None = None
    start_reached: bool = False
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

    def __post_init__(self) -> None:
        if self.starts_at is not None:
            self.phase = "scheduled"
            self.schedule_start()

    def schedule_start(self) -> None:
        assert self.starts_at is not None
        self.due["open", ""] = self.starts_at
        self.due["early", ""] = self.starts_at - EARLY_MS

    # ── Facts ────────────────────────────────────────────────────────────────────────────────────────────────────

    def check_lives(self) -> None:
        if self.phase in ("deleted", "ended"):
            raise Refuse("room_deleted" if self.phase == "deleted" else "session_ended")

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

    def may_walk_in(self, someone: Someone) -> bool:
        if someone.hold or (self.locked and not someone.is_host):
            return False
        if self.phase == "scheduled":
            assert self.starts_at is not None
            is_early = someone.role != "viewer" and self.now >= self.starts_at - EARLY_MS
            return someone.role == "manager" or is_early
        return self.phase == "open"

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
        someone.state, someone.knocks, someone.hold = "inside", 0, None

    def mark_left(self, someone: Someone) -> None:
        someone.present = someone.hand = False
        if someone.state == "waiting":
            self.leave_line(someone)
            someone.state = "known"

    def set_role(self, someone: Someone, role: str) -> None:
        someone.role, someone.role_rev = role, someone.role_rev + 1
        self.applications[someone.participant_id] = (someone.role_rev, dict.fromkeys(someone.tabs, False))
        self.look_at_line_for(someone)

    def look_at_line_for(self, someone: Someone) -> None:
        """Who may walk in by now is let in by whoever looks next at what is due."""
        if someone.state == "waiting" and self.may_walk_in(someone):
            self.due["line", ""] = self.now

    # ── Letting in ───────────────────────────────────────────────────────────────────────────────────────────────

    def let_in_batch(self, everybody: bool = False) -> tuple[list[str], bool]:
        """The next of the line who may walk in, or the next at all; and whether more are left."""
        if self.phase in ("ended", "deleted"):
            self.due.pop(("line", ""), None)
            self.due.pop(("early", ""), None)
            return [], False
        going = [who for who in self.line if everybody or self.may_walk_in(self.people[who])]
        for who in going[:BATCH]:
            self.into_room(self.people[who])
        if len(going) > BATCH:
            return going[:BATCH], True
        self.due.pop(("line", ""), None)
        if self.phase == "scheduled" and self.starts_at is not None and self.now >= self.starts_at - EARLY_MS:
            self.due.pop(("early", ""), None)
        return going, False

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
        else:
            self.open()
        self.let_everybody_in()

    def open(self) -> None:
        for kind in ("open", "early"):
            self.due.pop((kind, ""), None)
        self.phase = "open"

    def _grace_over(self, participant_id: str) -> None:
        at = self.due.get(("gone", participant_id))
        if at is None or at > self.now:
            return
        del self.due["gone", participant_id]
        someone = self.people[participant_id]
        if someone.present and not someone.tabs:
            self.mark_left(someone)
