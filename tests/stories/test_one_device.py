"""A link belongs to the device that claimed it, until a host lets it move."""

from __future__ import annotations

from client_sim.client import RoomClient
from client_sim.device import Device
from tests.stories.hall import Hall, Row, email_of, ended_with, has_role, messages, open_hall, refused, shows


async def test_the_device_that_claimed_the_link_may_claim_it_again_without_an_address(site):
    async with open_hall(site) as hall:
        await hall.invite("iris")
        first = await hall.claim("iris")
        looked = await hall.api(1).look(hall.links["iris"], hall.devices["iris"])
        assert looked["state"] == "claimed_here"
        again = await hall.api(1).claim(hall.links["iris"], looked["nonce"], None, hall.devices["iris"])
        assert again["participant_id"] == first["participant_id"]


async def test_on_another_device_the_link_is_in_use_even_with_the_right_address(site):
    async with open_hall(site) as hall:
        await hall.guest("iris")
        phone = Device()
        looked = await hall.api(1).look(hall.links["iris"], phone)
        assert looked["state"] == "used_on_another_device"
        with refused("invite_used"):
            await hall.api(1).claim(hall.links["iris"], looked["nonce"], email_of("iris"), phone)


async def test_the_token_alone_is_worth_nothing_without_the_devices_key(site):
    async with open_hall(site) as hall:
        await hall.invite("iris")
        await hall.claim("iris")
        hall.devices["iris"] = Device()
        with refused("proof_invalid"):
            await hall.tab("iris", node=1)


async def test_allowed_the_link_moves_to_the_new_device_and_the_old_one_is_told(site):
    async with open_hall(site) as hall:
        maya, laptop = await hall.owner(), await hall.guest("iris", node=1)
        old_device, phone = hall.devices["iris"], Device()
        page = await hall.link_page("iris", device=phone)
        card = await ask(hall, maya, page, phone)
        assert (card["name"], card["label"]) == ("Iris Novak", "Iris's phone")
        await maya.command("device.allow", invitation_id=card["invitation_id"], request_id=card["request_id"])
        await shows(page, "device_allowed")
        assert await ended_with(laptop) == "invite_moved"
        moved = await hall.claim("iris", device=phone)
        assert moved["participant_id"] == laptop.participant_id, "the same person, elsewhere"
        assert (await hall.tab("iris", node=1)).replica.is_inside
        with refused("invite_moved"):
            await hall.api(1).look_and_claim(hall.links["iris"], email_of("iris"), old_device)
        await maya.wait_until(lambda replica: not replica.device_requests, what="closed card")


async def test_refused_the_link_stays_where_it_is_and_the_page_says_so(site):
    async with open_hall(site) as hall:
        maya, laptop = await hall.owner(node=1), await hall.guest("iris")
        phone = Device()
        page = await hall.link_page("iris", device=phone)
        card = await ask(hall, maya, page, phone)
        await maya.command("device.refuse", invitation_id=card["invitation_id"], request_id=card["request_id"])
        await page.wait_until(lambda replica: replica.lobby["device_request"] == "refused", what="refused")
        with refused("invite_used"):
            await hall.api(1).look_and_claim(hall.links["iris"], email_of("iris"), phone)
        assert laptop.ended is None
        with refused("already_decided"):
            await maya.command("device.allow", invitation_id=card["invitation_id"], request_id=card["request_id"])


async def test_a_moderator_decides_for_viewers_and_never_sees_the_question_of_a_moderator(site):
    async with open_hall(site) as hall:
        maya, vito = await hall.owner(), await hall.member("vito", node=1)
        await maya.command("role.change", participant_id=vito.participant_id, role="moderator")
        await has_role(vito, "moderator")
        await hall.guest("mona", "moderator")
        iris = await hall.guest("iris")
        for name in ("mona", "iris"):
            device = Device()
            looked = await hall.api().look(hall.links[name], device)
            await hall.api().ask(hall.links[name], looked["nonce"], email_of(name), device)
        await maya.wait_until(lambda replica: len(replica.device_requests or {}) == 2, what="both cards")
        replica = await vito.wait_until(lambda replica: bool(replica.device_requests), what="card")
        (card,) = replica.device_requests.values()
        assert card["name"] == "Iris Novak"
        await vito.command("device.allow", invitation_id=card["invitation_id"], request_id=card["request_id"])
        assert await ended_with(iris) == "invite_moved"
        hers = maya.replica.device_requests[hall.invitation_ids["mona"]]
        with refused("role_forbidden"):
            await vito.command("device.allow", invitation_id=hers["invitation_id"], request_id=hers["request_id"])


async def test_a_link_that_is_withdrawn_says_so_on_the_open_page_and_ever_after(site):
    async with open_hall(site, starts_in_s=60) as hall:
        await hall.invite("vito")
        page = await hall.link_page("vito", node=1)
        iris = await hall.guest("iris", node=1)
        for name in ("vito", "iris"):
            await hall.api().revoke(hall.room_id, hall.invitation_ids[name])
        assert await ended_with(page) == "invite_revoked"
        assert await ended_with(iris) == "invite_revoked"
        with refused("invite_revoked"):
            await hall.api(1).look(hall.links["vito"])


async def test_who_is_inside_stays_when_the_link_is_withdrawn_unless_they_are_to_go_too(site):
    async with open_hall(site) as hall:
        iris, vito = await hall.guest("iris"), await hall.guest("vito", node=1)
        await hall.api().revoke(hall.room_id, hall.invitation_ids["iris"])
        await hall.api().revoke(hall.room_id, hall.invitation_ids["vito"], remove=True)
        await shows(vito, "removed")
        assert iris.replica.is_inside
        assert not messages(iris, "lobby")


async def test_a_newer_invitation_replaces_the_link_that_nobody_has_used(site):
    async with open_hall(site) as hall:
        older = await hall.invite("iris")
        page = await hall.link_page("iris", node=1)
        await hall.invite("iris", "speaker")
        assert await ended_with(page) == "invite_replaced"
        with refused("invite_replaced"):
            await hall.api(1).look(older)
        await hall.claim("iris", node=1)
        assert (await hall.tab("iris")).replica.role == "speaker"


async def test_the_newest_of_several_invitations_takes_over_and_whoever_waits_with_the_first_hears_it(site):
    async with open_hall(site, starts_in_s=60) as hall:
        first = await hall.invite("iris")
        await hall.claim("iris")
        laptop = await hall.tab("iris", node=1)
        await shows(laptop, "countdown")
        second = await hall.invite("iris")
        unused = await hall.link_page("iris", node=1)
        await hall.invite("iris")
        assert await ended_with(unused) == "invite_replaced"
        assert laptop.ended is None, "what was claimed is good until the newer one is"
        taken_over = await hall.claim("iris", device=Device())
        assert taken_over["participant_id"] == laptop.participant_id
        assert await ended_with(laptop) == "invite_replaced"
        await shows(await hall.tab("iris"), "countdown")
        for older in (first, second):
            with refused("invite_replaced"):
                await hall.api(1).look(older)


async def test_a_link_that_is_extended_shows_its_new_end_to_managers_at_once(site):
    async with open_hall(site, link_ttl_s=60) as hall:
        maya = await hall.owner(node=1)
        await hall.invite("iris")
        invitation_id = hall.invitation_ids["iris"]
        until_ms = await hall.api().extend(hall.room_id, invitation_id)
        await maya.wait_until(
            lambda replica: replica.invitations.get(invitation_id, {}).get("expires_at_ms") == until_ms, what="new end"
        )


async def ask(hall: Hall, host: RoomClient, page: RoomClient, device: Device) -> Row:
    """Iris asks to use her link on `device`; answers the card that the host sees."""
    looked = await hall.api(1).look(hall.links["iris"], device)
    asked = await hall.api(1).ask(hall.links["iris"], looked["nonce"], email_of("iris"), device, "Iris's phone")
    await page.wait_until(lambda replica: replica.lobby["device_request"] == "pending", what="pending")
    replica = await host.wait_until(lambda replica: bool(replica.device_requests), what="card")
    (card,) = replica.device_requests.values()
    assert card["request_id"] == asked["request_id"]
    return dict(card)
