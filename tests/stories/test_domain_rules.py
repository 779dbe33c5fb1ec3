"""Whom the site's and the room's domain rules keep out, from the invitation to the claim."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from client_sim.device import Device
from tests.stories.hall import Hall, open_hall, refused


@asynccontextmanager
async def rules_of_the_site(hall: Hall, **rules: list[str]) -> AsyncIterator[None]:
    """Rules for the whole site, made on one node; afterwards there are none, for the tests that share the site."""
    await hall.api(0).edit_site(**rules)
    try:
        yield
    finally:
        await hall.api(0).edit_site(allowed_domains=[], blocked_domains=[])


async def invite(tab, email: str):
    return await tab.command("invitation.create", email=email, first_name="Ann", last_name="Ode", role="viewer")


async def test_a_rule_of_the_site_counts_on_every_node_when_it_is_answered(site):
    async with open_hall(site) as hall:
        maya = await hall.owner(node=1)
        async with rules_of_the_site(hall, blocked_domains=["example.com"]):
            for email in ("ann@example.com", "ann@EU.Example.com"):
                with refused("domain_blocked"):
                    await invite(maya, email)
            for email in ("ann@notexample.com", "ann@example.com.evil.org"):
                await invite(maya, email)
        await invite(maya, "ann@example.com")


async def test_an_invitee_whose_domain_was_blocked_meanwhile_hears_so_and_a_stranger_does_not(site):
    async with open_hall(site) as hall:
        await hall.owner()
        link = await hall.invite("ann")
        async with rules_of_the_site(hall, blocked_domains=["example.org"]):
            looked = await hall.api(1).look(link)
            for email, code in (("eve@example.org", "email_mismatch"), ("ann@example.org", "domain_blocked")):
                with refused(code):
                    await hall.api(1).claim(link, looked["nonce"], email, Device())
        await hall.claim("ann")


async def test_a_manager_makes_rules_for_the_room_and_asks_what_they_say(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await maya.command("room.edit", allowed_domains=["Example.ORG."], blocked_domains=["guests.example.org"])
        assert await maya.command("domain.rules") == {
            "allowed_domains": ["example.org"], "blocked_domains": ["guests.example.org"],
        }
        asked = {
            "ann@example.org": (True, "example.org"),
            "ann@guests.example.org": (False, "guests.example.org"),
            "ann@example.com": (False, None),
        }
        for email, expected in asked.items():
            told = await maya.command("domain.check", email=email)
            assert (told["allowed"], told["decided_by"]["rule"]) == expected
            assert "invited" not in told
        for command, fields in (("domain.check", {"email": "ann@example.org"}), ("domain.rules", {})):
            with refused("role_forbidden"):
                await iris.command(command, **fields)
        assert all("allowed_domains" not in str(message) for message in iris.history.received_messages())
