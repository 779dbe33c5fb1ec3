"""Tabs that come at the same time are taken in a few at once, in their order; too many are told to come back."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from client_sim.api import Api
from client_sim.client import RoomClient
from client_sim.history import History
from server.domain.refusals import Busy, ShuttingDown
from server.settings import load_settings
from server.web import gate as gate_module
from server.web import socket as socket_module
from server.web.conversation import Gone
from server.web.gate import Gate
from server.web.socket import SocketEndpoint
from tests.support.nodes import CALM, Cluster
from tests.support.waiting import wait_until
from tests.web.tab import make_room, sit_in


class Comers:
    """People before a gate: those who are inside, and how it went for the others."""

    def __init__(self, gate: Gate) -> None:
        self.inside: list[int] = []
        self.order: list[int] = []
        self.refused: list[Busy] = []
        self.may_go = asyncio.Event()
        self._gate = gate

    async def come(self, number: int) -> None:
        try:
            async with self._gate.turn():
                self.inside.append(number)
                self.order.append(number)
                await self.may_go.wait()
                self.inside.remove(number)
        except Busy as refusal:
            self.refused.append(refusal)


async def test_so_many_pass_at_once_and_the_others_follow_in_their_order():
    comers = Comers(gate := Gate(at_once=3, most_waiting=100))
    coming = [asyncio.create_task(comers.come(number)) for number in range(10)]
    await wait_until(lambda: len(comers.inside) == 3 and gate.waiting == 7, what="three inside")
    comers.may_go.set()
    await asyncio.gather(*coming)
    assert comers.order == list(range(10))
    assert (gate.waiting, comers.refused) == (0, [])


async def test_who_finds_too_many_waiting_is_told_to_come_back_at_different_times():
    comers = Comers(gate := Gate(at_once=1, most_waiting=2))
    coming = [asyncio.create_task(comers.come(number)) for number in range(30)]
    await wait_until(lambda: len(comers.refused) == 27, what="refusals")
    assert (comers.inside, gate.waiting) == ([0], 2)
    times_ms = {refusal.retry_after_ms for refusal in comers.refused}
    assert len(times_ms) > 1
    assert all(gate_module.COME_BACK_MS[0] <= ms <= gate_module.COME_BACK_MS[1] for ms in times_ms)
    comers.may_go.set()
    await asyncio.gather(*coming)


async def test_whose_turn_does_not_come_is_told_to_come_back(monkeypatch):
    monkeypatch.setattr(gate_module, "MOST_WAIT_S", 0.05)
    comers = Comers(gate := Gate(at_once=1, most_waiting=10))
    first = asyncio.create_task(comers.come(0))
    await wait_until(lambda: comers.inside == [0], what="the first")
    await comers.come(1)
    assert (comers.order, gate.waiting) == ([0], 0)
    assert isinstance(comers.refused[0], Busy)
    comers.may_go.set()
    await first


async def test_a_turn_that_breaks_or_is_given_up_is_the_next_ones():
    gate = Gate(at_once=1, most_waiting=10)
    with pytest.raises(ValueError, match="broken"):
        async with gate.turn():
            raise ValueError("broken")
    comers = Comers(gate)
    first, second, third = (asyncio.create_task(comers.come(number)) for number in range(3))
    await wait_until(lambda: gate.waiting == 2, what="two waiting")
    second.cancel()
    first.cancel()
    await wait_until(lambda: comers.order == [0, 2], what="the third's turn")
    comers.may_go.set()
    await third


async def test_who_ends_their_turn_lets_the_next_one_through_and_only_one():
    gate = Gate(at_once=1, most_waiting=10)
    comers = Comers(gate)
    async with gate.turn() as turn:
        coming = [asyncio.create_task(comers.come(number)) for number in range(2)]
        turn.end()
        turn.end()
        await wait_until(lambda: comers.inside == [0] and gate.waiting == 1, what="the next one")
    await asyncio.sleep(0)
    assert comers.inside == [0]
    comers.may_go.set()
    await asyncio.gather(*coming)


async def test_what_has_changed_while_somebody_waited_is_said_at_their_turn():
    has_changed = False

    def check() -> None:
        if has_changed:
            raise ShuttingDown

    comers = Comers(gate := Gate(at_once=1, most_waiting=10, check=check))
    first = asyncio.create_task(comers.come(0))
    await wait_until(lambda: comers.inside == [0], what="the first")
    second, third = asyncio.create_task(comers.come(1)), asyncio.create_task(comers.come(2))
    await wait_until(lambda: gate.waiting == 2, what="two waiting")
    has_changed = True
    comers.may_go.set()
    said = await asyncio.gather(first, second, third, return_exceptions=True)
    assert [type(one) for one in said] == [type(None), ShuttingDown, ShuttingDown]
    assert (comers.order, gate.waiting) == ([0], 0)


async def test_a_tab_that_came_in_while_everybody_was_sent_away_is_sent_away_too(monkeypatch):
    endpoint = SocketEndpoint(SimpleNamespace(settings=load_settings({})), SimpleNamespace(stale_since_ms=None))
    ended: list[object] = []

    async def greet(*_: object) -> SimpleNamespace:
        endpoint.draining = True
        return SimpleNamespace(end=ended.append)

    monkeypatch.setattr(socket_module, "greet", greet)
    await endpoint._greet(SimpleNamespace(outbox=SimpleNamespace(is_gone=False)), None)
    assert [type(refusal) for refusal in ended] == [ShuttingDown]


async def test_who_is_gone_when_their_turn_comes_is_not_taken_in(monkeypatch):
    endpoint = SocketEndpoint(SimpleNamespace(settings=load_settings({})), SimpleNamespace(stale_since_ms=None))
    endpoint._gate = Gate(at_once=1, most_waiting=10)
    greeted: list[object] = []

    async def greet(services: object, hub: object, turn: object, socket: object, hello: object) -> None:
        greeted.append(socket)

    monkeypatch.setattr(socket_module, "greet", greet)
    gone, here = (SimpleNamespace(outbox=SimpleNamespace(is_gone=False)) for _ in range(2))
    async with endpoint._gate.turn():
        coming = [asyncio.create_task(endpoint._greet(socket, None)) for socket in (gone, here)]
        await wait_until(lambda: endpoint._gate.waiting == 2, what="both waiting")
        gone.outbox.is_gone = True
    said = await asyncio.gather(*coming, return_exceptions=True)
    assert [type(one) for one in said] == [Gone, type(None)]
    assert greeted == [here]


async def test_a_herd_comes_back_whole_through_a_narrow_gate():
    """Sixty tabs come in the same moment, one at a time is taken in and five may wait."""
    async with Cluster(**CALM, HELLOS_AT_ONCE="1", MAX_HELLOS_WAITING="5", HTTP_BURST="10000") as cluster:
        node = await cluster.add_node()
        room_id = await make_room(node)
        tokens = [(await Api(node.url).demo_sign_in(room_id, f"u{n}", f"U{n}"))["session_token"] for n in range(60)]
        tabs = [RoomClient(node.url, token, history=History(keeps_messages=True)) for token in tokens]
        byes: list[dict[str, object]] = []
        try:
            await asyncio.gather(*(come_in(tab, byes) for tab in tabs))
            async with sit_in(node, room_id, "maya") as maya:
                assert len((await maya.room_whole())["participants"]) == len(tabs) + 1
        finally:
            await asyncio.gather(*(tab.close() for tab in tabs))
        assert byes, "the gate was too narrow for all of them"
        assert {bye["code"] for bye in byes} == {"busy"}
        assert all(bye["retry_after_ms"] for bye in byes)


async def come_in(tab: RoomClient, byes: list[dict[str, object]]) -> None:
    await tab.connect(60)
    byes += [entry for entry in tab.history.received_messages() if entry["type"] == "bye"]
