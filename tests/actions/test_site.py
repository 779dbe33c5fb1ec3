"""The site's switches and domain rules: they count in every room, on every node, at the next thing that is asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from client_sim.device import Device
from server.actions import domains, rooms
from server.actions.services import Request
from server.actions.site import change_site, read_site
from server.domain.site import CHANGES_KNOWN
from tests.actions.stage import ask
from tests.support.refusing import outcomes, refused
from tests.support.rooms import Site, address_of, open_site

BLOCK = {"blocked_domains": ["example.com"]}


def asking(site: Site, *, rev: int | None = None, request_id: str | None = None) -> Request:
    return Request(room_id="", actor_id=None, request_id=request_id or site.new_id("site"), expected_rev=rev)


async def change(site: Site, on=None, **changes: object):
    return await change_site(on or site.services, asking(site), changes)


# ── The document ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_while_nothing_was_written_the_settings_count(store_url):
    async with open_site(store_url, invite_to_media=False) as site:
        found = await read_site(site.services)
        assert (found.invite_to_media, found.guest_access, found.rev) == (False, True, 0)
        changed = await change(site, guest_access=False)
        assert (changed.invite_to_media, changed.guest_access, changed.rev) == (False, False, 1)


async def test_what_is_not_named_stays_and_what_changes_nothing_is_no_change(store_url):
    async with open_site(store_url) as site:
        await change(site, allowed_domains=["B.example.org", "a.example.org"])
        changed = await change(site, moderators_invite=True)
        assert (changed.allowed_domains, changed.moderators_invite, changed.rev) == (["a.example.org", "b.example.org"], True, 2)
        assert (await change(site, moderators_invite=True)).rev == 2


async def test_who_decided_on_an_older_document_hears_so_and_changes_nothing(store_url):
    async with open_site(store_url) as site:
        await change(site, guest_access=False)
        with refused("precondition_failed"):
            await change_site(site.services, asking(site, rev=0), {"guest_access": True})
        assert (await change_site(site.services, asking(site, rev=1), {"guest_access": True})).rev == 2


async def test_of_two_admins_who_saw_the_same_document_one_is_told_to_look_again(store_url):
    async with open_site(store_url) as site:
        other = await site.add_node()
        found = await outcomes(
            change_site(site.services, asking(site, rev=0), {"blocked_domains": ["a.example.org"]}),
            change_site(other, asking(site, rev=0), {"blocked_domains": ["b.example.org"]}),
        )
        assert sorted(found) == ["done", "precondition_failed"]


async def test_two_admins_who_name_different_things_both_have_their_way(store_url):
    async with open_site(store_url) as site:
        other = await site.add_node()
        await asyncio.gather(change(site, guest_access=False), change(site, on=other, speakers_initiate=True))
        found = await read_site(site.services)
        assert (found.guest_access, found.speakers_initiate, found.rev) == (False, True, 2)


async def test_the_same_request_again_changes_nothing_more(store_url):
    async with open_site(store_url) as site:
        request = asking(site, rev=0, request_id="site.PATCH./v1/site.once")
        first = await change_site(site.services, request, {"guest_access": False})
        assert await change_site(await site.add_node(), request, {"guest_access": False}) == first


async def test_a_request_that_is_repeated_late_undoes_nothing_that_came_after_it(store_url):
    async with open_site(store_url) as site:
        request = asking(site, rev=0, request_id="once")
        await change_site(site.services, request, {"guest_access": False})
        await change(site, guest_access=True)
        again = await change_site(await site.add_node(), request, {"guest_access": False})
        assert (again.guest_access, again.rev) == (True, 2)


async def test_only_the_last_requests_are_remembered_by_their_names(store_url):
    async with open_site(store_url) as site:
        for number in range(CHANGES_KNOWN + 5):
            await change(site, guest_access=bool(number % 2))
        held = await read_site(site.services)
        assert (held.rev, len(held.change_ids)) == (CHANGES_KNOWN + 5, CHANGES_KNOWN)


@pytest.mark.parametrize(("names", "code"), [(["co.uk"], "rule_too_wide"), (["no domain"], "domain_invalid")])
async def test_a_rule_that_makes_no_sense_changes_nothing(names, code):
    async with open_site("memory://") as site:
        with refused(code):
            await change(site, allowed_domains=names, guest_access=False)
        assert (await read_site(site.services)).rev == 0


# ── Inviting ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_module_switched_off_ends_inviting_at_once_and_on_again_allows_it(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.invite("ann")
        await change(site, on=await site.add_node(), invite_to_media=False)
        with refused("module_disabled"):
            await site.invite("bob")
        await change(site, invite_to_media=True)
        await site.invite("bob")


async def test_the_document_counts_more_than_the_setting(store_url):
    async with open_site(store_url, invite_to_media=False) as site:
        await site.create_room()
        await change(site, invite_to_media=True)
        await site.invite("ann")


@pytest.mark.parametrize("scope", ["site", "room"])
async def test_a_blocked_domain_is_refused_at_issue(store_url, scope):
    async with open_site(store_url) as site:
        await block(site, scope)
        with refused("domain_blocked"):
            await site.invite("ann")


async def block(site: Site, scope: str) -> None:
    """Have a room, and a rule that keeps example.com out of it."""
    if scope == "room":
        await site.create_room(blocked_domains=["EXAMPLE.com."])
        return
    await site.create_room()
    await change(site, **BLOCK)


async def test_an_invitation_is_decided_again_where_a_rule_was_made_meanwhile(store_url, monkeypatch):
    async with open_site(store_url) as site:
        await site.create_room()
        create = site.store.invitations.create

        async def create_after_a_rule(*args, **kwargs):
            monkeypatch.setattr(site.store.invitations, "create", create)
            await change(site, **BLOCK)
            return await create(*args, **kwargs)

        monkeypatch.setattr(site.store.invitations, "create", create_after_a_rule)
        with refused("domain_blocked"):
            await site.invite("ann")
        assert (await site.contents()).invitations == {}


# ── Claiming ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_domain_blocked_after_the_invitation_was_sent_is_refused_at_the_claim(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        invited = await site.invite("ann")
        await change(site, **BLOCK)
        with refused("domain_blocked"):
            await site.claim(invited["secret"], "ann", Device())
        assert (await site.contents()).people == {}
        await change(site, blocked_domains=[])
        await site.claim(invited["secret"], "ann", Device())


async def test_whoever_types_another_address_is_told_nothing_of_the_domain(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        invited = await site.invite("ann")
        await change(site, **BLOCK)
        with refused("email_mismatch"):
            await site.claim(invited["secret"], "eve", Device())


async def test_wrong_addresses_are_counted_before_the_domain_is_spoken_of(store_url):
    async with open_site(store_url, claim_failures=2) as site:
        await site.create_room()
        invited = await site.invite("ann")
        await change(site, **BLOCK)
        for _ in range(2):
            with refused("email_mismatch"):
                await site.claim(invited["secret"], "eve", Device())
        with refused("too_many_attempts"):
            await site.claim(invited["secret"], "ann", Device())


@pytest.mark.parametrize(("is_expired", "code"), [(True, "invite_expired"), (False, "domain_blocked")])
async def test_an_expired_link_says_so_whatever_its_domain(is_expired, code):
    async with open_site("memory://") as site:
        await site.create_room()
        invited = await site.invite("ann")
        await change(site, **BLOCK)
        if is_expired:
            invitation = (await site.contents()).invitations[invited["invitation_id"]]
            facts = await site.store.facts("room-1", invitations=[invitation.invitation_id])
            await site.store.invitations.put(
                "room-1", replace(invitation, expires_at_ms=1), what="extended", by=None,
                seen=facts.seen(invitations=[invitation.invitation_id]), request_id=None,
            )
        with refused(code):
            await site.claim(invited["secret"], "ann", Device())


async def test_a_claim_that_stands_is_not_undone_and_another_device_is_refused(store_url):
    async with open_site(store_url) as site:
        await site.create_room(link_devices=2)
        invited, device = await site.invite("ann"), Device()
        claimed = await site.claim(invited["secret"], "ann", device)
        await change(site, **BLOCK)
        assert (await site.claim(invited["secret"], "ann", device)).participant_id == claimed.participant_id
        with refused("domain_blocked"):
            await site.claim(invited["secret"], "ann", Device())


async def test_another_device_is_not_even_asked_for_once_the_domain_is_blocked(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        invited = await site.invite("ann")
        await site.claim(invited["secret"], "ann", Device())
        await change(site, **BLOCK)
        with refused("domain_blocked"):
            await ask(site, invited["secret"], "ann", Device())


# ── The room's own rules ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_managers_rule_for_the_room_counts_at_once_and_leaves_other_rooms_alone(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.create_room("room-2")
        await rooms.edit_room(site.services, site.by(None), {"allowed_domains": ["Example.ORG"]})
        assert (await site.contents()).room.allowed_domains == ["example.org"]
        assert (await site.contents("room-2")).room.allowed_domains == []
        with refused("domain_blocked"):
            await site.invite("ann")


@pytest.mark.parametrize(
    ("names", "code"),
    [(["com"], "rule_too_wide"), (["-"], "domain_invalid"), (["a.example.com"] * 201, "too_many_rules")],
)
async def test_a_room_takes_no_nonsense_for_a_rule(names, code):
    async with open_site("memory://") as site:
        with refused(code):
            await site.create_room(blocked_domains=names)
        await site.create_room()
        with refused(code):
            await rooms.edit_room(site.services, site.by(None), {"blocked_domains": names})


# ── Would this address get in? ───────────────────────────────────────────────────────────────────────────────────────


async def test_the_site_is_told_which_rule_decides(store_url):
    async with open_site(store_url) as site:
        await site.create_room(allowed_domains=["example.com"])
        await change(site, blocked_domains=["eu.example.com"])
        assert await domains.check_at_site(site.services, "ann@EU.example.com") == {
            "allowed": False, "decided_by": {"scope": "site", "list": "blocked", "rule": "eu.example.com"},
        }
        assert await domains.check_at_room(site.services, site.by(None), "ann@example.org") == {
            "allowed": False, "decided_by": {"scope": "room", "list": "allowed", "rule": None}, "invited": False,
        }


async def test_only_the_site_is_told_whether_an_address_is_invited(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", "manager")
        await site.invite("ann")
        assert (await domains.check_at_room(site.services, site.by(None), address_of("ann")))["invited"] is True
        assert "invited" not in await domains.check_at_room(site.services, site.by("boss"), address_of("ann"))
