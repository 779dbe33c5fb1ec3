"""Maya watches the list of her invitations: she sees the truth, at once, and reloads nothing."""

from __future__ import annotations

from client_sim.client import RoomClient
from client_sim.device import Device
from tests.stories.hall import Hall, Row, comes_in, email_of, ended_with, messages, open_hall, refused, shows, told


def row_of(hall: Hall, maya: RoomClient, name: str) -> Row:
    return dict((maya.replica.invitations or {})[hall.invitation_ids[name]])


async def sees_stage(hall: Hall, maya: RoomClient, name: str, stage: str) -> Row:
    which = hall.invitation_ids[name]
    await maya.wait_until(lambda replica: replica.invitations.get(which, {}).get("stage") == stage, what=f"{name} {stage}")
    return row_of(hall, maya, name)


async def test_the_row_of_somebody_invited_follows_them_from_the_link_into_the_room_and_out(site):
    async with open_hall(site) as hall:
        maya = await hall.owner()
        await hall.invite("iris", "speaker", node=1)
        await sees_stage(hall, maya, "iris", "created")
        await hall.link_page("iris", node=1)
        await sees_stage(hall, maya, "iris", "opened")
        await hall.claim("iris", node=1)
        assert (await sees_stage(hall, maya, "iris", "away"))["came_at_ms"] is None
        iris = await hall.tab("iris", node=1)
        assert (await sees_stage(hall, maya, "iris", "inside"))["came_at_ms"]
        await maya.command("role.change", participant_id=iris.participant_id, role="moderator")
        await maya.wait_until(lambda _: row_of(hall, maya, "iris")["role"] == "moderator", what="role in the row")
        assert row_of(hall, maya, "iris")["invited_role"] == "speaker"
        await iris.command("leave")
        await sees_stage(hall, maya, "iris", "away")
        assert told(maya, "invitations.presence")
        assert len(messages(maya, "resync")) == 0


async def test_the_row_of_somebody_in_the_line_says_so_until_they_are_let_in(site):
    async with open_hall(site, locked=True) as hall:
        maya, iris = await hall.owner(node=1), await hall.guest("iris")
        await shows(iris, "waiting_in_line")
        await sees_stage(hall, maya, "iris", "in_lobby")
        await maya.command("lobby.admit", participant_ids=[iris.participant_id])
        await comes_in(iris)
        await sees_stage(hall, maya, "iris", "inside")


async def test_nobody_but_managers_hears_of_it(site):
    async with open_hall(site) as hall:
        maya, vito = await hall.owner(), await hall.member("vito", node=1)
        await maya.command("role.change", participant_id=vito.participant_id, role="moderator")
        await hall.guest("iris", node=1)
        await sees_stage(hall, maya, "iris", "inside")
        assert told(vito, "invitations.presence") + told(vito, "invitation.changed") == []


async def test_a_manager_takes_the_link_from_a_lost_telephone_by_herself(site):
    async with open_hall(site) as hall:
        maya, phone = await hall.owner(), await hall.guest("iris", node=1)
        lost = hall.devices["iris"]
        await maya.command("invitation.release", invitation_id=hall.invitation_ids["iris"])
        assert await ended_with(phone) == "invite_moved"
        await sees_stage(hall, maya, "iris", "moved")
        again = await hall.claim("iris", node=1, device=Device())
        assert again["participant_id"] == phone.participant_id
        assert (await hall.tab("iris", node=1)).replica.is_inside
        with refused("invite_moved"):
            await hall.api().look_and_claim(hall.links["iris"], email_of("iris"), lost)


async def test_a_newer_link_says_what_it_replaces_and_the_older_row_says_by_what_it_ended(site):
    async with open_hall(site) as hall:
        maya = await hall.owner()
        await hall.invite("iris")
        first = hall.invitation_ids["iris"]
        answer = await maya.command(
            "invitation.create", email=email_of("iris"), first_name="Iris", last_name="Novak", role="viewer"
        )
        assert answer["replaced"] == first
        await sees_stage(hall, maya, "iris", "replaced")


async def test_who_did_what_can_be_read_inside_by_managers_only(site):
    async with open_hall(site) as hall:
        maya, vito = await hall.owner(), await hall.member("vito", node=1)
        await maya.command("role.change", participant_id=vito.participant_id, role="moderator")
        page = await maya.command("audit.page", limit=1)
        (line,) = page["entries"]
        assert (line["name"], line["by"], line["details"]["new"]) == ("role_changed", maya.participant_id, "moderator")
        older = await maya.command("audit.page", before=page["next_before"])
        assert older["entries"][-1]["name"] == "room_created"
        with refused("role_forbidden"):
            await vito.command("audit.page")
