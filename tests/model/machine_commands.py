"""The commands of those in the room and before it, and everything about links, as rules of the machine."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from server.actions import devices, invitations, let_in, line, links, roles, rooms, sanctions, sessions
from server.actions.invitations import Invitee
from server.domain.roles import Role
from server.store.scripting import as_list
from tests.model import reference_hosts as hosts
from tests.model import reference_links, reference_tabs
from tests.model.machine import EMAILS, RoomBase, picks, start_at, whose
from tests.model.world import MINUTE_MS, ROOM

grantable = st.sampled_from(["viewer", "speaker", "moderator"])
device_names = st.sampled_from(["A", "B"])
BY_THE_SITE = 4  # of `whose`: the room product itself asks
has_invitations = precondition(lambda self: self.room.invitations)


class RoomMachine(RoomBase):
    # ── The line ─────────────────────────────────────────────────────────────────────────────────────────────────

    @rule(actor=whose)
    def somebody_knocks(self, actor: int) -> None:
        who = self.someone(actor, "known", "declined", "removed")
        self.command(lambda q: line.knock(self.world.services, q), who, lambda _: reference_tabs.knock(self.room, who))

    @rule(actor=whose)
    def somebody_withdraws(self, actor: int) -> None:
        who = self.someone(actor, "waiting")
        self.command(lambda q: line.withdraw(self.world.services, q), who, lambda _: reference_tabs.withdraw(self.room, who))

    @rule(actor=whose, chosen=st.lists(whose, min_size=1, max_size=3))
    def some_are_admitted(self, actor: int, chosen: list[int]) -> None:
        who, wanted = self.actor(actor), [self.someone(pick, "waiting") for pick in chosen]

        async def admit(request: Any) -> Any:
            answer = await let_in.admit(self.world.services, request, wanted)
            return answer | {name: as_list(answer[name]) for name in ("admitted", "already_decided", "full")}

        self.command(admit, who, lambda _: hosts.admit(self.room, who, wanted))

    @rule(actor=whose)
    def everybody_is_admitted(self, actor: int) -> None:
        who = self.actor(actor)
        self.command(lambda q: let_in.admit_all(self.world.services, q), who, lambda _: hosts.admit_all(self.room, who))

    @rule(actor=whose, other=whose, message=st.sampled_from([None, "Sorry."]))
    def somebody_is_declined(self, actor: int, other: int, message: str | None) -> None:
        who, whom = self.actor(actor), self.someone(other, "waiting")
        self.command(
            lambda q: line.decline(self.world.services, q, whom, message), who, lambda _: hosts.decline(self.room, who, whom)
        )

    @rule(actor=whose, other=whose)
    def somebody_is_sent_back(self, actor: int, other: int) -> None:
        who, whom = self.actor(actor), self.someone(other, "inside")
        self.command(
            lambda q: line.send_back(self.world.services, q, whom), who, lambda _: hosts.send_back(self.room, who, whom)
        )

    # ── Roles, hands, sanctions ──────────────────────────────────────────────────────────────────────────────────

    @rule(actor=whose, other=whose, role=grantable)
    def a_role_is_changed(self, actor: int, other: int, role: str) -> None:
        who, whom = self.actor(actor), self.someone(other, "inside", "waiting")
        self.command(
            lambda q: roles.change_role(self.world.services, q, whom, Role(role)), who,
            lambda _: hosts.change_role(self.room, who, whom, role),
        )

    @rule(actor=whose, other=whose, ban=st.booleans())
    def somebody_is_put_out(self, actor: int, other: int, ban: bool) -> None:
        who, whom = self.actor(actor), self.someone(other, "inside", "waiting")
        put_out = sanctions.ban if ban else sanctions.remove
        self.command(
            lambda q: put_out(self.world.services, q, whom), who, lambda _: hosts.put_out(self.room, who, whom, ban=ban)
        )

    @rule(actor=whose)
    def a_hand_is_raised(self, actor: int) -> None:
        who = self.actor(actor)
        self.command(lambda q: roles.raise_hand(self.world.services, q), who, lambda _: hosts.raise_hand(self.room, who))

    @rule(actor=whose, other=st.none() | whose)
    def a_hand_is_lowered(self, actor: int, other: int | None) -> None:
        who, whom = self.actor(actor), None if other is None else self.someone(other, "inside")
        self.command(
            lambda q: roles.lower_hand(self.world.services, q, whom), who, lambda _: hosts.lower_hand(self.room, who, whom)
        )

    @rule(actor=whose)
    def all_hands_are_lowered(self, actor: int) -> None:
        who = self.actor(actor)
        self.command(lambda q: roles.clear_hands(self.world.services, q), who, lambda _: hosts.clear_hands(self.room, who))

    # ── The room's life ──────────────────────────────────────────────────────────────────────────────────────────

    @rule(actor=whose, locked=st.booleans())
    def the_lock_is_turned(self, actor: int, locked: bool) -> None:
        who = self.actor(actor)
        real, own = (rooms.lock_room, hosts.lock) if locked else (rooms.unlock_room, hosts.unlock)
        self.command(lambda q: real(self.world.services, q), who, lambda _: own(self.room, who))

    @rule(actor=whose)
    def the_session_is_started(self, actor: int) -> None:
        who = self.actor(actor)
        self.command(lambda q: rooms.start_session(self.world.services, q), who, lambda _: hosts.start(self.room, who))

    @rule(actor=whose, minutes=st.sampled_from([1, 5, 30]))
    def the_start_is_moved(self, actor: int, minutes: int) -> None:
        who = self.actor(actor)
        starts_at = start_at(minutes + self.world.store.scripts.skew_ms // MINUTE_MS)
        changes = {"starts_at_ms": self.world.base_ms + starts_at}
        self.command(
            lambda q: rooms.edit_room(self.world.services, q, changes), who,
            lambda _: hosts.move_start(self.room, who, starts_at),
        )

    @rule(actor=whose, capacity=st.sampled_from([None, 1, 2, 3]))
    def there_are_more_or_fewer_seats(self, actor: int, capacity: int | None) -> None:
        who = self.actor(actor)
        self.command(
            lambda q: rooms.edit_room(self.world.services, q, {"capacity": capacity}), who,
            lambda _: hosts.change_capacity(self.room, who, capacity),
        )

    @rule(actor=whose, delete=st.booleans(), really=st.integers(0, 7))
    def the_session_is_over(self, actor: int, delete: bool, really: int) -> None:
        if really:  # seldom, since nothing much happens afterwards
            return
        who = self.actor(actor)
        real, own = (rooms.delete_room, hosts.delete) if delete else (rooms.end_session, hosts.end)
        self.command(lambda q: real(self.world.services, q), who, lambda _: own(self.room, who))

    @rule(actor=whose)
    def the_session_goes_on(self, actor: int) -> None:
        who = self.actor_or_site(actor)
        self.command(lambda q: sessions.reopen_session(self.world.services, q), who, lambda _: hosts.reopen(self.room, who))

    def an_invitation_has_come_as_far_as(self, step: int) -> None:
        if step:
            self.somebody_is_invited(BY_THE_SITE, EMAILS[step % 2], "speaker", False)
        if step > 1 and self.room.invitations:
            self.a_link_is_claimed(0, "A", True, True)
        if step > 2 and self.room.invitations:
            self.another_device_is_asked_for(0, "B")

    # ── Invitations ──────────────────────────────────────────────────────────────────────────────────────────────

    def actor_or_site(self, pick: int) -> str | None:
        return None if pick == BY_THE_SITE else self.actor(pick)

    def invitation(self, pick: int) -> str:
        known = [*reversed(self.room.invitations), "no-invitation"]
        return known[pick % len(known)]

    def link(self, pick: int) -> str:
        """An invitation that there is, the newest first."""
        return list(self.room.invitations)[-1 - pick % len(self.room.invitations)]

    @rule(actor=whose, email=st.sampled_from(EMAILS), role=grantable, at_once=st.booleans())
    def somebody_is_invited(self, actor: int, email: str, role: str, at_once: bool) -> None:
        who = self.actor_or_site(actor)
        invitee = Invitee(email=email, first_name="An", last_name="Invitee", role=Role(role), at_once=at_once)
        self.command(
            lambda q: invitations.invite(self.world.services, q, invitee), who,
            lambda got: reference_links.invite(
                self.room, who, email, role, at_once, got["invitation_id"] if got else ""
            ),
        )

    @has_invitations
    @rule(pick=picks, device=device_names)
    def a_link_is_looked_at(self, pick: int, device: str) -> None:
        which = self.link(pick)
        visitor = self.world.visitor(which, device)
        got = self.world.outcome(links.look_at_link(self.world.services, ROOM, self.world.secret(which), visitor))
        state = self.expect(got, lambda: reference_links.look(self.room, which, device))
        assert state is None or got.answer.state == state

    @has_invitations
    @rule(pick=picks, device=device_names, right=st.sampled_from([True, True, False]), comes_in=st.booleans())
    def a_link_is_claimed(self, pick: int, device: str, right: bool, comes_in: bool) -> None:
        which = self.link(pick)
        email = self.room.invitations[which].email if right else "wrong@x.org"
        visitor = self.world.visitor(which, device, email)
        got = self.world.outcome(links.claim_link(self.world.services, ROOM, self.world.secret(which), visitor))
        made_id = got.answer.participant_id if got.answer else ""
        session = self.expect(got, lambda: reference_links.claim(self.room, which, device, f"net-{device}", email, made_id))
        self.remember(session, got, comes_in)

    @has_invitations
    @rule(pick=picks, device=device_names)
    def another_device_is_asked_for(self, pick: int, device: str) -> None:
        which = self.link(pick)
        email = self.room.invitations[which].email
        visitor, secret = self.world.visitor(which, device, email), self.world.secret(which)
        got = self.world.outcome(devices.ask_for_device(self.world.services, ROOM, secret, visitor, "my phone"))
        made_id = got.answer["request_id"] if got.answer else ""
        self.expect(got, lambda: reference_links.ask(self.room, which, device, f"net-{device}", email, made_id))

    @rule(actor=whose, pick=picks, allow=st.booleans())
    def a_device_is_decided_on(self, actor: int, pick: int, allow: bool) -> None:
        who, which = self.actor_or_site(actor), self.invitation(pick)
        contents = self.world.load()
        asked = contents.invitations[which].device_request if which in contents.invitations else None
        asked_id = asked.request_id if asked else "no-request"
        self.command(
            lambda q: devices.decide_device(self.world.services, q, which, asked_id, allow=allow), who,
            lambda _: reference_links.decide_device(self.room, who, which, asked_id, allow=allow),
        )

    @rule(actor=whose, pick=picks, remove=st.booleans())
    def an_invitation_is_revoked(self, actor: int, pick: int, remove: bool) -> None:
        who, which = self.actor_or_site(actor), self.invitation(pick)
        self.command(
            lambda q: invitations.revoke(self.world.services, q, which, remove_person=remove), who,
            lambda _: reference_links.revoke(self.room, who, which, remove=remove),
        )

    @rule(actor=whose, pick=picks)
    def an_invitation_is_extended(self, actor: int, pick: int) -> None:
        who, which = self.actor_or_site(actor), self.invitation(pick)
        self.command(
            lambda q: invitations.extend(self.world.services, q, which), who,
            lambda _: reference_links.extend(self.room, who, which),
        )

    @rule(actor=whose, pick=picks)
    def a_link_is_taken_from_its_devices(self, actor: int, pick: int) -> None:
        who, which = self.actor_or_site(actor), self.invitation(pick)
        self.command(
            lambda q: devices.release_claim(self.world.services, q, which), who,
            lambda _: reference_links.release(self.room, who, which),
        )

    @rule(actor=whose, pick=picks, role=grantable)
    def an_invitation_gets_another_role(self, actor: int, pick: int, role: str) -> None:
        who, which = self.actor_or_site(actor), self.invitation(pick)
        self.command(
            lambda q: invitations.change_invited_role(self.world.services, q, which, Role(role)), who,
            lambda _: reference_links.change_invited_role(self.room, who, which, role),
        )

    @rule(actor=whose, pick=picks)
    def a_link_is_asked_for_again(self, actor: int, pick: int) -> None:
        who, which = self.actor_or_site(actor), self.invitation(pick)
        got = self.command(
            lambda q: invitations.link_again(self.world.services, q, which), who,
            lambda _: reference_links.link_again(self.room, who, which),
        )
        assert got is None
        if self.last.code is None:
            assert self.last.answer["link"].endswith(f"/join/{ROOM}#{self.world.secret(which)}")
