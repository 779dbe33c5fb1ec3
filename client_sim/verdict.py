"""What the judge found, in numbers, with the first few findings in words."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

FINDINGS_KEPT = 20
FINDING_CHARS = 300
FAILURES = (
    "lost", "duplicated", "reordered", "foreign", "leaked", "replicas_unequal", "snapshots_false", "states_backward",
    "answered_twice", "acknowledged_lost", "unrefreshed", "winners_wrong", "ghosts", "absent",
)  # fmt: skip


@dataclass(kw_only=True)
class Verdict:
    """Counts over any number of histories.

    `deliveries`: events that a replica took in. `overlapping`: repeated and skipped, as allowed. `unwitnessed`: of a life
    whose end the store lost, so that nobody can say. `holes`: frames that began too late and were dropped, to be filled by
    a resync; without faults there should be none. `foreign`: events that the room never said to this audience. `leaked`:
    what an audience must not see. `compared`: replicas compared with a snapshot at the same place. `snapshots`: rooms given
    whole that were compared with what the log makes of them. `unanswered`: commands whose answer was not seen; a client that
    was closed may have some. `acknowledged`: answers whose effect was looked for in the log. `promotions`: changes of a role
    that a tab lived through. `links`: links that somebody claimed. `ghosts` are in the room without a tab, `absent` have a
    tab and are not in it.
    """

    deliveries: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    foreign: int = 0
    leaked: int = 0
    overlapping: int = 0
    unwitnessed: int = 0
    holes: int = 0
    states: int = 0
    states_backward: int = 0
    compared: int = 0
    replicas_unequal: int = 0
    snapshots: int = 0
    snapshots_false: int = 0
    resyncs: int = 0
    commands: int = 0
    unanswered: int = 0
    answered_twice: int = 0
    acknowledged: int = 0
    acknowledged_lost: int = 0
    promotions: int = 0
    unrefreshed: int = 0
    links: int = 0
    winners_wrong: int = 0
    ghosts: int = 0
    absent: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not any(getattr(self, name) for name in FAILURES)

    def note(self, name: str, count: int, who: str, what: object) -> None:
        """Add `count` to a kind of failure; nothing where it is 0."""
        if not count:
            return
        setattr(self, name, getattr(self, name) + count)
        if len(self.findings) < FINDINGS_KEPT:
            self.findings.append(f"{who}: {name} {count}: {what}"[:FINDING_CHARS])

    def counts(self) -> dict[str, int]:
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name != "findings"}

    def __add__(self, other: Verdict) -> Verdict:
        both = {name: count + other.counts()[name] for name, count in self.counts().items()}
        return Verdict(**both, findings=(self.findings + other.findings)[:FINDINGS_KEPT])
