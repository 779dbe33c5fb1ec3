"""A channel's room: a session this week, another one next week, and nobody walks from one into the other."""

from __future__ import annotations

import pytest

from tests.stories.hall import Hall, comes_in, ended_with, has_role, open_hall, refused, sees, shows, told

CHANNEL = {"kind": "channel", "channel_id": "physics-101"}


async def test_a_session_comes_and_goes_and_the_next_one_is_for_everybody_anew(site):
    async with open_hall(site, **CHANNEL) as hall:
        maya = await hall.owner()
        iris = await hall.guest("iris", "moderator", node=1)
        await has_role(iris, "moderator")
        await maya.command("session.end")
        assert {await ended_with(tab) for tab in (maya, iris)} == {"session_ended"}
        assert await hall.api(1).begin_session(hall.room_id) == 2
        with refused("session_ended"):
            await hall.tab("iris")
        with refused("session_ended"):
            await hall.claim("iris", node=1)
        maya = await hall.owner(node=1)
        await comes_in(maya)
        assert maya.replica.invitations == {}
        assert (maya.replica.room or {})["session_no"] == 2
        iris = await hall.member("iris")
        await comes_in(iris)
        assert iris.replica.role == "viewer"
        await sees(maya, iris)


async def test_the_page_of_a_host_who_has_not_gone_on_hears_that_another_session_has_begun(site):
    async with open_hall(site, **CHANNEL) as hall:
        maya = await hall.owner()
        await maya.command("session.end")
        await ended_with(maya)
        maya = await hall.owner(node=1)
        await shows(maya, "session_ended")
        await hall.api().begin_session(hall.room_id)
        assert await ended_with(maya) == "session_ended"
        maya = await hall.owner()
        await comes_in(maya)


async def test_a_planned_session_counts_down_for_those_who_come_early(site):
    async with open_hall(site, **CHANNEL) as hall:
        maya = await hall.owner()
        await maya.command("session.end")
        await ended_with(maya)
        starts_at_ms = (await hall.api().room(hall.room_id))["now_ms"] + 600_000
        await hall.api().begin_session(hall.room_id, starts_at_ms=starts_at_ms)
        with refused("already_planned"):
            await hall.api(1).begin_session(hall.room_id)
        iris = await hall.member("iris", node=1)
        assert (await shows(iris, "countdown"))["room"]["starts_at_ms"] == starts_at_ms
        await hall.move_start(0.5)
        await comes_in(iris)


async def test_invitations_are_issued_while_a_session_is_live(site):
    async with open_hall(site, starts_in_s=600, **CHANNEL) as hall:
        with refused("not_live"):
            await hall.invite("iris")
        maya = await hall.owner()
        with refused("not_live"):
            await invite_inside(maya)
        await maya.command("session.start")
        await invite_inside(maya)
        await maya.command("session.end")
        await ended_with(maya)
        with refused("not_live"):
            await hall.invite("vito", node=1)


async def invite_inside(maya) -> None:
    await maya.command("invitation.create", email="vera@example.org", first_name="Vera", last_name="Novak", role="viewer")


@pytest.mark.parametrize("switch", ["moderators_invite", "speakers_initiate"])
async def test_a_switch_widens_a_role_for_those_who_are_there_without_a_reload(site, switch):
    role, permission = {
        "moderators_invite": ("moderator", "invite"), "speakers_initiate": ("speaker", "initiate_interactions"),
    }[switch]
    async with open_hall(site) as hall:
        maya, iris, vito = await hall.owner(), await hall.guest("iris", role, node=1), await hall.guest("vito")
        second = await hall.tab("iris")
        await maya.command("room.edit", **{switch: True})
        for tab in (iris, second):
            await tab.wait_until(lambda replica: permission in (replica.you or {})["permissions"], 10, "new permission")
            assert [event["role"] for event in told(tab, "refresh")] == [role]
        await maya.wait_until(
            lambda replica: (replica.applied.get(iris.participant_id) or {}).get("status") == "applied", 10, "applied"
        )
        assert told(vito, "refresh") == []
        await hall.api(1).edit_room(hall.room_id, **{switch: False})
        await iris.wait_until(lambda replica: permission not in (replica.you or {})["permissions"], 10, "less")


async def test_standings_are_given_and_taken_in_the_middle_of_a_session(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await hall.api(1).edit_room(hall.room_id, standings={"maya": "owner", "iris": "co_owner"})
        await has_role(iris, "manager")
        assert iris.replica.invitations is not None
        with refused("last_owner"):
            await hall.api().edit_room(hall.room_id, standings={"iris": "co_owner"})
        await hall.api().edit_room(hall.room_id, standings={"iris": "owner"})
        await has_role(maya, "viewer")
        await maya.wait_until(lambda replica: replica.invitations is None, 10, "nothing of the invitations")
        with refused("role_forbidden"):
            await maya.command("room.lock")


async def test_a_new_name_is_everywhere_at_once(site):
    async with open_hall(site, rename=True) as hall:
        maya, iris = await hall.owner(), await hall.guest("iris", node=1)
        await sees(maya, iris)
        assert (await iris.command("person.rename", name="Iris N."))["name"] == "Iris N."
        await maya.wait_until(lambda r: r.participants[iris.participant_id]["name"] == "Iris N.", 10, "new name")
        await maya.command("room.lock")
        vito, again = await waiting(hall)
        await vito.command("person.rename", name="Vito B.")
        await again.wait_until(lambda replica: (replica.you or {})["name"] == "Vito B.", 10, "own new name")
        await maya.wait_until(
            lambda r: (r.waiters or {}).get(vito.participant_id, {}).get("name") == "Vito B.", 10, "waiter's new name"
        )


async def waiting(hall: Hall):
    vito = await hall.guest("vito", node=1)
    again = await hall.tab("vito")
    for tab in (vito, again):
        await shows(tab, "waiting_in_line")
    return vito, again
