"""What a server must be, before a node begins on it."""

from __future__ import annotations

import pytest

from server.redis_url import StoreKind
from server.store.fitness import Fitness, judge_server
from server.store.store import Store
from tests.support.redis_server import RedisServer
from tests.support.rooms import make_settings, open_site

GOOD = {
    "redis_version": "7.0.15", "role": "master", "connected_slaves": 1, "maxmemory": 0, "maxmemory_policy": "noeviction",
    "cluster_enabled": 0,
}


def judged(kind: StoreKind = StoreKind.SERVER, confirm_replicas: int = 1, **told: object) -> Fitness:
    fitness = Fitness()
    judge_server({name: value for name, value in (GOOD | told).items() if value is not None}, kind, confirm_replicas, fitness)
    return fitness


def test_a_good_server_has_nothing_said_against_it():
    assert judged() == Fitness()


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"redis_version": "6.2.14"}, "too old"),
        ({"redis_version": "6.9.9", "server_name": "valkey"}, "Valkey 6.9.9 is too old"),
        ({"maxmemory": 1_000, "maxmemory_policy": "allkeys-lru"}, "noeviction"),
        ({"maxmemory": 1_000, "maxmemory_policy": "volatile-ttl"}, "noeviction"),
        ({"cluster_enabled": 1}, "redis+cluster://"),
        ({"role": "slave"}, "replica"),
    ],
)
def test_what_cannot_go_well_is_refused(told, word):
    fitness = judged(**told)
    assert word in " ".join(fitness.unfit)
    assert fitness.warnings == []


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"redis_version": None}, "version"),
        ({"redis_version": "unknown"}, "version"),
        ({"maxmemory_policy": None}, "memory"),
        ({"maxmemory": None}, "memory"),
        ({"maxmemory_policy": "volatile-lru"}, "as soon as maxmemory is set"),
        ({"connected_slaves": 0}, "CONFIRM_REPLICAS is 1"),
    ],
)
def test_what_may_go_well_is_a_warning(told, word):
    fitness = judged(**told)
    assert word in " ".join(fitness.warnings)
    assert fitness.unfit == []


@pytest.mark.parametrize("version", ["7.0.0", "7.2.4", "8.6.1", "10.0.0", "255.255.255"])
def test_every_version_from_the_oldest_on_is_taken(version):
    assert judged(redis_version=version) == Fitness()


def test_a_part_of_a_cluster_is_right_where_a_cluster_is_named():
    assert judged(StoreKind.CLUSTER, cluster_enabled=1) == Fitness()


@pytest.mark.parametrize("kind", [StoreKind.SENTINEL, StoreKind.CLUSTER])
def test_failovers_without_confirmation_are_a_warning(kind):
    assert "CONFIRM_REPLICAS is 0" in judged(kind, confirm_replicas=0).warnings[0]


async def test_the_real_server_and_the_embedded_store_are_fit(store_url):
    async with open_site(store_url) as site:
        assert await site.store.check_fitness() == Fitness()


async def test_a_server_that_forgets_when_it_is_full_is_found_out(redis_server):
    redis_server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    redis_server.command("CONFIG", "SET", "maxmemory", "100mb")
    async with open_site(redis_server.url) as site:
        (unfit,) = (await site.store.check_fitness()).unfit
        assert "allkeys-lru" in unfit


async def test_a_user_who_may_run_no_scripts_is_found_out(redis_server):
    (unfit,) = (await fitness_for_user_without("eval", redis_server)).unfit
    assert "scripts" in unfit


async def test_a_user_who_may_not_ask_is_warned_that_nothing_can_be_told(redis_server):
    fitness = await fitness_for_user_without("info", redis_server)
    assert "INFO is not permitted" in fitness.warnings[0]
    assert fitness.unfit == []


async def fitness_for_user_without(command: str, server: RedisServer) -> Fitness:
    server.command("ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all", f"-{command}")
    store = Store(make_settings(server.url.replace("redis://", "redis://app:pw@")))
    try:
        return await store.check_fitness()
    finally:
        await store.close()
