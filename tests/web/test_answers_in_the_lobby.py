"""What somebody outside is answered: that it is done, and nothing of how much happens inside."""

from __future__ import annotations

from tests.web.tab import make_room, open_tab, sit_in, token_for


async def test_results_of_what_a_waiter_does_name_no_place_in_the_log(any_node):
    room_id = await make_room(any_node, locked=True)
    async with sit_in(any_node, room_id, "maya") as maya, sit_in(any_node, room_id, "wim") as wim:
        assert wim.heard[1]["you"]["state"] == "waiting"
        for kind in ("lobby.withdraw", "lobby.knock", "sync", "token.renew"):
            answer = await wim.command(kind)
            assert (answer["type"], answer["seq"]) == ("result", None), kind
        assert (await maya.command("room.unlock"))["seq"] > 0


async def test_results_of_what_somebody_inside_does_name_the_place_where_it_shows(any_node):
    room_id = await make_room(any_node)
    async with sit_in(any_node, room_id, "vic") as vic:
        raised = await vic.command("hand.raise")
        while not (frames := [message for message in vic.heard if message["type"] == "events"]):
            await vic.receive()
        assert frames[0]["after"] < raised["seq"] <= frames[0]["upto"]


async def test_a_command_sent_twice_by_a_waiter_is_answered_alike_and_names_no_place(any_node):
    room_id = await make_room(any_node, locked=True)
    async with sit_in(any_node, room_id, "wim"), open_tab(any_node) as again:
        await again.hello(await token_for(any_node, room_id, "wim"))
        answers = []
        for _ in range(2):
            await again.send({"type": "lobby.withdraw", "id": "once"})
            answers.append(await again.answer_to("once"))
        assert answers[0] == answers[1]
        assert answers[0]["seq"] is None
