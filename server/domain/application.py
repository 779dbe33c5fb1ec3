"""How far a change of role has reached the tabs of the person whose role it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ApplicationStatus(StrEnum):
    APPLIED = "applied"
    PENDING = "pending"
    OFFLINE = "offline"  # no tab is there; the role applies on return


@dataclass(kw_only=True)
class Application:
    """Which tabs are expected to apply a role, and which have. `tabs`: connection id → has acknowledged.

    Tabs that connect later are not counted, but where none was there the first to return is.
    """

    participant_id: str
    role_rev: int
    by: str | None = None
    at_ms: int = 0
    tabs: dict[str, bool] = field(default_factory=dict)
    rev: int = 0

    @property
    def applied(self) -> int:
        return sum(self.tabs.values())

    @property
    def expected(self) -> int:
        return len(self.tabs)

    @property
    def status(self) -> ApplicationStatus:
        if not self.tabs:
            return ApplicationStatus.OFFLINE
        return ApplicationStatus.APPLIED if self.applied == self.expected else ApplicationStatus.PENDING
