"""A client keeps itself connected, keeps its replica whole, and hands every answer to whoever asked."""

from __future__ import annotations

import asyncio
import time

import pytest

from client_sim.client import RoomClient
from client_sim.codec import JSON, MSGPACK
from client_sim.device import Device
from client_sim.history import History
from client_sim.refused import Refused, Unanswered
from tests.client_sim import rooms
from tests.client_sim.fake_server import Talk, fake_server, greets, run


@pytest.mark.parametrize("encoding", [JSON, MSGPACK])
def test_a_client_says_hello_with_its_proof_and_holds_the_room(encoding):
    hellos = []

    async def script(talk: Talk) -> None:
        hellos.append(await talk.greet(rooms.welcome(rooms.snapshot(43, rooms.participant("ann")))))
        await talk.stay()

    async def scene() -> None:
        async with fake_server(script) as url, RoomClient(url, "t0", device=Device(), encoding=encoding) as client:
            assert list(client.replica.participants) == ["ann"]

    run(scene())
    assert hellos[0]["token"] == "t0"
    assert len(hellos[0]["proof"]) == 86
    assert "resume" not in hellos[0]


def test_a_command_is_answered_with_its_result_or_refused_with_its_code():
    async def script(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43)))
        first, second = await talk.hear_command("hand.raise"), await talk.hear_command("room.lock")
        text = {"message": "m", "next_step": "n", "retry_after_ms": None}
        await talk.say({"type": "refused", "id": second["id"], "code": "role_forbidden", **text})
        await talk.answer(first, changed=True)
        await talk.stay()

    async def scene() -> None:
        async with fake_server(script) as url, RoomClient(url, "t0") as client:
            raised, locked = await asyncio.gather(
                client.command("hand.raise"), client.command("room.lock"), return_exceptions=True
            )
            assert raised == {"changed": True}
            assert isinstance(locked, Refused)
            assert locked.code == "role_forbidden"

    run(scene())


def test_a_command_without_an_answer_ends_after_its_time_limit():
    async def scene() -> None:
        async with fake_server(greets()) as url, RoomClient(url, "t0") as client:
            with pytest.raises(Unanswered):
                await client.command("hand.raise", timeout_s=0.05)

    run(scene())


def test_every_role_is_acknowledged_once_on_each_connection():
    acks, done = [], asyncio.Event()

    async def script(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43)))
        await talk.say(rooms.frame(43, 44, rooms.refresh(44)), rooms.frame(44, 45), rooms.resync(rooms.snapshot(45)))
        acks.extend([await talk.hear(), await talk.hear()])
        done.set()
        await talk.stay()

    async def scene() -> None:
        async with fake_server(script) as url, RoomClient(url, "t0"):
            await done.wait()

    run(scene())
    assert acks == [{"type": "ack", "role_rev": 1}, {"type": "ack", "role_rev": 2}]


def test_acknowledging_can_be_switched_off():
    history = History(keeps_messages=True)

    async def script(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43)))
        await talk.say(rooms.frame(43, 44, rooms.refresh(44)))
        await talk.stay()

    async def scene() -> None:
        async with fake_server(script) as url, RoomClient(url, "t0", acknowledges=False, history=history) as client:
            await client.wait_until(lambda replica: replica.last == 44)

    run(scene())
    assert [message["type"] for _, way, message in history.messages if way == "sent"] == ["hello"]


def test_a_hole_is_filled_with_one_sync():
    syncs = []

    async def script(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43)))
        await talk.say(rooms.frame(44, 45), rooms.frame(45, 46))
        sync = await talk.hear_command("sync")
        await talk.say(rooms.resync(rooms.snapshot(46, rooms.participant("ann"))))
        await talk.answer(sync)
        await talk.say(rooms.frame(46, 47))
        syncs.append(sync)
        await talk.stay()

    async def scene() -> None:
        async with fake_server(script) as url, RoomClient(url, "t0") as client:
            replica = await client.wait_until(lambda replica: replica.last == 47)
            assert list(replica.participants) == ["ann"]

    run(scene())
    assert len(syncs) == 1


def test_a_dropped_client_resumes_where_it_was_and_says_which_connection_it_replaces():
    hellos = []

    async def first(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43)))
        await talk.say(rooms.frame(43, 44, rooms.joined(44, rooms.participant("ann"))))
        await talk.stay()

    async def second(talk: Talk) -> None:
        resumed = rooms.welcome(None, resumed=True, connection_id="k2", position={"epoch": "e1", "seq": 45})
        hellos.append(await talk.greet(resumed))
        await talk.say(rooms.frame(44, 45, rooms.joined(45, rooms.participant("ben"))))
        await talk.stay()

    async def scene() -> None:
        async with fake_server(first, second) as url, RoomClient(url, "t0") as client:
            await client.wait_until(lambda replica: replica.last == 44)
            client.abort()
            replica = await client.wait_until(lambda replica: replica.last == 45)
            assert sorted(replica.participants) == ["ann", "ben"]

    run(scene())
    assert hellos[0]["resume"] == {"epoch": "e1", "seq": 44}
    assert hellos[0]["replaces"] == "k1"


def test_a_command_whose_answer_was_lost_is_said_again_with_the_same_id():
    heard = []

    async def first(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43)))
        heard.append(await talk.hear_command("hand.raise"))
        talk.drop()

    async def second(talk: Talk) -> None:
        await talk.greet(rooms.welcome(None, resumed=True))
        heard.append(await talk.hear_command("hand.raise"))
        await talk.answer(heard[-1], changed=True)
        await talk.stay()

    async def scene() -> None:
        async with fake_server(first, second) as url, RoomClient(url, "t0") as client:
            assert await client.command("hand.raise") == {"changed": True}

    run(scene())
    assert heard[0] == heard[1]


def test_a_command_given_before_the_welcome_of_a_new_connection_waits_for_it():
    heard, is_back, may_greet = [], asyncio.Event(), asyncio.Event()

    async def first(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43)))
        await talk.stay()

    async def second(talk: Talk) -> None:
        is_back.set()
        await may_greet.wait()
        heard.append(await talk.greet(rooms.welcome(None, resumed=True)))
        heard.append(await talk.hear_command("hand.raise"))
        await talk.answer(heard[-1], changed=True)
        await talk.stay()

    async def scene() -> None:
        async with fake_server(first, second) as url, RoomClient(url, "t0") as client:
            client.abort()
            await is_back.wait()
            await asyncio.sleep(0.1)  # by now the new connection stands on the client's side, too
            raising = asyncio.create_task(client.command("hand.raise"))
            await asyncio.sleep(0.1)
            assert not client.is_connected
            may_greet.set()
            assert await raising == {"changed": True}

    run(scene())
    assert [message["type"] for message in heard] == ["hello", "hand.raise"]


def test_a_client_comes_back_no_earlier_than_it_was_asked_to():
    at_s = []

    async def first(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43)))
        at_s.append(time.monotonic())
        await talk.end("shutting_down", 4410, retry_after_ms=150)

    async def second(talk: Talk) -> None:
        at_s.append(time.monotonic())
        await talk.greet(rooms.welcome(None, resumed=True, connection_id="k2"))
        await talk.stay()

    async def scene() -> None:
        async with fake_server(first, second) as url, RoomClient(url, "t0") as client:
            await client.wait_until(lambda replica: replica.connection_id == "k2")

    run(scene())
    assert at_s[1] - at_s[0] >= 0.15


def test_a_client_that_was_sent_away_for_good_does_not_come_back():
    async def script(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43)))
        await talk.end("banned", 4526)

    async def scene() -> None:
        async with fake_server(script) as url, RoomClient(url, "t0") as client:
            ended = await client.wait_until_ended()
            assert isinstance(ended, Refused)
            assert (ended.code, ended.close_code) == ("banned", 4526)
            with pytest.raises(Refused):
                await client.command("hand.raise")

    run(scene())


def test_a_refusal_instead_of_a_welcome_is_raised_by_connect():
    async def script(talk: Talk) -> None:
        await talk.say({"type": "challenge", "nonce": "n", "now_ms": 1, "protocol": "greenroom.v1"})
        await talk.hear()
        await talk.end("token_invalid", 4530)

    async def scene() -> None:
        async with fake_server(script) as url:
            with pytest.raises(Refused, match="token_invalid"):
                await RoomClient(url, "t0").connect()

    run(scene())


def test_a_client_whose_sign_in_ran_out_signs_in_again():
    hellos = []

    async def first(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43), token="t0"))
        await talk.end("token_expired", 4404, retry_after_ms=0)

    async def second(talk: Talk) -> None:
        hellos.append(await talk.greet(rooms.welcome(None, resumed=True, connection_id="k2")))
        await talk.stay()

    async def fresh() -> str:
        return "fresh"

    async def scene() -> None:
        async with fake_server(first, second) as url, RoomClient(url, "t0", sign_in_again=fresh) as client:
            await client.wait_until(lambda replica: replica.connection_id == "k2")

    run(scene())
    assert hellos[0]["token"] == "fresh"


def test_a_token_is_renewed_before_it_runs_out():
    async def script(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43), now_ms=1_000, token_expires_at_ms=1_060))
        while True:
            await talk.say({"type": "tick", "now_ms": 2_000, "starts_at_ms": None, "rev": 1})
            if (message := await talk.hear())["type"] == "token.renew":
                await talk.answer(message, token="t9", token_expires_at_ms=4_000_000_000_000)

    async def scene() -> None:
        async with fake_server(script) as url, RoomClient(url, "t0") as client:
            await client.wait_until(lambda replica: replica.token == "t9")

    run(scene())


def test_silence_beyond_the_heartbeat_means_a_dead_connection():
    async def silent(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43), heartbeat_ms=50))
        await talk.stay()

    async def second(talk: Talk) -> None:
        await talk.greet(rooms.welcome(None, resumed=True, connection_id="k2"))
        await talk.stay()

    async def scene() -> None:
        async with fake_server(silent, second) as url, RoomClient(url, "t0") as client:
            await client.wait_until(lambda replica: replica.connection_id == "k2")

    run(scene())


def test_a_comparison_names_what_differs_from_the_room_told_anew():
    async def script(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43, rooms.participant("ann"))))
        for whole in (rooms.snapshot(43, rooms.participant("ann")), rooms.snapshot(43)):
            sync = await talk.hear_command("sync")
            await talk.say(rooms.resync(whole))
            await talk.answer(sync)
        await talk.stay()

    async def scene() -> None:
        async with fake_server(script) as url, RoomClient(url, "t0") as client:
            assert (await client.compare()).different == ()
            assert (await client.compare()).different == ("participants",)

    run(scene())


def test_a_message_that_breaks_the_protocol_ends_the_client_loudly():
    async def script(talk: Talk) -> None:
        await talk.greet(rooms.welcome(rooms.snapshot(43)))
        await talk.say({"type": "surprise"})
        await talk.stay()

    async def scene() -> None:
        async with fake_server(script) as url, RoomClient(url, "t0") as client:
            ended = await client.wait_until_ended()
            assert "surprise" in str(ended)

    run(scene())


def test_closing_leaves_no_task_behind():
    async def scene() -> None:
        async with fake_server(greets()) as url:
            client = RoomClient(url, "t0")
            await client.connect()
            await client.close()
            with pytest.raises(Unanswered):
                await client.command("hand.raise")
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not [task for task in others if "keep_connected" in repr(task)]

    run(scene())
