"""Everything that can happen to a room, in any order: each answer and each refusal must be the reference's."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from server.actions import presence, rooms, sign_in
from server.domain.room import Access, Opens, Room
from tests.model import reference_tabs as tabs
from tests.model.comparing import Follower, check_store
from tests.model.reference import EARLY_MS, LINK_TTL_MS, RANK, REOPEN_MS, Reference, Refuse
from tests.model.world import MINUTE_MS, ROOM, Outcome, World

USERS = ("maya", "uma", "ulf")
EMAILS = ("uma@x.org", "ann@x.org")
UNKNOWN = "nobody"
whose = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 4])
picks = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 7])


def _pick(people: list[str], pick: int) -> str:
    return [*people, UNKNOWN][pick % (len(people) + 1)]


def start_at(minutes: int) -> int:
    """Half a minute beside the minutes in which time moves, so that no comparison is a close one."""
    return minutes * MINUTE_MS + MINUTE_MS // 2


class RoomBase(RuleBasedStateMachine):
    """What every group of rules stands on; `store_url` is set by the subclass that is run."""

    store_url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.store_url)
        self.room = Reference()
        self.sessions: list[tuple[tabs.Session, Any]] = []  # as the reference and as the server name them
        self.open_tabs: list[tuple[str, Any, str]] = []  # who, by which claims, which tab
        self.followers: list[Follower] = []
        self.again: Callable[[], Outcome] | None = None  # the last command once more, while nothing came after it
        self.last = Outcome()
        self.subject: str | None = None  # whom a story is about, and so the first whom others act on
        self._tabs_made = 0

    def teardown(self) -> None:
        try:
            numbers = self.world.shard_log_numbers()
            assert numbers == list(range(1, len(numbers) + 1)), "the shard's log has a hole"
            assert not self.world.keys_without_end()
        finally:
            self.world.close()

    def expect(self, got: Outcome, want: Callable[[], Any]) -> Any:
        """The reference must refuse with the same code, or accept as well; returns what it answers, None for a refusal."""
        self.again = None
        self.room.now = self.world.store.scripts.skew_ms
        wanted, refused = None, None
        try:
            wanted = want()
        except Refuse as refuse:
            refused = refuse.code
        except AssertionError as wrong:
            raise AssertionError(f"answered with {got.code or got.answer}: {wrong}") from wrong
        self.room.settle_hosts()
        assert got.code == refused, f"refused with {got.code}, and was to be with {refused}"
        if isinstance(wanted, dict):
            assert {name: got.answer.get(name) for name in wanted} == wanted
        return wanted

    def command(self, make: Callable[[Any], Coroutine[Any, Any, Any]], actor: str | None, want: Callable[[Any], Any]) -> Any:
        """One command of `actor`; `make(request)` is the use case, `want(answer)` the reference."""
        request = self.world.request(actor)
        got = self.world.outcome(make(request))
        wanted = self.expect(got, lambda: want(got.answer))
        self.last, self.again = got, lambda: self.world.outcome(make(request))
        return wanted

    def actor(self, pick: int) -> str:
        """Somebody who acts: first those inside, the most powerful before the others; at the end of all nobody who is here."""
        people = sorted(self.room.people.values(), key=lambda p: (p.state != "inside", -RANK[p.role]))
        return _pick([p.participant_id for p in people], pick)

    def someone(self, pick: int, *states: str) -> str:
        """Somebody who is acted on: first those in one of `states`, since with others little can happen."""
        if pick == 0 and self.subject is not None:
            return self.subject
        people = sorted(self.room.people.values(), key=lambda p: (p.state not in states, RANK[p.role]))
        return _pick([p.participant_id for p in people], pick)

    def new_tab(self) -> str:
        self._tabs_made += 1
        return f"t{self._tabs_made}"

    @initialize(
        minutes=st.sampled_from([None, None, 1, 20]), opens=st.sampled_from(["at_start", "by_host"]),
        access=st.sampled_from(["members", "members", "invited"]), locked=st.booleans(),
        cnc=st.sampled_from([True, True, True, False]), link_devices=st.sampled_from([1, 1, 2, -1]),
        capacity=st.sampled_from([None, None, 1, 2, 3]), host_absence_ms=st.sampled_from([0, 3, 15]).map(lambda m: m * MINUTE_MS),
        large=st.sampled_from([(200, 150), (1, 1), (2, 1), (2, 2)]),
        there=st.sampled_from([USERS, USERS, USERS[:2], USERS[:1], ()]), invited=st.sampled_from([0, 0, 1, 2, 3]),
    )
    def a_room_is_made(
        self, minutes: int | None, large: tuple[int, int], there: tuple[str, ...], invited: int, **fields: Any
    ) -> None:
        """`invited`: how far an invitation has come already: issued, claimed, asked for on another device."""
        starts_at = None if minutes is None else start_at(minutes)
        self.room = Reference(
            starts_at=starts_at, standings={"maya": "owner"}, large_from=large[0], large_until=large[1], **fields
        )
        self.world.tell_as_a_large_room(*large)
        self._create()
        self.followers = [Follower(self.world)]
        for user in there:
            self.a_user_signs_in(user, True)
        self.an_invitation_has_come_as_far_as(invited)

    def an_invitation_has_come_as_far_as(self, step: int) -> None:
        raise NotImplementedError

    def _create(self) -> Outcome:
        room = self.room
        starts_at_ms = None if room.starts_at is None else self.world.base_ms + room.starts_at
        made = Room(
            room_id=ROOM, title="Chemistry", opens=Opens(room.opens), access=Access(room.access), locked=room.locked,
            cnc=room.cnc, starts_at_ms=starts_at_ms, early_entry_s=EARLY_MS // 1000, link_ttl_s=LINK_TTL_MS // 1000,
            link_devices=room.link_devices, standings=dict(room.standings), capacity=room.capacity,
            host_absence_s=room.host_absence_ms // 1000, reopen_s=REOPEN_MS // 1000,
        )
        return self.world.outcome(rooms.create_room(self.world.services, made, self.world.request(None).request_id))

    @rule()
    def the_same_room_is_made_again(self) -> None:
        assert self._create().code == "room_exists"

    # ── Tabs ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @rule(user=st.sampled_from(USERS), comes_in=st.booleans())
    def a_user_signs_in(self, user: str, comes_in: bool) -> None:
        email = f"{user}@x.org"
        world = self.world
        token = world.services.site_tokens.mint_demo(user_id=user, name=user, email=email, now_ms=world.services.now_ms())
        got = world.outcome(sign_in.sign_in(world.services, ROOM, token))
        made_id = got.answer.participant_id if got.answer else ""
        session = self.expect(got, lambda: tabs.sign_in(self.room, user, email, made_id))
        self.remember(session, got, comes_in)

    def remember(self, session: tabs.Session | None, got: Outcome, comes_in: bool) -> None:
        if session is not None:
            self.sessions.append((session, self.world.claims(got.answer.session_token)))
            if comes_in:
                self.a_tab_arrives(0)

    @precondition(lambda self: self.sessions)
    @rule(pick=picks)
    def a_tab_arrives(self, pick: int) -> None:
        session, claims = self.sessions[-1 - pick % len(self.sessions)]
        tab = self.new_tab()
        got = self.world.outcome(presence.enter(self.world.services, claims, tab))
        self.expect(got, lambda: tabs.enter(self.room, session, tab))
        if got.code is None:
            self.open_tabs.append((session.participant_id, claims, tab))

    @precondition(lambda self: self.open_tabs)
    @rule(pick=picks, at_once=st.booleans())
    def a_tab_goes(self, pick: int, at_once: bool) -> None:
        who, claims, tab = self.open_tabs.pop(pick % len(self.open_tabs))
        got = self.world.outcome(presence.leave(self.world.services, claims, tab, at_once=at_once))
        self.expect(got, lambda: tabs.leave(self.room, who, tab, at_once=at_once))

    @precondition(lambda self: self.open_tabs)
    @rule(pick=picks)
    def a_tab_acknowledges_its_role(self, pick: int) -> None:
        who, _, tab = self.open_tabs[pick % len(self.open_tabs)]
        role_rev = self.room.people[who].role_rev
        got = self.world.outcome(self.world.store.people.acknowledge_roles(ROOM, [(who, tab, role_rev)]))
        self.expect(got, lambda: tabs.acknowledge(self.room, who, tab, role_rev))

    # ── Time, and saying the same again ──────────────────────────────────────────────────────────────────────────

    @rule(minutes=st.sampled_from([1, 2, 5, 20]))
    def time_passes(self, minutes: int) -> None:
        self.world.pass_time(minutes * MINUTE_MS)
        self.room.now = self.world.store.scripts.skew_ms  # seats that were kept are free by then
        self.again = None

    @rule()
    def what_is_due_is_done(self) -> None:
        members = self.world.due()
        self.room.now = self.world.store.scripts.skew_ms
        assert set(members) == self.room.what_is_due()
        for kind, subject in members:
            got = self.world.outcome(self.world.do_due(kind, subject))
            self.expect(got, lambda kind=kind, subject=subject: self.room.do_due(kind, subject))

    @rule()
    def the_last_command_is_sent_again(self) -> None:
        """After a lost answer: the first answer once more, and nothing happens twice."""
        if self.again is not None:
            before = self.world.load().seq
            assert self.again() == self.last
            assert self.world.load().seq == before

    @invariant()
    def everything_agrees(self) -> None:
        if self.followers:
            fresh = self.world.load()
            check_store(self.world, self.room, fresh)
            for follower in self.followers:
                follower.check(fresh)
