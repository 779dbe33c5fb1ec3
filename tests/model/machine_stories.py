"""What usually comes one after the other: chance alone would seldom find its way there."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.model.machine import picks, whose
from tests.model.machine_commands import BY_THE_SITE
from tests.model.machine_guests import GuestMachine

LOUDEST = 0  # of `whose`: whoever can do most; of those acted on: the one with whom most can happen
NEWCOMERS = ("udo", "ute", "una", "urs", "uwe")
verdicts = st.sampled_from(["decline", "admit", "decline", "admit", "remove", "ban", "withdraw", "promote", "unlock", "go"])


class StoryMachine(GuestMachine):
    @rule(user=st.sampled_from(NEWCOMERS), verdict=verdicts, then=verdicts, last=verdicts, knocks=st.booleans())
    def somebody_waits_and_is_decided_on(self, user: str, verdict: str, then: str, last: str, knocks: bool) -> None:
        self.the_lock_is_turned(LOUDEST, True)
        self.a_user_signs_in(user, True)
        self.subject = self.room.identities.get(f"user:{user}")
        self.decide(verdict)
        if knocks:
            self.somebody_knocks(LOUDEST)
        self.decide(then)
        self.somebody_knocks(LOUDEST)
        self.decide(last)
        self.subject = None

    def decide(self, verdict: str) -> None:
        """On whom the story is about."""
        if verdict == "admit":
            self.some_are_admitted(LOUDEST, [LOUDEST])
        elif verdict == "decline":
            self.somebody_is_declined(LOUDEST, LOUDEST, None)
        elif verdict in ("remove", "ban"):
            self.somebody_is_put_out(LOUDEST, LOUDEST, verdict == "ban")
        elif verdict == "withdraw":
            self.somebody_withdraws(LOUDEST)
        elif verdict == "promote":
            self.a_role_is_changed(LOUDEST, LOUDEST, "moderator")
        elif verdict == "unlock":
            self.the_lock_is_turned(LOUDEST, False)
        elif verdict == "go" and self.open_tabs:
            self.a_tab_goes(len(self.open_tabs) - 1, False)

    @rule(device=st.sampled_from(["A", "B"]), allow=st.booleans(), claims=st.booleans(), actor=whose)
    def a_link_goes_to_another_device(self, device: str, allow: bool, claims: bool, actor: int) -> None:
        if not self.room.invitations:
            self.an_invitation_has_come_as_far_as(2)
        if self.room.invitations:
            self.another_device_is_asked_for(0, device)
            if claims:
                self.a_link_is_claimed(0, device, True, False)
            self.a_device_is_decided_on(actor, 0, allow)
            self.a_link_is_claimed(0, device, True, True)
            for other in ("A", "B"):
                self.a_link_is_looked_at(0, other)

    @rule(pick=picks, role=st.sampled_from(["viewer", "speaker", "moderator"]), between=st.booleans(), remove=st.booleans())
    def a_newer_invitation_takes_over(self, pick: int, role: str, between: bool, remove: bool) -> None:
        self.an_invitation_has_come_as_far_as(1 + pick % 2)
        self.somebody_is_invited(BY_THE_SITE, "uma@x.org", role, False)
        if between and self.room.invitations:
            self.another_device_is_asked_for(1, "B")
        if self.room.invitations:
            self.a_link_is_claimed(0, "A", True, True)
            self.a_device_is_decided_on(LOUDEST, 1, True)
            self.an_invitation_is_revoked(BY_THE_SITE, 0, remove)
            self.a_tab_arrives(0) if self.sessions else None

    @rule(pick=picks, actor=whose)
    def somebody_who_has_become_a_manager_is_not_put_out_with_the_invitation(self, pick: int, actor: int) -> None:
        """The owner's own address is invited as well: the link is hers, and her standing is not touched by it."""
        self.somebody_is_invited(BY_THE_SITE, "maya@x.org", "viewer", False)
        if self.room.invitations:
            self.a_link_is_claimed(0, "A", True, True)
            self.an_invitation_is_revoked(actor, pick, True)

    @rule(actor=whose, minutes=st.sampled_from([0, 1, 20]), goes=st.booleans(), comes_back=st.integers(0, 3))
    def the_session_ends_and_goes_on(self, actor: int, minutes: int, goes: bool, comes_back: int) -> None:
        self.the_session_is_over(LOUDEST, False, 0)
        while goes and self.open_tabs:
            self.a_tab_goes(0, False)
        for pick in range(min(comes_back, len(self.sessions))):
            self.a_tab_arrives(pick)
        if minutes:
            self.time_passes(minutes)
            self.what_is_due_is_done()
        self.the_session_goes_on(actor)
        if self.sessions:
            self.a_tab_arrives(0)

    @rule(minutes=st.sampled_from([1, 2, 20]), at_once=st.booleans(), comes_back=st.booleans())
    def everybody_goes_and_time_passes(self, minutes: int, at_once: bool, comes_back: bool) -> None:
        while self.open_tabs:
            self.a_tab_goes(0, at_once)
        if comes_back and self.sessions:
            self.a_tab_arrives(0)
        self.time_passes(minutes)
        self.what_is_due_is_done()
