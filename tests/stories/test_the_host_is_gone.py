"""The hosts of a live session go: everybody inside sees how long it will last, and who waits is told that nobody can admit."""

from __future__ import annotations

from client_sim.client import RoomClient
from tests.stories.hall import comes_in, ended_with, misses, open_hall, shows, told

LONG_S, SHORT_S = 600, 1


def ends_at_ms(tab: RoomClient) -> int | None:
    found: int | None = tab.replica.room["host_absence_ends_at_ms"]
    return found


async def sees_the_end_coming(tab: RoomClient) -> None:
    await tab.wait_until(lambda replica: replica.room["host_absence_ends_at_ms"] is not None, what="a timer")


async def test_a_session_ends_when_its_hosts_stay_away_and_everybody_saw_it_coming(site):
    async with open_hall(site, host_absence_s=SHORT_S) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        assert ends_at_ms(iris) is None
        await maya.command("leave")
        assert await ended_with(iris) == "session_ended"
        coming, over = told(iris, "room.changed")
        assert (coming["what"], coming["room"]["ended_because"]) == ("host_absent", None)
        assert coming["room"]["host_absence_ends_at_ms"] is not None
        assert (over["what"], over["room"]["ended_because"]) == ("ended", "host_absence")


async def test_a_host_who_comes_back_stops_the_timer_on_every_tab(site):
    async with open_hall(site, host_absence_s=LONG_S) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await maya.command("leave")
        await sees_the_end_coming(iris)
        late = await hall.member("vito")
        assert ends_at_ms(late) == ends_at_ms(iris)
        again = await hall.tab("maya", node=1)
        for tab in (iris, late, again):
            await tab.wait_until(lambda replica: replica.room["host_absence_ends_at_ms"] is None, what="no timer")


async def test_a_reload_of_the_only_host_starts_no_timer(site):
    async with open_hall(site, host_absence_s=LONG_S) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await maya.close()
        await hall.tab("maya", node=1)
        await hall.member("vito")
        await iris.wait_until(lambda replica: len(replica.participants) == 3, what="three people")
        assert told(iris, "room.changed") == []


async def test_a_host_whose_connection_went_is_missed_after_the_grace(site):
    async with open_hall(site, host_absence_s=LONG_S) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await maya.close()
        await misses(iris, maya.participant_id)
        assert ends_at_ms(iris) is not None


async def test_the_only_host_who_gives_the_role_away_goes_on_with_the_new_one(site):
    async with open_hall(site, host_absence_s=LONG_S) as hall:
        mo = await hall.guest("mo", "moderator")
        iris = await hall.member("iris", node=1)
        await mo.command("role.change", participant_id=iris.participant_id, role="moderator")
        await iris.wait_until(lambda replica: replica.role == "moderator", what="the role")
        await mo.command("leave")
        await misses(iris, mo.participant_id)
        assert ends_at_ms(iris) is None


async def test_who_waits_where_no_host_is_learns_it_and_that_the_hosts_are_called_is_told_to_nobody_outside(site):
    async with open_hall(site, locked=True) as hall:
        maya, iris = await hall.owner(), await hall.member("iris", node=1)
        await maya.command("lobby.admit", participant_ids=[iris.participant_id])
        await comes_in(iris)
        await maya.command("leave")
        await misses(iris, maya.participant_id)
        dora = await hall.member("dora")
        assert not (await shows(dora, "waiting_in_line"))["can_be_admitted"]
        await iris.wait_until(lambda _: "hosts_pinged" in [e["what"] for e in told(iris, "room.changed")], what="the call")
        assert "pinged" not in str(dora.history.received_messages())
        await hall.tab("maya")
        await dora.wait_until(lambda replica: replica.lobby["can_be_admitted"], what="a host")
