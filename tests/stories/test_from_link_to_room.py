"""Somebody gets a link, opens it, gives their address, waits for the start, and is inside."""

import pytest

from client_sim.device import Device
from client_sim.refused import Refused
from tests.stories.hall import comes_in, email_of, joined, messages, open_hall, refused, sees, sees_line, shows

CLOCK_ERROR_MS = 20


async def test_from_the_link_over_the_countdown_into_the_room(site):
    async with open_hall(site, starts_in_s=600, description="Bring goggles.") as hall:
        maya = await hall.owner()
        looked = await hall.api(1).look(await hall.invite("iris"))
        assert looked["state"] == "email_entry"
        assert looked["room"]["title"] == "Chemistry"
        assert looked["room"]["description"] is None, "not before the address is proven"
        await hall.claim("iris")
        iris = await hall.tab("iris", node=1)
        page = iris.replica.lobby
        assert page["state"] == "countdown"
        assert page["room"]["description"] == "Bring goggles."
        assert page["enter_at_ms"] == hall.starts_at_ms
        assert not page["needs_email"]
        await hall.move_start(0.8)
        await comes_in(iris)
        assert iris.clock.now_ms() >= hall.starts_at_ms - CLOCK_ERROR_MS, "nobody is let in before the start"
        assert len(messages(iris, "entered")) == 1
        assert iris.replica.role == "viewer"
        await sees(maya, iris)
        await maya.wait_until(lambda replica: replica.room["phase"] == "open", what="open room")
        assert maya.replica.participants[iris.participant_id]["joined_at_ms"] >= hall.starts_at_ms


async def test_at_zero_everybody_who_waits_is_let_in_once_and_in_the_order_of_the_line(site):
    async with open_hall(site, starts_in_s=600) as hall:
        maya = await hall.owner()
        waiting = [await hall.member(f"waiter{number}", node=number) for number in range(8)]
        line = [tab.participant_id for tab in waiting]
        await sees_line(maya, *waiting)
        await hall.move_start(0.5)
        for tab in waiting:
            await comes_in(tab)
        await sees(maya, *waiting)
        assert joined(maya) == line, "each once, and nobody overtook anybody"
        assert [len(messages(tab, "entered")) for tab in waiting] == [1] * len(waiting)
        await maya.wait_until(lambda replica: replica.room["phase"] == "open" and not replica.waiters, what="open room")


async def test_a_page_without_an_address_counts_down_too_and_asks_for_it_at_zero(site):
    async with open_hall(site, starts_in_s=600) as hall:
        await hall.invite("iris")
        page = await hall.link_page("iris", node=1)
        assert page.replica.lobby["state"] == "countdown"
        assert page.replica.lobby["needs_email"]
        assert page.replica.lobby["enter_at_ms"] == hall.starts_at_ms
        await hall.move_start(0.5)
        shown = await shows(page, "email_entry")
        assert shown["needs_email"]


async def test_looking_at_a_link_uses_nothing_up(site):
    async with open_hall(site) as hall:
        await hall.invite("iris")
        looks = [await hall.api(number).look(hall.links["iris"], Device()) for number in range(6)]
        assert {look["state"] for look in looks} == {"email_entry"}
        (row,) = await hall.api().invitations(hall.room_id)
        assert (row["status"], row["devices"]) == ("opened", 0)


async def test_wrong_addresses_are_refused_and_after_five_the_right_one_is_not_tried_either(site):
    async with open_hall(site) as hall:
        link, device = await hall.invite("iris"), Device()
        looked = await hall.api().look(link, device)
        for number in range(5):
            with refused("email_mismatch"):
                await hall.api(number).claim(link, looked["nonce"], f"guess{number}@example.org", device)
        with refused("too_many_attempts"):
            await hall.api(1).claim(link, looked["nonce"], email_of("iris"), device)


async def test_the_right_address_is_taken_however_it_is_typed(site):
    async with open_hall(site) as hall:
        link, device = await hall.invite("iris"), Device()
        looked = await hall.api().look(link, device)
        assert (await hall.api(1).claim(link, looked["nonce"], " IRIS@Example.ORG ", device))["participant_id"]


async def test_a_mangled_link_is_known_to_nobody(site):
    async with open_hall(site) as hall, open_hall(site) as other:
        link = await hall.invite("iris")
        for wrong in (link.secret[:-1], link.secret[::-1]):
            with refused("invite_unknown"):
                await hall.api().look(type(link)(f"{link.url.partition('#')[0]}#{wrong}"))
        with refused("invite_unknown"):
            await hall.api().look(type(link)(link.url.replace(hall.room_id, other.room_id)))


async def test_a_room_for_invited_people_does_not_open_to_others(site):
    async with open_hall(site, access="invited") as hall:
        with pytest.raises(Refused, match="not_invited"):
            await hall.member("stranger")
        assert (await hall.guest("iris", node=1)).replica.is_inside
        assert (await hall.owner()).replica.is_inside
