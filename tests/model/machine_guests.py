"""Guests and the site's own switches, as rules of the machine."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from server.actions import guest_links, guests, rooms, site
from server.actions.guest_links import GuestLinkChanges
from server.actions.services import Request
from tests.model import reference_guests
from tests.model.machine import picks, whose
from tests.model.machine_commands import BY_THE_SITE, RoomMachine, device_names
from tests.model.world import ROOM

GUEST_EMAIL = "gus@y.org"
has_guest_links = precondition(lambda self: self.room.guest_links)


class GuestMachine(RoomMachine):
    def guest_link(self, pick: int) -> str:
        """A guest link that there is, the newest first."""
        return list(self.room.guest_links)[-1 - pick % len(self.room.guest_links)]

    @rule(actor=whose, max_clicks=st.sampled_from([0, 0, 1, 2]))
    def a_guest_link_is_made(self, actor: int, max_clicks: int) -> None:
        who, wanted = self.actor_or_site(actor), GuestLinkChanges(name="Everybody", max_clicks=max_clicks)
        self.command(
            lambda q: guest_links.create_guest_link(self.world.services, q, wanted), who,
            lambda got: reference_guests.make(self.room, who, max_clicks, got["guest_link_id"] if got else ""),
        )

    @has_guest_links
    @rule(actor=whose, pick=picks)
    def a_guest_link_is_switched_off(self, actor: int, pick: int) -> None:
        who, which = self.actor_or_site(actor), self.guest_link(pick)
        self.command(
            lambda q: guest_links.switch_off_guest_link(self.world.services, q, which), who,
            lambda _: reference_guests.switch_off(self.room, who, which),
        )

    @rule(actor=whose, wanted=st.booleans())
    def the_room_takes_guests_or_none(self, actor: int, wanted: bool) -> None:
        who = self.actor(actor)
        self.command(
            lambda q: rooms.edit_room(self.world.services, q, {"guest_access": wanted}), who,
            lambda _: reference_guests.take_guests(self.room, who, wanted),
        )

    @rule(
        guest_access=st.sampled_from([True, True, False]), invite_to_media=st.sampled_from([True, True, False]),
        blocked=st.sampled_from([(), (), ("y.org",), ("x.org",)]),
    )
    def the_site_is_changed(self, guest_access: bool, invite_to_media: bool, blocked: tuple[str, ...]) -> None:
        changes = {"guest_access": guest_access, "invite_to_media": invite_to_media, "blocked_domains": list(blocked)}
        request = Request(room_id="", actor_id=None, request_id=self.world.request(None).request_id)
        got = self.world.outcome(site.change_site(self.world.services, request, changes))
        self.expect(got, lambda: None)
        self.room.site_guests, self.room.site_invites, self.room.blocked = guest_access, invite_to_media, blocked

    @has_guest_links
    @rule(pick=picks, device=device_names)
    def a_guest_link_is_looked_at(self, pick: int, device: str) -> None:
        which = self.guest_link(pick)
        visitor, secret = self.world.visitor(which, device), self.world.secret(which)
        got = self.world.outcome(guests.look_at_guest_link(self.world.services, ROOM, secret, visitor))
        state = self.expect(got, lambda: reference_guests.look(self.room, which, device))
        assert state is None or got.answer.state == state

    @has_guest_links
    @rule(pick=picks, device=device_names, comes_in=st.sampled_from([True, True, False]))
    def a_guest_comes(self, pick: int, device: str, comes_in: bool) -> None:
        which = self.guest_link(pick)
        visitor, secret = self.world.visitor(which, device), self.world.secret(which)
        got = self.world.outcome(
            guests.enter_as_guest(self.world.services, ROOM, secret, visitor, name="Gus", email=GUEST_EMAIL)
        )
        made_id = got.answer.participant_id if got.answer else ""
        session = self.expect(got, lambda: reference_guests.enter(self.room, which, device, GUEST_EMAIL, made_id))
        self.remember(session, got, comes_in)

    @rule(device=device_names, locked=st.booleans(), pick=picks, comes_again=st.booleans(), off=st.booleans())
    def guests_of_two_links_are_there(self, device: str, locked: bool, pick: int, comes_again: bool, off: bool) -> None:
        """One waits or is in, their link goes, and they come by the other."""
        self.the_lock_is_turned(0, locked)
        for _ in range(2):
            self.a_guest_link_is_made(BY_THE_SITE, 0)
        if self.room.guest_links:
            self.a_guest_comes(1, device, True)
            if off:
                self.a_guest_link_is_switched_off(BY_THE_SITE, 1)
            if comes_again:
                self.a_guest_comes(0, device, True)
            self.a_tab_arrives(pick) if self.sessions else None
