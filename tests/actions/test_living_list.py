"""The list of invitations that managers watch: each row says where its person is, told with every change."""

from __future__ import annotations

import pytest

from client_sim.device import Device
from server.actions import line, presence, sanctions
from server.actions.devices import release_claim
from server.actions.invitation_list import Wanted, read_page
from server.actions.links import Visitor
from server.actions.roles import change_role
from server.domain.invitation import Invitation
from server.domain.roles import Role
from server.domain.stages import stage_of
from server.settings import EMBEDDED_URL
from server.trust.tokens import SessionClaims
from server.wire.audiences import Audience
from tests.support.refusing import refused
from tests.support.rooms import ROOM, Site, open_site
from tests.support.verifying import verify_action


async def with_claim(site: Site, **room: object) -> tuple[str, str, Device]:
    """Ina's link, claimed on a device: its id, its secret, the device."""
    await site.create_room(**room)
    await site.bring_in("boss", Role.MANAGER)
    made, device = await site.invite("ina", Role.SPEAKER), Device()
    site.ids["ina"] = (await site.claim(made["secret"], "ina", device)).participant_id
    return made["invitation_id"], made["secret"], device


async def row(site: Site, invitation_id: str) -> Invitation:
    return (await site.contents()).invitations[invitation_id]


async def test_a_row_follows_its_person_from_the_link_to_the_room_and_out_again(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        made, seen = await site.invite("ina"), []
        async with verify_action(site) as caused:
            await site.look(made["secret"], Visitor(network="192.0.2.1"))
            seen.append(stage_of(await row(site, made["invitation_id"])))
            site.ids["ina"] = (await site.claim(made["secret"], "ina", Device())).participant_id
            seen.append(stage_of(await row(site, made["invitation_id"])))
            await site.open_tab("ina")
            seen.append(stage_of(await row(site, made["invitation_id"])))
            await site.close_tab("ina")
            seen.append(stage_of(await row(site, made["invitation_id"])))
        assert seen == ["opened", "away", "inside", "away"]
        assert caused.told(Audience.MANAGERS).count("invitations.presence") == 2
        assert "invitations.presence" not in caused.told(Audience.STAFF) + caused.told(Audience.INSIDE)


async def test_a_row_follows_its_person_in_the_line(store_url):
    async with open_site(store_url) as site:
        invitation_id, _, _ = await with_claim(site, locked=True)
        async with verify_action(site):
            await site.open_tab("ina")
            assert stage_of(await row(site, invitation_id)) == "in_lobby"
            await line.decline(site.services, site.by("boss"), site.ids["ina"], None)
        assert stage_of(await row(site, invitation_id)) == "declined"


@pytest.mark.parametrize(("act", "stage"), [(sanctions.remove, "removed"), (sanctions.ban, "banned")])
async def test_a_row_says_that_its_person_was_put_out(store_url, act, stage):
    async with open_site(store_url) as site:
        invitation_id, _, _ = await with_claim(site)
        await site.open_tab("ina")
        async with verify_action(site):
            await act(site.services, site.by("boss"), site.ids["ina"])
        assert stage_of(await row(site, invitation_id)) == stage


async def test_a_row_names_the_role_that_its_person_has_by_now_beside_the_invited_one(store_url):
    async with open_site(store_url) as site:
        invitation_id, _, _ = await with_claim(site)
        await site.open_tab("ina")
        async with verify_action(site):
            await change_role(site.services, site.by("boss"), site.ids["ina"], Role.MODERATOR)
        shown = await row(site, invitation_id)
        assert (shown.role, shown.role_now) == (Role.SPEAKER, Role.MODERATOR)


async def test_what_says_nothing_new_of_a_person_leaves_their_row_alone(store_url):
    async with open_site(store_url) as site:
        invitation_id, _, _ = await with_claim(site)
        await site.open_tab("ina")
        before = (await row(site, invitation_id)).rev
        await site.open_tab("ina", "2")
        await site.close_tab("ina", "2")
        assert (await row(site, invitation_id)).rev == before


async def test_the_list_knows_who_has_not_come_yet(store_url):
    async with open_site(store_url) as site:
        invitation_id, _, _ = await with_claim(site)
        await site.invite("otto")
        gone = await site.invite("uwe")
        assert await stages(site, "not_come") == ["ina", "otto", "uwe"]
        await site.open_tab("ina")
        await site.close_tab("ina")
        assert (await row(site, invitation_id)).came_at_ms
        await site.invite("uwe")
        assert gone["invitation_id"] not in await ids(site, "not_come")
        assert await stages(site, "not_come") == ["otto", "uwe"]
        assert await stages(site, "away") == ["ina"]
        assert await stages(site, "replaced") == ["uwe"]


async def test_the_list_comes_page_by_page_and_whole():
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room()
        made = [(await site.invite(f"p{number}"))["invitation_id"] for number in range(7)]
        found, after = [], None
        while True:
            page = await read_page(site.services, site.by(None), Wanted(after=after, limit=3))
            found += [one.invitation_id for one in page.invitations]
            if (after := page.last) is None:
                break
        assert sorted(found) == sorted(made)
        assert len(found) == len(made)


async def ids(site: Site, stage: str) -> list[str]:
    page = await read_page(site.services, site.by(None), Wanted(stage=stage, limit=200))
    return [one.invitation_id for one in page.invitations]


async def stages(site: Site, stage: str) -> list[str]:
    page = await read_page(site.services, site.by(None), Wanted(stage=stage, limit=200))
    return sorted(one.email.partition("@")[0] for one in page.invitations)


# ── A link that a manager takes from its device ──────────────────────────────────────────────────────────────────────


async def test_a_claim_that_is_released_is_open_again_to_the_invited_address(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret, old = await with_claim(site)
        await site.open_tab("ina")
        async with verify_action(site) as caused:
            await release_claim(site.services, site.by("boss"), invitation_id)
        assert [event.what for event in caused.events] == ["released"]
        assert caused.events[0].by == site.ids["boss"]
        with refused("invite_moved"):
            await presence.enter(site.services, session(site, invitation_id, old), "c-old")
        with refused("email_mismatch"):
            await site.claim(secret, "eve", Device())
        assert (await site.claim(secret, "ina", Device())).participant_id == site.ids["ina"]
        with refused("invite_moved"):
            await site.claim(secret, "ina", old)


async def test_a_released_claim_says_so_in_the_list(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret, _ = await with_claim(site)
        await release_claim(site.services, site.by("boss"), invitation_id)
        assert stage_of(await row(site, invitation_id)) == "moved"
        with refused("already_decided"):
            await release_claim(site.services, site.by("boss"), invitation_id)
        await site.claim(secret, "ina", Device())
        assert stage_of(await row(site, invitation_id)) == "away"


async def test_every_device_of_a_link_for_many_is_told_that_it_moved():
    async with open_site(EMBEDDED_URL) as site:
        await site.create_room(link_devices=-1)
        await site.bring_in("boss", Role.MANAGER)
        made, devices = await site.invite("ina"), [Device() for _ in range(25)]
        for device in devices:
            site.ids["ina"] = (await site.claim(made["secret"], "ina", device)).participant_id
        await release_claim(site.services, site.by("boss"), made["invitation_id"])
        for device in devices:
            with refused("invite_moved"):
                await presence.enter(site.services, session(site, made["invitation_id"], device), "c")


def session(site: Site, invitation_id: str, device: Device) -> SessionClaims:
    return SessionClaims(
        room_id=ROOM, participant_id=site.ids["ina"], invitation_id=invitation_id, device_id=device.thumbprint,
        key_thumbprint=device.thumbprint,
    )
