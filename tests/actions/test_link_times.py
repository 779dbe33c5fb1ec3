"""How long a link is good: until the later of its own time and the session's planned end, which moves with the session."""

from __future__ import annotations

import pytest

from client_sim.device import Device
from server.actions import invitations, rooms
from server.domain.roles import Role
from server.wire.audiences import Audience
from server.wire.showing import show_invitation
from tests.actions.test_links import NOBODY
from tests.support.refusing import refused
from tests.support.rooms import HOUR_MS, Site, open_site
from tests.support.verifying import verify_action

DAY_MS = 24 * HOUR_MS


async def with_link(site: Site, **room: object) -> dict[str, str]:
    await site.create_room(**room)
    await site.bring_in("boss", Role.MANAGER)
    return await site.invite("ina")


async def claim_later(site: Site, secret: str, ms: int) -> None:
    """Look and claim so much later than now, then come back to now."""
    before = site.store.scripts.skew_ms
    site.store.scripts.skew_ms += ms
    try:
        await site.look(secret, NOBODY)
        await site.claim(secret, "ina", Device())
    finally:
        site.store.scripts.skew_ms = before


@pytest.mark.parametrize("end", ["no end planned", "an end planned"])
async def test_a_link_made_before_the_session_was_put_off_is_good_on_the_new_day(store_url, end):
    async with open_site(store_url) as site:
        now_ms = await site.now_ms()
        ends_at_ms = now_ms + 41 * DAY_MS if end == "an end planned" else None
        made = await with_link(site, starts_at_ms=now_ms + HOUR_MS, ends_at_ms=ends_at_ms)
        await rooms.edit_room(site.services, site.by("boss"), {"starts_at_ms": now_ms + 40 * DAY_MS})
        with refused("invite_expired"):
            await claim_later(site, made["secret"], 41 * DAY_MS + 1_000)
        await claim_later(site, made["secret"], 40 * DAY_MS + HOUR_MS)


async def test_a_link_made_before_the_session_was_brought_forward_keeps_its_own_time(store_url):
    async with open_site(store_url) as site:
        now_ms = await site.now_ms()
        made = await with_link(site, starts_at_ms=now_ms + 40 * DAY_MS, link_ttl_s=3_600)
        await rooms.edit_room(site.services, site.by("boss"), {"starts_at_ms": now_ms + 60_000})
        with refused("invite_expired"):
            await claim_later(site, made["secret"], 60_000 + HOUR_MS + 1_000)
        await claim_later(site, made["secret"], HOUR_MS - 1_000)


@pytest.mark.parametrize(("link_ttl_s", "good_ms", "late_ms"), [(60, 59_000, 61_000), (7_200, 7_190_000, 7_201_000)])
async def test_a_rooms_own_time_for_links_counts_from_their_making(store_url, link_ttl_s, good_ms, late_ms):
    async with open_site(store_url) as site:
        made = await with_link(site, link_ttl_s=link_ttl_s)
        with refused("invite_expired"):
            await claim_later(site, made["secret"], late_ms)
        await claim_later(site, made["secret"], good_ms)


async def test_extending_counts_the_time_anew_and_everybody_who_sees_it_sees_the_same_instant(store_url):
    async with open_site(store_url) as site:
        made = await with_link(site, link_ttl_s=60)
        site.store.scripts.skew_ms = 40_000
        before_ms = await site.now_ms()
        async with verify_action(site) as caused:
            answer = await invitations.extend(site.services, site.by("boss"), made["invitation_id"])
        assert before_ms + 60_000 <= answer["expires_at_ms"] <= await site.now_ms() + 60_000
        shown = show_invitation((await site.contents()).invitations[made["invitation_id"]])
        assert shown.expires_at_ms == answer["expires_at_ms"]
        assert caused.told(Audience.MANAGERS) == ["invitation.changed"]
        with refused("invite_expired"):
            await claim_later(site, made["secret"], 61_000)
        await claim_later(site, made["secret"], 59_000)


async def test_extending_never_makes_a_link_good_for_less(store_url):
    async with open_site(store_url) as site:
        made = await with_link(site, link_ttl_s=7_200)
        await rooms.edit_room(site.services, site.by("boss"), {"link_ttl_s": 60})
        await invitations.extend(site.services, site.by("boss"), made["invitation_id"])
        await claim_later(site, made["secret"], 7_190_000)


async def test_what_managers_see_is_the_links_own_time_also_where_the_session_ends_later(store_url):
    async with open_site(store_url) as site:
        now_ms = await site.now_ms()
        made = await with_link(site, starts_at_ms=now_ms + 40 * DAY_MS, link_ttl_s=60)
        shown = show_invitation((await site.contents()).invitations[made["invitation_id"]])
        assert now_ms + 60_000 <= shown.expires_at_ms <= await site.now_ms() + 60_000
