"""A small room that makes up its own log, and tells it honestly to a few tabs: what mutants are made from."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field
from typing import Any

from client_sim.checker import judge, truth_from
from client_sim.codec import Message
from client_sim.history import Claimed, Compared, ConnectionLost, History
from client_sim.item import audience_of
from client_sim.truth import RoleSet
from client_sim.verdict import Verdict
from tests.client_sim import rooms

Row = dict[str, Any]

LENGTH = 60
ROLES = {"ann": "viewer", "pia": "viewer", "mo": "moderator", "max": "manager"}
HEARS = {"inside": ("inside",), "staff": ("inside", "hosts", "device"), "managers": ("inside", "hosts", "device", "managers")}
AUDIENCES = tuple(HEARS)


@dataclass
class Life:
    """What one tab lived through, as messages: ("received" or "sent", message), or what else goes into a history."""

    who: str
    steps: list[Any] = field(default_factory=list)

    def history(self) -> History:
        history = History(self.who)
        for step in self.steps:
            if not isinstance(step, tuple):
                history.add(step)
            elif step[0] == "sent":
                history.sent(step[1])
            else:
                history.received(step[1])
        return history

    def received(self, kind: str) -> list[Message]:
        """Those messages themselves: what changes them changes the life."""
        return [step[1] for step in self.steps if isinstance(step, tuple) and step[0] == "received" and step[1]["type"] == kind]

    def index_of(self, message: Message) -> int:
        return next(index for index, step in enumerate(self.steps) if isinstance(step, tuple) and step[1] is message)


class Play:
    """`log`: seq → its events, each with the layer of those who hear it. `lives`: of the tabs, honest until a mutant has been
    at them, as have `log` and `present`."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.log: dict[int, list[tuple[str, Row]]] = {}
        self.roles: dict[str, list[tuple[int, str, int]]] = {who: [(0, role, 1)] for who, role in ROLES.items()}
        self.people = {who: row_of(who, role) for who, role in ROLES.items()}
        self.start = copy.deepcopy(self.people)
        self.waiting: list[str] = []
        self.acts: dict[int, tuple[str, Message, Row]] = {}  # seq → who asked what, with which result
        for seq in range(1, LENGTH + 1):
            self.log[seq] = self._happens(seq)
        self.lives = {who: self._tell(who) for who in ROLES}
        self.present = set(ROLES)
        self.link = Life("link", [Claimed("link", "d1", None), *(Claimed("link", f"d{n}", "invite_used") for n in range(2, 6))])
        self.link.steps += [Claimed("link", "d1", None), Claimed("link", "d9", "unanswered")]

    def verdict(self) -> Verdict:
        roles = {who: [RoleSet(seq=seq, role_rev=rev) for seq, _, rev in known] for who, known in self.roles.items()}
        truth = truth_from(
            {audience: self.heard(audience, 0, LENGTH) for audience in AUDIENCES}, upto=LENGTH, roles=roles,
            bases={audience: self.snapshot(audience, 0) for audience in AUDIENCES},
        )  # fmt: skip
        lives = [*self.lives.values(), self.link]
        return judge([life.history() for life in lives], truth, present=self.present)

    def heard(self, audience: str, after: int, upto: int) -> list[Row]:
        """What this audience is to be told with after < seq <= upto."""
        events = [event for seq in range(after + 1, upto + 1) for layer, event in self.log[seq] if layer in HEARS[audience]]
        return copy.deepcopy([as_told(event, audience) for event in events])

    def snapshot(self, audience: str, seq: int) -> Row:
        """The room whole, as an honest server tells it."""
        lists = {"waiters": None, "device_requests": None, "invitations": None, "guest_links": None}
        lists |= {"waiters": [], "device_requests": []} if audience != "inside" else {}
        lists |= {"invitations": [], "guest_links": []} if audience == "managers" else {}
        people = [told_row(self.start[who], audience) for who in sorted(self.start)]
        base = rooms.welcome(rooms.snapshot(0, *people, **lists))
        return rooms.replica_after(base, rooms.frame(0, seq, *self.heard(audience, 0, seq))).as_snapshot()

    def role_at(self, who: str, seq: int) -> tuple[str, int]:
        return next((role, rev) for since, role, rev in reversed(self.roles[who]) if since <= seq)

    # ── What happens in the room ─────────────────────────────────────────────────────────────────────────────────────

    def _happens(self, seq: int) -> list[tuple[str, Row]]:
        others = [self._comes, self._goes, self._waits, self._role, self._invites, self._device]
        return self.rng.choice([*[self._hand] * 3, *others])(seq)

    def _hand(self, seq: int) -> list[tuple[str, Row]]:
        who = self.rng.choice(list(ROLES))
        is_up = self.people[who]["hand_raised_at_ms"] is None
        self.people[who] = self.people[who] | {"hand_raised_at_ms": seq if is_up else None}
        command = {"type": "hand.raise" if is_up else "hand.lower", "id": f"c{seq}"}
        self.acts[seq] = (who, command, {"changed": 1})
        return [("inside", {"type": "participants.updated", "seq": seq, "participants": [self.people[who]]})]

    def _comes(self, seq: int) -> list[tuple[str, Row]]:
        who = self.waiting.pop(0) if self.waiting else f"new{seq}"
        self.people[who] = row_of(who, "viewer")
        came = rooms.joined(seq, self.people[who])
        return [("inside", came), *([("hosts", rooms.waiters_removed(seq, who))] if who[:4] == "wait" else [])]

    def _goes(self, seq: int) -> list[tuple[str, Row]]:
        others = [who for who in self.people if who not in ROLES]
        if not others:
            return self._comes(seq)
        del self.people[others[0]]
        return [("inside", rooms.left(seq, others[0]))]

    def _waits(self, seq: int) -> list[tuple[str, Row]]:
        self.waiting.append(f"wait{seq}")
        return [("hosts", rooms.waiters_added(seq, rooms.waiter(f"wait{seq}", seq)))]

    def _role(self, seq: int) -> list[tuple[str, Row]]:
        old, rev = self.role_at("pia", seq)
        new = self.rng.choice([role for role in ("viewer", "speaker", "moderator") if role != old])
        self.roles["pia"].append((seq, new, rev + 1))
        self.people["pia"] = self.people["pia"] | {"role": new}
        command = {"type": "role.change", "id": f"c{seq}", "participant_id": "pia", "role": new}
        self.acts[seq] = ("max", command, {"changed": True, "role_rev": rev + 1, "expected": 1})
        return [("inside", rooms.role_changed(seq, "pia", new) | {"participant": self.people["pia"]})]

    def _invites(self, seq: int) -> list[tuple[str, Row]]:
        invitation = {"invitation_id": f"i{seq}", "email": "vito@example.org"}
        return [("managers", {"type": "invitation.changed", "seq": seq, "invitation": invitation, "what": "created", "by": None})]

    def _device(self, seq: int) -> list[tuple[str, Row]]:
        request = {"invitation_id": f"i{seq}", "request_id": f"r{seq}"}
        return [("device", {"type": "device.requested", "seq": seq, "request": request})]

    # ── What an honest server tells ──────────────────────────────────────────────────────────────────────────────────

    def _tell(self, who: str) -> Life:
        life, at, tick = Life(who), 0, 0
        life.steps.append(("received", self._welcome(who, at)))
        while at < LENGTH:
            chance = self.rng.random()
            if chance < 0.15:
                life.steps += [ConnectionLost(None), ("received", self._welcome(who, at, resumed=True))]
            elif chance < 0.25:
                at = min(LENGTH, at + self.rng.randrange(4))
                life.steps.append(("received", self.resync(who, at)))
            elif chance < 0.4:
                tick += 1
                life.steps.append(("received", rooms.tick(tick)))
            else:
                at = self._tell_some(life, who, at)
        life.steps.append(Compared(LENGTH, LENGTH, ()))
        return life

    def _tell_some(self, life: Life, who: str, after: int) -> int:
        """A frame of a few seqs, up to a change of the own role at most; and the answers to what this one did."""
        upto = min(LENGTH, after + self.rng.randrange(1, 6))
        upto = min([upto, *(seq for seq, _, _ in self.roles[who] if after < seq <= upto)])
        events = self.heard(audience_of(self.role_at(who, after)[0]), after, upto)
        role, rev = self.role_at(who, upto)
        if rev != self.role_at(who, after)[1]:
            events.append(rooms.refresh(upto, role, rev))
        for seq in range(after + 1, upto + 1):
            if seq in self.acts and self.acts[seq][0] == who:
                _, command, result = self.acts[seq]
                life.steps += [("sent", command)]
                answer = {"type": "result", "id": command["id"], "seq": seq, "result": result}
                life.steps += [("received", answer)]
        life.steps.append(("received", rooms.frame(after, upto, *events)))
        return upto

    def _you(self, who: str, seq: int) -> Row:
        role, rev = self.role_at(who, seq)
        return rooms.you(role, participant_id=who, role_rev=rev)

    def _welcome(self, who: str, seq: int, *, resumed: bool = False) -> Message:
        snapshot = None if resumed else self.snapshot(audience_of(self.role_at(who, seq)[0]), seq)
        position = {"epoch": "e1", "seq": seq}
        return rooms.welcome(snapshot, you=self._you(who, seq), resumed=resumed, position=position)

    def resync(self, who: str, seq: int) -> Message:
        return rooms.resync(self.snapshot(audience_of(self.role_at(who, seq)[0]), seq)) | {"you": self._you(who, seq)}


def row_of(who: str, role: str) -> Row:
    return rooms.participant(who, role, email=f"{who}@example.org")


def told_row(row: Row, audience: str) -> Row:
    """Addresses go to managers."""
    return row if audience == "managers" else row | {"email": None}


def as_told(event: Row, audience: str) -> Row:
    if "participants" in event:
        return event | {"participants": [told_row(row, audience) for row in event["participants"]]}
    if "participant" in event:
        return event | {"participant": told_row(event["participant"], audience)}
    return event
