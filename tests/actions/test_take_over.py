"""A newer link for an address: at once in the place of an unclaimed one, at its claim in the place of a claimed one."""

from __future__ import annotations

import asyncio

import pytest

from client_sim.device import Device
from server.actions.invitations import change_invited_role, revoke
from server.actions.roles import change_role
from server.domain.person import PersonState
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from tests.support.refusing import DONE, outcomes, refused
from tests.support.rooms import Site, open_site
from tests.support.verifying import verify_action


async def statuses(site: Site, *made: dict) -> list[str]:
    rows = (await site.contents()).invitations
    return [rows[each["invitation_id"]].status.value for each in made]


async def with_claim(site: Site, **room: object) -> tuple[dict, Device]:
    await site.create_room(**room)
    await site.bring_in("boss", Role.MANAGER)
    made, device = await site.invite("ina"), Device()
    site.ids["ina"] = (await site.claim(made["secret"], "ina", device)).participant_id
    return made, device


async def test_a_claimed_link_is_good_until_the_newer_one_is_claimed(store_url):
    async with open_site(store_url) as site:
        first, device = await with_claim(site)
        second = await site.invite("ina", by="boss")
        assert second["replaced"] is None
        assert (await site.claim(first["secret"], "ina", device)).participant_id == site.ids["ina"]
        async with verify_action(site) as caused:
            assert (await site.claim(second["secret"], "ina", Device())).participant_id == site.ids["ina"]
        assert [event.what for event in caused.events] == ["opened", "claimed", "replaced"]
        with refused("invite_replaced"):
            await site.claim(first["secret"], "ina", device)


async def test_of_a_chain_of_three_the_last_takes_over_the_first(store_url):
    async with open_site(store_url) as site:
        first, _ = await with_claim(site)
        second = await site.invite("ina", by="boss")
        third = await site.invite("ina", by="boss")
        assert third["replaced"] == second["invitation_id"]
        assert await statuses(site, first, second, third) == ["claimed", "replaced", "created"]
        with refused("invite_replaced"):
            await site.claim(second["secret"], "ina", Device())
        await site.claim(third["secret"], "ina", Device())
        assert await statuses(site, first, second, third) == ["replaced", "replaced", "claimed"]


async def test_where_the_newer_one_is_revoked_the_one_after_it_takes_over_the_first(store_url):
    async with open_site(store_url) as site:
        first, _ = await with_claim(site)
        second = await site.invite("ina", by="boss")
        await revoke(site.services, site.by("boss"), second["invitation_id"], remove_person=False)
        third = await site.invite("ina", by="boss")
        await site.claim(third["secret"], "ina", Device())
        assert await statuses(site, first, second, third) == ["replaced", "revoked", "claimed"]


async def test_both_links_claimed_at_once_on_two_nodes_leave_one_person_and_the_newer_link(store_url):
    async with open_site(store_url) as site:
        first, _ = await with_claim(site, link_devices=2)
        second = await site.invite("ina", by="boss")
        other = await site.add_node()
        async with verify_action(site):
            told = await outcomes(
                site.claim(first["secret"], "ina", Device()), site.claim(second["secret"], "ina", Device(), on=other)
            )
        assert DONE in told
        assert set(told) <= {DONE, "invite_replaced"}
        assert await statuses(site, first, second) == ["replaced", "claimed"]
        hers = [person for person in (await site.contents()).people.values() if person.email == "ina@example.com"]
        assert [person.participant_id for person in hers] == [site.ids["ina"]]


async def test_a_claim_and_a_newer_invitation_at_once_leave_one_good_link(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        other = await site.add_node()
        for round_no in range(6):
            name = f"ina{round_no}"
            first = await site.invite(name, by="boss")
            claimed, second = await asyncio.gather(
                outcomes(site.claim(first["secret"], name, Device(), on=other)), site.invite(name, by="boss")
            )
            if claimed == [DONE]:
                assert second["replaced"] is None
                assert await statuses(site, first, second) == ["claimed", "created"]
            else:
                assert claimed == ["invite_replaced"]
                assert second["replaced"] == first["invitation_id"]


# ── Roles by invitation, in one step ─────────────────────────────────────────────────────────────────────────────────


async def test_at_once_is_one_step_with_the_invitation(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        await site.bring_in("vic")
        before = await site.seq()
        async with verify_action(site) as caused:
            made = await site.invite("vic", Role.MODERATOR, by="boss", at_once=True)
        assert caused.names == ["invitation_changed", "role_changed"]
        assert made["seq"] == before + 2
        assert caused.events[1].by == site.ids["boss"]


async def test_who_was_demoted_meanwhile_is_raised_by_what_holds_at_that_instant(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        await site.bring_in("max", Role.MODERATOR)
        other = await site.add_node()
        for _ in range(4):
            await asyncio.gather(
                site.invite("max", Role.SPEAKER, by="boss", at_once=True),
                outcomes(change_role(other, site.by("boss"), site.ids["max"], Role.VIEWER)),
            )
            assert (await site.person("max")).role in (Role.VIEWER, Role.SPEAKER)
            await change_role(other, site.by("boss"), site.ids["max"], Role.MODERATOR)


async def test_what_a_guest_typed_never_makes_them_a_moderator():
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        await site.store.people.identify(
            "room-1", identities=["user:eve"], participant_id="p-eve",
            person={"name": "Eve", "role": Role.VIEWER, "user_id": "eve", "claimed_email": "ina@example.com"},
        )
        site.ids["eve"] = "p-eve"
        await site.open_tab("eve")
        assert (await site.person("eve")).state is PersonState.INSIDE
        await site.invite("ina", Role.MODERATOR, by="boss", at_once=True)
        assert (await site.person("eve")).role is Role.VIEWER


async def test_a_role_by_invitation_changes_both_records_or_none(store_url):
    """Whoever claims at that very instant has the new role too."""
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        other = await site.add_node()
        for round_no in range(6):
            name = f"ina{round_no}"
            made = await site.invite(name, by="boss")
            await asyncio.gather(
                outcomes(change_invited_role(site.services, site.by("boss"), made["invitation_id"], Role.MODERATOR)),
                outcomes(site.claim(made["secret"], name, Device(), on=other)),
            )
            contents = await site.contents()
            invitation = contents.invitations[made["invitation_id"]]
            person = contents.people.get(invitation.participant_id or "")
            assert person is None or person.role is invitation.role


# ── Devices ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("link_devices", "most"), [(None, 1), (2, 2), (-1, 4)])
async def test_an_invitation_says_on_how_many_devices_it_can_be_used(store_url, link_devices, most):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.invite("ina", link_devices=link_devices)
        told = [await outcomes(site.claim(made["secret"], "ina", Device())) for _ in range(4)]
        assert told == [[DONE]] * most + [["invite_used"]] * (4 - most)


async def test_no_device_at_all_is_no_number_of_devices():
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room()
        with refused("bad_message"):
            await site.invite("ina", link_devices=0)
