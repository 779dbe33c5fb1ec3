"""A person in a room: participant, waiter, or somebody known who is neither just now."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from server.domain.roles import Role


class PersonState(StrEnum):
    KNOWN = "known"          # identified, not yet admitted, not in the line
    WAITING = "waiting"      # in the line
    INSIDE = "inside"        # admitted to this session; `present` says whether a tab is open
    DECLINED = "declined"    # may knock once more
    REMOVED = "removed"      # the way back is the line, whatever the lock
    BANNED = "banned"


class Hold(StrEnum):
    """Why a waiter stays in the line even when the room is unlocked: a host has to decide."""

    REMOVED = "removed"
    SENT_BACK = "sent_back"
    DECLINED = "declined"


class EmailProof(StrEnum):
    SIGN_IN = "sign_in"
    LINK = "link"


@dataclass(kw_only=True)
class Person:
    """One person in one room, as stored. `rev` rises with every change, `role_rev` with every change of role.

    `present`: a tab of theirs is connected, or was until a short grace ago. `line_no`: their place in the order of
    arrival, while they wait. `email` is set only where it was proven, by `email_proof`. A guest has `guest_link_id`, the
    address that they typed, which proves nothing, and what a ban is to remember of their device.
    `admitted`: into this session, once; until a host sends them away, a seat is all that can be missing to them.
    `seat_until_ms`: how long their seat is kept after their last tab has gone. `renamed`: the name is their own choice, which
    a sign-in does not undo.
    """

    participant_id: str
    name: str
    renamed: bool = False
    role: Role = Role.VIEWER
    role_rev: int = 1
    state: PersonState = PersonState.KNOWN
    present: bool = False
    standing: str | None = None
    user_id: str | None = None
    email: str | None = None
    email_proof: EmailProof | None = None
    invitation_id: str | None = None
    guest_link_id: str | None = None
    claimed_email: str | None = None
    device_marks: list[str] = field(default_factory=list)
    line_no: int | None = None
    waiting_since_ms: int | None = None
    hold: Hold | None = None
    knocks: int = 0
    decline_message: str | None = None
    banned_at_ms: int | None = None
    joined_at_ms: int | None = None
    admitted: bool = False
    seat_until_ms: int | None = None
    hand_raised_at_ms: int | None = None
    rev: int = 0

    def has_seat(self, now_ms: int) -> bool:
        """Inside, or gone for so short a time that their seat is kept."""
        return self.state is PersonState.INSIDE and (self.present or (self.seat_until_ms or 0) > now_ms)

    @property
    def is_participant(self) -> bool:
        """In the room's list: admitted, with a tab open or within the grace."""
        return self.state is PersonState.INSIDE and self.present

    @property
    def is_waiter(self) -> bool:
        """In the line as hosts see it."""
        return self.state is PersonState.WAITING and self.present
