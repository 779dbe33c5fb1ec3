"""The way out never waits and never grows beyond its bound; a tab that does not read is cut, and the others go on."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest
from websockets.frames import Opcode
from websockets.protocol import Protocol, Side

from server.domain import events as e
from server.hub.outbox import SendOutbox, TransportOutbox, abort, build_frame
from server.hub.outgoing import Outgoing, RoomOutgoing
from tests.hub.tabs import ROOM, Tab, World, inside
from tests.support.waiting import wait_until

BOUND = 1_000


class StuckTransport(asyncio.Transport):
    """Takes everything and sends nothing, as when the other side has stopped to read."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.aborted = False

    def is_closing(self) -> bool:
        return self.aborted

    def get_write_buffer_size(self) -> int:
        return sum(map(len, self.written))

    def write(self, frame: bytes) -> None:
        self.written.append(frame)

    def abort(self) -> None:
        self.aborted = True


async def test_a_transport_that_is_stuck_is_aborted_at_the_bound_and_holds_little_more():
    transport = StuckTransport()
    outbox = TransportOutbox(transport, BOUND, stall_s=60.0)
    for _ in range(100):
        outbox.offer(b"x" * 100, b"f" * 100)
    assert transport.aborted
    assert BOUND <= transport.get_write_buffer_size() <= BOUND + 200


async def test_a_message_that_is_larger_than_the_bound_cuts_nobody_off_by_itself():
    transport = StuckTransport()
    outbox = TransportOutbox(transport, BOUND, stall_s=60.0)
    assert outbox.offer(b"", b"f" * 3 * BOUND)
    assert all(outbox.offer(b"", b"f" * 100) for _ in range(BOUND // 100))
    transport.written.clear()  # read at last: what comes now is bounded as ever
    for _ in range(20):
        outbox.offer(b"", b"f" * 100)
    assert transport.aborted
    assert transport.get_write_buffer_size() <= BOUND + 100


async def test_one_large_message_after_another_is_not_held_for_a_tab_that_does_not_read():
    transport = StuckTransport()
    outbox = TransportOutbox(transport, BOUND, stall_s=60.0)
    for _ in range(10):
        outbox.offer(b"", b"f" * 3 * BOUND)
    assert transport.aborted
    assert transport.get_write_buffer_size() <= 6 * BOUND


async def test_a_large_message_through_the_server_cuts_nobody_off_either():
    gate = asyncio.Event()

    async def send(message: dict[str, object]) -> None:
        await gate.wait()

    outbox = SendOutbox(send, is_text=True, max_queue_bytes=BOUND)
    assert outbox.offer(b"x" * 3 * BOUND, b"")
    assert all(outbox.offer(b"x" * 100, b"") for _ in range(BOUND // 100))
    gate.set()
    await asyncio.wait_for(outbox.drain(), 5)


async def test_a_slow_tab_is_cut_and_the_others_hear_on():
    world = World(inside("vic"), inside("ann"), inside("slow"))
    slow, quick = Tab("slow", 1), await world.tab("vic")
    transport = StuckTransport()
    slow.connection._outbox = TransportOutbox(transport, BOUND, stall_s=60.0)
    await world.hub.attach(slow.connection, seq=0, resume=None)
    for number in range(50):
        world.happen(e.HandsChanged(), world.change("ann", hand_raised_at_ms=number))
    assert transport.aborted
    assert transport.get_write_buffer_size() < BOUND + 2_000
    assert len(quick.frames()) == 50
    world.check(quick)


async def test_sending_through_the_server_is_bounded_too():
    gate, sent = asyncio.Event(), []

    async def send(message: dict[str, object]) -> None:
        await gate.wait()
        sent.append(message)

    outbox = SendOutbox(send, is_text=True, max_queue_bytes=BOUND)
    for _ in range(100):
        outbox.offer(b"x" * 100, b"")
    gate.set()
    await asyncio.wait_for(outbox.drain(), 5)
    assert len(sent) <= BOUND // 100 + 1


async def test_what_was_offered_is_sent_before_the_end():
    sent = []

    async def send(message: dict[str, object]) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    outbox = SendOutbox(send, is_text=False, max_queue_bytes=BOUND)
    for number in range(5):
        outbox.offer(b"%d" % number, b"")
    await outbox.drain()
    assert [message["bytes"] for message in sent] == [b"0", b"1", b"2", b"3", b"4"]


async def test_a_way_out_that_broke_takes_nothing_more():
    async def send(message: dict[str, object]) -> None:
        raise OSError("gone")

    outbox = SendOutbox(send, is_text=True, max_queue_bytes=BOUND)
    outbox.offer(b"x", b"")
    await wait_until(lambda: outbox._task.done(), what="the end of the pump")
    outbox.offer(b"x", b"")
    await outbox.drain()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 100_000])
@pytest.mark.parametrize("is_text", [True, False])
def test_a_frame_is_what_a_websocket_library_reads(size, is_text):
    payload = b"a" * size
    client = Protocol(Side.CLIENT, max_size=None)
    client.receive_data(build_frame(payload, is_text=is_text))
    (frame,) = client.events_received()
    assert (frame.opcode, frame.data, frame.fin) == (Opcode.TEXT if is_text else Opcode.BINARY, payload, True)


def test_what_the_store_did_not_hear_is_kept_behind_what_came_since():
    outgoing = Outgoing()
    outgoing.acknowledge(ROOM, "p", "c", 2)
    outgoing.depart(ROOM, "p", "d", False)
    taken = outgoing.take()[ROOM]
    outgoing.acknowledge(ROOM, "p", "c", 3)
    outgoing.put_back(ROOM, taken)
    assert outgoing.take() == {ROOM: RoomOutgoing(acks={("p", "c"): 3}, departed={("p", "d"): False})}
    assert outgoing.take() == {}


@pytest.mark.parametrize("kept", [False, True])
def test_an_older_acknowledgement_never_takes_the_place_of_a_newer_one(kept):
    outgoing = Outgoing()
    outgoing.acknowledge(ROOM, "p", "c", 3)
    taken = outgoing.take()[ROOM] if kept else None
    outgoing.acknowledge(ROOM, "p", "c", 2)
    if taken:
        outgoing.put_back(ROOM, taken)
    assert outgoing.take()[ROOM].acks == {("p", "c"): 3}


async def test_an_acknowledgement_of_a_role_never_given_is_dropped():
    world = World(inside("vic"))
    tab = await world.tab("vic")
    world.hub.acknowledge(tab.connection, 5)
    assert world.hub.outgoing.take() == {}
    world.hub.acknowledge(tab.connection, 1)
    assert world.hub.outgoing.take()[ROOM].acks == {("p-vic", tab.connection.connection_id): 1}


async def test_a_tick_is_one_encoding_for_everybody():
    world = World(inside("vic"), inside("ann"))
    tabs = [await world.tab("vic"), await world.tab("ann")]
    world.room.tick(12_345)
    assert tabs[0].outbox.frames[-1] is tabs[1].outbox.frames[-1]
    assert json.loads(tabs[0].outbox.payloads[-1])["now_ms"] == 12_345


async def test_a_store_out_of_reach_is_said_once_and_taken_back_once():
    world = World(inside("vic"))
    tab = await world.tab("vic")
    world.hub.freeze(5)
    world.hub.freeze(6)
    world.hub.thaw()
    world.hub.thaw()
    assert [(m["stale"], m["since_ms"]) for m in tab.messages if m["type"] == "stale"] == [(True, 5), (False, 5)]


STALL_S = 0.1


async def test_a_tab_that_takes_nothing_is_cut_off_however_little_waits_for_it():
    transport = StuckTransport()
    outbox = TransportOutbox(transport, BOUND, STALL_S)
    assert outbox.offer(b"", b"f" * 10)
    assert not transport.aborted
    await wait_until(lambda: transport.aborted, what="the cut")


async def test_a_tab_that_is_told_more_and_takes_nothing_of_it_is_cut_off_as_soon():
    transport = StuckTransport()
    outbox = TransportOutbox(transport, 1_000_000, STALL_S)
    began_s = asyncio.get_running_loop().time()
    while outbox.offer(b"", b"f" * 10) and not transport.aborted:
        await asyncio.sleep(STALL_S / 20)
        assert asyncio.get_running_loop().time() - began_s < 5
    assert transport.aborted


async def test_a_tab_that_reads_slowly_is_not_cut_off():
    transport = StuckTransport()
    outbox = TransportOutbox(transport, BOUND, STALL_S)
    outbox.offer(b"", b"f" * 100)
    for _ in range(60):
        transport.written[0] = transport.written[0][1:]
        outbox._look()
        outbox._watch.cancel()
        outbox._taken_at_s -= STALL_S / 2  # half of the time passes between two looks
    assert not transport.aborted
    outbox._taken_at_s -= STALL_S / 2
    outbox._look()
    assert transport.aborted, "and now it has stopped"


async def test_a_tab_that_took_everything_begins_anew_with_the_next_message():
    transport = StuckTransport()
    outbox = TransportOutbox(transport, BOUND, STALL_S)
    outbox.offer(b"", b"f" * 100)
    transport.written.clear()
    await wait_until(lambda: outbox._watch is None, what="the end of the watch")
    assert outbox.offer(b"", b"f")
    assert outbox._watch is not None
    assert not transport.aborted


async def test_a_tab_that_has_ended_is_cut_off_too_where_it_takes_nothing_of_what_waits():
    transport = StuckTransport()
    outbox = TransportOutbox(transport, BOUND, STALL_S)
    outbox.offer(b"", b"f" * 100)
    await outbox.drain()
    await wait_until(lambda: transport.aborted, what="the end")
    assert outbox._watch is None


async def test_nobody_looks_any_more_at_a_tab_that_has_ended_and_taken_everything():
    transport = StuckTransport()
    outbox = TransportOutbox(transport, BOUND, STALL_S)
    outbox.offer(b"", b"f" * 100)
    await outbox.drain()
    transport.written.clear()
    await wait_until(lambda: outbox._watch is None, what="the end of the watch")
    assert not transport.aborted


async def test_a_transport_that_has_sent_its_last_bytes_and_closed_can_be_aborted():
    own, other = socket.socketpair()
    loop = asyncio.get_running_loop()
    other.setblocking(False)
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=own)
    transport.write(bytes(5_000_000))
    transport.close()
    assert transport.get_write_buffer_size(), "it is still sending"
    while await loop.sock_recv(other, 100_000):
        pass
    other.close()
    abort(transport)
