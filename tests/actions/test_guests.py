"""Guest links: one click a device, whoever asks at once; and a guest is nobody but their device."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

import pytest

from client_sim.device import Device
from server.actions import let_in, line, presence, rooms, sanctions
from server.actions.guest_links import GuestLinkChanges, edit_guest_link, link_again, switch_off_guest_link
from server.actions.guests import enter_as_guest, look_at_guest_link
from server.actions.links import claim_link, look_at_link
from server.actions.roles import change_role
from server.actions.services import Request
from server.actions.site import change_site
from server.actions.visitors import Visitor
from server.domain.person import PersonState
from server.domain.roles import Role
from server.trust.tokens import SessionClaims
from server.wire.audiences import Audience
from tests.support.refusing import outcomes, refused
from tests.support.rooms import ROOM, Site, address_of, open_site, visitor_with
from tests.support.verifying import verify_action


async def switch_site(site: Site, **changes: object) -> None:
    await change_site(site.services, Request(room_id="", actor_id=None, request_id=site.new_id("site")), changes)


async def come(site: Site, secret: str, name: str, device: Device | None = None) -> Device:
    """Enter as a guest, with a tab."""
    device = device or Device()
    await site.enter_as_guest(secret, name, device)
    await site.open_tab(name)
    return device


async def clicks(site: Site) -> list[int]:
    return [link.clicks for link in (await site.contents()).guest_links.values()]


# ── Coming in ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_guest_comes_in_as_an_unverified_viewer_with_a_claim_for_an_address(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.make_guest_link()
        async with verify_action(site) as caused:
            await come(site, made["secret"], "gus")
        guest = await site.person("gus")
        assert (guest.role, guest.state, guest.email, guest.email_proof) == (Role.VIEWER, PersonState.INSIDE, None, None)
        assert (guest.name, guest.claimed_email) == ("Gus", address_of("gus"))
        assert caused.told(Audience.MANAGERS) == ["guest_link.changed", "participants.joined"]
        assert caused.told(Audience.STAFF) == caused.told(Audience.INSIDE) == ["participants.joined"]


async def test_looking_however_often_is_no_click(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.make_guest_link(max_clicks=1)
        before = await site.seq()
        for _ in range(20):
            await look_at_guest_link(site.services, ROOM, made["secret"], Visitor(network="192.0.2.1", cookie="c" * 43))
        assert await clicks(site) == [0]
        assert await site.seq() == before


async def test_the_same_device_comes_and_goes_without_another_click_and_needs_give_nothing(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.make_guest_link(max_clicks=1)
        device = await come(site, made["secret"], "gus")
        other = await site.add_node()
        look = await look_at_guest_link(other, ROOM, made["secret"], Visitor(network="n", device_key=dict(device.jwk)))
        visitor = visitor_with(device, look.nonce, "nobody")
        again = await enter_as_guest(other, ROOM, made["secret"], visitor, name=None, email=None)
        assert look.state == "known_here"
        assert again.participant_id == site.ids["gus"]
        assert await clicks(site) == [1]


async def test_of_fifty_devices_at_once_one_gets_the_last_click(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        nodes = [site.services, await site.add_node(), await site.add_node()]
        made = await site.make_guest_link(max_clicks=3)
        for name in ("a", "b"):
            await come(site, made["secret"], name)
        found = await outcomes(
            *(site.enter_as_guest(made["secret"], f"g{n}", Device(), on=nodes[n % 3]) for n in range(50))
        )
        assert sorted(found) == ["done"] + ["guest_link_full"] * 49
        assert await clicks(site) == [3]
        assert len([p for p in (await site.contents()).people.values() if p.guest_link_id]) == 3


async def test_a_crowd_that_comes_at_once_comes_in_and_an_edit_meanwhile_does_not_wait_for_it(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        nodes = [site.services, await site.add_node(), await site.add_node()]
        made = await site.make_guest_link()

        async def edit(number: int) -> None:
            changes = GuestLinkChanges(name=f"Name {number}")
            await edit_guest_link(nodes[number % 3], site.by(None), made["guest_link_id"], changes)

        crowd = [site.enter_as_guest(made["secret"], f"g{n}", Device(), on=nodes[n % 3]) for n in range(60)]
        assert await outcomes(*crowd, edit(1)) == ["done"] * 61
        (link,) = (await site.contents()).guest_links.values()
        assert (link.clicks, link.name) == (60, "Name 1")


async def test_of_two_edits_at_once_neither_undoes_the_other(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made, other = await site.make_guest_link(), await site.add_node()
        await asyncio.gather(
            edit_guest_link(site.services, site.by(None), made["guest_link_id"], GuestLinkChanges(name="Parents")),
            edit_guest_link(other, site.by(None), made["guest_link_id"], GuestLinkChanges(max_clicks=7)),
        )
        (link,) = (await site.contents()).guest_links.values()
        assert (link.name, link.max_clicks) == ("Parents", 7)


async def test_one_device_that_sends_its_form_many_times_at_once_is_one_guest_and_one_click(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        nodes = [site.services, await site.add_node()]
        made, device = await site.make_guest_link(max_clicks=1), Device()
        found = await asyncio.gather(
            *(site.enter_as_guest(made["secret"], "gus", device, on=nodes[n % 2]) for n in range(20))
        )
        assert len({one.participant_id for one in found}) == 1
        assert await clicks(site) == [1]


async def test_a_browser_without_keys_is_known_by_its_cookie(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.make_guest_link()
        ids = [await enter_by_cookie(site, made["secret"], cookie * 43) for cookie in ("a", "a", "b")]
        assert ids[0] == ids[1] != ids[2]
        assert await clicks(site) == [2]


async def enter_by_cookie(site: Site, secret: str, cookie: str) -> str:
    look = await look_at_guest_link(site.services, ROOM, secret, Visitor(network="n", cookie=cookie))
    visitor = Visitor(network="n", cookie=cookie, nonce=look.nonce)
    entered = await enter_as_guest(site.services, ROOM, secret, visitor, name="Gus", email="gus@example.com")
    return entered.participant_id


async def test_the_cookie_of_a_device_with_a_key_is_worth_nothing_without_the_key(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made, device, cookie = await site.make_guest_link(), Device(), "c" * 43
        look = await look_at_guest_link(site.services, ROOM, made["secret"], Visitor(network="n", cookie=cookie))
        visitor = replace(visitor_with(device, look.nonce, "gus"), cookie=cookie)
        entered = await enter_as_guest(site.services, ROOM, made["secret"], visitor, name="Gus", email="g@example.com")
        assert await enter_by_cookie(site, made["secret"], cookie) != entered.participant_id


@pytest.mark.parametrize(("name", "email"), [(None, "g@example.com"), (" ", "g@example.com"), ("Gus", None), ("Gus", "no")])
async def test_a_new_guest_gives_a_name_and_an_address_or_spends_no_click(name, email):
    async with open_site("memory://") as site:
        await site.create_room()
        made, device = await site.make_guest_link(), Device()
        look = await look_at_guest_link(site.services, ROOM, made["secret"], Visitor(network="n"))
        with refused("bad_message"):
            await enter_as_guest(
                site.services, ROOM, made["secret"], visitor_with(device, look.nonce, "x"), name=name, email=email
            )
        assert await clicks(site) == [0]


async def test_without_the_pages_nonce_or_with_another_links_nothing_is_spent(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made, other = await site.make_guest_link(), await site.make_guest_link("Others")
        look = await look_at_guest_link(site.services, ROOM, other["secret"], Visitor(network="n"))
        for nonce in ("", "nonsense", look.nonce):
            with refused("nonce_invalid"):
                visitor = visitor_with(Device(), nonce, "gus")
                await enter_as_guest(site.services, ROOM, made["secret"], visitor, name="Gus", email="g@example.com")
        assert sum(await clicks(site)) == 0


async def test_a_guest_waits_in_a_locked_room_and_a_host_sees_what_they_typed(store_url):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        made = await site.make_guest_link()
        async with verify_action(site) as caused:
            await come(site, made["secret"], "gus")
        assert (await site.person("gus")).state is PersonState.WAITING
        assert caused.told(Audience.STAFF) == ["waiters.added"]
        await let_in.admit(site.services, site.by(None), [site.ids["gus"]])
        assert (await site.person("gus")).state is PersonState.INSIDE


async def test_a_typed_address_that_the_rules_keep_out_is_refused_and_spends_no_click(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.make_guest_link()
        await switch_site(site, blocked_domains=["example.com"])
        with refused("domain_blocked"):
            await site.enter_as_guest(made["secret"], "gus", Device())
        assert await clicks(site) == [0]


# ── What a guest is not ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_address_that_a_guest_types_gets_them_nothing(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        made = await site.make_guest_link()
        await come(site, made["secret"], "eve")
        contents = await site.contents()
        assert contents.people[site.ids["eve"]].claimed_email == address_of("eve")
        eve_id = site.ids["eve"]
        await site.invite("eve", Role.MODERATOR, by="boss", at_once=True)
        assert (await site.contents()).people[eve_id].role is Role.VIEWER
        claimed = await site.claim((await site.invite("eve", Role.MODERATOR))["secret"], "eve", Device())
        assert claimed.participant_id != eve_id
        await site.meet("eve")
        assert site.ids["eve"] != eve_id


async def test_a_host_promotes_a_guest_as_anybody_else(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        await come(site, (await site.make_guest_link())["secret"], "gus")
        await change_role(site.services, site.by("boss"), site.ids["gus"], Role.MODERATOR)
        assert (await site.person("gus")).role is Role.MODERATOR


# ── Off, full, over ──────────────────────────────────────────────────────────────────────────────────────────────────


async def off_by_link(site: Site, made) -> None:
    await switch_off_guest_link(site.services, site.by(None), made["guest_link_id"])


async def off_in_the_room(site: Site, made) -> None:
    await rooms.edit_room(site.services, site.by(None), {"guest_access": False})


async def off_at_the_site(site: Site, made) -> None:
    await switch_site(site, guest_access=False)


OFF = [(off_by_link, "invite_revoked"), (off_in_the_room, "guest_access_off"), (off_at_the_site, "guest_access_off")]


@pytest.mark.parametrize(("switch_off", "code"), OFF)
async def test_switched_off_nobody_new_comes_in_and_who_is_inside_comes_and_goes(store_url, switch_off, code):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.make_guest_link()
        device = await come(site, made["secret"], "gus")
        async with verify_action(site):
            await switch_off(site, made)
        with refused(code):
            await site.enter_as_guest(made["secret"], "new", Device())
        assert (await site.person("gus")).state is PersonState.INSIDE
        await site.close_tab("gus")
        await come(site, made["secret"], "gus", device)
        assert (await site.person("gus")).is_participant


@pytest.mark.parametrize(("switch_off", "code"), OFF)
async def test_switched_off_a_guest_who_waits_does_not_get_in_by_waiting(store_url, switch_off, code):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        made = await site.make_guest_link()
        device = await come(site, made["secret"], "gus")
        await site.arrive("ann")
        await switch_off(site, made)
        await rooms.unlock_room(site.services, site.by(None))
        assert (await site.person("ann")).state is PersonState.INSIDE
        assert (await site.person("gus")).state is PersonState.WAITING
        with refused(code):
            await site.open_tab("gus", "2")
        with refused(code):
            await site.enter_as_guest(made["secret"], "gus", device)


async def test_a_host_may_still_say_yes_to_a_guest_who_waits(store_url):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        made = await site.make_guest_link()
        await come(site, made["secret"], "gus")
        await off_in_the_room(site, made)
        await let_in.admit(site.services, site.by(None), [site.ids["gus"]])
        assert (await site.person("gus")).state is PersonState.INSIDE


async def test_with_guests_switched_off_no_link_is_made(store_url):
    async with open_site(store_url) as site:
        await site.create_room(guest_access=False)
        with refused("guest_access_off"):
            await site.make_guest_link()


@pytest.mark.parametrize(("switch_off", "code"), OFF)
async def test_a_switch_between_the_look_and_the_write_is_seen(store_url, switch_off, code, monkeypatch):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.make_guest_link()
        after(monkeypatch, site.store.guests, "enter", switch_off(site, made))
        with refused(code):
            await site.enter_as_guest(made["secret"], "gus", Device())
        assert await clicks(site) == [0]


@pytest.mark.parametrize(("switch_off", "code"), OFF)
async def test_a_switch_between_the_click_and_the_first_tab_is_seen(store_url, switch_off, code, monkeypatch):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.make_guest_link()
        await site.enter_as_guest(made["secret"], "gus", Device())
        after(monkeypatch, site.store.tabs, "enter", switch_off(site, made))
        with refused(code):
            await site.open_tab("gus")
        assert (await site.person("gus")).state is PersonState.KNOWN


def after(monkeypatch: pytest.MonkeyPatch, store: object, name: str, happens: Awaitable[None]) -> None:
    """What `happens` comes between the rule's reading and the store's writing, once."""
    write = getattr(store, name)

    async def write_late(*args, **kwargs):
        monkeypatch.setattr(store, name, write)
        await happens
        return await write(*args, **kwargs)

    monkeypatch.setattr(store, name, write_late)


async def test_a_link_whose_days_are_over_lets_in_those_it_let_in_before(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.make_guest_link(valid_days=1)
        device = await come(site, made["secret"], "gus")
        link = (await site.contents()).guest_links[made["guest_link_id"]]
        facts = await site.store.facts(ROOM)
        await site.store.guests.put_link(
            ROOM, replace(link, expires_at_ms=facts.now_ms), what="edited", by=None, seen=facts.seen(), request_id=None
        )
        with refused("invite_expired"):
            await site.enter_as_guest(made["secret"], "new", Device())
        await come(site, made["secret"], "gus", device)


async def test_a_room_has_three_links_that_are_on(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made = [await site.make_guest_link(f"Link {number}") for number in range(3)]
        with refused("guest_link_limit"):
            await site.make_guest_link()
        await off_by_link(site, made[0])
        await site.make_guest_link()
        found = await outcomes(*(site.make_guest_link(f"At once {number}") for number in range(4)))
        assert found == ["guest_link_limit"] * 4


async def test_of_many_links_made_at_once_three_are(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        found = await outcomes(*(site.make_guest_link(f"Link {number}") for number in range(8)))
        assert sorted(found) == ["done"] * 3 + ["guest_link_limit"] * 5


async def test_a_room_takes_so_many_guests_and_no_more(store_url):
    async with open_site(store_url, max_guests=2) as site:
        await site.create_room()
        made = await site.make_guest_link()
        device = await come(site, made["secret"], "a")
        await come(site, made["secret"], "b")
        with refused("guests_full"):
            await site.enter_as_guest(made["secret"], "c", Device())
        await come(site, made["secret"], "a", device)


async def test_an_edit_changes_what_is_named_and_takes_no_click_back(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.make_guest_link("Parents", max_clicks=1, valid_days=3)
        await come(site, made["secret"], "gus")
        link = (await site.contents()).guest_links[made["guest_link_id"]]
        await edit_guest_link(site.services, site.by(None), made["guest_link_id"], GuestLinkChanges(max_clicks=2))
        changed = (await site.contents()).guest_links[made["guest_link_id"]]
        assert changed == replace(link, max_clicks=2, edits=1, rev=link.rev + 1)
        await edit_guest_link(site.services, site.by(None), made["guest_link_id"], GuestLinkChanges(max_clicks=0, valid_days=0))
        changed = (await site.contents()).guest_links[made["guest_link_id"]]
        assert (changed.max_clicks, changed.expires_at_ms, changed.clicks) == (None, None, 1)
        assert (await link_again(site.services, site.by(None), made["guest_link_id"]))["link"] == made["link"]


# ── Bans ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_ban_binds_the_guests_device_with_every_link(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made, other = await site.make_guest_link(), await site.make_guest_link("Others")
        device = await come(site, made["secret"], "gus")
        await sanctions.ban(site.services, site.by(None), site.ids["gus"])
        for secret in (made["secret"], other["secret"]):
            with refused("banned"):
                await site.enter_as_guest(secret, "gus", device)
        with refused("banned"):
            await site.open_tab("gus", "2")


async def test_a_ban_binds_the_cookie_of_a_guest_who_comes_without_the_key(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made, device, cookie = await site.make_guest_link(), Device(), "c" * 43
        look = await look_at_guest_link(site.services, ROOM, made["secret"], Visitor(network="n", cookie=cookie))
        visitor = replace(visitor_with(device, look.nonce, "gus"), cookie=cookie)
        entered = await enter_as_guest(site.services, ROOM, made["secret"], visitor, name="Gus", email="g@example.com")
        await sanctions.ban(site.services, site.by(None), entered.participant_id)
        with refused("banned"):
            await look_at_guest_link(site.services, ROOM, made["secret"], Visitor(network="n", cookie=cookie))


async def test_the_device_of_somebody_banned_is_no_guests_device_either(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        invited, device = await site.invite("eve"), Device()
        site.ids["eve"] = (await site.claim(invited["secret"], "eve", device)).participant_id
        await site.open_tab("eve")
        await sanctions.ban(site.services, site.by(None), site.ids["eve"])
        with refused("banned"):
            await site.enter_as_guest((await site.make_guest_link())["secret"], "gus", device)


async def test_a_guest_who_was_removed_comes_back_by_the_line_only(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.make_guest_link()
        device = await come(site, made["secret"], "gus")
        await sanctions.remove(site.services, site.by(None), site.ids["gus"])
        await come(site, made["secret"], "gus", device)
        assert (await site.person("gus")).state is PersonState.REMOVED
        await line.knock(site.services, site.by("gus"))
        assert (await site.person("gus")).state is PersonState.WAITING


async def test_a_ban_of_a_guest_binds_what_the_device_was_given_before(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made, device = await site.make_guest_link(), Device()
        eve, token = await claimed_on(site, "eve", device)
        await come(site, made["secret"], "gus", device)
        await sanctions.ban(site.services, site.by(None), site.ids["gus"])
        with refused("banned"):
            await presence.enter(site.services, token, "eve-1")
        later, renewed = await claimed_on(site, "eve", device)
        assert later == eve
        await presence.enter(site.services, renewed, "eve-2")


async def test_a_ban_of_somebody_invited_binds_the_guest_of_their_device(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made, device = await site.make_guest_link(), Device()
        await site.enter_as_guest(made["secret"], "gus", device)
        eve, token = await claimed_on(site, "eve", device)
        await presence.enter(site.services, token, "eve-1")
        await sanctions.ban(site.services, site.by(None), eve)
        with refused("banned"):
            await site.open_tab("gus")


async def test_a_cookie_that_a_ban_holds_is_held_in_a_session_that_it_was_given_before(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made, cookie = await site.make_guest_link(), "c" * 43
        invited = await site.invite("eve")
        look = await site.look(invited["secret"], Visitor(network="n", cookie=cookie))
        visitor = Visitor(network="n", cookie=cookie, nonce=look.nonce, email=address_of("eve"))
        claimed = await claim_link(site.services, ROOM, invited["secret"], visitor)
        guest = await enter_by_cookie(site, made["secret"], cookie)
        await sanctions.ban(site.services, site.by(None), guest)
        with refused("banned"):
            await presence.enter(site.services, session_of(site, claimed.session_token), "eve-1")


async def test_a_ban_between_the_form_and_the_first_tab_is_seen(store_url, monkeypatch):
    async with open_site(store_url) as site:
        await site.create_room()
        made, device = await site.make_guest_link(), Device()
        eve, token = await claimed_on(site, "eve", device)
        await presence.enter(site.services, token, "eve-1")
        after(monkeypatch, site.store.guests, "enter", sanctions.ban(site.services, site.by(None), eve))
        await site.enter_as_guest(made["secret"], "gus", device)
        with refused("banned"):
            await site.open_tab("gus")


async def claimed_on(site: Site, name: str, device: Device) -> tuple[str, SessionClaims]:
    """Somebody invited claims on a device: who they are, and what their session says."""
    invited = await site.invite(name)
    claimed = await site.claim(invited["secret"], name, device)
    return claimed.participant_id, session_of(site, claimed.session_token)


def session_of(site: Site, token: str) -> SessionClaims:
    return site.services.tokens.read_session(token, site.services.now_ms())


# ── One device and two guest links ───────────────────────────────────────────────────────────────────────────────────


async def test_a_guest_who_waits_comes_by_another_link_when_theirs_is_off(store_url):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        first, second = await site.make_guest_link(), await site.make_guest_link("Others")
        device = await come(site, first["secret"], "gus")
        before, old_session = site.ids["gus"], site.guests["gus"]
        await off_by_link(site, first)
        await site.close_tab("gus")
        await come(site, second["secret"], "gus", device)
        assert (site.ids["gus"], (await site.person("gus")).state) == (before, PersonState.WAITING)
        assert (await site.person("gus")).guest_link_id == second["guest_link_id"]
        assert sorted(await clicks(site)) == [1, 1]
        await presence.enter(site.services, old_session, "gus-old")  # the same person, whichever link their page came by


async def test_another_link_that_is_full_or_over_brings_no_guest_who_is_not_in(store_url):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        first, second = await site.make_guest_link(), await site.make_guest_link("Others", max_clicks=1)
        device = await come(site, first["secret"], "gus")
        await come(site, second["secret"], "ann")
        with refused("guest_link_full"):
            await look_at_guest_link(site.services, ROOM, second["secret"], Visitor(network="n", device_key=dict(device.jwk)))
        with refused("guest_link_full"):
            await site.enter_as_guest(second["secret"], "gus", device)
        assert (await site.person("gus")).guest_link_id == first["guest_link_id"]


async def test_of_one_device_that_comes_by_another_link_many_times_at_once_one_is_a_click(store_url):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        first, second = await site.make_guest_link(), await site.make_guest_link("Others")
        device = await come(site, first["secret"], "gus")
        nodes = [site.services, await site.add_node()]
        await asyncio.gather(*(site.enter_as_guest(second["secret"], "gus", device, on=nodes[n % 2]) for n in range(10)))
        assert sorted(await clicks(site)) == [1, 1]


async def test_who_is_in_comes_by_any_link_and_clicks_none(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        first, second = await site.make_guest_link(), await site.make_guest_link("Others", max_clicks=1)
        device = await come(site, first["secret"], "gus")
        await come(site, second["secret"], "ann")
        async with verify_action(site) as caused:
            await site.enter_as_guest(second["secret"], "gus", device)
        assert caused.told(Audience.MANAGERS) == []
        assert (await site.person("gus")).guest_link_id == first["guest_link_id"]


async def test_a_guest_made_a_host_comes_back_by_their_link_to_a_session_that_ended(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.make_guest_link()
        device = await come(site, made["secret"], "gus")
        await come(site, made["secret"], "ann")
        await change_role(site.services, site.by(None), site.ids["gus"], Role.MODERATOR)
        await rooms.end_session(site.services, site.by(None))
        await come(site, made["secret"], "gus", device)
        with refused("session_ended"):
            await site.enter_as_guest(made["secret"], "new", Device())


# ── Two kinds of links ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_neither_kind_of_link_is_found_where_the_other_is_looked_for(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.create_room("room-2")
        guest, invited = await site.make_guest_link(), await site.invite("ann")
        nobody = Visitor(network="n")
        for secret in (guest["secret"], "g." + guest["secret"], "nonsense", ""):
            with refused("invite_unknown"):
                await look_at_link(site.services, ROOM, secret, nobody)
        for room_id, secret in ((ROOM, invited["secret"]), ("room-2", guest["secret"]), ("no-room", guest["secret"]), (ROOM, "")):
            with refused("invite_unknown"):
                await look_at_guest_link(site.services, room_id, secret, nobody)


async def test_a_guest_who_is_refused_leaves_a_line_for_those_who_are_asked_why(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        made, device = await site.make_guest_link(max_clicks=1), Device()
        await come(site, made["secret"], "gus", device)
        with refused("guest_link_full"):
            await site.enter_as_guest(made["secret"], "new", Device())
        await sanctions.ban(site.services, site.by(None), site.ids["gus"])
        with refused("banned"):
            await site.enter_as_guest(made["secret"], "gus", device)
        lines = await site.store.audit.refusals(ROOM, before=None, limit=10)
        told = [(line.door, line.code, line.participant_id) for line in lines]
        assert sorted(told, key=str) == [("guest_look", "banned", site.ids["gus"]), ("guest_look", "guest_link_full", None)]
