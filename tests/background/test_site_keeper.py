"""Looking after the site's document: completed where a change stopped half way, and told to the tabs of this node."""

from __future__ import annotations

import pytest

from server.actions import rooms
from server.actions.services import Request
from server.actions.site import change_site
from server.background.site_keeper import SiteKeeper
from server.domain.roles import Role
from server.trust.tokens import SessionClaims
from tests.background.parts import Parts, node_of
from tests.support.rooms import ROOM, Site, address_of, open_site

pytestmark = pytest.mark.usefixtures("short_silence")

ALL = {"invite_to_media": True, "email": False, "guest_access": True}


async def change(site: Site, **changes: object) -> None:
    await change_site(site.services, Request(room_id="", actor_id=None, request_id=site.new_id("site")), changes)


async def look(parts: Parts) -> None:
    await SiteKeeper(parts.services, parts.hub).look()


async def let_in_as_guest(site: Site, guest_link_id: str, name: str) -> None:
    """A click on a guest link, whose person has the id that the tabs of these tests have."""
    link = (await site.contents()).guest_links[guest_link_id]
    facts = await site.store.facts(ROOM)
    site.ids[name] = await site.store.guests.enter(
        ROOM, link, identity=f"device:{name}", participant_id=f"p-{name}", name=name.title(), claimed_email=address_of(name),
        device_marks=[], seen=facts.seen(),
    )
    site.guests[name] = SessionClaims(room_id=ROOM, participant_id=site.ids[name], guest_link_id=guest_link_id)


async def test_a_site_that_can_send_mail_offers_it(store_url):
    async with open_site(store_url) as site, node_of(site) as parts:
        await site.create_room()
        boss = await parts.join("boss", Role.MANAGER)
        await look(parts)
        assert boss.replica.features == {**ALL, "email": True}


async def test_every_tab_hears_once_what_the_site_offers_now(store_url):
    async with open_site(store_url, smtp_url=None) as site, node_of(site) as parts:
        await site.create_room(locked=True)
        boss, wanda = await parts.join("boss", Role.MANAGER), await parts.join("wanda")
        assert boss.replica.features == wanda.replica.features == ALL
        await change(site, guest_access=False, blocked_domains=["example.org"])
        for _ in range(3):
            await look(parts)
        for tab in (boss, wanda):
            assert tab.types.count("features") == 1
            assert tab.replica.features == ALL | {"guest_access": False}
            assert "example.org" not in str(tab.messages)
        assert (await parts.join("late")).replica.features == ALL | {"guest_access": False}


async def test_a_guest_who_waits_hears_that_guests_are_not_wanted_and_one_inside_stays(store_url):
    async with open_site(store_url, smtp_url=None) as site, node_of(site) as parts:
        await site.create_room()
        made = await site.make_guest_link()
        await let_in_as_guest(site, made["guest_link_id"], "inside")
        inside = await parts.join("inside")
        await rooms.lock_room(site.services, site.by(None))
        await let_in_as_guest(site, made["guest_link_id"], "waits")
        waits, ann = await parts.join("waits"), await parts.join("ann")
        await change(site, guest_access=False)
        await look(parts)
        assert (waits.last["type"], waits.last["code"]) == ("bye", "guest_access_off")
        assert "bye" not in [*inside.types, *ann.types]


async def test_a_change_that_stopped_half_way_is_completed(store_url):
    async with open_site(store_url, smtp_url=None) as site, node_of(site) as parts:
        await change(site, guest_access=False)
        await site.store.redis.delete(site.store.keyspace.by_shard[1].site)
        await look(parts)
        texts = {await site.store.redis.get(keys.site) for keys in site.store.keyspace.by_shard}
        assert len(texts) == 1
        assert None not in texts


async def test_while_nothing_was_written_the_settings_are_offered(store_url):
    async with open_site(store_url, invite_to_media=False, smtp_url=None) as site, node_of(site) as parts:
        await site.create_room()
        tab = await parts.join("vic")
        await look(parts)
        assert tab.replica.features == ALL | {"invite_to_media": False}
        assert await site.store.site.load() is None
