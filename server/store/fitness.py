"""Whether a server can be Greenroom's store: old enough, able to run scripts, and keeping what it is given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import MovedError, ResponseError

from server.redis_url import StoreAddress, StoreKind
from server.store.connection import ClusterClient, reaching_store

OLDEST = (7, 0)
_PROBE = "redis.call('TIME') redis.call('SET', KEYS[1], '1', 'PX', 60000) return 1"

Info = Mapping[str, Any]


@dataclass(kw_only=True)
class Fitness:
    """What is wrong with a store: `unfit` keeps a node from beginning, `warnings` are for whoever reads its log."""

    unfit: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


async def check_fitness(redis: Redis, address: StoreAddress, key: str, *, confirm_replicas: int) -> Fitness:
    """Look at every server that takes writes. `key` may be written.

    Raises:
        StoreUnavailable
    """
    fitness = Fitness()
    if address.kind is StoreKind.EMBEDDED:
        return fitness
    await _probe_scripts(redis, key, fitness)
    for info in await _infos(redis, fitness):
        judge_server(info, address.kind, confirm_replicas, fitness)
    return fitness


async def _probe_scripts(redis: Redis, key: str, fitness: Fitness) -> None:
    with reaching_store():
        try:
            await redis.eval(_PROBE, 1, key)
        except MovedError:
            pass  # a part of a Cluster, which is said by what follows
        except ResponseError as error:
            fitness.unfit.append(f"scripts (EVAL) cannot be run: {error}. Permit them: everything that changes a room is one.")


async def _infos(redis: Redis, fitness: Fitness) -> list[Info]:
    """What each server that takes writes says of itself; nothing where it may not be asked."""
    with reaching_store():
        try:
            if not isinstance(redis, ClusterClient):
                return [await redis.info()]
            found = await redis.info(target_nodes=RedisCluster.PRIMARIES)
        except ResponseError as error:
            fitness.warnings.append(f"INFO is not permitted ({error}), so nothing can be told of version, memory and replicas.")
            return []
    return list(found.values()) if all(isinstance(info, dict) for info in found.values()) else [found]


def judge_server(info: Info, kind: StoreKind, confirm_replicas: int, fitness: Fitness) -> None:
    """What one server's INFO says against it; what it leaves out, as managed servers do, is a warning."""
    _judge_version(info, fitness)
    _judge_memory(info, fitness)
    _judge_place(info, kind, fitness)
    replicas = info.get("connected_slaves")
    if replicas is not None and replicas < confirm_replicas:
        fitness.warnings.append(
            f"it has {replicas} replicas just now, and CONFIRM_REPLICAS is {confirm_replicas}: until there are more, "
            "changes are answered with `unconfirmed`."
        )
    if not confirm_replicas and kind in (StoreKind.SENTINEL, StoreKind.CLUSTER):
        fitness.warnings.append("CONFIRM_REPLICAS is 0: a failover may take back what was answered just before it.")


def _judge_version(info: Info, fitness: Fitness) -> None:
    """Valkey says which Redis it can do all that of, and its own version beside it."""
    name = "Valkey" if info.get("server_name") == "valkey" else "Redis"
    version = re.match(r"(\d+)\.(\d+)", str(info.get("redis_version", "")))
    if version is None:
        fitness.warnings.append("it does not tell its version; Redis 7.0 or newer, or Valkey, is needed.")
    elif (int(version[1]), int(version[2])) < OLDEST:
        fitness.unfit.append(f"{name} {info['redis_version']} is too old: 7.0 or newer, or Valkey, is needed.")


def _judge_memory(info: Info, fitness: Fitness) -> None:
    policy, most = info.get("maxmemory_policy"), info.get("maxmemory")
    if policy is None or most is None:
        fitness.warnings.append("it does not tell what it does when its memory is full; maxmemory-policy must be noeviction.")
    elif policy != "noeviction" and most:
        fitness.unfit.append(f"maxmemory-policy is {policy}: full, it would throw rooms away. Set it to noeviction.")
    elif policy != "noeviction":
        fitness.warnings.append(f"maxmemory-policy is {policy}: as soon as maxmemory is set, rooms may be thrown away.")


def _judge_place(info: Info, kind: StoreKind, fitness: Fitness) -> None:
    if info.get("cluster_enabled") and kind is not StoreKind.CLUSTER:
        fitness.unfit.append("it is a part of a Cluster: REDIS_URL must begin with redis+cluster:// or rediss+cluster://.")
    if info.get("role") == "slave" and kind is StoreKind.SERVER:
        fitness.unfit.append("it is a replica, which takes no writes: name its master, or the Sentinels.")
