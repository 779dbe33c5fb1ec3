"""How scripts are run: a request is answered once, a script that was forgotten is loaded again, an outage has a code."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from redis.crc import key_slot

from server.domain.events import EVENTS, RoomChanged
from server.domain.person import Person
from server.domain.roles import Role
from server.store.keys import CLUSTER_SLOTS, Keyspace
from server.store.records import decode_event, decode_record, encode_event, without_nulls
from tests.support.refusing import refused
from tests.support.rooms import ROOM, Site, open_site, renew_lease


async def lock(site: Site, request_id: str | None, locked: bool = True) -> dict:
    room = (await site.contents()).room
    room.locked = locked
    return await site.store.rooms.put(room, what="locked", by=None, seen={}, request_id=request_id)


async def test_a_request_answered_before_is_answered_the_same_and_done_once(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        first = await lock(site, "r1")
        await lock(site, "r2", locked=False)
        assert await lock(site, "r1") == first
        assert not (await site.contents()).room.locked


async def test_the_same_request_twenty_times_at_once_is_done_once(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        answers = await asyncio.gather(*(lock(site, "r1") for _ in range(20)))
        assert len({answer["seq"] for answer in answers}) == 1
        assert await site.seq() == 2


async def test_requests_without_an_id_are_each_done(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await lock(site, None)
        await lock(site, None)
        assert await site.seq() == 3


async def test_a_refusal_that_was_the_answer_is_given_again(store_url):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        await site.bring_in("boss", Role.MANAGER)
        for _ in range(2):
            with refused("already_decided"):
                await site.store.line.admit(ROOM, ["p-wanda"], by=None, seen={}, request_id="r1")
            await site.meet("wanda")
            await site.open_tab("wanda")


async def test_facts_bring_the_answer_that_was_given(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        answer = await lock(site, "r1")
        assert (await site.store.facts(ROOM, request_id="r1")).replay() == answer
        assert (await site.store.facts(ROOM, request_id="r2")).replay() is None


async def test_a_room_that_is_not_there_has_no_facts(store_url):
    async with open_site(store_url) as site:
        with refused("room_unknown"):
            await site.store.facts("room-none")
        with refused("room_unknown"):
            await site.store.rooms.load("room-none")


async def test_scripts_that_the_server_forgot_are_loaded_again(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.store.redis.script_flush()
        await lock(site, "r1")
        assert (await site.contents()).room.locked


async def test_a_server_that_is_gone_is_a_refusal_and_good_again_when_it_is_back(redis_server):
    async with open_site(redis_server.url) as site:
        await site.create_room()
        redis_server.kill()
        store = site.store
        for attempt in (lambda: store.facts(ROOM), lambda: renew_lease(site.services, 0), lambda: store.log.read({0: 0})):
            with refused("store_unavailable"):
                await attempt()
        redis_server.start()
        with refused("room_unknown"):
            await site.store.facts(ROOM)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("person", '{"participant_id": "p"}'), ("person", '{"participant_id": "p", "name": 5}'),
        ("person", '{"participant_id": "p", "name": "n", "role": "king"}'), ("room", "{}"), ("invitation", "[]"),
    ],
)  # fmt: skip
def test_a_record_that_another_hand_wrote_is_not_taken(kind, text):
    with pytest.raises(msgspec.ValidationError):
        decode_record(kind, text)


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_an_event_comes_back_from_the_log_as_it_was(event):
    assert decode_event(encode_event(event(by="p-1"))) == event(by="p-1")
    assert decode_event(encode_event(event())) == event()


def test_text_of_an_event_survives_whatever_it_holds():
    event = RoomChanged(what="\x00'\"\u2028😀", by=None)
    assert decode_event(encode_event(event)) == event


def test_what_is_null_or_an_empty_map_is_left_out_and_lists_stay():
    assert without_nulls({"a": None, "b": {}, "c": [], "d": {"e": None}, "f": False, "g": 0, "h": ""}) == {
        "c": [], "f": False, "g": 0, "h": "",
    }  # fmt: skip


async def test_a_record_is_read_as_it_was_made(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.meet("vic")
        expected = Person(
            participant_id="p-vic", name="Vic", user_id="vic", email="vic@example.com", email_proof="sign_in", rev=1
        )
        assert await site.person("vic") == expected


@pytest.mark.parametrize("shards", [1, 2, 3, 16, 1024])
def test_shards_are_spread_evenly_over_the_slots(shards):
    slots = [key_slot(keys.tag.strip("{}").encode()) for keys in Keyspace(shards).by_shard]
    assert [slot * shards // CLUSTER_SLOTS for slot in slots] == list(range(shards))


def test_all_keys_of_a_room_and_of_its_shard_lie_in_one_slot():
    keyspace = Keyspace(16)
    for room_id in ("room-1", "a", "x" * 64):
        room, shard = keyspace.room(room_id), keyspace.shard(room_id)
        keys = [room.room, room.people, room.log, room.result("r"), room.attempts("i", "n")]
        keys += [shard.log, shard.log_n, shard.due, shard.nodes, shard.lease("n"), shard.node_tabs("n")]
        assert len({key_slot(key.encode()) for key in keys}) == 1
