"""Which of several Sentinels is believed, when they do not all know of a failover yet."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.asyncio.sentinel import MasterNotFoundError
from redis.exceptions import ConnectionError

from server.store.sentinels import OLD_NEWS_S, NewestWord


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def state(epoch: int, **said: Any) -> dict[str, Any]:
    usual = {"is_master": True, "is_sdown": False, "is_odown": False, "num-other-sentinels": 2}
    return usual | {"config-epoch": epoch} | said


def asked(clock: Clock) -> NewestWord:
    return NewestWord([], now_s=clock)


def believes(sentinels: NewestWord, epoch: int, **said: Any) -> bool:
    return sentinels.check_master_state(state(epoch, **said), "rooms")


def test_the_first_word_is_believed_whatever_its_number():
    assert believes(asked(Clock()), 7)


def test_after_a_failover_who_has_not_heard_of_it_counts_for_nothing():
    sentinels = asked(Clock())
    assert believes(sentinels, 7)
    assert believes(sentinels, 8)
    assert not believes(sentinels, 7)
    assert believes(sentinels, 8)


def test_a_master_that_is_down_is_none_and_its_number_is_not_learnt():
    sentinels = asked(Clock())
    assert not believes(sentinels, 9, is_sdown=True)
    assert not believes(sentinels, 9, is_odown=True)
    assert not believes(sentinels, 9, is_master=False)
    assert believes(sentinels, 7)


def test_sentinels_that_were_set_up_anew_and_count_from_the_beginning_are_believed_after_a_while():
    clock = Clock()
    sentinels = asked(clock)
    assert believes(sentinels, 8)
    clock.now_s += OLD_NEWS_S - 0.1
    assert not believes(sentinels, 1)
    clock.now_s += 0.1
    assert believes(sentinels, 1)
    assert believes(sentinels, 1)


def test_the_while_begins_with_the_last_time_that_the_newest_was_heard():
    clock = Clock()
    sentinels = asked(clock)
    assert believes(sentinels, 8)
    clock.now_s += OLD_NEWS_S
    assert believes(sentinels, 8)
    assert not believes(sentinels, 7)


class Told:
    """One Sentinel, which answers a little later, and says that the master is `port`."""

    def __init__(self, port: int | None, epoch: int = 1) -> None:
        self.port, self.epoch = port, epoch

    async def sentinel_masters(self) -> dict[str, Any]:
        await asyncio.sleep(0)
        if self.port is None:
            raise ConnectionError
        return {"rooms": state(self.epoch, ip="127.0.0.1", port=self.port)}


async def test_however_many_ask_at_once_no_sentinel_is_forgotten():
    sentinels = asked(Clock())
    silent, known, other = Told(None), Told(7001), Told(7001)
    sentinels.sentinels = [silent, known, other]
    answers = await asyncio.gather(*(sentinels.discover_master("rooms") for _ in range(50)))
    assert set(answers) == {("127.0.0.1", 7001)}
    assert sorted(map(id, sentinels.sentinels)) == sorted(map(id, (silent, known, other)))
    assert sentinels.sentinels[0] is known, "who answered is asked first the next time"


async def test_the_newest_word_is_looked_for_among_all_of_them():
    sentinels = asked(Clock())
    sentinels.sentinels = [Told(7002, epoch=5)]
    await sentinels.discover_master("rooms")
    sentinels.sentinels = [Told(7001, epoch=4), Told(None), Told(7002, epoch=5)]
    assert await sentinels.discover_master("rooms") == ("127.0.0.1", 7002)


async def test_where_none_knows_the_master_the_error_says_how_many_were_silent():
    sentinels = asked(Clock())
    sentinels.sentinels = [Told(None), Told(7001)]
    with pytest.raises(MasterNotFoundError, match="1 of 2"):
        await sentinels.discover_master("unheard of")


@pytest.mark.parametrize("stage", ["reconf_slaves", "update_config"])
def test_the_one_that_leads_a_failover_is_not_believed_before_it_names_the_new_master(stage):
    """It has raised the number already."""
    sentinels = asked(Clock())
    assert believes(sentinels, 7)
    assert not believes(sentinels, 8, **{"failover-state": stage})
    assert believes(sentinels, 8)
