"""Pages of the people inside and of the line, asked for on the websocket: who gets which, and what is no page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.tab import Tab, make_room, sit_in, undisturbed


async def page(tab: Tab, kind: str = "participants.page", **fields: Any) -> dict[str, Any]:
    answer = await tab.command(kind, **fields)
    assert answer["type"] == "result", answer
    return {**answer["result"], "seq": answer["seq"]}


def names(answer: dict[str, Any]) -> list[str]:
    return [row["name"] for row in answer.get("participants", answer.get("waiters"))]


async def test_everybody_inside_pages_and_searches_the_participants(node):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "maya") as maya, sit_in(node, room_id, "bea"), sit_in(node, room_id, "vic") as vic:
        first = await page(vic, limit=2)
        rest = await page(vic, limit=2, cursor=first["next_cursor"])
        assert (names(first), names(rest)) == (["Bea", "Maya"], ["Vic"])
        assert (first["total"], rest["next_cursor"]) == (3, None)
        assert names(await page(vic, group="hosts")) == ["Maya"]
        assert names(await page(vic, group="viewers", search="BÉ")) == ["Bea"]
        assert [row["email"] for row in (await page(vic))["participants"]] == [None] * 3
        assert all(row["email"] for row in (await page(maya))["participants"])
        assert first["seq"] == (await vic.room_whole())["seq"]


async def test_hosts_page_the_line_and_nobody_else_does(node):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "maya") as maya, sit_in(node, room_id, "vic") as vic:
        await maya.command("room.lock")
        async with sit_in(node, room_id, "wim") as wim, sit_in(node, room_id, "wanda"):
            assert (await vic.command("waiters.page"))["code"] == "role_forbidden"
            first = await page(maya, "waiters.page", limit=1)
            rest = await page(maya, "waiters.page", limit=1, cursor=first["next_cursor"])
            assert (names(first), names(rest), first["total"]) == (["Wim"], ["Wanda"], 2)
            assert names(await page(maya, "waiters.page", search="wan")) == ["Wanda"]
            assert (await wim.command("participants.page"))["code"] == "not_inside"
            assert (await wim.command("participants.watch", page={}))["code"] == "not_inside"


async def test_the_page_in_view_follows_the_room(node):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "maya") as maya:
        await maya.send({"type": "participants.watch", "id": "w", "page": {"group": "viewers"}})
        assert names(await maya.until("roster")) == []
        assert (await maya.answer_to("w"))["result"] == {}
        async with sit_in(node, room_id, "vic"):
            assert names(await maya.until("roster")) == ["Vic"]
            await maya.command("participants.watch", page=None)


BAD = {
    "an unknown group": {"group": "everybody"}, "the line": {"group": "line"}, "no row": {"limit": 0}, "too many": {"limit": 101},
    "a foreign cursor": {"cursor": "abc"}, "an empty cursor": {"cursor": ""}, "a long cursor": {"cursor": "a" * 801},
    "a long search": {"search": "a" * 101}, "a number to search": {"search": 1}, "another field": {"offset": 3},
}


@pytest.mark.parametrize("kind", ["participants.page", "participants.watch"])
@pytest.mark.parametrize("what", BAD)
async def test_what_is_no_page_is_refused(node, what, kind):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "maya") as maya, undisturbed(node, room_id):
        fields = {"page": BAD[what]} if kind == "participants.watch" else BAD[what]
        answer = await maya.command(kind, **fields)
        assert (answer["type"], answer["code"]) == ("refused", "bad_message")
        assert "roster" not in {message["type"] for message in maya.heard}


async def test_asking_faster_than_commands_may_be_asked_is_refused(node):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "maya") as maya:
        for number in range(100):
            await maya.send({"type": "participants.page", "id": f"p{number}", "search": "a"})
        answers = [await maya.answer_to(f"p{number}") for number in range(100)]
        assert {answer["type"] for answer in answers} == {"result", "refused"}
        assert {answer["code"] for answer in answers if answer["type"] == "refused"} == {"rate_limited"}
