"""A channel's room: its sessions come and go, and nothing of one is left in the next but the settings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from client_sim.device import Device
from server.actions import let_in, presence, rooms, sanctions
from server.actions import sessions as session_actions
from server.actions.guest_links import switch_off_guest_link
from server.actions.invitations import Invitee, invite
from server.actions.sessions import begin_next_session
from server.actions.sign_in import SignedIn, sign_in
from server.domain.events import SessionBegun
from server.domain.person import PersonState
from server.domain.request_id import RequestId
from server.domain.roles import Role
from server.domain.room import Access, Kind, Phase
from server.settings import EMBEDDED_URL
from server.trust.tokens import LobbyClaims
from tests.support.refusing import DONE, outcomes, refused
from tests.support.rooms import HOUR_MS, ROOM, Site, address_of, open_site
from tests.support.verifying import verify_action

CHANNEL = {"kind": Kind.CHANNEL, "channel_id": "c1"}


async def begin(site: Site, by: str | None = None, **fields: Any) -> Any:
    wanted = {"starts_at_ms": None, "ends_at_ms": None, **fields}
    return await begin_next_session(site.services, site.by(by), **wanted)


async def full_session(site: Site, **room: Any) -> dict[str, str]:
    """A session with everything in it that one may leave behind, and then ended. Returns the links' secrets."""
    await site.create_room(**{**CHANNEL, "locked": True, "standings": {"boss": "owner"}, **room})
    await site.sign_in("boss")
    await site.open_tab("boss")
    await site.bring_in("mod", Role.MODERATOR)
    await site.arrive("wanda")
    await site.bring_in("ben")
    await sanctions.ban(site.services, site.by("boss"), site.ids["ben"])
    claimed, unclaimed = await site.invite("cleo", Role.SPEAKER), await site.invite("ina")
    site.ids["cleo"] = (await site.claim(claimed["secret"], "cleo", Device())).participant_id
    await site.bring_in("cleo")
    await sanctions.ban(site.services, site.by("boss"), site.ids["cleo"])
    await rooms.write_lobby_message(site.services, site.by("boss"), "Soon.")
    await rooms.end_session(site.services, site.by("boss"))
    return {"cleo": claimed["secret"], "ina": unclaimed["secret"]}


async def test_nothing_of_the_last_session_is_left_but_the_settings(store_url):
    async with open_site(store_url) as site:
        await full_session(site)
        before = (await site.contents()).room
        starts_at_ms = await site.now_ms() + HOUR_MS
        async with verify_action(site) as caused:
            answer = await begin(site, starts_at_ms=starts_at_ms, ends_at_ms=starts_at_ms + HOUR_MS)
        assert caused.names == ["session_begun"]
        assert answer["session_no"] == 2
        contents = await site.contents()
        assert (contents.people, contents.invitations, contents.applications) == ({}, {}, {})
        room = contents.room
        assert (room.session_no, room.phase, room.starts_at_ms) == (2, Phase.SCHEDULED, starts_at_ms)
        assert (room.lobby_message, room.ended_at_ms, room.ended_because, room.opened_at_ms) == (None, None, None, None)
        kept = ("title", "kind", "channel_id", "locked", "standings", "access", "reopen_s", "created_at_ms")
        assert {name: asdict(room)[name] for name in kept} == {name: asdict(before)[name] for name in kept}
        room_keys = site.store.keyspace.room(ROOM)
        for key in (room_keys.identities, room_keys.tabs, room_keys.line, room_keys.bans, room_keys.seats, room_keys.hosts,
                    room_keys.addresses, room_keys.row_keys):
            assert not await site.store.redis.exists(key), key


async def test_it_opens_by_itself_at_its_start_and_at_once_without_one(store_url):
    async with open_site(store_url) as site:
        await full_session(site)
        await begin(site, starts_at_ms=await site.now_ms() + HOUR_MS)
        site.store.scripts.skew_ms = HOUR_MS
        await let_in.open_by_time(site.services, ROOM)
        assert (await site.contents()).room.phase is Phase.OPEN
        await rooms.end_session(site.services, site.by(None))
        await begin(site)
        room = (await site.contents()).room
        assert (room.session_no, room.phase, room.opened_at_ms is not None) == (3, Phase.OPEN, True)


async def test_people_come_anew_and_a_standing_still_makes_a_manager(store_url):
    async with open_site(store_url) as site:
        await full_session(site)
        ids = dict(site.ids)
        await begin(site)
        for name, role in (("boss", Role.MANAGER), ("mod", Role.VIEWER), ("ben", Role.VIEWER)):
            await site.sign_in(name)
            person = await site.person(name)
            assert (person.role, person.state, person.participant_id != ids[name]) == (role, PersonState.KNOWN, True)
        await site.open_tab("ben")
        assert (await site.person("ben")).is_waiter


async def test_what_opened_the_last_session_answers_that_it_has_ended(store_url):
    """Links, claimed or not; pages of links; sessions of people; and still nothing is said to a stranger."""
    async with open_site(store_url) as site:
        secrets = await full_session(site)
        invitation_id = next(iter((await site.contents()).invitations))
        await begin(site)
        for name, secret in secrets.items():
            with refused("session_ended"):
                await site.claim(secret, name, Device())
        lobby = LobbyClaims(room_id=ROOM, invitation_id=invitation_id, issue=1)
        with refused("session_ended"):
            await presence.enter_with_link(site.services, lobby)
        for name in ("boss", "mod", "wanda"):
            with refused("session_ended"):
                await site.open_tab(name, "2")
        with refused("invite_unknown"):
            await site.claim("x" * 27, "cleo", Device())
        await rooms.delete_room(site.services, site.by(None))
        with refused("room_deleted"):
            await site.claim(secrets["ina"], "ina", Device())


async def test_no_secret_or_address_of_a_past_session_is_kept(store_url):
    async with open_site(store_url) as site:
        await full_session(site)
        await begin(site)
        room_keys = site.store.keyspace.room(ROOM)
        links = await site.store.redis.hgetall(room_keys.links)
        assert sorted(set(links.values())) == [b"past:1"]
        assert not await site.store.redis.exists(room_keys.invitations)


async def test_the_hashes_of_past_links_are_bounded_and_the_newest_stay(store_url, monkeypatch):
    monkeypatch.setattr(session_actions, "MAX_PAST_LINKS", 2)
    async with open_site(store_url) as site:
        await site.create_room(**CHANNEL)
        secrets = []
        for session in range(3):
            secrets.append([(await site.invite(f"p{session}{number}"))["secret"] for number in range(2)])
            await rooms.end_session(site.services, site.by(None))
            await begin(site)
        assert len(await site.store.redis.hgetall(site.store.keyspace.room(ROOM).links)) == 2
        for secret in secrets[2]:
            with refused("session_ended"):
                await site.claim(secret, "p20", Device())
        for secret in secrets[0] + secrets[1]:
            with refused("invite_unknown"):
                await site.claim(secret, "p00", Device())


async def test_guest_links_are_the_rooms_and_stay(store_url):
    async with open_site(store_url) as site:
        await full_session(site, locked=False)
        await begin(site)
        made = await site.make_guest_link()
        await site.enter_as_guest(made["secret"], "gus", Device())
        await rooms.end_session(site.services, site.by(None))
        await begin(site)
        await site.enter_as_guest(made["secret"], "gus", Device())
        await site.open_tab("gus")
        assert (await site.person("gus")).is_participant


async def test_guest_links_that_are_off_are_forgotten_so_that_a_lasting_room_never_has_had_its_last(store_url, monkeypatch):
    monkeypatch.setattr("server.store.guests.MAX_GUEST_LINKS_KEPT", 2)
    async with open_site(store_url) as site:
        await full_session(site, locked=False)
        await begin(site)
        for _ in range(2):
            off = await site.make_guest_link()
            await switch_off_guest_link(site.services, site.by(None), off["guest_link_id"])
        with refused("guest_link_limit"):
            await site.make_guest_link()
        await rooms.end_session(site.services, site.by(None))
        async with verify_action(site):
            await begin(site)
        await site.make_guest_link()
        with refused("invite_unknown"):
            await site.enter_as_guest(off["secret"], "gus", Device())
        assert len((await site.contents()).guest_links) == 1


async def test_an_address_can_be_invited_again_and_gets_a_link_that_is_good(store_url):
    async with open_site(store_url) as site:
        await full_session(site)
        await begin(site)
        made = await site.invite("cleo", Role.MODERATOR)
        assert made["replaced"] is None
        assert (await site.claim(made["secret"], "cleo", Device())).participant_id


async def test_of_two_who_begin_it_at_once_one_does(store_url):
    async with open_site(store_url) as site:
        await full_session(site)
        there = await site.add_node()
        async with verify_action(site) as caused:
            told = await outcomes(
                begin(site), begin_next_session(there, site.by("boss"), starts_at_ms=None, ends_at_ms=None)
            )
        assert told.count(DONE) == 1
        # Who comes second finds the session live, or is of an earlier one by then.
        assert set(told) <= {DONE, "already_live", "participant_unknown"}
        assert caused.names == ["session_begun"]


async def test_the_same_request_again_begins_no_second_one(store_url):
    async with open_site(store_url) as site:
        await full_session(site)
        request = site.by(None, "once")
        first = await begin_next_session(site.services, request, starts_at_ms=None, ends_at_ms=None)
        await rooms.end_session(site.services, site.by(None))
        again = await begin_next_session(site.services, request, starts_at_ms=None, ends_at_ms=None)
        assert again == first
        assert (await site.contents()).room.session_no == 2


@pytest.mark.parametrize(
    ("name", "code"), [("boss", None), ("mod", None), ("wanda", "role_forbidden"), ("ben", "role_forbidden")]
)
async def test_hosts_of_the_last_session_may_begin_the_next(name, code):
    async with open_site(EMBEDDED_URL) as site:
        await full_session(site)
        if code:
            with refused(code):
                await begin(site, name)
        else:
            await begin(site, name)


async def test_a_standalone_room_has_one_session(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        with refused("already_live"):
            await begin(site)
        await rooms.end_session(site.services, site.by(None))
        with refused("session_ended"):
            await begin(site)


async def test_one_session_at_a_time(store_url):
    async with open_site(store_url) as site:
        await site.create_room(**CHANNEL)
        with refused("already_live"):
            await begin(site)
        await rooms.end_session(site.services, site.by(None))
        starts_at_ms = await site.now_ms() + HOUR_MS
        with refused("bad_message"):
            await begin(site, starts_at_ms=starts_at_ms, ends_at_ms=starts_at_ms)
        await begin(site, starts_at_ms=starts_at_ms)
        with refused("already_planned"):
            await begin(site)


async def test_a_leave_that_comes_late_finds_nobody_and_does_no_harm(store_url):
    async with open_site(store_url, participant_grace_ms=0) as site:
        await full_session(site)
        await begin(site)
        before = await site.seq()
        for name in ("boss", "mod", "wanda"):
            await site.close_tab(name, at_once=False)
            await presence.grace_over(site.services, ROOM, site.ids[name])
        assert await site.seq() == before


async def test_the_replica_of_a_node_follows(store_url):
    """What the log alone makes of it is the room as it is read anew."""
    async with open_site(store_url) as site:
        await full_session(site)
        followed = await site.contents()
        await begin(site)
        await site.sign_in("olga")
        for entry in await site.entries(followed.seq):
            followed.apply(entry)
        assert asdict(followed) | {"now_ms": 0} == asdict(await site.contents()) | {"now_ms": 0}
        assert any(isinstance(entry.event, SessionBegun) for entry in await site.entries())


# ── Whom a channel's room lets in, and who is invited when ───────────────────────────────────────────────────────────


async def sign_in_with(site: Site, name: str, *channels: str) -> SignedIn:
    token = site.services.site_tokens.mint_demo(
        user_id=name, name=name.title(), email=address_of(name), now_ms=site.services.now_ms(), channels=channels
    )
    return await sign_in(site.services, ROOM, token)


async def test_its_members_come_in_by_their_sign_in_and_others_do_not(store_url):
    async with open_site(store_url) as site:
        await site.create_room(**CHANNEL, access=Access.CHANNEL_MEMBERS, standings={"olga": "owner"})
        await sign_in_with(site, "uma", "c0", "c1")
        await sign_in_with(site, "olga")
        for channels in ((), ("c2",), ("c11",)):
            with refused("not_invited"):
                await sign_in_with(site, "mallory", *channels)


async def test_an_invitation_lets_in_whom_the_channel_does_not(store_url):
    async with open_site(store_url) as site:
        await site.create_room(**CHANNEL, access=Access.CHANNEL_MEMBERS)
        made = await site.invite("cleo")
        claimed = await site.claim(made["secret"], "cleo", Device())
        assert (await sign_in_with(site, "cleo")).participant_id == claimed.participant_id


async def test_a_channels_room_invites_while_its_session_is_live(store_url):
    async with open_site(store_url) as site:
        await site.create_room(**CHANNEL, starts_at_ms=await site.now_ms() + HOUR_MS)
        with refused("not_live"):
            await site.invite("cleo")
        await rooms.start_session(site.services, site.by(None))
        await site.invite("cleo")
        await rooms.end_session(site.services, site.by(None))
        with refused("not_live"):
            await site.invite("dora")
        await rooms.delete_room(site.services, site.by(None))
        with refused("room_deleted"):
            await site.invite("dora")


async def test_a_standalone_room_invites_whenever_it_lives(store_url):
    async with open_site(store_url) as site:
        await site.create_room(starts_at_ms=await site.now_ms() + HOUR_MS)
        await site.invite("cleo")
        await rooms.start_session(site.services, site.by(None))
        await site.invite("dora")
        await rooms.end_session(site.services, site.by(None))
        with refused("session_ended"):
            await site.invite("ed")


async def test_an_invitation_that_is_asked_for_again_after_its_session_is_over_with_it(store_url):
    async with open_site(store_url) as site:
        await site.create_room(**CHANNEL)
        request = site.by(None, RequestId("key", keep_ms=24 * HOUR_MS))
        invitee = Invitee(email=address_of("ina"), first_name="Ina", last_name="Invited", role=Role.VIEWER)
        await invite(site.services, request, invitee)
        await rooms.end_session(site.services, site.by(None))
        await begin(site)
        with refused("invitation_closed"):
            await invite(site.services, request, invitee)
        assert (await site.contents()).invitations == {}
