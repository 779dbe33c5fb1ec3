"""Somebody inside gets another role: every tab of theirs has it in one frame, and whoever gave it sees it arrive."""

from __future__ import annotations

from client_sim.client import RoomClient
from client_sim.codec import JSON, MSGPACK
from tests.stories.hall import Row, has_role, lined_up, messages, open_hall, refused, sees, sees_line, told


async def test_every_tab_on_every_node_is_refreshed_in_one_frame_with_the_line(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", encoding=JSON)
        second = await hall.tab("iris", node=1, encoding=MSGPACK)
        await maya.command("room.lock")
        vito = await hall.member("vito", node=1)
        answer = await maya.command("role.change", participant_id=iris.participant_id, role="moderator")
        assert answer["expected"] == 2
        for tab in (iris, second):
            await has_role(tab, "moderator")
            (frame,) = [message for message in messages(tab, "events") if _refresh_in(message)]
            refresh = _refresh_in(frame)
            assert [event["type"] for event in frame["events"]] == ["participant.role_changed", "refresh"]
            assert (refresh["old_role"], refresh["role"], refresh["role_rev"]) == ("viewer", "moderator", 2)
            assert [row["participant_id"] for row in refresh["reveal"]["waiters"]] == [vito.participant_id]
            assert "admit" in refresh["permissions"]
            await sees_line(tab, vito)
            assert lined_up(tab) == [], "the line came with the role, and not again"
        await second.command("lobby.admit", participant_ids=[vito.participant_id])
        await sees(iris, vito)


async def test_whoever_promotes_sees_it_applied_on_all_tabs_wherever_they_are(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await hall.tab("iris", node=1, encoding=MSGPACK)
        other_tab = await hall.tab("maya", node=1)
        await promote(maya, iris, "speaker")
        for tab in (maya, other_tab):
            assert await applied(tab, iris, "applied") == (2, 2)


async def test_the_others_hear_of_the_new_role_and_are_shown_nothing_else(site):
    async with open_hall(site) as hall:
        maya, iris, vito = await hall.owner(), await hall.member("iris"), await hall.member("vito", node=1)
        await promote(maya, iris, "moderator")
        await vito.wait_until(lambda replica: replica.participants[iris.participant_id]["role"] == "moderator", what="role")
        assert vito.replica.waiters is None
        assert not told(vito, "refresh")
        assert not vito.replica.applied


async def test_a_tab_that_does_not_acknowledge_is_pending_and_no_longer_counts_when_it_ends(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        silent = await hall.tab("iris", node=1, acknowledges=False)
        await promote(maya, iris, "speaker")
        assert await applied(maya, iris, "pending", count=1) == (1, 2)
        await silent.close()
        assert await applied(maya, iris, "applied") == (1, 1)


async def test_one_who_is_away_has_the_new_role_on_return(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await iris.command("leave")
        await promote(maya, iris, "speaker")
        assert await applied(maya, iris, "offline") == (0, 0)
        again = await hall.tab("iris", node=1)
        assert again.replica.role == "speaker"
        assert await applied(maya, again, "applied") == (1, 1)


async def test_a_later_role_overtakes_the_one_before(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        for role in ("speaker", "moderator", "viewer", "speaker"):
            await promote(maya, iris, role)
        await has_role(iris, "speaker")
        await iris.wait_until(lambda replica: replica.you["role_rev"] == 5, what="last role")
        assert await applied(maya, iris, "applied", role_rev=5) == (1, 1)
        assert [event["role_rev"] for event in told(iris, "refresh")] == [2, 3, 4, 5]


async def test_a_waiter_may_be_given_a_role_and_has_it_when_let_in(site):
    async with open_hall(site, starts_in_s=60) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await promote(maya, iris, "speaker")
        await iris.wait_until(lambda replica: replica.role == "speaker", what="role")
        assert await applied(maya, iris, "applied") == (1, 1)


async def test_a_new_invitation_with_a_higher_role_promotes_the_person_when_it_is_claimed(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.guest("iris", node=1)
        await hall.invite("iris", "moderator")
        assert iris.replica.role == "viewer", "not before the link is opened"
        session = await hall.claim("iris")
        assert session["participant_id"] == iris.participant_id
        await has_role(iris, "moderator")
        await maya.wait_until(lambda replica: replica.participants[iris.participant_id]["role"] == "moderator", what="role")


async def test_an_invitation_never_lowers(site):
    async with open_hall(site) as hall:
        iris = await hall.guest("iris", "moderator", node=1)
        await hall.invite("iris", "viewer")
        await hall.claim("iris")
        assert (await hall.tab("iris")).replica.role == iris.replica.role == "moderator"


async def test_at_once_promotes_whoever_is_inside_under_that_address(site):
    async with open_hall(site) as hall:
        maya, iris, vito = await hall.owner(), await hall.guest("iris", node=1), await hall.member("vito", node=1)
        for name, tab in (("Iris", iris), ("Vito", vito)):
            await maya.command(
                "invitation.create", email=f"{name.upper()}@example.org", first_name=name, last_name="Novak",
                role="speaker", at_once=True,
            )  # fmt: skip
            await has_role(tab, "speaker")


async def test_at_once_leaves_those_alone_who_only_have_the_name(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await maya.command(
            "invitation.create", email="iris@elsewhere.org", first_name="Iris", last_name="Novak", role="moderator", at_once=True
        )
        await maya.command("hands.clear")  # answered after whatever the invitation did
        assert iris.replica.role == "viewer"


async def test_another_role_for_a_claimed_invitation_is_the_persons_at_once(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.guest("iris", node=1)
        await maya.command("invitation.role", invitation_id=hall.invitation_ids["iris"], role="moderator")
        await has_role(iris, "moderator")


async def test_a_demotion_takes_the_line_away_and_is_enforced_before_the_tab_knows(site):
    async with open_hall(site) as hall:
        maya, iris = await hall.owner(), await hall.guest("iris", "moderator", node=1)
        second = await hall.tab("iris")
        await maya.command("room.lock")
        vito = await hall.member("vito")
        await sees_line(iris, vito)
        await promote(maya, iris, "viewer")
        with refused("role_forbidden"):
            await iris.command("lobby.admit", participant_ids=[vito.participant_id])
        for tab in (iris, second):
            await has_role(tab, "viewer")
            assert (tab.replica.waiters, tab.replica.device_requests) == (None, None)
            assert "admit" not in tab.replica.you["permissions"]
        await maya.command("lobby.admit_all")
        assert not told(iris, "waiters.removed")


async def test_nobody_raises_or_lowers_anybody_above_their_own_rank(site):
    async with open_hall(site) as hall:
        maya, mona = await hall.owner(), await hall.guest("mona", "moderator", node=1)
        iris, vito = await hall.member("iris"), await hall.guest("vito", "speaker", node=1)
        for actor, target, role in ((iris, vito, "viewer"), (vito, vito, "moderator"), (mona, maya, "viewer")):
            with refused("role_forbidden"):
                await actor.command("role.change", participant_id=target.participant_id, role=role)
        with refused("bad_message"):
            await mona.command("role.change", participant_id=iris.participant_id, role="manager")
        with refused("role_forbidden"):
            await mona.command("participant.remove", participant_id=maya.participant_id)
        await mona.command("role.change", participant_id=vito.participant_id, role="moderator")
        await has_role(vito, "moderator")


async def promote(host: RoomClient, target: RoomClient, role: str) -> Row:
    return await host.command("role.change", participant_id=target.participant_id, role=role)


async def applied(
    host: RoomClient, target: RoomClient, status: str, *, count: int | None = None, role_rev: int = 2
) -> tuple[int, int]:
    """Wait until the host is told how far the role has come; answers on how many tabs it is applied, of how many."""

    def is_so(_: object) -> bool:
        state = host.replica.applied.get(target.participant_id, {})
        return (state.get("status"), state.get("role_rev")) == (status, role_rev) and count in (None, state["applied"])

    await host.wait_until(is_so, what=f"status {status}")
    state = host.replica.applied[target.participant_id]
    return state["applied"], state["expected"]


def _refresh_in(message: Row) -> Row | None:
    return next((event for event in message["events"] if event["type"] == "refresh"), None)
