"""Too much at once: refused with a code that says when to come back, and fine again soon after."""

from __future__ import annotations

import contextlib
import json

import pytest

from client_sim.api import Api
from server.hub.connections import TABS_PER_LINK
from server.web.rate import TokenBucket
from tests.support.nodes import CALM, Cluster
from tests.support.waiting import wait_until
from tests.web.asking import make_invited
from tests.web.tab import make_room, open_tab, sit_in, token_for, undisturbed

MANY = 200  # more than a burst and what a few seconds bring


async def test_a_burst_of_commands_is_refused_and_a_little_later_all_is_well(node):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "uma") as uma:
        async with undisturbed(node, room_id):
            for number in range(MANY):
                await uma.send(json.dumps({"type": "token.renew", "id": f"c{number}"}))
            answers = [await uma.answer_to(f"c{number}") for number in range(MANY)]
            refused = [answer for answer in answers if answer["type"] == "refused"]
            assert {answer["code"] for answer in refused} == {"rate_limited"}
            assert all(answer["retry_after_ms"] for answer in refused)
            assert 40 <= MANY - len(refused) < MANY

        async def is_answered() -> bool:
            return (await uma.command("token.renew"))["type"] == "result"

        await wait_until(is_answered, what="an answer after the burst")


async def test_garbage_counts_as_well(node):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "uma") as uma, undisturbed(node, room_id):
        for _ in range(MANY):
            await uma.send("garbage")
        codes = [(await uma.until("refused"))["code"] for _ in range(MANY)]
        assert set(codes) == {"bad_message", "rate_limited"}


async def test_an_acknowledgement_counts_however_much_was_asked_before_it(node):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "maya") as maya, sit_in(node, room_id, "uma") as uma:
        who = uma.heard[1]["you"]["participant_id"]
        given = await maya.command("role.change", participant_id=who, role="speaker")
        for number in range(120):
            await uma.send(json.dumps({"type": "token.renew", "id": f"c{number}"}))
        await uma.send({"type": "ack", "role_rev": given["result"]["role_rev"]})
        answers = [await uma.answer_to(f"c{number}") for number in range(120)]
        assert "rate_limited" in [answer.get("code") for answer in answers]
        while (told := await maya.until("applied"))["status"] != "applied":
            pass
        assert (told["applied"], told["expected"]) == (1, 1)
        assert None not in [message["id"] for message in uma.heard if message["type"] == "refused"]


async def test_one_tabs_burst_does_not_slow_another_tab_of_the_same_person(node):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "uma") as first, sit_in(node, room_id, "uma") as second:
        for number in range(80):
            await first.send(json.dumps({"type": "token.renew", "id": f"c{number}"}))
        assert (await second.command("token.renew"))["type"] == "result"


async def test_a_link_whose_address_nobody_has_proven_is_open_on_so_many_pages_and_no_more(node):
    invited = await make_invited(node)
    lobby_token = (await Api(node.url).look(invited.link))["lobby_token"]
    async with contextlib.AsyncExitStack() as opened:
        pages, answers = [], []
        for _ in range(TABS_PER_LINK + 1):
            pages.append(await opened.enter_async_context(open_tab(node)))
            answers.append(await pages[-1].hello(lobby_token))
        assert [answer["type"] for answer in answers[:-1]] == ["welcome"] * TABS_PER_LINK
        bye = answers[-1]
        assert (bye["type"], bye["code"], bye["retry_after_ms"]) == ("bye", "too_many_tabs", 5_000)
        assert (await pages[-1].end())[1] == 4402
        assert (await pages[0].command("token.renew"))["type"] == "result"


async def test_a_person_has_so_many_tabs_and_no_more():
    async with Cluster(**CALM, TABS_PER_PERSON="2", MAX_CONNECTIONS="3") as cluster:
        node = await cluster.add_node()
        room_id = await make_room(node)
        token = await token_for(node, room_id, "uma")
        async with sit_in(node, room_id, "uma"), sit_in(node, room_id, "uma"), open_tab(node) as third:
            bye = await third.hello(token)
            assert (bye["code"], bye["retry_after_ms"]) == ("too_many_tabs", 5_000)
            assert (await third.end())[1] == 4402


async def test_a_node_holds_so_many_connections_and_sends_the_rest_elsewhere():
    async with Cluster(**CALM, MAX_CONNECTIONS="2") as cluster:
        node = await cluster.add_node()
        room_id = await make_room(node)
        async with sit_in(node, room_id, "uma"), sit_in(node, room_id, "bea"), open_tab(node) as third:
            bye, close_code = await third.end()
            assert bye is not None
            assert (bye["code"], close_code) == ("node_full", 4408)
            assert bye["retry_after_ms"] is not None


@pytest.mark.parametrize(
    ("at_s", "passes"),
    [
        ([0, 0, 0], [True, True, False]),
        ([0, 0, 0.5, 0.5], [True, True, True, False]),
        ([0, 0, 60, 60, 60], [True, True, True, True, False]),
    ],
)
def test_a_bucket_lets_a_burst_through_and_then_the_rate(at_s, passes):
    bucket = TokenBucket(per_s=2, burst=2, now_s=0)
    assert [bucket.take(now_s) for now_s in at_s] == passes
